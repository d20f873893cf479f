package passes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestTernary checks which layers behind a Sign that can be 0 read two planes, and that
// their results are exact. The inputs have zeros of both signs.
func TestTernary(t *testing.T) {
	sign := func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Sign, x) }
	bn := func(b *net, x *graph.Value) *graph.Value {
		return b.batchNorm(x, []float32{1, -2, 3}, []float32{0, 0, 0.5})
	}
	conv := func(b *net, x *graph.Value) *graph.Value {
		return b.conv(x, []int{5, 3, 3, channels(x)}, 1, nil, window(1, 1))
	}
	planes := func(ops ...string) []string { return append([]string{"Bsign", "Bsign"}, ops...) }
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want []string
	}{
		{"zero padding", func(b *net, x *graph.Value) *graph.Value { return conv(b, sign(b, x)) }, planes("BConv2D")},
		{"strided", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(sign(b, x), []int{5, 3, 3, 3}, 1, nil, window(2, 1))
		}, planes("BConv2D")},
		{"batch norm", func(b *net, x *graph.Value) *graph.Value { return conv(b, sign(b, bn(b, x))) }, planes("BConv2D")},
		{"clip", func(b *net, x *graph.Value) *graph.Value { return conv(b, sign(b, b.clip(x, -1, 1))) }, planes("BConv2D")},
		{"residual", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, sign(b, b.binary(schema.Add, bn(b, x), x)))
		}, append([]string{"Mul", "Add", "Add"}, planes("BConv2D")...)},
		{"dense", func(b *net, x *graph.Value) *graph.Value { return b.dense(sign(b, b.flatten(x)), 7, 1) },
			[]string{"Flatten", "Bsign", "Bsign", "BGEMM"}},
		{"scaled", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.binary(schema.Mul, sign(b, x), b.scalar(0.5)))
		}, planes("BConv2D")},
		{"pool", func(b *net, x *graph.Value) *graph.Value { return conv(b, b.maxPool(sign(b, x), 2, 2)) },
			[]string{"Bsign", "BMaxPool2D", "Bsign", "BMaxPool2D", "BConv2D"}},
		{"negated", func(b *net, x *graph.Value) *graph.Value { return conv(b, b.unary(schema.Neg, sign(b, x))) }, nil},
		{"pad with 1", func(b *net, x *graph.Value) *graph.Value {
			x = b.add(schema.Pad, &schema.PadOptions{}, sign(b, x), b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(1))
			return b.conv(x, []int{5, 3, 3, 3}, 1, nil, window(1, 0))
		}, planes("BConv2D")},
		{"concat with signs", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, b.add(schema.Concat, &schema.AxisOptions{Axis: 3}, sign(b, x), b.step(x)))
		}, nil},
		{"two readers", func(b *net, x *graph.Value) *graph.Value {
			y := sign(b, x)
			return b.binary(schema.Add, conv(b, y), conv(b, y))
		}, nil},
		{"second operand", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(b.consts([]int{3, 6}, b.signs(18, 1)...), sign(b, x), false)
		}, nil},
		{"two operands", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(sign(b, x), sign(b, b.input(2, 6, 6, 3)), true)
		}, []string{"Bsign", "Bsign", "Bsign", "Bsign", "BGEMM", "BGEMM", "Add", "Mul"}},
		{"second activation", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(b.step(x), sign(b, b.input(2, 6, 3, 4)), false)
		}, nil},
		{"sums with ties", func(b *net, x *graph.Value) *graph.Value {
			y := b.conv(b.step(x), []int{4, 2, 2, 3}, 1, nil, window(1, 0))
			return conv(b, sign(b, y))
		}, nil},
		{"sums of a layer with planes", func(b *net, x *graph.Value) *graph.Value {
			return conv(b, sign(b, b.binary(schema.Add, conv(b, sign(b, x)), b.scalar(0.5))))
		}, planes("BConv2D", "BConv2D")},
		{"sums of a layer with planes, whose parity is open", func(b *net, x *graph.Value) *graph.Value {
			y := b.conv(sign(b, x), []int{4, 1, 1, 3}, 1, nil, window(1, 0))
			return conv(b, sign(b, y))
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 9)
			b.output(test.make(b, b.input(2, 6, 6, 3)))
			b.convert(0)
			got := codes(b.g)
			if slices.ContainsFunc(got, func(c string) bool { return c == "Sign" || c == "Conv2D" || c == "MatMul" }) {
				t.Errorf("ops are %v, want packed ones only", got)
			}
			if test.want != nil && !slices.Equal(sorted(got), sorted(test.want)) {
				t.Errorf("ops are %v, want %v", got, test.want)
			}
		})
	}
}

func sorted(x []string) []string { return slices.Sorted(slices.Values(x)) }

// TestTernaryOutput checks that readers other than layers keep the Sign.
func TestTernaryOutput(t *testing.T) {
	b := newNet(t, 1)
	x := b.unary(schema.Sign, b.input(3, 8))
	b.output(x)
	b.output(b.dense(x, 4, 1))
	b.convert(0)
	if got, want := sorted(codes(b.g)), []string{"BGEMM", "Bsign", "Bsign", "Sign"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("ops are %v, want %v", got, want)
	}
}

// TestTernaryWeights checks layers with weights of -a, 0 and +a, behind signs and behind
// values that can be 0.
func TestTernaryWeights(t *testing.T) {
	weights := func(b *net, outputs, size int) []float32 {
		w := make([]float32, outputs*size)
		for i := range w {
			w[i] = float32(b.r.IntN(3)-1) * []float32{0.5, 2, 1}[i/size%3]
		}
		return w
	}
	conv := func(groups int) func(b *net, x *graph.Value) *graph.Value {
		return func(b *net, x *graph.Value) *graph.Value {
			size := 9 * channels(x) / groups
			o := &schema.Conv2DOptions{Window: window(1, 1), Groups: groups, Clamp: schema.NoClamp}
			return b.add(schema.Conv2D, o, x, b.consts([]int{6, 3, 3, channels(x) / groups}, weights(b, 6, size)...))
		}
	}
	layers := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
	}{
		{"conv", conv(1)},
		{"two groups", conv(2)},
		{"depthwise", conv(6)},
		{"padded with 1", func(b *net, x *graph.Value) *graph.Value {
			x = b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(1))
			o := &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp}
			return b.add(schema.Conv2D, o, x, b.consts([]int{3, 3, 3, 6}, weights(b, 3, 54)...))
		}},
		{"dense", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(b.flatten(x), b.consts([]int{7, 150}, weights(b, 7, 150)...), true)
		}},
		{"dense, weights not transposed", func(b *net, x *graph.Value) *graph.Value {
			w := transposed(weights(b, 7, 150), 7, 150)
			return b.matMul(b.flatten(x), b.consts([]int{150, 7}, w...), false)
		}},
	}
	for _, layer := range layers {
		for _, ternary := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/zeros %v", layer.name, ternary), func(t *testing.T) {
				b := newNet(t, 5)
				x := b.input(2, 5, 5, 6)
				if ternary {
					x = b.unary(schema.Sign, x)
				} else {
					x = b.step(x)
				}
				y := layer.make(b, x)
				b.output(y)
				b.output(b.step(y))
				b.convert(0)
				got := codes(b.g)
				if slices.ContainsFunc(got, func(c string) bool { return c == "Sign" || c == "Conv2D" || c == "MatMul" }) {
					t.Errorf("ops are %v, want packed ones only", got)
				}
			})
		}
	}
}

// TestSignZeroPlus checks that a Sign before a layer gives +1 for 0 on demand, that the log
// names it, and that other Signs stay exact.
func TestSignZeroPlus(t *testing.T) {
	b := newNet(t, 1)
	x := b.input(3, 8)
	b.output(b.dense(b.named(b.unary(schema.Sign, x), "first"), 4, 1))
	b.output(b.unary(schema.Sign, b.binary(schema.Add, x, b.scalar(1))))
	want := newNet(t, 1)
	z := want.input(3, 8)
	want.output(want.dense(want.where(want.binary(schema.GreaterOrEqual, z, want.scalar(0)), 1, -1), 4, 1))
	log := &Log{}
	groups := []Group{binarizeGroup("binarize", Options{SignZeroPlus: true}), fuseGroup()}
	if err := Run(t.Context(), b.g, groups, log, Observer{}); err != nil {
		t.Fatal(err)
	}
	b.wantCodes("Bsign", "BGEMM", "Add", "Sign")
	if len(log.TakenAsPlus) != 1 || !strings.Contains(log.TakenAsPlus[0], "first") {
		t.Errorf("taken as +1: %v, want the first Sign", log.TakenAsPlus)
	}
	in := b.inputs()
	checkEqual(t, "output", run(t, b.g, in)[0], run(t, want.g, in)[0], 0)
}
