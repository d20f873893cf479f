package ops

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

// withOutputs declares the types of the outputs, as BConv2D and BGEMM want it; Invalid
// is an absent output.
func withOutputs(n *Node, types ...schema.DType) *Node {
	n.Outputs = nil
	for _, d := range types {
		if d == schema.Invalid {
			n.Outputs = append(n.Outputs, nil)
			continue
		}
		n.Outputs = append(n.Outputs, &Tensor{Name: "y", DType: d})
	}
	return n
}

func bconvOptions(change func(o *schema.BConv2DOptions)) *schema.BConv2DOptions {
	one := schema.Size2D{H: 1, W: 1}
	o := &schema.BConv2DOptions{
		Window: schema.Window{Strides: one, Dilations: one}, Groups: 1, PreClamp: schema.NoClamp, Clamp: schema.NoClamp,
	}
	if change != nil {
		change(o)
	}
	return o
}

var bgemmOptions = &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.NoClamp}

// binaryValue gives what is in a tensor, bits as numbers of -1 and +1.
func binaryValue(t *Tensor) string {
	switch t.DType {
	case schema.Float32:
		return fmt.Sprint(t.Shape, View[float32](t))
	case schema.Int32:
		return fmt.Sprint(t.Shape, View[int32](t))
	}
	return fmt.Sprintf("%v %b", t.Shape, View[uint32](t))
}

func TestBinaryValues(t *testing.T) {
	nan := float32(math.NaN())
	minus0 := float32(math.Copysign(0, -1))
	one := schema.Size2D{H: 1, W: 1}
	// Rows of +1 -1 +1, then -1 -1 -1.
	ab := bitsOf([]int{2, 3}, 0b010, 0b111)
	for _, tc := range []struct {
		name string
		n    *Node
		want []string
	}{
		{"sign", nodeOf(&bsign, &schema.BsignOptions{}, 1, floatsOf([]int{1, 5}, -1, minus0, 0, 2, nan)), []string{"[1 5] [10001]"}},
		{"sign greater", nodeOf(&bsign, &schema.BsignOptions{Compare: schema.SignGreater}, 1,
			floatsOf([]int{1, 5}, -1, minus0, 0, 2, nan)), []string{"[1 5] [10111]"}},
		{"sign inverted", nodeOf(&bsign, &schema.BsignOptions{Invert: true}, 1,
			floatsOf([]int{1, 5}, -1, minus0, 0, 2, nan)), []string{"[1 5] [1110]"}},
		{"sign with threshold and negate", nodeOf(&bsign, &schema.BsignOptions{}, 1,
			floatsOf([]int{2, 2}, 1, 1, -2, -2), floatsOf([]int{2}, 1, 2), bitsOf([]int{2}, 0b10)), []string{"[2 2] [10 1]"}},
		{"unpack", nodeOf(&bunpack, nil, 1, ab), []string{"[2 3] [1 -1 1 -1 -1 -1]"}},
		{"gemm float", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, ab, bitsOf([]int{1, 3}, 0), floatsOf([]int{1}, 2), floatsOf([]int{1}, 0.5)),
			schema.Float32), []string{"[2 1] [2.5 -5.5]"}},
		{"gemm of two activations", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, bitsOf([]int{2, 1, 3}, 0b010, 0b111), bitsOf([]int{2, 1, 3}, 0b010, 0)),
			schema.Int32), []string{"[2 1 1] [3 -3]"}},
		{"gemm bits and float", withOutputs(nodeOf(&bgemmOp, &schema.BGEMMOptions{PreClamp: schema.Clamp{Min: 0, Max: 1}, Clamp: schema.Clamp{Min: -1, Max: 0.75}},
			1, ab, bitsOf([]int{1, 3}, 0), nil, nil, tensorOf(schema.Int32, []int{1}, int32(1))),
			schema.Bits, schema.Float32), []string{"[2 1] [0 1]", "[2 1] [0.75 0]"}},
		{"conv with zero padding", withOutputs(nodeOf(&bconv2D, bconvOptions(func(o *schema.BConv2DOptions) { o.Pads = schema.Pads{Top: 1, Left: 2} }),
			1, bitsOf([]int{1, 1, 1, 3}, 0b010), bitsOf([]int{1, 2, 3, 3}, 0, 0, 0, 7, 7, 0b111)),
			schema.Int32), []string{"[1 1 1 1] [-1]"}},
		{"conv with -1 padding", withOutputs(nodeOf(&bconv2D, bconvOptions(func(o *schema.BConv2DOptions) {
			o.Pads, o.PadValue = schema.Pads{Left: 1}, -1
		}), 1, bitsOf([]int{1, 1, 1, 3}, 0b010), bitsOf([]int{1, 1, 2, 3}, 7, 0)), schema.Int32, schema.Invalid), []string{"[1 1 1 1] [4]", ""}},
		// The activations are 0, -1 and +1.
		{"conv of two planes with zero padding", withOutputs(nodeOf(&bconv2D, bconvOptions(func(o *schema.BConv2DOptions) { o.Pads = schema.Pads{Top: 1, Left: 2} }),
			1, bitsOf([]int{1, 1, 1, 3}, 0b010), bitsOf([]int{1, 2, 3, 3}, 0, 0, 0, 7, 7, 0b011), floatsOf([]int{1}, 3), floatsOf([]int{1}, 0.5),
			tensorOf(schema.Int32, []int{1}, int32(2)), bitsOf([]int{1, 1, 1, 3}, 0b011)),
			schema.Int32, schema.Float32, schema.Bits), []string{"[1 1 1 1] [2]", "[1 1 1 1] [6.5]", "[1 1 1 1] [0]"}},
		{"gemm of two planes", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, ab, bitsOf([]int{1, 3}, 0), nil, nil, nil, bitsOf([]int{2, 3}, 0b110, 0b111)),
			schema.Int32), []string{"[2 1] [0 -3]"}},
		{"gemm of equal planes", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, ab, bitsOf([]int{1, 3}, 0), nil, nil, nil, bitsOf([]int{2, 3}, 0b010, 0b111)),
			schema.Int32), []string{"[2 1] [1 -3]"}},
		{"gemm of two activations, one of two planes", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, bitsOf([]int{2, 1, 3}, 0b010, 0b111), bitsOf([]int{2, 1, 3}, 0b010, 0),
			nil, nil, nil, bitsOf([]int{2, 1, 3}, 0b011, 0b111)), schema.Int32), []string{"[2 1 1] [2 -3]"}},
		{"conv of a single tap with an immense dilation", withOutputs(nodeOf(&bconv2D, bconvOptions(func(o *schema.BConv2DOptions) {
			o.Dilations = schema.Size2D{H: math.MaxInt32, W: math.MaxInt32}
		}), 1, bitsOf([]int{1, 1, 1, 3}, 0b010), bitsOf([]int{1, 1, 1, 3}, 0)), schema.Int32), []string{"[1 1 1 1] [1]"}},
		{"max pool", nodeOf(&bmaxPool2D, &schema.Pool2DOptions{Kernel: schema.Size2D{H: 2, W: 2}, Window: schema.Window{Strides: one, Dilations: one}}, 1,
			bitsOf([]int{1, 2, 2, 3}, 0b111, 0b101, 0b110, 0b111)), []string{"[1 1 1 3] [100]"}},
		{"max pool of padding only", nodeOf(&bmaxPool2D, &schema.Pool2DOptions{
			Kernel: one, Window: schema.Window{Strides: one, Dilations: one, Pads: schema.Pads{Left: 1}}}, 1,
			bitsOf([]int{1, 1, 1, 2}, 0)), []string{"[1 1 2 2] [11 0]"}},
		{"no rows", nodeOf(&bsign, &schema.BsignOptions{}, 1, floatsOf([]int{0, 5})), []string{"[0 5] []"}},
		{"no channels", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, bitsOf([]int{2, 0}), bitsOf([]int{2, 0})), schema.Int32), []string{"[2 2] [0 0 0 0]"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := Evaluate(tc.n); err != nil {
				t.Fatal(err)
			}
			for i, want := range tc.want {
				if want == "" {
					continue
				}
				if got := binaryValue(tc.n.Outputs[i]); got != want {
					t.Errorf("output %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestBinaryRefused(t *testing.T) {
	x, w := shaped(schema.Bits, 1, 4, 4, 64), shaped(schema.Bits, 8, 3, 3, 64)
	conv := func(o *schema.BConv2DOptions, types []schema.DType, in ...*Tensor) *Node {
		return withOutputs(nodeOf(&bconv2D, o, 1, in...), types...)
	}
	f32 := []schema.DType{schema.Float32}
	set := func(f func(o *schema.BConv2DOptions)) *schema.BConv2DOptions { return bconvOptions(f) }
	plain := bconvOptions(nil)
	int32s, floats8 := shaped(schema.Int32, 8), shaped(schema.Float32, 8)
	for _, tc := range []struct {
		name string
		n    *Node
		want string
	}{
		{"sign of bits", nodeOf(&bsign, &schema.BsignOptions{}, 1, x), "element type Bits, want Float32"},
		{"sign of a scalar", nodeOf(&bsign, &schema.BsignOptions{}, 1, shaped(schema.Float32)), "a scalar"},
		{"sign: thresholds", nodeOf(&bsign, &schema.BsignOptions{}, 1, shaped(schema.Float32, 1, 3), shaped(schema.Float32, 2)), "want Float32 [1] or [3]"},
		{"sign: negate", nodeOf(&bsign, &schema.BsignOptions{}, 1, shaped(schema.Float32, 1, 3), nil, shaped(schema.Bits, 4)), "want Bits [3]"},
		{"sign: compare", nodeOf(&bsign, &schema.BsignOptions{Compare: 7}, 1, shaped(schema.Float32, 1, 3)), "want GreaterOrEqual or Greater"},
		{"sign: options", nodeOf(&bsign, plain, 1, shaped(schema.Float32, 1, 3)), "want *schema.BsignOptions"},
		{"unpack of floats", nodeOf(&bunpack, nil, 1, floats8), "want Bits"},
		{"unpack: options", nodeOf(&bunpack, plain, 1, x), "want none"},
		{"conv of floats", conv(plain, f32, shaped(schema.Float32, 1, 4, 4, 64), w), "want Bits"},
		{"conv: rank", conv(plain, f32, shaped(schema.Bits, 4, 4, 64), w), "rank 3, want 4"},
		{"conv: channels", conv(plain, f32, x, shaped(schema.Bits, 8, 3, 3, 32)), "32 channels, want 64"},
		{"conv: no channels", conv(plain, f32, shaped(schema.Bits, 1, 4, 4, 0), shaped(schema.Bits, 8, 3, 3, 0)), "at least one channel"},
		{"conv: groups", conv(set(func(o *schema.BConv2DOptions) { o.Groups = 3 }), f32, x, w), "groups 3"},
		{"conv: no groups", conv(set(func(o *schema.BConv2DOptions) { o.Groups = 0 }), f32, x, w), "groups 0"},
		{"conv: pad value", conv(set(func(o *schema.BConv2DOptions) { o.PadValue = 2 }), f32, x, w), "pad value 2"},
		{"conv: negative pad", conv(set(func(o *schema.BConv2DOptions) { o.Pads.Left = -1 }), f32, x, w), "width: pad before -1"},
		{"conv: window too large", conv(plain, f32, x, shaped(schema.Bits, 8, 5, 3, 64)), "height: window spans 5"},
		{"conv: stride", conv(set(func(o *schema.BConv2DOptions) { o.Strides.H = 0 }), f32, x, w), "stride 0"},
		{"conv: immense dilation", conv(set(func(o *schema.BConv2DOptions) { o.Dilations.H = math.MaxInt32 }), f32, x, w), "more than the padded input"},
		{"conv: immense pads", conv(set(func(o *schema.BConv2DOptions) { o.Pads.Bottom = math.MaxInt32 }), f32, x, w), "padded input of"},
		{"conv: mul", conv(plain, f32, x, w, shaped(schema.Float32, 1)), "mul"},
		{"conv: bias", conv(plain, f32, x, w, nil, int32s), "bias"},
		{"conv: threshold", conv(plain, []schema.DType{schema.Bits}, x, w, nil, nil, floats8), "want Int32 [8]"},
		{"conv: bits without threshold", conv(plain, []schema.DType{schema.Bits}, x, w), "threshold is absent"},
		{"conv: threshold without bits", conv(plain, f32, x, w, nil, nil, int32s), "no output is of type Bits"},
		{"conv: output type", conv(plain, []schema.DType{schema.Int64}, x, w), "want Float32, Int32 or Bits"},
		{"conv: undeclared output", nodeOf(&bconv2D, plain, 1, x, w), "element type Invalid"},
		{"conv: two outputs of a type", conv(plain, []schema.DType{schema.Float32, schema.Float32}, x, w), "a second output of type Float32"},
		{"conv: second plane", conv(plain, f32, x, w, nil, nil, nil, shaped(schema.Bits, 1, 4, 5, 64)), "second plane"},
		{"conv: second plane of floats", conv(plain, f32, x, w, nil, nil, nil, shaped(schema.Float32, 1, 4, 4, 64)), "want Bits [1 4 4 64]"},
		{"gemm: rank", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, shaped(schema.Bits, 4), shaped(schema.Bits, 2, 4)), schema.Int32), "want at least 2"},
		{"gemm: depth", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, shaped(schema.Bits, 3, 4), shaped(schema.Bits, 2, 5)), schema.Int32), "4 and 5 differ"},
		{"gemm: batch", withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, shaped(schema.Bits, 3, 3, 4), shaped(schema.Bits, 2, 2, 4)), schema.Int32), "batch dimensions [3] and [2]"},
		{"pool: average", nodeOf(&bmaxPool2D, &schema.Pool2DOptions{Kind: schema.AveragePool}, 1, x), "want Max"},
		{"pool: no kernel", nodeOf(&bmaxPool2D, poolOptions(schema.Pool2DOptions{}), 1, x), "kernel size 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := InferNode(tc.n)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestBinaryPrepareWantsConstants(t *testing.T) {
	n := withOutputs(nodeOf(&bconv2D, bconvOptions(nil), 1, shaped(schema.Bits, 1, 4, 4, 64), shaped(schema.Bits, 8, 3, 3, 64)), schema.Float32)
	if err := InferNode(n); err != nil {
		t.Fatal(err)
	}
	if err := PrepareNode(n); err == nil || !strings.Contains(err.Error(), "want a constant") {
		t.Errorf("error %v, want one about a constant", err)
	}
}

func TestKernelNames(t *testing.T) {
	for _, tc := range []struct {
		n    *Node
		want string
	}{
		{nodeOf(&bsign, &schema.BsignOptions{}, 1, floatsOf([]int{1, 64})), "bsign_generic"},
		{withOutputs(nodeOf(&bconv2D, bconvOptions(nil), 1, shaped(schema.Bits, 1, 4, 4, 64), bitsOf([]int{64, 3, 3, 64})), schema.Float32), "bconv2d_generic"},
		{withOutputs(nodeOf(&bgemmOp, bgemmOptions, 1, shaped(schema.Bits, 4, 64), bitsOf([]int{64, 64})), schema.Float32), "bgemm_generic"},
	} {
		tc.n.Features = 0
		if err := InferNode(tc.n); err != nil {
			t.Fatal(err)
		}
		if err := PrepareNode(tc.n); err != nil {
			t.Fatal(err)
		}
		if got := tc.n.Kernel.Name; got != tc.want {
			t.Errorf("kernel %q, want %q", got, tc.want)
		}
	}
}

func TestWindowOutput(t *testing.T) {
	for _, tc := range []struct {
		name                                        string
		in, kernel, stride, dilation, before, after int
		ceil                                        bool
		want                                        int
	}{
		{"plain", 5, 3, 1, 1, 0, 0, false, 3},
		{"same padding", 5, 3, 1, 1, 1, 1, false, 5},
		{"stride rounds down", 6, 3, 2, 1, 0, 0, false, 2},
		{"stride rounds up", 6, 3, 2, 1, 0, 0, true, 3},
		{"exact with ceil", 7, 3, 2, 1, 0, 0, true, 3},
		{"dilation", 7, 3, 1, 3, 0, 0, false, 1},
		{"last window would start behind the input", 2, 1, 3, 1, 0, 1, true, 1},
		{"exact last window starts behind the input", 1, 1, 2, 1, 0, 2, true, 1},
		{"without ceil it stays", 1, 1, 2, 1, 0, 2, false, 2},
		{"last window starts in the left padding", 1, 1, 1, 1, 2, 0, true, 3},
		{"pads larger than the map", 1, 3, 1, 1, 5, 4, false, 8},
	} {
		t.Run(tc.name, func(t *testing.T) {
			one := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}}
			h, w := one, one
			h.Strides.H, h.Dilations.H, h.Pads.Top, h.Pads.Bottom = tc.stride, tc.dilation, tc.before, tc.after
			w.Strides.W, w.Dilations.W, w.Pads.Left, w.Pads.Right = tc.stride, tc.dilation, tc.before, tc.after
			gotH, errH := windowOutput(schema.Size2D{H: tc.in, W: 1}, schema.Size2D{H: tc.kernel, W: 1}, &h, tc.ceil)
			gotW, errW := windowOutput(schema.Size2D{H: 1, W: tc.in}, schema.Size2D{H: 1, W: tc.kernel}, &w, tc.ceil)
			got := []schema.Size2D{gotH, gotW}
			want := []schema.Size2D{{H: tc.want, W: 1}, {H: 1, W: tc.want}}
			if errH != nil || errW != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v, %v, want %v", got, errH, errW, want)
			}
		})
	}
}
