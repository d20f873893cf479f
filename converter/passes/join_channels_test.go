package passes

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestJoinedChannels checks that what reads maps joined along their channels reads the
// parts, where that saves a copy, and gives the same to the bit.
func TestJoinedChannels(t *testing.T) {
	join := func(b *net, parts ...*graph.Value) *graph.Value {
		return b.add(schema.Concat, &schema.AxisOptions{Axis: -1}, parts...)
	}
	norm := func(b *net, y *graph.Value) *graph.Value {
		return b.batchNorm(y, b.normal(channels(y)), b.normal(channels(y)))
	}
	// layer is a binary layer of c channels behind a normalization.
	layer := func(b *net, x *graph.Value, c int) *graph.Value {
		return b.conv(b.step(norm(b, x)), []int{c, 3, 3, channels(x)}, 0.5, nil, window(1, 1))
	}
	pad := func(b *net, x *graph.Value, before, after int64) *graph.Value {
		return b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 0, 0, before, 0, 0, 0, after))
	}
	pool := func(b *net, x *graph.Value) *graph.Value { return b.maxPool(x, 2, 2) }
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
				x = join(b, x, layer(b, x, 32))
			}
			b.output(x)
		}, map[string]int{"Bsign": 1 + 2 + 3, "Concat": 2 + 1, "BConv2D": 3}},
		{"dense block of odd sizes", func(b *net, x *graph.Value) {
			for range 2 {
				x = join(b, x, layer(b, x, 5))
			}
			b.output(layer(b, x, 4))
		}, map[string]int{"Bsign": 1 + 2 + 1, "Concat": 1 + 1, "BConv2D": 3}},
		{"last part odd", func(b *net, x *graph.Value) {
			b.output(layer(b, join(b, x, layer(b, x, 5)), 4))
		}, map[string]int{"Bsign": 3, "Concat": 1, "BConv2D": 2}},
		{"part improved", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 32))
			x = b.binary(schema.Add, x, pad(b, layer(b, x, 32), 32, 0))
			b.output(layer(b, x, 4))
		}, map[string]int{"Pad": 0, "Add": 1, "Concat": 2, "Bsign": 5}},
		{"first part improved, from the left", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 64))
			x = b.binary(schema.Add, pad(b, layer(b, x, 32), 0, 64), x)
			b.output(layer(b, x, 4))
		}, map[string]int{"Pad": 0, "Add": 1, "Concat": 2, "Bsign": 5}},
		{"half a part improved", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 64))
			b.output(b.binary(schema.Add, x, pad(b, layer(b, x, 32), 32, 32)))
		}, map[string]int{"Pad": 1, "Add": 1}},
		{"padded with another number", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 32))
			z := b.add(schema.Pad, &schema.PadOptions{}, layer(b, x, 32), b.ints(0, 0, 0, 32, 0, 0, 0, 0), b.scalar(1))
			b.output(b.binary(schema.Add, x, z))
		}, map[string]int{"Pad": 1, "Add": 1}},
		{"pooled", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 32))
			b.output(b.unary(schema.Relu, pool(b, norm(b, x))))
		}, map[string]int{"Pool2D": 2, "Concat": 1, "Mul": 2, "Add": 2, "Relu": 2}},
		{"pooled, read twice behind", func(b *net, x *graph.Value) {
			x = pool(b, norm(b, join(b, x, layer(b, x, 5))))
			b.output(b.unary(schema.Relu, x))
			b.output(b.unary(schema.Tanh, x))
		}, map[string]int{"Pool2D": 2, "Concat": 1, "Relu": 1, "Tanh": 1}},
		{"pooled, read before", func(b *net, x *graph.Value) {
			y := norm(b, join(b, x, layer(b, x, 32)))
			b.output(y)
			b.output(pool(b, y))
		}, map[string]int{"Pool2D": 1, "Concat": 1, "Mul": 1, "Add": 1}},
		{"a reader of floats", func(b *net, x *graph.Value) {
			x = join(b, x, layer(b, x, 32))
			b.output(b.unary(schema.Tanh, x))
			b.output(layer(b, x, 4))
		}, map[string]int{"Bsign": 2, "Concat": 1}},
		{"joined along the height", func(b *net, x *graph.Value) {
			x = b.add(schema.Concat, &schema.AxisOptions{Axis: 1}, x, layer(b, x, 32))
			b.output(pool(b, x))
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
