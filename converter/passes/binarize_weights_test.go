package passes

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

func TestBinarizeConv(t *testing.T) {
	tests := []struct {
		name                 string
		channels, out, group int
		size, stride, pad    int
		bias                 bool
	}{
		{"1x1", 3, 5, 1, 1, 1, 0, false},
		{"3x3 valid", 33, 4, 1, 3, 1, 0, true},
		{"3x3 same", 1, 4, 1, 3, 1, 1, false},
		{"strided", 65, 2, 1, 3, 2, 1, true},
		{"padding wider than the filter", 4, 2, 1, 3, 2, 4, false},
		{"filter larger than the map", 2, 2, 1, 7, 1, 3, false},
		{"groups", 6, 4, 2, 3, 1, 1, true},
		{"depthwise", 33, 33, 33, 3, 1, 1, true},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, uint64(i))
			var bias []float32
			if test.bias {
				bias = []float32{}
				for c := range test.out {
					bias = append(bias, float32(c)-1.5)
				}
			}
			x := b.step(b.input(2, 5, 4, test.channels))
			w := []int{test.out, test.size, test.size, test.channels / test.group}
			b.output(b.conv(x, w, 0.5, bias, window(test.stride, test.pad)))
			b.convert(0)
			b.wantCodes("Bsign", "BConv2D")
		})
	}
}

func TestBinarizeConvScale(t *testing.T) {
	b := newNet(t, 1)
	x := b.step(b.input(1, 4, 4, 8))
	weights := b.signs(4*8, 1)
	for i := range weights {
		weights[i] *= []float32{1, 0.25, 0, 4}[i/8]
	}
	w := b.consts([]int{4, 1, 1, 8}, weights...)
	b.output(b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp}, x, w))
	b.convert(0)
	b.wantCodes("Bsign", "BConv2D")
	if got, want := floats(b.g.Nodes[1].Input(2)), []float32{1, 0.25, 0, 4}; !slices.Equal(got, want) {
		t.Errorf("mul is %v, want %v", got, want)
	}
}

// TestBinarizeNoisyWeights checks that straight-through noise is ignored, and the
// mean magnitude taken.
func TestBinarizeNoisyWeights(t *testing.T) {
	b := newNet(t, 1)
	x := b.step(b.input(3, 64))
	weights := b.signs(64*4, 0.03)
	for i := range weights {
		weights[i] *= float32(1 + 1e-6*b.r.Float64())
	}
	b.output(b.matMul(x, b.consts([]int{64, 4}, weights...), false))
	b.convert(1e-5)
	b.wantCodes("Bsign", "BGEMM")
}

func TestPadding(t *testing.T) {
	tests := []struct {
		name     string
		value    float32
		pads     []int64
		convPad  int
		padFirst bool // pad, then sign
		sign     bool // ONNX's Sign behind a batch normalization instead of a step
		value32  int  // the pad value wanted, 2 for a float convolution, 3 for a Pad of its own, 4 for one of each plane
	}{
		{"zero of the convolution", 0, nil, 1, false, false, 0},
		{"one", 1, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, false, false, 1},
		{"minus one, uneven", -1, []int64{0, 0, 2, 0, 0, 3, 1, 0}, 0, false, false, -1},
		{"zero twice", 0, []int64{0, 1, 0, 0, 0, 0, 1, 0}, 1, false, false, 0},
		{"one, then zero", 1, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 1, false, false, 3},
		{"half", 0.5, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, false, false, 2},
		{"channels", 1, []int64{0, 0, 0, 1, 0, 0, 0, 0}, 0, false, false, 3},
		{"channels of zeros", 0, []int64{0, 0, 0, 1, 0, 0, 0, 0}, 0, false, false, 4},
		{"zero before a step", 0, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, true, false, 1},
		{"negative before a step", -0.3, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, true, false, -1},
		{"zero before a sign", 0, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, true, true, 0},
		{"positive before a sign", 3, []int64{0, 1, 1, 0, 0, 1, 1, 0}, 0, true, true, 1},
	}
	for _, test := range tests {
		for _, size := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("%s/map %d", test.name, size), func(t *testing.T) {
				b := newNet(t, 1)
				x := b.input(2, size, size, 3)
				pad := func() {
					if test.pads != nil {
						x = b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(test.pads...), b.scalar(test.value))
					}
				}
				if test.sign {
					x = b.batchNorm(x, b.normal(3), b.normal(3))
				}
				if test.padFirst {
					pad()
				}
				if test.sign {
					x = b.unary(schema.Sign, x)
				} else {
					x = b.step(x)
				}
				if !test.padFirst {
					pad()
				}
				kernel := min(3, x.Shape[1]+2*test.convPad)
				x = b.conv(x, []int{4, kernel, kernel, channels(x)}, 1, nil, window(1, test.convPad))
				b.output(x)
				b.convert(0)
				last := b.g.Nodes[len(b.g.Nodes)-1]
				if test.value32 == 3 {
					b.wantCodes("Bsign", "Bunpack", "Pad", "Bsign", "BConv2D")
					return
				}
				if test.value32 == 4 {
					b.wantCodes("Bsign", "Bunpack", "Pad", "Bsign", "Pad", "Bsign", "BConv2D")
					return
				}
				if test.value32 == 2 {
					if last.Code != schema.Conv2D {
						t.Errorf("ops are %v, want a float convolution", codes(b.g))
					}
					return
				}
				o, ok := last.Options.(*schema.BConv2DOptions)
				signs := 1
				if test.sign {
					signs = 2 // planes
				}
				if !ok || len(b.g.Nodes) != signs+1 {
					t.Fatalf("ops are %v, want %d Bsign and BConv2D", codes(b.g), signs)
				}
				if o.PadValue != test.value32 {
					t.Errorf("pad value is %d, want %d", o.PadValue, test.value32)
				}
			})
		}
	}
}

func TestBinarizeMatMul(t *testing.T) {
	for _, k := range []int{1, 3, 31, 32, 33, 65, 200} {
		t.Run(fmt.Sprintf("weights/%d", k), func(t *testing.T) {
			b := newNet(t, uint64(k))
			b.output(b.dense(b.step(b.input(3, k)), 5, 0.25))
			b.convert(0)
			b.wantCodes("Bsign", "BGEMM")
		})
		t.Run(fmt.Sprintf("transposed weights, three axes/%d", k), func(t *testing.T) {
			b := newNet(t, uint64(k))
			w := b.consts([]int{5, k}, b.signs(5*k, 2)...)
			b.output(b.matMul(b.step(b.input(2, 3, k)), w, true))
			b.convert(0)
			b.wantCodes("Bsign", "BGEMM")
		})
		t.Run(fmt.Sprintf("two activations/%d", k), func(t *testing.T) {
			b := newNet(t, uint64(k))
			b.output(b.matMul(b.step(b.input(2, 3, k)), b.step(b.input(2, 4, k)), true))
			b.convert(0)
			b.wantCodes("Bsign", "Bsign", "BGEMM")
		})
		t.Run(fmt.Sprintf("two activations, packed again/%d", k), func(t *testing.T) {
			b := newNet(t, uint64(k))
			b.output(b.matMul(b.step(b.input(4, k)), b.step(b.input(k, 5)), false))
			b.convert(0)
			b.wantCodes("Bsign", "Bsign", "Bunpack", "Transpose", "Bsign", "BGEMM")
		})
		t.Run(fmt.Sprintf("two activations, a transpose between/%d", k), func(t *testing.T) {
			b := newNet(t, uint64(k))
			y := b.add(schema.Transpose, &schema.TransposeOptions{Perm: []int{0, 2, 1}}, b.step(b.input(2, 4, k)))
			b.output(b.matMul(b.step(b.input(2, 3, k)), y, false))
			b.convert(0)
			b.wantCodes("Bsign", "Bsign", "BGEMM")
		})
	}
}

// TestFlatten checks the dense layer behind a flattened map of bits.
func TestFlatten(t *testing.T) {
	tests := []struct {
		h, w, c int
		want    []string
	}{
		{3, 2, 32, []string{"Bsign", "Flatten", "BGEMM"}},
		{3, 3, 64, []string{"Bsign", "Flatten", "BGEMM"}},
		{1, 1, 33, []string{"Bsign", "Flatten", "BGEMM"}},
		{2, 2, 5, []string{"Bsign", "Bunpack", "Flatten", "Bsign", "BGEMM"}},
		{2, 3, 48, []string{"Bsign", "Bunpack", "Flatten", "Bsign", "BGEMM"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%dx%dx%d", test.h, test.w, test.c), func(t *testing.T) {
			b := newNet(t, 1)
			x := b.step(b.input(2, test.h, test.w, test.c))
			b.output(b.dense(b.flatten(x), 6, 1))
			b.convert(0)
			b.wantCodes(test.want...)
		})
		t.Run(fmt.Sprintf("%dx%dx%d, flattened before the sign", test.h, test.w, test.c), func(t *testing.T) {
			b := newNet(t, 1)
			x := b.step(b.flatten(b.input(2, test.h, test.w, test.c)))
			b.output(b.dense(x, 6, 1))
			b.convert(0)
			want := test.want
			if len(want) > 3 {
				want = []string{"Flatten", "Bsign", "BGEMM"}
			}
			b.wantCodes(want...)
		})
	}
}

// TestStaysFloat checks that nothing but signs with weights of one magnitude becomes
// binary, and that the log says why.
func TestStaysFloat(t *testing.T) {
	conv := func(b *net, x *graph.Value, w []float32) *graph.Value {
		return b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp},
			x, b.consts([]int{2, 1, 1, len(w) / 2}, w...))
	}
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want string // part of the reason
	}{
		{"first layer", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.binary(schema.Mul, x, b.scalar(0.5)), []float32{1, -1, 1, 1, 1, -1})
		}, `first layer: activation comes from the graph input "x0"`},
		{"relu", func(b *net, x *graph.Value) *graph.Value {
			y := b.binary(schema.Mul, x, x)
			y = b.named(b.unary(schema.Relu, y), "relu1")
			return conv(b, y, []float32{1, -1, 1, 1, 1, -1})
		}, `activation is not a sign: Relu "relu1" feeds it`},
		{"zeros and two magnitudes", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.step(x), []float32{-0.02, 0, 0.03, 0.02, 0, 0.02})
		}, "weights take 4 values: -0.02, 0, 0.02, 0.03"},
		{"magnitudes 2 % apart", func(b *net, x *graph.Value) *graph.Value {
			w := b.signs(6, 0.1)
			for i := range w {
				w[i] *= 1 + 0.004*float32(i-3)
			}
			return conv(b, b.step(x), w)
		}, "weights of output channel 0 take 3 values"},
		{"float weights", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.step(b.input(1, 2, 2, 8)), b.normal(16))
		}, "weights of output channel 0 have magnitudes from"},
		{"zero weights", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.step(x), make([]float32, 6))
		}, "weights take 1 values: 0"},
		{"weights with one magnitude per input channel", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.step(x), []float32{1, -2, 3, -1, 2, 3})
		}, "weights of output channel 0 take 3 values: -2, 1, 3"},
		{"second operand not a sign", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(b.step(b.input(2, 3)), b.named(b.unary(schema.Relu, b.input(4, 3)), "r"), true)
		}, "first layer: activation comes from the graph input"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			y := test.make(b, b.input(1, 2, 2, 3))
			b.named(y, "layer")
			b.output(y)
			log := b.convert(0)
			if got := codes(b.g); slices.Contains(got, "BConv2D") || slices.Contains(got, "BGEMM") {
				t.Errorf("ops are %v, want a float layer", got)
			}
			if got := log.Reason("layer"); !strings.Contains(got, test.want) {
				t.Errorf("reason is %q, want it to have %q", got, test.want)
			}
		})
	}
}

func TestRowMagnitudes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := []struct {
		name string
		w    []float32
		rows int
		want []float32 // nil: not binary
	}{
		{"one", []float32{1, -1, 1, 1}, 2, []float32{1, 1}},
		{"per row", []float32{2, -2, 0.5, 0.5}, 2, []float32{2, 0.5}},
		{"dead row", []float32{2, -2, 0, 0}, 2, []float32{2, 0}},
		{"all dead", []float32{0, 0}, 1, nil},
		{"a zero", []float32{1, 0}, 1, nil},
		{"two magnitudes", []float32{1, -2}, 1, nil},
		{"within tolerance", []float32{1, -1.00005}, 1, []float32{1.000025}},
		{"outside tolerance", []float32{1, -1.0002}, 1, nil},
		{"nan", []float32{nan, nan}, 1, nil},
		{"infinite", []float32{inf, -inf}, 1, nil},
		{"empty", nil, 1, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := rowMagnitudes(test.w, test.rows)
			if ok != (test.want != nil) {
				t.Fatalf("binary is %v, want %v", ok, test.want != nil)
			}
			if ok && !slices.Equal(got, test.want) {
				t.Errorf("magnitudes are %v, want %v", got, test.want)
			}
		})
	}
}

// TestSharedSign checks that all readers of a sign share its bits, and a float reader
// keeps its values.
func TestSharedSign(t *testing.T) {
	b := newNet(t, 1)
	x := b.input(1, 4, 4, 8)
	one, two := b.step(x), b.step(x)
	y := b.conv(one, []int{8, 3, 3, 8}, 1, nil, window(1, 1))
	z := b.conv(two, []int{8, 1, 1, 8}, 1, nil, window(1, 0))
	b.output(b.binary(schema.Add, b.binary(schema.Add, y, z), one))
	b.output(two)
	b.convert(0)
	b.wantCodes("Bsign", "Bunpack", "BConv2D", "BConv2D", "Add", "Add")
}
