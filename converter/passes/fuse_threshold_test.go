package passes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// fuseExactly binarizes the net, then runs the other groups, which must not change a
// bit of any output.
func (b *net) fuseExactly() *Log {
	b.t.Helper()
	log := &Log{}
	if err := Run(context.Background(), b.g, []Group{binarizeGroup("binarize", Options{})}, log, Observer{}); err != nil {
		b.t.Fatal(err)
	}
	before := b.g.Clone()
	if err := Run(context.Background(), b.g, myGroups()[1:], log, Observer{}); err != nil {
		b.t.Fatal(err)
	}
	for range 3 {
		in := b.inputs()
		got, want := run(b.t, b.g, in), run(b.t, before, in)
		for i := range want {
			checkEqual(b.t, fmt.Sprintf("output %d", i), got[i], want[i], 0)
		}
	}
	if b.t.Failed() {
		b.t.Logf("before:\n%v\nafter:\n%v", before, b.g)
	}
	return log
}

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// TestFuseThreshold follows each kind of scale and bias through every style of sign,
// on a convolution with zero padding, whose sums are 0 as well.
func TestFuseThreshold(t *testing.T) {
	scales := []struct {
		name        string
		scale, bias float32
	}{
		{"positive", 0.7, 0.3},
		{"negative", -0.7, 0.3},
		{"ties at sums", 1, -2},
		{"ties at sums, negative", -0.5, 1},
		{"ties at 0", 3, 0},
		{"zero scale, positive", 0, 1},
		{"zero scale, negative", 0, -1},
		{"zero scale, tie", 0, 0},
		{"negative zero", float32(math.Copysign(0, -1)), 0},
		{"tiny", 1e-42, 0},
		{"tiny, with bias", 1e-30, 1e-30},
		{"underflow", math.SmallestNonzeroFloat32 / 2, 0},
		{"infinite", inf, 0},
		{"minus infinite", -inf, 0},
		{"infinite both", inf, -inf},
		{"huge", 3e38, 1},
		{"bias out of range", 1, 1000},
		{"bias out of range below", 1, -1000},
		{"nan", nan, 0},
		{"nan bias", 1, nan},
		{"infinite bias", -2, inf},
	}
	styles := slices.Clone(signStyles)
	for _, s := range scales {
		for _, style := range styles {
			t.Run(s.name+"/"+style.name, func(t *testing.T) {
				b := newNet(t, 7)
				x := b.step(b.input(2, 3, 3, 3))
				y := b.conv(x, []int{3, 3, 3, 3}, 1, nil, window(1, 1))
				y = b.batchNorm(y, []float32{s.scale, 1, -1}, []float32{s.bias, 2, 3})
				b.output(style.make(b, y))
				b.fuseExactly()
				b.wantCodes("Bsign", "BConv2D", "Bunpack")
			})
		}
	}
}

// TestFuseThresholdExactlyAsFloat compares with the float network itself.
func TestFuseThresholdExactlyAsFloat(t *testing.T) {
	for _, style := range signStyles {
		t.Run(style.name, func(t *testing.T) {
			b := newNet(t, 8)
			x := style.make(b, b.input(2, 6, 5, 33))
			x = b.conv(x, []int{7, 3, 3, 33}, 0.25, []float32{1, 2, 3, 0, -1, -2, -3}, window(2, 1))
			x = style.make(b, b.batchNorm(x, b.normal(7), b.normal(7)))
			x = b.flatten(x)
			x = b.dense(x, 5, 0.5)
			x = style.make(b, b.batchNorm(x, b.normal(5), b.normal(5)))
			b.output(b.dense(x, 4, 1))
			b.convert(0)
			want := []string{"Bsign", "BConv2D", "Bunpack", "Flatten", "Bsign", "BGEMM", "BGEMM"}
			b.wantCodes(want...)
		})
	}
}

// TestThresholdValues states thresholds that can be computed by hand.
func TestThresholdValues(t *testing.T) {
	b := newNet(t, 9)
	x := b.step(b.input(1, 4))
	y := b.dense(x, 6, 0.5)
	// 0.5*dot*s + t >= 0
	y = b.batchNorm(y, []float32{2, 2, -2, 0, 0, -2}, []float32{1, -2.5, 3, 1, -1, -4})
	b.output(b.step(y))
	b.fuseExactly()
	op := b.g.Nodes[1]
	got := slices.Clone(ops.View[int32](op.Input(4).Const))
	want := []int32{-1, 3, -3, math.MinInt32, math.MaxInt32, 4}
	if !slices.Equal(got, want) {
		t.Errorf("thresholds are %v, want %v", got, want)
	}
}

// TestFuseThresholdChains fuses other arithmetic than a batch normalization.
func TestFuseThresholdChains(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net, y *graph.Value) *graph.Value
		want []string
	}{
		{"relu", func(b *net, y *graph.Value) *graph.Value {
			return b.batchNorm(b.unary(schema.Relu, y), []float32{1, -1, 0.5}, []float32{-2, 1, 0})
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"clip", func(b *net, y *graph.Value) *graph.Value { return b.clip(y, -1, 1) }, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"sub div", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Div, b.binary(schema.Sub, y, b.consts([]int{3}, 1, 2, 3)), b.consts([]int{3}, 3, -0.1, 7))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"constant minus", func(b *net, y *graph.Value) *graph.Value { return b.binary(schema.Sub, b.scalar(2), y) }, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"division by zero", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Div, y, b.consts([]int{3}, 0, 1, float32(math.Copysign(0, -1))))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"two batch norms", func(b *net, y *graph.Value) *graph.Value {
			return b.batchNorm(b.batchNorm(y, []float32{-1, 2, 3}, []float32{1, 2, 3}), []float32{-3, 0.3, -0.1}, []float32{1, 1, 1})
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"leaky", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.LeakyRelu, Alpha: 0.1}, y), b.scalar(0.7))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"prelu", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.PRelu, y, b.consts([]int{3}, 0, 0.25, 2)), b.consts([]int{3}, 1, 2, -3))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"prelu with a negative slope", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Sub, b.binary(schema.PRelu, y, b.consts([]int{3}, -1, -1, -1)), b.scalar(3.5))
		}, []string{"Bsign", "BConv2D", "PRelu", "Bsign", "Bunpack"}},
		{"prelu with a negative slope that has no effect", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.PRelu, y, b.consts([]int{3}, -1, -1, -1)), b.scalar(3.5))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"sigmoid", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Sub, b.unary(schema.Sigmoid, y), b.scalar(0.5))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
		{"exp", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Sub, b.unary(schema.Exp, y), b.scalar(0.5))
		}, []string{"Bsign", "BConv2D", "Bunpack"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 10)
			x := b.step(b.input(2, 4, 4, 5))
			y := b.conv(x, []int{3, 3, 3, 5}, 1, nil, window(1, 1))
			b.output(b.step(test.make(b, y)))
			b.fuseExactly()
			b.wantCodes(test.want...)
		})
	}
}

// TestFuseThresholdOtherReaders checks that a float value with other readers stays.
func TestFuseThresholdOtherReaders(t *testing.T) {
	for _, sign := range []float32{1, -1} {
		t.Run(fmt.Sprint(sign), func(t *testing.T) {
			b := newNet(t, 11)
			x := b.step(b.input(2, 4, 4, 8))
			y := b.conv(x, []int{8, 3, 3, 8}, 1, nil, window(1, 1))
			scale := slices.Repeat([]float32{0.5, sign}, 4)
			y = b.batchNorm(y, scale, slices.Repeat([]float32{0.5, 0.25, 3, -1}, 2))
			b.output(b.conv(b.step(y), []int{4, 1, 1, 8}, 1, nil, window(1, 0)))
			b.output(y)
			b.fuseExactly()
			b.wantCodes("Bsign", "BConv2D", "BConv2D")
			if got := len(b.g.Nodes[1].Outputs); got != 2 {
				t.Errorf("the first convolution has %d outputs, want 2", got)
			}
		})
	}
}

// TestFuseThresholdBehindClamps fuses an operator that clamps its sums, and the scaled
// ones, already.
func TestFuseThresholdBehindClamps(t *testing.T) {
	for _, test := range []struct {
		name      string
		pre, post schema.Clamp
	}{
		{"sums", schema.Clamp{Min: -3, Max: 2}, schema.NoClamp},
		{"scaled sums", schema.NoClamp, schema.Clamp{Min: -1, Max: 1.5}},
		{"both", schema.Clamp{Min: 0, Max: inf}, schema.Clamp{Min: -inf, Max: 1.5}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 28)
			y := b.dense(b.step(b.input(40, 33)), 6, 0.5)
			b.output(b.step(b.batchNorm(y, []float32{1, -1, 1, -1, 2, 2}, []float32{1.25, -0.75, -1.5, 1.5, 2, -2})))
			if err := Run(context.Background(), b.g, []Group{binarizeGroup("binarize", Options{})}, &Log{}, Observer{}); err != nil {
				t.Fatal(err)
			}
			setEpilogueClamps(b.g.Nodes[1], test.pre, test.post)
			b.fuseExactly()
			b.wantCodes("Bsign", "BGEMM", "Bunpack")
		})
	}
}

// TestMaxPool checks the orders of pooling, batch normalization and sign.
func TestMaxPool(t *testing.T) {
	positive, mixed := []float32{1, 0.5, 2}, []float32{1, -0.5, -2}
	bias := []float32{0.5, 1, -3}
	tests := []struct {
		name string
		make func(b *net, y *graph.Value) *graph.Value
		want []string
	}{
		{"sign, pool", func(b *net, y *graph.Value) *graph.Value {
			return b.maxPool(b.step(b.batchNorm(y, mixed, bias)), 2, 2)
		}, []string{"Bsign", "BConv2D", "BMaxPool2D", "Bunpack"}},
		{"batch norm, pool, sign", func(b *net, y *graph.Value) *graph.Value {
			return b.step(b.maxPool(b.batchNorm(y, mixed, bias), 2, 2))
		}, []string{"Bsign", "BConv2D", "BMaxPool2D", "Bunpack"}},
		{"pool, batch norm, sign", func(b *net, y *graph.Value) *graph.Value {
			return b.step(b.batchNorm(b.maxPool(y, 2, 2), positive, bias))
		}, []string{"Bsign", "BConv2D", "BMaxPool2D", "Bunpack"}},
		{"pool, batch norm with negative scales, sign", func(b *net, y *graph.Value) *graph.Value {
			return b.step(b.batchNorm(b.maxPool(y, 2, 2), mixed, bias))
		}, []string{"Bsign", "BConv2D", "Pool2D", "Bsign", "Bunpack"}},
		{"batch norm, pool, inverted sign", func(b *net, y *graph.Value) *graph.Value {
			y = b.maxPool(b.batchNorm(y, mixed, bias), 2, 1)
			return b.where(b.binary(schema.Greater, y, b.scalar(0)), -1, 1)
		}, []string{"Bsign", "BConv2D", "Pool2D", "Bsign", "Bunpack"}},
		{"batch norm, pool, less", func(b *net, y *graph.Value) *graph.Value {
			y = b.maxPool(b.batchNorm(y, mixed, bias), 3, 2)
			return b.where(b.binary(schema.Less, y, b.scalar(0)), -1, 1)
		}, []string{"Bsign", "BConv2D", "BMaxPool2D", "Bunpack"}},
		{"batch norm, pool, relu-free clip, sign", func(b *net, y *graph.Value) *graph.Value {
			return b.step(b.clip(b.maxPool(b.batchNorm(y, mixed, bias), 2, 2), -1, 1))
		}, []string{"Bsign", "BConv2D", "BMaxPool2D", "Bunpack"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 12)
			x := b.step(b.input(2, 6, 6, 5))
			y := b.conv(x, []int{3, 3, 3, 5}, 1, nil, window(1, 1))
			b.output(test.make(b, y))
			b.convert(0)
			b.wantCodes(test.want...)
		})
	}
}

// TestFuseSignAffine checks that a batch normalization before a sign of floats is
// folded into the threshold, exactly.
func TestFuseSignAffine(t *testing.T) {
	tests := []struct {
		name        string
		scale, bias []float32
		want        []string
	}{
		{"positive", []float32{0.3, 2, 1}, []float32{0.1, -1, 0}, []string{"Bsign", "Bunpack"}},
		{"negative", []float32{-0.3, 2, -1}, []float32{0.1, -1, 0}, []string{"Bsign", "Bunpack"}},
		{"tiny", []float32{1e-30, -1e-44, 1e-44}, []float32{1e-44, 0, -1e-40}, []string{"Bsign", "Bunpack"}},
		{"huge", []float32{3e38, -3e38, 1}, []float32{-3e38, 3e38, 3e38}, []string{"Bsign", "Bunpack"}},
		{"zero scale", []float32{0, 1, 1}, []float32{1, 1, 1}, []string{"Mul", "Bsign", "Bunpack"}},
		{"infinite scale", []float32{inf, 1, 1}, []float32{1, 1, 1}, []string{"Mul", "Bsign", "Bunpack"}},
	}
	for _, test := range tests {
		for _, style := range signStyles {
			t.Run(test.name+"/"+style.name, func(t *testing.T) {
				b := newNet(t, 13)
				b.output(style.make(b, b.batchNorm(b.input(50, 3), test.scale, test.bias)))
				b.convert(0)
				b.wantCodes(test.want...)
			})
		}
	}
}

// TestFuseRandom fuses random chains behind random binary operators.
func TestFuseRandom(t *testing.T) {
	property(t, func(r *rapid.T) {
		b := newNet(t, rapid.Uint64().Draw(r, "seed"))
		size := rapid.SampledFrom([]int{1, 3, 4, 31, 33, 65}).Draw(r, "channels")
		out := rapid.IntRange(1, 5).Draw(r, "filters")
		var y *graph.Value
		if rapid.Bool().Draw(r, "dense") {
			y = b.dense(b.step(b.input(3, size)), out, 0.5)
		} else {
			kernel := rapid.IntRange(1, 3).Draw(r, "kernel")
			win := window(rapid.IntRange(1, 2).Draw(r, "stride"), rapid.IntRange(0, 2).Draw(r, "pad"))
			x := b.step(b.input(1, rapid.IntRange(3, 5).Draw(r, "map"), 3, size))
			y = b.conv(x, []int{out, kernel, kernel, size}, 0.5, b.normal(out), win)
		}
		number := rapid.SampledFrom([]float32{0, 0.5, 1, -1, -0.25, 2, 1e-3, -1e-40, 7.1, -1.3, 1e30, inf})
		row := func(name string) *graph.Value {
			k := make([]float32, out)
			for i := range k {
				k[i] = number.Draw(r, name)
			}
			return b.consts([]int{out}, k...)
		}
		for range rapid.IntRange(0, 4).Draw(r, "steps") {
			kinds := []schema.BinaryKind{schema.Add, schema.Mul, schema.Sub, schema.Div, schema.PRelu, schema.Max, schema.Min}
			switch k := rapid.IntRange(0, len(kinds)+2).Draw(r, "step"); k {
			case len(kinds):
				y = b.unary(schema.Relu, y)
			case len(kinds) + 1:
				y = b.clip(y, -1, 2)
			case len(kinds) + 2:
				y = b.unary(schema.Neg, y)
			default:
				y = b.binary(kinds[k], y, row("constant"))
			}
		}
		if rapid.IntRange(0, 3).Draw(r, "other reader") == 0 {
			b.output(b.unary(schema.Sqrt, y))
		}
		style := signStyles[rapid.IntRange(0, len(signStyles)-1).Draw(r, "sign")]
		b.output(style.make(b, y))
		b.fuseBits(r)
	})
}

// fuseBits is fuseExactly for the last output, the one of signs.
func (b *net) fuseBits(r *rapid.T) {
	log := &Log{}
	if err := Run(context.Background(), b.g, []Group{binarizeGroup("binarize", Options{})}, log, Observer{}); err != nil {
		r.Fatal(err)
	}
	before := b.g.Clone()
	if err := Run(context.Background(), b.g, myGroups()[1:], log, Observer{}); err != nil {
		r.Fatal(err)
	}
	in := b.inputs()
	got, want := run(b.t, b.g, in), run(b.t, before, in)
	last := len(want) - 1
	if !slices.Equal(got[last], want[last]) {
		r.Fatalf("signs are %v, want %v\nbefore:\n%v\nafter:\n%v", got[last], want[last], before, b.g)
	}
}
