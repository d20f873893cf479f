package ops

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lce-go/lce/schema"
)

// TestBConvGeometry compares a BConv2D whose every size differs by axis and side with
// the Conv2D of the same numbers.
func TestBConvGeometry(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	signs := func(shape ...int) *Tensor {
		x := floatsOf(shape)
		for i := range View[float32](x) {
			View[float32](x)[i] = float32(r.IntN(2)*2 - 1)
		}
		return x
	}
	evaluate := func(n *Node) *Tensor {
		t.Helper()
		if err := InferNode(n); err != nil {
			t.Fatal(err)
		}
		if err := Evaluate(n); err != nil {
			t.Fatal(err)
		}
		return n.Outputs[0]
	}
	pack := func(x *Tensor) *Tensor { return evaluate(nodeOf(&bsign, &schema.BsignOptions{}, 1, x)) }
	window := schema.Window{
		Strides: schema.Size2D{H: 1, W: 2}, Dilations: schema.Size2D{H: 3, W: 2},
		Pads: schema.Pads{Top: 1, Left: 2, Bottom: 3, Right: 0},
	}
	x, w := signs(2, 9, 13, 6), signs(4, 2, 3, 3)
	float := evaluate(nodeOf(&conv2D, &schema.Conv2DOptions{Window: window, Groups: 2, Clamp: schema.NoClamp}, 1, x, w))
	o := bconvOptions(func(o *schema.BConv2DOptions) { o.Window, o.Groups = window, 2 })
	binary := evaluate(withOutputs(nodeOf(&bconv2D, o, 1, pack(x), pack(w)), schema.Float32))
	if !slices.Equal(float.Shape, binary.Shape) {
		t.Fatalf("shape %v, want %v", binary.Shape, float.Shape)
	}
	if got, want := View[float32](binary), View[float32](float); !slices.Equal(got, want) {
		t.Errorf("sums %v, want %v", got, want)
	}
}
