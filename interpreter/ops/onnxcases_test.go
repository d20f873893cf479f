package ops

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
	"github.com/lce-go/lce/schema"
)

// onnxCase is a case of testdata/ops/cases.json, which testdata/gen/opcases.py makes.
type onnxCase struct {
	Name, Op        string
	Options         json.RawMessage
	Inputs, Outputs []*onnxTensor
}

type onnxTensor struct {
	DType string
	Shape []int
	Data  []byte
}

// tensor makes an operand of a case; nil stays nil.
func (o *onnxTensor) tensor(t *testing.T) *Tensor {
	if o == nil {
		return nil
	}
	for d := schema.Float32; d <= schema.Bool; d++ {
		if d.String() == o.DType {
			x := &Tensor{Name: "x", DType: d, Shape: o.Shape, Data: AlignedBytes(len(o.Data))}
			copy(x.Data, o.Data)
			return x
		}
	}
	t.Fatalf("element type %q", o.DType)
	return nil
}

// emptyOptions makes the options of an op for json to fill in.
func emptyOptions(code schema.OpCode) schema.Options {
	switch code {
	case schema.Quantize, schema.Dequantize:
		return &schema.QuantizeOptions{}
	case schema.QConv2D:
		return &schema.QConv2DOptions{}
	case schema.QMatMul:
		return &schema.QMatMulOptions{}
	case schema.QBinary:
		return &schema.QBinaryOptions{}
	case schema.Conv2D:
		return &schema.Conv2DOptions{Clamp: schema.NoClamp}
	case schema.MatMul:
		return &schema.MatMulOptions{Clamp: schema.NoClamp}
	case schema.Pool2D:
		return &schema.Pool2DOptions{}
	case schema.Reduce:
		return &schema.ReduceOptions{}
	case schema.Unary:
		return &schema.UnaryOptions{}
	case schema.Binary:
		return &schema.BinaryOptions{}
	case schema.Softmax:
		return &schema.SoftmaxOptions{}
	case schema.Reshape:
		return &schema.ReshapeOptions{}
	case schema.Concat, schema.Split, schema.Gather, schema.Flatten:
		return &schema.AxisOptions{}
	case schema.Transpose:
		return &schema.TransposeOptions{}
	case schema.Pad:
		return &schema.PadOptions{}
	case schema.Shape:
		return &schema.ShapeOptions{}
	case schema.Cast:
		return &schema.CastOptions{}
	}
	return nil
}

func opByName(t *testing.T, name string) *Def {
	for _, d := range table {
		if d.Code.String() == name {
			return d
		}
	}
	t.Fatalf("no op %q", name)
	return nil
}

// TestONNXCases runs ONNX's node tests, with one thread and two, with and without
// assembly.
func TestONNXCases(t *testing.T) {
	data, err := os.ReadFile("../../testdata/ops/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []onnxCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 250 {
		t.Fatalf("%d cases, want at least 250", len(cases))
	}
	pool := parallel.New(2)
	defer pool.Close()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, workers := range []*parallel.Pool{nil, pool} {
				for _, features := range []isa.Features{0, isa.Detect()} {
					n := &Node{Def: opByName(t, c.Op), Name: c.Name, Workers: workers, Features: features}
					if o := emptyOptions(n.Def.Code); o != nil {
						if err := json.Unmarshal(c.Options, o); err != nil {
							t.Fatal(err)
						}
						n.Options = o
					}
					for _, x := range c.Inputs {
						n.Inputs = append(n.Inputs, x.tensor(t))
					}
					for range c.Outputs {
						n.Outputs = append(n.Outputs, &Tensor{Name: "y"})
					}
					if err := Evaluate(n); err != nil {
						t.Fatal(err)
					}
					for i, want := range c.Outputs {
						sameTensor(t, n.Outputs[i], want.tensor(t))
					}
				}
			}
		})
	}
}

// sameTensor compares element types, shapes and values; floats may differ in the
// last bits.
func sameTensor(t *testing.T, got, want *Tensor) {
	t.Helper()
	if got.DType != want.DType || !equalShapes(got.Shape, want.Shape) {
		t.Fatalf("got %v, want %v", got, want)
	}
	switch want.DType {
	case schema.Float32:
		closeTo(t, View[float32](got), View[float32](want))
	case schema.Float64:
		closeTo(t, View[float64](got), View[float64](want))
	default:
		for i := range want.Data {
			if got.Data[i] != want.Data[i] {
				t.Fatalf("%v: byte %d: got %d, want %d", want, i, got.Data[i], want.Data[i])
			}
		}
	}
}

func equalShapes(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func closeTo[T float32 | float64](t *testing.T, got, want []T) {
	t.Helper()
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if g == w || g != g && w != w {
			continue
		}
		if d := math.Abs(g - w); !(d <= 1e-6+2e-6*math.Abs(w)) {
			t.Fatalf("element %d: got %v, want %v", i, g, w)
		}
	}
}
