package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestTurnPooledChannels checks networks in which a batch normalization with negative
// scales, or a falling sign, follows a pool.
func TestTurnPooledChannels(t *testing.T) {
	falling := func(b *net, y *graph.Value) *graph.Value {
		c := channels(y)
		scale, bias := b.normal(c), b.normal(c)
		scale[0], bias[0] = -1, 2 // ties
		return b.batchNorm(b.maxPool(y, 2, 2), scale, bias)
	}
	conv := func(groups, pad int) func(b *net, x *graph.Value) *graph.Value {
		return func(b *net, x *graph.Value) *graph.Value {
			return b.conv(x, []int{4, 3, 3, channels(x) / groups}, 1, nil, window(1, pad))
		}
	}
	fused := []string{"Bsign", "BConv2D", "BMaxPool2D", "BConv2D"}
	float := []string{"Bsign", "BConv2D", "Pool2D", "Bsign"}
	tests := []struct {
		name     string
		channels int
		make     func(b *net, x *graph.Value) *graph.Value
		want     []string
	}{
		{"convolution", 5, conv(1, 1), fused},
		{"more channels than a word", 33, conv(1, 0), fused},
		{"groups", 6, conv(2, 1), fused},
		{"dense", 32, func(b *net, x *graph.Value) *graph.Value { return b.dense(b.flatten(x), 3, 1) },
			[]string{"Bsign", "BConv2D", "BMaxPool2D", "Flatten", "BGEMM"}},
		{"two readers", 5, func(b *net, x *graph.Value) *graph.Value {
			b.output(b.conv(x, []int{2, 1, 1, 5}, 1, nil, window(1, 0)))
			return conv(1, 1)(b, x)
		}, append(fused[:3:3], "BConv2D", "BConv2D")},
		{"padding of one", 5, func(b *net, x *graph.Value) *graph.Value {
			x = b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(1))
			return conv(1, 0)(b, x)
		}, append(float[:4:4], "BConv2D")},
		{"float reader", 5, func(b *net, x *graph.Value) *graph.Value {
			b.output(x)
			return conv(1, 1)(b, x)
		}, append(float[:4:4], "Bunpack", "BConv2D")},
	}
	for _, test := range tests {
		for _, style := range signStyles {
			t.Run(test.name+"/"+style.name, func(t *testing.T) {
				b := newNet(t, 50)
				x := b.step(b.input(2, 6, 6, 3))
				y := b.conv(x, []int{test.channels, 3, 3, 3}, 1, nil, window(1, 1))
				b.output(test.make(b, style.make(b, falling(b, y))))
				b.convert(0)
				b.wantCodes(test.want...)
			})
		}
	}
}

func TestNextUp(t *testing.T) {
	tests := []struct{ x, want float32 }{
		{0, 1e-45}, {1, 1.0000001}, {-1e-45, 0}, {-inf, -3.4028235e38}, {3.4028235e38, inf},
	}
	for _, test := range tests {
		if got := nextUp(test.x); got != test.want {
			t.Errorf("nextUp(%v) is %v, want %v", test.x, got, test.want)
		}
	}
	if got := nextUp(inf); got == got {
		t.Errorf("nextUp(+Inf) is %v, want NaN", got)
	}
}
