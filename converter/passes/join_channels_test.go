package passes

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// TestJoinedChannels checks that what reads maps joined along their channels reads the
// parts, where that saves a copy, and gives the same to the bit.
func TestJoinedChannels(t *testing.T) {
	count := func(b *net, code string) int {
		n := 0
		for _, c := range codes(b.g) {
			if c == code {
				n++
			}
		}
		return n
	}
	tests := []struct {
		name string
		make func(b *net, x *graph.Value)
		want map[string]int
	}{
		{"dense block", func(b *net, x *graph.Value) {
			for range 3 {
				x = joined(b, x, binaryLayer(b, x, 32))
			}
			b.output(x)
		}, map[string]int{"Bsign": 1 + 2 + 3, "Concat": 2 + 1, "BConv2D": 3}},
		{"dense block of odd sizes", func(b *net, x *graph.Value) {
			for range 2 {
				x = joined(b, x, binaryLayer(b, x, 5))
			}
			b.output(binaryLayer(b, x, 4))
		}, map[string]int{"Bsign": 1 + 2 + 1, "Concat": 1 + 1, "BConv2D": 3}},
		{"last part odd", func(b *net, x *graph.Value) {
			b.output(binaryLayer(b, joined(b, x, binaryLayer(b, x, 5)), 4))
		}, map[string]int{"Bsign": 3, "Concat": 1, "BConv2D": 2}},
		{"part improved", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 32))
			x = b.binary(schema.Add, x, paddedChannels(b, binaryLayer(b, x, 32), 32, 0))
			b.output(binaryLayer(b, x, 4))
		}, map[string]int{"Pad": 0, "Add": 1, "Concat": 2, "Bsign": 5}},
		{"first part improved, from the left", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 64))
			x = b.binary(schema.Add, paddedChannels(b, binaryLayer(b, x, 32), 0, 64), x)
			b.output(binaryLayer(b, x, 4))
		}, map[string]int{"Pad": 0, "Add": 1, "Concat": 2, "Bsign": 5}},
		{"half a part improved", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 64))
			b.output(b.binary(schema.Add, x, paddedChannels(b, binaryLayer(b, x, 32), 32, 32)))
		}, map[string]int{"Pad": 1, "Add": 1}},
		{"padded with another number", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 32))
			z := b.add(schema.Pad, &schema.PadOptions{}, binaryLayer(b, x, 32), b.ints(0, 0, 0, 32, 0, 0, 0, 0), b.scalar(1))
			b.output(b.binary(schema.Add, x, z))
		}, map[string]int{"Pad": 1, "Add": 1}},
		{"pooled", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 32))
			b.output(b.unary(schema.Relu, pooled(b, normed(b, x))))
		}, map[string]int{"Pool2D": 2, "Concat": 1, "Mul": 2, "Add": 2, "Relu": 2}},
		{"pooled, read twice behind", func(b *net, x *graph.Value) {
			x = pooled(b, normed(b, joined(b, x, binaryLayer(b, x, 5))))
			b.output(b.unary(schema.Relu, x))
			b.output(b.unary(schema.Tanh, x))
		}, map[string]int{"Pool2D": 2, "Concat": 1, "Relu": 1, "Tanh": 1}},
		{"pooled, read before", func(b *net, x *graph.Value) {
			y := normed(b, joined(b, x, binaryLayer(b, x, 32)))
			b.output(y)
			b.output(pooled(b, y))
		}, map[string]int{"Pool2D": 1, "Concat": 1, "Mul": 1, "Add": 1}},
		{"a reader of floats", func(b *net, x *graph.Value) {
			x = joined(b, x, binaryLayer(b, x, 32))
			b.output(b.unary(schema.Tanh, x))
			b.output(binaryLayer(b, x, 4))
		}, map[string]int{"Bsign": 2, "Concat": 1}},
		{"joined along the height", func(b *net, x *graph.Value) {
			x = b.add(schema.Concat, &schema.AxisOptions{Axis: 1}, x, binaryLayer(b, x, 32))
			b.output(pooled(b, x))
		}, map[string]int{"Concat": 1, "Pool2D": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 72)
			test.make(b, b.input(2, 6, 6, 32))
			b.convert(0)
			for code, want := range test.want {
				if got := count(b, code); got != want {
					t.Errorf("%d operators %s, want %d; all are %v", got, code, want, slices.Sorted(slices.Values(codes(b.g))))
				}
			}
		})
	}
}

// TestRandomJoins joins, improves and pools parts of maps in any order, and holds what is
// converted to the float network, bit for bit.
func TestRandomJoins(t *testing.T) {
	property(t, func(r *rapid.T) {
		b := newNet(t, rapid.Uint64().Draw(r, "seed"))
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
		some := func(name string) int { return rapid.SampledFrom([]int{5, 32, 64}).Draw(r, name) }
		x := b.input(2, draw("map", 2, 6), 6, some("channels"))
		at := []int{0, channels(x)} // where parts begin, and the end
		for range draw("steps", 1, 8) {
			end := channels(x)
			switch draw("step", 0, 5) {
			case 0, 1:
				x = joined(b, x, binaryLayer(b, x, some("growth")))
				at = append(at, channels(x))
			case 2, 3:
				i := draw("part", 0, len(at)-2)
				from, to := at[i], at[i+1]
				if draw("half a part", 0, 4) == 0 {
					to = (from + to + 1) / 2
				}
				z := paddedChannels(b, binaryLayer(b, x, to-from), int64(from), int64(end-to))
				if draw("from the left", 0, 1) == 0 {
					x = b.binary(schema.Add, z, x)
				} else {
					x = b.binary(schema.Add, x, z)
				}
			case 4:
				if draw("norm", 0, 1) == 0 {
					x = normed(b, x)
				}
				if min(x.Shape[1], x.Shape[2]) > 1 {
					x = b.maxPool(x, 2, 1)
				}
				if draw("relu", 0, 1) == 0 {
					x = b.unary(schema.Relu, x)
				}
			case 5:
				b.output(x)
			}
		}
		b.output(binaryLayer(b, x, 3))
		before := b.g.Clone()
		if err := Run(context.Background(), b.g, myGroups(), &Log{}, Observer{}); err != nil {
			r.Fatal(err)
		}
		in := b.inputs()
		got, want := run(b.t, b.g, in), run(b.t, before, in)
		for i := range want {
			checkEqual(r, fmt.Sprintf("output %d\nbefore:\n%v\nafter:\n%v", i, before, b.g), got[i], want[i], 0)
		}
	})
}

// joined joins maps along their channels.
func joined(b *net, parts ...*graph.Value) *graph.Value {
	return b.add(schema.Concat, &schema.AxisOptions{Axis: -1}, parts...)
}

func normed(b *net, x *graph.Value) *graph.Value {
	return b.batchNorm(x, b.normal(channels(x)), b.normal(channels(x)))
}

// binaryLayer is a binary layer of c channels behind a normalization.
func binaryLayer(b *net, x *graph.Value, c int) *graph.Value {
	return b.conv(b.step(normed(b, x)), []int{c, 3, 3, channels(x)}, 0.5, nil, window(1, 1))
}

// paddedChannels puts channels of zeros around those of x.
func paddedChannels(b *net, x *graph.Value, before, after int64) *graph.Value {
	return b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 0, 0, before, 0, 0, 0, after))
}

func pooled(b *net, x *graph.Value) *graph.Value { return b.maxPool(x, 2, 2) }
