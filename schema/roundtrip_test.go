package schema

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lce-go/lce/schema/internal/fb"
)

// sameFloats tells -0 from 0, which == does not.
var sameFloats = cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })

func TestRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    *Model
	}{{"tiny", tinyModel()}, {"every operator", everyModel()}} {
		t.Run(tt.name, func(t *testing.T) {
			data := mustWrite(t, tt.m)
			if diff := cmp.Diff(mustOpen(t, data), tt.m, sameFloats); diff != "" {
				t.Errorf("read back (-got +want):\n%s", diff)
			}
			if again := mustWrite(t, mustOpen(t, data)); !bytes.Equal(again, data) {
				t.Error("writing the model that was read gives other bytes")
			}
		})
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	want := mustWrite(t, everyModel())
	for range 20 {
		if got := mustWrite(t, everyModel()); !bytes.Equal(got, want) {
			t.Fatal("equal models give different bytes")
		}
	}
}

func TestWriteZeroFormatVersion(t *testing.T) {
	m := tinyModel()
	m.FormatVersion = 0
	if got := mustOpen(t, mustWrite(t, m)).FormatVersion; got != FormatVersion {
		t.Errorf("format version %d, want %d", got, FormatVersion)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriteError(t *testing.T) {
	want := errors.New("disk full")
	if err := Write(failingWriter{want}, tinyModel()); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// constants is a model of constants with the given bytes.
func constants(data ...[]byte) *Model {
	s := &Subgraph{}
	for _, d := range data {
		s.Tensors = append(s.Tensors, Tensor{DType: Uint8, Shape: []int{len(d)}, Data: d})
	}
	s.Outputs = []Port{{"y", 0}}
	return &Model{FormatVersion: FormatVersion, Subgraphs: []*Subgraph{s}}
}

func TestAlignment(t *testing.T) {
	var data [][]byte
	for n := range 300 {
		data = append(data, bytes.Repeat([]byte{byte(n), byte(n >> 8)}, n)[:n])
	}
	m := constants(data...)
	for i := range m.Subgraphs[0].Tensors {
		m.Subgraphs[0].Tensors[i].Name = string(bytes.Repeat([]byte{'n'}, i%70)) // leaves of all sizes
	}
	file := mustWrite(t, m)
	got := mustOpen(t, file)
	base := uintptr(unsafe.Pointer(unsafe.SliceData(file)))
	for i, tensor := range got.Subgraphs[0].Tensors[1:] {
		p := uintptr(unsafe.Pointer(unsafe.SliceData(tensor.Data)))
		if p%dataAlignment != 0 {
			t.Errorf("tensor %d: address %#x is not aligned", i+1, p)
		}
	}
	f := fb.GetRootAsModel(file, 0)
	var b fb.Buffer
	for i := 1; i < f.BuffersLength(); i++ {
		f.Buffers(&b, i)
		if b.DataLength() == 0 {
			continue
		}
		if off := uintptr(unsafe.Pointer(unsafe.SliceData(b.DataBytes()))) - base; off%dataAlignment != 0 {
			t.Errorf("buffer %d: data at byte %d of the file", i, off)
		}
	}
}

func TestOpenAnyAddress(t *testing.T) {
	file := mustWrite(t, everyModel())
	room := alignedBytes(len(file) + dataAlignment)
	for _, off := range []int{0, 1, 4, 32, 63} {
		data := room[off : off+len(file)]
		copy(data, file)
		m := mustOpen(t, data)
		w := m.Subgraphs[1].Tensors[2].Data
		if p := uintptr(unsafe.Pointer(unsafe.SliceData(w))); p%dataAlignment != 0 {
			t.Errorf("offset %d: constant at address %#x", off, p)
		}
		before := w[0]
		for i := range data {
			data[i]++
		}
		if shared := w[0] != before; shared != (off == 0) {
			t.Errorf("offset %d: shares memory with the file: %v, want %v", off, shared, off == 0)
		}
	}
}

func TestConstantsAreStoredOnce(t *testing.T) {
	a := bytes.Repeat([]byte("lce"), 1000)
	file := mustWrite(t, constants(a, slices.Clone(a), slices.Clone(a)))
	if n := bytes.Count(file, a); n != 1 {
		t.Errorf("the data is in the file %d times, want once", n)
	}
	s := mustOpen(t, file).Subgraphs[0]
	if unsafe.SliceData(s.Tensors[0].Data) != unsafe.SliceData(s.Tensors[2].Data) {
		t.Error("equal constants do not share memory")
	}
}

// TestOverhead keeps what a tensor, an operator and a constant cost in the file from
// growing unnoticed.
func TestOverhead(t *testing.T) {
	chain := func(n, name int) *Model {
		s := &Subgraph{Inputs: []Port{{"x", 0}}}
		for i := range n + 1 {
			label := make([]byte, name)
			for j := range label {
				label[j] = 'a' + byte(i>>(4*j)&15)
			}
			s.Tensors = append(s.Tensors, Tensor{Name: string(label), DType: Float32, Shape: []int{1, 8, 8, 64}})
			if i > 0 {
				s.Operators = append(s.Operators, Operator{Code: BConv2D, Version: 1, Name: "op" + string(label),
					Inputs: []int{i - 1, Absent, Absent}, Outputs: []int{i}, Options: bconv()})
			}
		}
		s.Outputs = []Port{{"y", n}}
		return &Model{Subgraphs: []*Subgraph{s}}
	}
	size := func(m *Model) int { return len(mustWrite(t, m)) }
	const n = 64
	// A tensor is its table (16), an entry (4) and the name (4+8); an operator its
	// table (24), an entry (4), the name (4+12), three inputs (16) and an output (8).
	if got, want := (size(chain(3*n, 7))-size(chain(n, 7)))/(2*n), 32+68; got != want {
		t.Errorf("a tensor and an operator take %d bytes, want %d", got, want)
	}
	var data [][]byte
	for i := range n {
		data = append(data, bytes.Repeat([]byte{byte(i)}, 64))
	}
	// The shape is shared; a constant is its tensor (16+4+4), buffer (8+4), length (4)
	// and up to 60 bytes of padding.
	got := size(constants(data...)) - size(constants(data[:n/2]...))
	if want := n / 2 * (64 + 24 + 12 + 64); got > want {
		t.Errorf("%d constants of 64 bytes take %d bytes, want at most %d", n/2, got, want)
	}
}

func TestRoundTripProperty(t *testing.T) {
	options := optionsWithoutGraphs()
	rapid.Check(t, func(t *rapid.T) {
		s := &Subgraph{Name: rapid.String().Draw(t, "name"), Inputs: []Port{}, Operators: []Operator{}}
		name := rapid.OneOf(rapid.String(), rapid.StringN(60, 200, -1), rapid.SampledFrom([]string{"a", "", "weights"}))
		dim := rapid.IntRange(-1, 9)
		var known, free []int
		for i := range rapid.IntRange(1, 40).Draw(t, "tensors") {
			tensor := Tensor{Name: name.Draw(t, "tensor"), DType: DType(rapid.IntRange(1, int(Bits)).Draw(t, "dtype"))}
			if rapid.Bool().Draw(t, "constant") {
				tensor.Shape = rapid.SliceOfN(rapid.IntRange(0, 34), 0, 2).Draw(t, "shape")
				size, err := dataSize(&tensor)
				if err != nil {
					t.Fatal(err)
				}
				// Bit 0 of each word keeps the tail bits 0; Bools are 0 or 1.
				tensor.Data = bytes.Repeat([]byte{rapid.Byte().Draw(t, "data") & 1, 0, 0, 0}, int(size))[:size]
				known = append(known, i)
			} else {
				tensor.Shape = rapid.SliceOfN(dim, 0, 10).Draw(t, "shape")
				if checkShape(tensor.Shape) != nil {
					tensor.Shape = tensor.Shape[:2]
				}
				free = append(free, i)
			}
			if rapid.IntRange(0, 9).Draw(t, "quantized") == 0 {
				tensor.Quantization = &Quantization{Scale: []float32{rapid.Float32Range(1e-9, 1e9).Draw(t, "scale")}}
			}
			s.Tensors = append(s.Tensors, tensor)
		}
		if len(free) > 0 {
			s.Inputs = []Port{{"in", free[0]}}
			known, free = append(known, free[0]), free[1:]
		}
		for _, out := range free {
			o := rapid.SampledFrom(options).Draw(t, "options")
			i := slices.IndexFunc(operators[:], func(row operator) bool { return row.options == optionsType(o) })
			if OpCode(i) == BMaxPool2D {
				i = int(Pool2D)
			}
			in := rapid.SliceOf(rapid.SampledFrom(append(known, Absent))).Draw(t, "inputs")
			s.Operators = append(s.Operators, Operator{Code: OpCode(i), Version: 1, Name: name.Draw(t, "op"),
				Inputs: in, Outputs: []int{out}, Options: o})
			known = append(known, out)
		}
		s.Outputs = []Port{{"out", rapid.SampledFrom(known).Draw(t, "out")}}
		want := &Model{FormatVersion: FormatVersion, Subgraphs: []*Subgraph{s}}

		var b bytes.Buffer
		if err := Write(&b, want); err != nil {
			t.Fatal(err)
		}
		got, err := Open(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want, sameFloats); diff != "" {
			t.Fatalf("read back (-got +want):\n%s", diff)
		}
	})
}
