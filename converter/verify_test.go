package converter

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// tensorOf finds a constant of a converted model and copies its data, so that a
// test can damage it.
func tensorOf(t testing.TB, m *schema.Model, fits func(v *schema.Tensor) bool) *schema.Tensor {
	t.Helper()
	s := m.Subgraphs[0]
	s.Tensors = slices.Clone(s.Tensors)
	for i := range s.Tensors {
		if v := &s.Tensors[i]; v.Data != nil && fits(v) {
			v.Data = append(ops.AlignedBytes(len(v.Data))[:0], v.Data...)
			return v
		}
	}
	t.Fatal("no such constant")
	return nil
}

func TestVerifyFindsDifferences(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, m *schema.Model)
		flips  bool
		first  string // layer that differs first
	}{
		{"weight bits", func(t *testing.T, m *schema.Model) {
			v := tensorOf(t, m, func(v *schema.Tensor) bool { return v.DType == schema.Bits && len(v.Shape) == 4 })
			for i := range v.Data[:64] {
				v.Data[i] ^= 0x55
			}
		}, true, "/step1/"},
		{"thresholds", func(t *testing.T, m *schema.Model) {
			v := tensorOf(t, m, func(v *schema.Tensor) bool { return v.DType == schema.Int32 })
			for i := 0; i < len(v.Data); i += 4 {
				v.Data[i] ^= 0x1f
			}
		}, true, "/step1/"},
		{"bias of the last layer", func(t *testing.T, m *schema.Model) {
			v := tensorOf(t, m, func(v *schema.Tensor) bool { return v.DType == schema.Float32 && slices.Equal(v.Shape, []int{10}) })
			ops.View[float32](&ops.Tensor{DType: schema.Float32, Data: v.Data})[3] += 0.5
		}, false, "/norm5/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := mustConvert(t, read(t, "fashion_cnn_kept_op17"), Options{})
			tt.damage(t, res.Model)
			v, err := Verify(t.Context(), res, VerifyOptions{Samples: 2})
			if !errors.Is(err, ErrDifferent) || !strings.Contains(err.Error(), `"output"`) {
				t.Fatalf("error %v, want %v", err, ErrDifferent)
			}
			if (v.Flipped > 0) != tt.flips || v.Outputs[0].Relative <= v.Limit || v.Samples != 2 {
				t.Errorf("verified: %+v", v)
			}
			if v.First == nil || !strings.HasPrefix(v.First.Node, tt.first) || !strings.Contains(err.Error(), v.First.String()) {
				t.Errorf("first layer %v, want %s; error %v", v.First, tt.first, err)
			}
			if _, err := Verify(t.Context(), res, VerifyOptions{Samples: 2, Limit: 10}); err != nil {
				t.Errorf("with a limit of 10: %v", err)
			}
		})
	}
}

func TestVerifySeeds(t *testing.T) {
	f := file(dims(4), []*onnx.Node{node("Exp", "y", "x")})
	res := mustConvert(t, f, Options{})
	measure := func(seed uint64) float64 {
		v, err := Verify(t.Context(), res, VerifyOptions{Samples: 2, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return v.Outputs[0].Range
	}
	if a, b := measure(1), measure(1); a != b {
		t.Errorf("one seed gives ranges %v and %v", a, b)
	}
	if a, b := measure(1), measure(2); a == b {
		t.Error("two seeds give the same range")
	}
}

func TestVerifyInputs(t *testing.T) {
	f := file([]onnx.Dim{{Size: -1}, {Size: 2}}, []*onnx.Node{node("Add", "a", "x", "z"), node("Relu", "y", "a")})
	f.Graph.Inputs = append(f.Graph.Inputs, onnx.ValueInfo{Name: "z", DType: schema.Float32, Dims: dims(2)})
	res := mustConvert(t, f, Options{})
	array := func(name string, shape []int, x ...float32) Array {
		a := floats(name, shape, x...)
		return Array{Name: name, DType: a.DType, Shape: shape, Data: a.Data}
	}
	x, z := array("x", []int{3, 2}, 1, 2, 3, 4, 5, 6), array("z", []int{2}, 10, -20)
	tests := []struct {
		name string
		in   []Array
		want string // part of the error, "" for none
	}{
		{"by name", []Array{z, x}, ""},
		{"by place", []Array{array("", x.Shape, 1, 2, 3, 4, 5, 6), array("", z.Shape, 10, -20)}, ""},
		{"too few", []Array{x}, "1 arrays for 2 inputs"},
		{"wrong name", []Array{x, array("w", z.Shape, 10, -20)}, `"z"`},
		{"wrong shape", []Array{x, array("z", []int{3}, 1, 2, 3)}, `"z"`},
		{"wrong type", []Array{x, {Name: "z", DType: schema.Int32, Shape: z.Shape, Data: z.Data}}, `"z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Verify(t.Context(), res, VerifyOptions{Samples: 1, Inputs: [][]Array{tt.in}})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want one that says %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// The random sample has the shape of the given one.
			if d := v.Outputs[0]; v.Samples != 2 || d.Range < 15 || d.Rows != 6 {
				t.Errorf("verified: %+v", v)
			}
		})
	}
}

func TestVerifyNaN(t *testing.T) {
	f := file(dims(2), []*onnx.Node{node("Sqrt", "y", "x")})
	res := mustConvert(t, f, Options{})
	v, err := Verify(t.Context(), res, VerifyOptions{Samples: 4})
	if err != nil || v.Outputs[0].MaxAbs != 0 {
		t.Errorf("NaN against NaN: %+v, %v", v, err)
	}
	o := *res.Model.Subgraphs[0].Operators[0].Options.(*schema.UnaryOptions)
	o.Kind = schema.Relu
	res.Model.Subgraphs[0].Operators[0].Options = &o
	v, err = Verify(t.Context(), res, VerifyOptions{Samples: 4})
	if !errors.Is(err, ErrDifferent) || !math.IsInf(v.Outputs[0].MaxAbs, 1) {
		t.Errorf("NaN against numbers: %+v, %v", v, err)
	}
}

func TestHalfSpacing(t *testing.T) {
	for _, bits := range []uint16{0, 1, 0x3ff, 0x400, 0x401, 0x3bff, 0x3c00, 0x3c01, 0x7bfe, 0x8000, 0xbc00} {
		x := interpreter.FromFloat16([]uint16{bits, bits + 1})
		if got, want := halfSpacing(float64(x[0])), math.Abs(float64(x[1]-x[0])); got != want {
			t.Errorf("spacing at %g is %g, want %g", x[0], got, want)
		}
	}
}

func TestRandomArrays(t *testing.T) {
	r := newRandom(1)
	tests := []struct {
		d      schema.DType
		lo, hi float64
	}{
		{schema.Float32, -6, 6}, {schema.Float64, -6, 6}, {schema.Float16, -6, 6}, {schema.Bool, 0, 1}, {schema.Int8, -128, 127}, {schema.Uint8, 0, 255},
		{schema.Int16, 0, 3}, {schema.Int32, 0, 3}, {schema.Int64, 0, 3}, {schema.Uint64, 0, 3},
	}
	for _, tt := range tests {
		a := r.array("x", tt.d, []int{1000})
		if len(a.Data) != 1000*tt.d.Size() {
			t.Errorf("%v: %d bytes", tt.d, len(a.Data))
			continue
		}
		x := elements(tt.d, a.Data)
		if slices.Min(x) < tt.lo || slices.Max(x) > tt.hi || slices.Min(x) == slices.Max(x) {
			t.Errorf("%v: from %v to %v, want %v to %v", tt.d, slices.Min(x), slices.Max(x), tt.lo, tt.hi)
		}
	}
}
