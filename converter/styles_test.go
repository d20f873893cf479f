package converter

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// styleCase is a network as one framework writes it: its nodes from input x, [2, 3, 8,
// 8], to output y, its constants, and the operators it must become.
type styleCase struct {
	name   string
	nodes  []*onnx.Node
	consts []*onnx.Tensor
	want   map[string]int
}

// with sets the domain and attributes of a node.
func with(n *onnx.Node, domain string, attrs ...onnx.Attribute) *onnx.Node {
	n.Domain, n.Attributes = domain, attrs
	return n
}

func pads() onnx.Attribute {
	return onnx.Attribute{Name: "pads", Kind: onnx.AttrInts, Ints: []int64{1, 1, 1, 1}}
}

func styleCases() []styleCase {
	r := rand.New(rand.NewPCG(1, 2))
	normal := func(name string, shape ...int) *onnx.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return floats(name, shape, x...)
	}
	scalar := func(name string, x float32) *onnx.Tensor { return floats(name, nil, x) }
	const brevitas, finn = "onnx.brevitas", "finn.custom_op.general"
	return []styleCase{
		{"BipolarQuant of both operands", []*onnx.Node{
			with(node("BipolarQuant", "a", "x", "s"), brevitas),
			with(node("BipolarQuant", "b", "w", "t"), brevitas),
			with(node("Conv", "y", "a", "b"), "", pads()),
		}, []*onnx.Tensor{scalar("s", 0.5), normal("w", 4, 3, 3, 3), floats("t", []int{4, 1, 1, 1}, 1, 2, 0.5, 0.3)},
			map[string]int{"Bsign": 1, "BConv2D": 1, "Transpose": 2}},
		{"Quant of 1 bit, dense", []*onnx.Node{
			with(node("Quant", "a", "x", "s", "z", "bits"), brevitas),
			with(node("Quant", "b", "w", "s", "z", "bits"), brevitas),
			with(node("Transpose", "c", "b"), "", onnx.Attribute{Name: "perm", Kind: onnx.AttrInts, Ints: []int64{1, 0}}),
			node("MatMul", "d", "a", "c"), node("Add", "e", "d", "bias"),
			with(node("BipolarQuant", "y", "e", "s"), brevitas),
		}, []*onnx.Tensor{scalar("s", 0.1), scalar("bias", 0.003), scalar("z", 0), scalar("bits", 1), normal("w", 5, 8)},
			map[string]int{"Bsign": 1, "BGEMM": 1, "Bunpack": 1, "Mul": 1}},
		{"MultiThreshold", []*onnx.Node{
			with(node("MultiThreshold", "a", "x", "t"), finn,
				onnx.Attribute{Name: "out_scale", Kind: onnx.AttrFloat, Float: 2},
				onnx.Attribute{Name: "out_bias", Kind: onnx.AttrFloat, Float: -1}),
			with(node("BipolarQuant", "b", "w", "s"), brevitas),
			with(node("Conv", "y", "a", "b"), "", pads()),
		}, []*onnx.Tensor{floats("t", []int{3, 1}, 0.1, 0.2, -0.3), normal("w", 4, 3, 3, 3), scalar("s", 1)},
			map[string]int{"Bsign": 1, "BConv2D": 1, "Transpose": 2}},
		{"Quant of 4 bits stays float", []*onnx.Node{
			with(node("Quant", "a", "x", "s", "z", "bits"), brevitas),
			with(node("Conv", "y", "a", "w"), "", pads()),
		}, []*onnx.Tensor{scalar("s", 0.25), scalar("z", 0), scalar("bits", 4), normal("w", 4, 3, 3, 3)},
			map[string]int{"Mul": 2, "Clip": 1, "Round": 1, "Conv2D": 1, "Transpose": 2}},
		{"Larq before 0.10", []*onnx.Node{
			node("Sign", "a", "x"), node("Add", "b", "a", "c"), node("Sign", "d", "b"),
			node("Sign", "v", "w"),
			with(node("Conv", "y", "d", "v"), "", pads()),
		}, []*onnx.Tensor{scalar("c", 0.1), normal("w", 4, 3, 3, 3)},
			map[string]int{"Bsign": 1, "BConv2D": 1, "Transpose": 2}},
		{"detached estimators", []*onnx.Node{
			node("Add", "q", "x", "e"),
			node("Sign", "a", "q"), node("Sub", "b", "a", "q"), node("Add", "c", "b", "q"),
			node("Sign", "v", "w"), node("Mul", "u", "v", "s"), node("Sub", "m", "u", "w"), node("Add", "n", "m", "w"),
			with(node("Conv", "y", "c", "n"), "", pads()),
		}, []*onnx.Tensor{scalar("e", 1e-6), normal("w", 4, 3, 3, 3), floats("s", []int{4, 1, 1, 1}, 1, 2, 0.0001, 0.3)},
			map[string]int{"Bsign": 2, "BConv2D": 1, "Transpose": 2}},
		{"scaled step through pool and flatten", []*onnx.Node{
			node("Greater", "p", "x", "zero"), node("Where", "a", "p", "plus", "minus"),
			with(node("MaxPool", "m", "a"), "",
				onnx.Attribute{Name: "kernel_shape", Kind: onnx.AttrInts, Ints: []int64{2, 2}},
				onnx.Attribute{Name: "strides", Kind: onnx.AttrInts, Ints: []int64{2, 2}}),
			node("Flatten", "f", "m"), node("Sign", "v", "w"), node("MatMul", "y", "f", "v"),
		}, []*onnx.Tensor{scalar("zero", 0), floats("plus", []int{1}, 0.3), scalar("minus", -0.3), normal("w", 48, 5)},
			// The order of the elements is NCHW's, so that the words of 3 channels are repacked.
			map[string]int{"Bsign": 2, "BMaxPool2D": 1, "Bunpack": 1, "Transpose": 1, "Reshape": 1, "BGEMM": 1}},
	}
}

// TestStyles converts networks as frameworks write them: each becomes the packed
// operators it can be, and gives what its unfused graph gives.
func TestStyles(t *testing.T) {
	for _, c := range styleCases() {
		t.Run(c.name, func(t *testing.T) {
			res := mustConvert(t, file(dims(2, 3, 8, 8), c.nodes, c.consts...), Options{})
			got := opCounts(res.Model)
			for _, op := range []string{"Binary", "Unary"} {
				delete(got, op)
			}
			for _, op := range res.Model.Subgraphs[0].Operators {
				switch o := op.Options.(type) {
				case *schema.BinaryOptions:
					got[o.Kind.String()]++
				case *schema.UnaryOptions:
					got[o.Kind.String()]++
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("operators (-want +got):\n%s", diff)
			}
			v, err := Verify(t.Context(), res, VerifyOptions{Samples: 3, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if v.Flipped != 0 {
				t.Errorf("%d of %d bits flipped", v.Flipped, v.Bits)
			}
		})
	}
}
