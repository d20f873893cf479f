package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/x448/float16"

	"github.com/lce-go/lce/schema"
)

// values widens the elements of a to float64.
func values(a *Array) []float64 {
	var out []float64
	size := a.DType.Size()
	for i := 0; i+size <= len(a.Data); i += size {
		e := a.Data[i : i+size]
		var v float64
		switch a.DType {
		case schema.Float16:
			v = float64(float16.Frombits(binary.LittleEndian.Uint16(e)).Float32())
		case schema.Float32:
			v = float64(math.Float32frombits(binary.LittleEndian.Uint32(e)))
		case schema.Float64:
			v = math.Float64frombits(binary.LittleEndian.Uint64(e))
		default: // the integers of the goldens are small
			v = float64(int8(e[0]))
		}
		out = append(out, v)
	}
	return out
}

func ramp(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func readFile(t *testing.T, name string) (*Array, error) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Read(f)
}

func TestReadNumpyFiles(t *testing.T) {
	type golden struct {
		name  string
		dtype schema.DType
		shape []int
		want  []float64
	}
	odd := make([]float64, 24)
	for i := range odd {
		odd[i] = float64(i % 2)
	}
	cases := []golden{
		{"ramp_bool.npy", schema.Bool, []int{2, 3, 4}, odd},
		{"ramp_fortran_f4.npy", schema.Float32, []int{2, 3, 4}, ramp(24)},
		{"ramp_fortran_be_i2.npy", schema.Int16, []int{2, 3, 4}, ramp(24)},
		{"ramp_v2_f4.npy", schema.Float32, []int{2, 3, 4}, ramp(24)},
		{"ramp_v3_f4.npy", schema.Float32, []int{2, 3, 4}, ramp(24)},
		{"scalar_f4.npy", schema.Float32, []int{}, []float64{2.5}},
		{"vector_i8.npy", schema.Int64, []int{3}, []float64{7, -8, 9}},
		{"empty_f4.npy", schema.Float32, []int{0, 3}, nil},
	}
	for code, dtype := range kinds {
		if dtype != schema.Bool {
			cases = append(cases,
				golden{"ramp_le_" + code + ".npy", dtype, []int{2, 3, 4}, ramp(24)},
				golden{"ramp_be_" + code + ".npy", dtype, []int{2, 3, 4}, ramp(24)})
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, err := readFile(t, c.name)
			if err != nil {
				t.Fatal(err)
			}
			if a.DType != c.dtype || !cmp.Equal(a.Shape, c.shape) {
				t.Errorf("got %v %v, want %v %v", a.DType, a.Shape, c.dtype, c.shape)
			}
			if diff := cmp.Diff(values(a), c.want); diff != "" {
				t.Errorf("values (-got +want):\n%s", diff)
			}
		})
	}
}

// TestWriteMatchesNumpy compares bytes with what numpy wrote.
func TestWriteMatchesNumpy(t *testing.T) {
	for _, name := range []string{"ramp_le_f4.npy", "ramp_le_u1.npy", "ramp_bool.npy", "scalar_f4.npy", "vector_i8.npy", "empty_f4.npy"} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			a, err := Read(bytes.NewReader(want))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := Write(&got, a); err != nil {
				t.Fatal(err)
			}
			// numpy leaves room for a growing first dimension; only the amount of padding differs.
			trim := func(b []byte) string {
				head, data, _ := strings.Cut(string(b[10:]), "\n")
				return strings.TrimRight(head, " ") + "\n" + data
			}
			if diff := cmp.Diff(trim(got.Bytes()), trim(want)); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if at := bytes.IndexByte(got.Bytes(), '\n') + 1; at%64 != 0 {
				t.Errorf("elements begin at %d, want a multiple of 64", at)
			}
		})
	}
}

// file builds a .npy file of version 1 from a header and data.
func file(head, data string) string {
	return magic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(head)))) + head + data
}

func TestReadRefuses(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
	cases := []struct{ name, file, want string }{
		{"empty", "", "not a .npy file"},
		{"other magic", "PK\x03\x04 and more", "not a .npy file"},
		{"version 4", magic + "\x04\x00", "version 4.0"},
		{"no length", magic + "\x01\x00", "truncated in the header's length"},
		{"huge header", magic + "\x02\x00\xff\xff\xff\xff", "header of 4294967295 bytes"},
		{"short header", magic + "\x01\x00\x10\x00{", "truncated in the header"},
		{"truncated data", file(good, "1234567"), "needs 8 bytes, got 7"},
		{"more data", file(good, "123456789"), "bytes after the 8"},
		{"huge dimension", file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", ""), "does not fit an int"},
		{"huge product", file("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }", ""), "more than"},
		{"lying size", file("{'descr': '<f4', 'fortran_order': False, 'shape': (200000000,), }", "1234"), "needs 800000000 bytes, got 4"},
		{"negative dimension", file("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", ""), "expected a dimension"},
		{"rank 65", file("{'descr': '<f4', 'fortran_order': False, 'shape': ("+strings.Repeat("1,", 65)+"), }", ""), "more than 64 dimensions"},
		{"missing key", file("{'descr': '<f4', 'shape': (2,), }", ""), `key "fortran_order" is missing`},
		{"double key", file("{'descr': '<f4', 'descr': '<f4', 'shape': (2,), }", ""), `key "descr" twice`},
		{"unknown key", file("{'colour': 1}", ""), `unknown key "colour"`},
		{"unquoted", file("{descr: 1}", ""), "expected a string"},
		{"open string", file("{'descr", ""), "string without an end"},
		{"no bool", file("{'fortran_order': 0}", ""), "expected True or False"},
		{"trailing text", file(good[:len(good)-1]+"x", ""), "after the dictionary"},
		{"no brace", file("[]", ""), `expected "{"`},
		{"object", file("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", ""), `element type "|O"`},
		{"empty type", file("{'descr': '', 'fortran_order': False, 'shape': (2,), }", ""), `element type ""`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
	for _, name := range []string{"record.npy", "complex.npy"} {
		if _, err := readFile(t, name); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestReadZip(t *testing.T) {
	for _, name := range []string{"two.npz", "two_compressed.npz"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			arrays, err := ReadZip(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			checkTwo(t, arrays)
			var again bytes.Buffer
			if err := WriteZip(&again, arrays); err != nil {
				t.Fatal(err)
			}
			arrays, err = ReadZip(bytes.NewReader(again.Bytes()), int64(again.Len()))
			if err != nil {
				t.Fatal(err)
			}
			checkTwo(t, arrays)
		})
	}
	if _, err := ReadZip(strings.NewReader("nothing"), 7); err == nil {
		t.Error("a file that is no zip was accepted")
	}
}

func checkTwo(t *testing.T, arrays []Named) {
	t.Helper()
	got := ""
	for _, a := range arrays {
		got += fmt.Sprintln(a.Name, a.DType, a.Shape, values(a.Array))
	}
	want := fmt.Sprintln("x", schema.Float32, []int{2, 3, 4}, ramp(24)) +
		fmt.Sprintln("y", schema.Int64, []int{2}, []float64{1, 2})
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.npy")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		if len(a.Data) > len(data) {
			t.Fatalf("%d bytes of elements from a file of %d", len(a.Data), len(data))
		}
		var first, second bytes.Buffer
		if err := Write(&first, a); err != nil {
			t.Fatal(err)
		}
		b, err := Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(&second, b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatal("writing what was read gives another file")
		}
	})
}
