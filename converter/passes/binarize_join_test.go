package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestSignsOverJoins checks that signs meet their layers, and stay packed, across ops that
// join, cut and move whole rows of channels.
func TestSignsOverJoins(t *testing.T) {
	axis := func(a int) *schema.AxisOptions { return &schema.AxisOptions{Axis: a} }
	conv := func(b *net, x *graph.Value, c int) *graph.Value {
		return b.conv(x, []int{c, 3, 3, channels(x)}, 1, nil, window(1, 1))
	}
	norm := func(b *net, y *graph.Value) *graph.Value {
		return b.batchNorm(y, b.normal(channels(y)), b.normal(channels(y)))
	}
	// Each makes values of x, signs of 3 channels; the next layer reads the signs of the result.
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want []string
	}{
		{"rows joined", func(b *net, x *graph.Value) *graph.Value {
			return norm(b, b.add(schema.Concat, axis(1), conv(b, x, 5), conv(b, x, 5)))
		}, []string{"Bsign", "BConv2D", "BConv2D", "Concat", "BConv2D"}},
		{"rows cut", func(b *net, x *graph.Value) *graph.Value {
			return norm(b, b.add(schema.Slice, nil, conv(b, x, 5), b.ints(1, 2), b.ints(4, 6), b.ints(1, 2)))
		}, []string{"Bsign", "BConv2D", "Slice", "BConv2D"}},
		{"phases interleaved", func(b *net, x *graph.Value) *graph.Value {
			phase := func() *graph.Value { return b.add(schema.Unsqueeze, nil, conv(b, x, 5), b.ints(3)) }
			y := b.add(schema.Concat, axis(3), phase(), phase())
			return norm(b, b.add(schema.Reshape, &schema.ReshapeOptions{}, y, b.ints(0, 0, -1, 5)))
		}, []string{"Bsign", "BConv2D", "BConv2D", "Unsqueeze", "Unsqueeze", "Concat", "Reshape", "BConv2D"}},
		{"channels joined", func(b *net, x *graph.Value) *graph.Value {
			return norm(b, b.add(schema.Concat, axis(3), conv(b, x, 5), conv(b, x, 5)))
		}, []string{"Bsign", "BConv2D", "BConv2D", "Concat", "Bsign", "BConv2D"}},
		{"a part read twice", func(b *net, x *graph.Value) *graph.Value {
			y := conv(b, x, 5)
			b.output(y)
			return norm(b, b.add(schema.Concat, axis(1), y, conv(b, x, 5)))
		}, []string{"Bsign", "BConv2D", "BConv2D", "Concat", "BConv2D"}},
		{"the whole read twice", func(b *net, x *graph.Value) *graph.Value {
			y := norm(b, b.add(schema.Concat, axis(1), conv(b, x, 5), conv(b, x, 5)))
			b.output(y)
			return y
		}, []string{"Bsign", "BConv2D", "BConv2D", "Concat", "Mul", "Add", "Bsign", "BConv2D"}},
	}
	for _, test := range tests {
		for _, style := range signStyles {
			t.Run(test.name+"/"+style.name, func(t *testing.T) {
				b := newNet(t, 70)
				y := test.make(b, b.step(b.input(2, 6, 6, 3)))
				b.output(conv(b, style.make(b, y), 4))
				b.convert(0)
				b.wantCodes(test.want...)
			})
		}
	}
}

// TestJoinsOfSigns checks which joins and cuts of signs work on bits.
func TestJoinsOfSigns(t *testing.T) {
	axis := func(a int) *schema.AxisOptions { return &schema.AxisOptions{Axis: a} }
	tests := []struct {
		name string
		make func(b *net, s, t *graph.Value) *graph.Value
		want []string
	}{
		{"words", func(b *net, s, t *graph.Value) *graph.Value { return b.add(schema.Concat, axis(3), s, t) },
			[]string{"Bsign", "Bsign", "Concat", "BConv2D"}},
		{"no words", func(b *net, s, t *graph.Value) *graph.Value { return b.add(schema.Concat, axis(-1), t, s) },
			[]string{"Bsign", "Bunpack", "Bsign", "Bunpack", "Concat", "Bsign", "BConv2D"}},
		{"rows", func(b *net, s, t *graph.Value) *graph.Value { return b.add(schema.Concat, axis(-2), t, t) },
			[]string{"Bsign", "Concat", "BConv2D"}},
		{"slice of rows", func(b *net, s, t *graph.Value) *graph.Value {
			return b.add(schema.Slice, nil, t, b.ints(-1), b.ints(-9), b.ints(1), b.ints(-1))
		}, []string{"Bsign", "Slice", "BConv2D"}},
		{"slice of channels", func(b *net, s, t *graph.Value) *graph.Value {
			return b.add(schema.Slice, nil, t, b.ints(1), b.ints(3), b.ints(-1))
		}, []string{"Bsign", "Bunpack", "Slice", "Bsign", "BConv2D"}},
		{"rows picked", func(b *net, s, t *graph.Value) *graph.Value {
			return b.add(schema.Gather, axis(1), t, b.ints(3, 0, 3))
		}, []string{"Bsign", "Gather", "BConv2D"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 71)
			x := test.make(b, b.step(b.input(2, 4, 4, 32)), b.step(b.input(2, 4, 4, 5)))
			b.output(b.conv(x, []int{4, 3, 3, channels(x)}, 1, nil, window(1, 1)))
			b.convert(0)
			b.wantCodes(test.want...)
		})
	}
}
