package interpreter

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

// typed is an interpreter with one input of each element type, which is also an output.
func typed(t *testing.T) *Interpreter {
	t.Helper()
	b := newBuilder(t)
	for d := schema.Float32; d <= schema.Bits; d++ {
		b.output(d.String(), b.input(d.String(), d, 2, 3))
	}
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func TestSet(t *testing.T) {
	in := typed(t)
	for name, values := range map[string]any{
		"Float32": []float32{1, 2, 3, 4, 5, 6},
		"Float64": []float64{1, 2, 3, 4, 5, 6},
		"Float16": []uint16{1, 2, 3, 4, 5, 6},
		"Int8":    []int8{1, 2, 3, 4, 5, -6},
		"Uint8":   []uint8{1, 2, 3, 4, 5, 6},
		"Int16":   []int16{1, 2, 3, 4, 5, -6},
		"Uint16":  []uint16{1, 2, 3, 4, 5, 6},
		"Int32":   []int32{1, 2, 3, 4, 5, -6},
		"Uint32":  []uint32{1, 2, 3, 4, 5, 6},
		"Int64":   []int64{1, 2, 3, 4, 5, -6},
		"Uint64":  []uint64{1, 2, 3, 4, 5, 6},
		"Bool":    []bool{true, false, true, true, false, true},
		"Bits":    []uint32{5, 7},
	} {
		t.Run(name, func(t *testing.T) {
			if err := in.SetInput(name, values); err != nil {
				t.Fatal(err)
			}
			if err := in.Run(); err != nil {
				t.Fatal(err)
			}
			data, _, _ := rawValues(values)
			if got := in.OutputByName(name).Bytes(); !slices.Equal(got, data) {
				t.Errorf("output %v, want %v", got, data)
			}
		})
	}
	// Each view is there for its own element type only.
	for _, y := range in.Outputs() {
		views := map[string]bool{
			"Float32": y.Float32s() != nil, "Int32": y.Int32s() != nil, "Int64": y.Int64s() != nil,
			"Float64": y.Float64s() != nil, "Float16": y.Float16s() != nil,
			"Uint8": y.Uint8s() != nil, "Bool": y.Bools() != nil, "Bits": y.Words() != nil,
		}
		for name, there := range views {
			if there != (name == y.Name()) {
				t.Errorf("output %v: the view as %s is there: %v", y, name, there)
			}
		}
	}
	if got, want := in.OutputByName("Bool").Bools(), []bool{true, false, true, true, false, true}; !slices.Equal(got, want) {
		t.Errorf("bools %v, want %v", got, want)
	}
}

func TestFloat16(t *testing.T) {
	values := []float32{0, 1, -2.5, 65504, 65519, 65520, 1 + 1.0/2048, 1 + 3.0/2048, 1e-8}
	bits := ToFloat16(values)
	if want := []uint16{0, 0x3c00, 0xc100, 0x7bff, 0x7bff, 0x7c00, 0x3c00, 0x3c02, 0}; !slices.Equal(bits, want) {
		t.Errorf("bits %#x, want %#x", bits, want)
	}
	want := []float32{0, 1, -2.5, 65504, 65504, float32(math.Inf(1)), 1, 1 + 4.0/2048, 0}
	if got := FromFloat16(bits); !slices.Equal(got, want) {
		t.Errorf("values %v, want %v", got, want)
	}
	in := typed(t)
	if err := in.SetInput("Float16", ToFloat16(values[:6])); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	if got := FromFloat16(in.OutputByName("Float16").Float16s()); !slices.Equal(got, want[:6]) {
		t.Errorf("output %v, want %v", got, want[:6])
	}
}

func TestSetErrors(t *testing.T) {
	in := typed(t)
	x := in.InputByName("Float32")
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"length", x.Set(make([]float32, 5)), `input "Float32" Float32 [2 3]: got 5 values, want 6`},
		{"type", x.Set(make([]float64, 6)), `input "Float32" Float32 [2 3]: values of type []float64, want []float32`},
		{"no slice", x.Set(6), `values of type int, want a slice`},
		{"words", in.SetInput("Bits", make([]uint32, 6)), `got 6 words, want 2`},
		{"tail", in.SetInput("Bits", []uint32{0, 8}), `row 1: the bits behind the last element are not 0`},
		{"name", in.SetInput("z", nil), `no input "z"; the inputs are ["Float32"`},
		{"output", in.Output(0).Set(make([]float32, 6)), `is an output`},
		{"raw type", x.SetBytes(schema.Float64, []int{2, 3}, make([]byte, 48)), `input "Float32": got Float64 [2 3], want Float32 [2 3]`},
		{"raw shape", x.SetBytes(schema.Float32, []int{3, 2}, make([]byte, 24)), `input "Float32": got Float32 [3 2], want Float32 [2 3]`},
		{"raw length", x.SetBytes(schema.Float32, []int{2, 3}, make([]byte, 23)), `got 23 bytes, want 24`},
		{"raw bool", in.InputByName("Bool").SetBytes(schema.Bool, []int{2, 3}, []byte{0, 1, 0, 2, 0, 0}), `byte 3 is 2, want 0 or 1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", tt.err, tt.want)
			}
		})
	}
	if err := x.SetBytes(schema.Float32, []int{2, 3}, []byte("abcdefghijklmnopqrstuvwx")); err != nil || string(x.Bytes()) != "abcdefghijklmnopqrstuvwx" {
		t.Errorf("SetBytes: %v, bytes %q", err, x.Bytes())
	}
}

func TestNames(t *testing.T) {
	in := typed(t)
	if in.InputByName("none") != nil || in.OutputByName("none") != nil {
		t.Error("a name that does not exist finds a tensor")
	}
	if got := in.Input(0).String(); got != `"Float32" Float32 [2 3]` {
		t.Errorf("String gives %s", got)
	}
	if got := len(in.Inputs()); got != 13 {
		t.Errorf("%d inputs, want 13", got)
	}
}
