package passes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// signStyles lists the ways to write a sign of x, with the bits for negative, zero,
// positive and NaN elements.
var signStyles = []struct {
	name string
	make func(b *net, x *graph.Value) *graph.Value
}{
	{"where greater", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Greater, x, b.scalar(0)), 1, -1)
	}},
	{"where greater inverted", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Greater, x, b.scalar(0)), -1, 1)
	}},
	{"where greater or equal", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.GreaterOrEqual, x, b.scalar(0)), 1, -1)
	}},
	{"where greater or equal inverted", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.GreaterOrEqual, x, b.scalar(0)), -1, 1)
	}},
	{"where less", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Less, x, b.scalar(0)), -1, 1)
	}},
	{"where less inverted", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Less, x, b.scalar(0)), 1, -1)
	}},
	{"where less or equal", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.LessOrEqual, x, b.scalar(0)), -1, 1)
	}},
	{"constant on the left", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Less, b.scalar(0.5), x), 1, -1)
	}},
	{"constant on the left, greater", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.GreaterOrEqual, b.scalar(0.5), x), 1, -1)
	}},
	{"less not where", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.unary(schema.Not, b.binary(schema.Less, x, b.scalar(0))), 1, -1)
	}},
	{"shapes of every kind", func(b *net, x *graph.Value) *graph.Value {
		ones := slices.Repeat([]float32{1}, channels(x))
		minus := slices.Repeat([]float32{-1}, channels(x))
		c := b.binary(schema.Greater, x, b.consts([]int{1, 1}, 0))
		return b.add(schema.Select, nil, c, b.consts([]int{len(ones)}, ones...), b.consts([]int{1, len(minus)}, minus...))
	}},
	{"threshold per channel", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Greater, x, b.consts([]int{1, channels(x)}, b.normal(channels(x))...)), 1, -1)
	}},
	{"threshold per channel, less", func(b *net, x *graph.Value) *graph.Value {
		return b.where(b.binary(schema.Less, x, b.consts([]int{channels(x)}, b.normal(channels(x))...)), 1, -1)
	}},
	{"cast mul sub", func(b *net, x *graph.Value) *graph.Value {
		c := b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.GreaterOrEqual, x, b.scalar(0)))
		return b.binary(schema.Sub, b.binary(schema.Mul, c, b.scalar(2)), b.scalar(1))
	}},
	{"not cast mul add", func(b *net, x *graph.Value) *graph.Value {
		c := b.unary(schema.Not, b.binary(schema.Less, x, b.scalar(0)))
		c = b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, c)
		return b.binary(schema.Add, b.scalar(-1), b.binary(schema.Mul, b.scalar(2), c))
	}},
	{"one minus twice", func(b *net, x *graph.Value) *graph.Value {
		c := b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.Less, x, b.scalar(0)))
		return b.binary(schema.Sub, b.scalar(1), b.binary(schema.Mul, c, b.scalar(2)))
	}},
	{"integers", func(b *net, x *graph.Value) *graph.Value {
		c := b.add(schema.Cast, &schema.CastOptions{To: schema.Int64}, b.binary(schema.GreaterOrEqual, x, b.scalar(0)))
		c = b.binary(schema.Sub, b.binary(schema.Mul, c, b.ints(2)), b.ints(1))
		return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, c)
	}},
}

func TestSignStyles(t *testing.T) {
	for _, size := range []int{1, 3, 33} {
		for _, s := range signStyles {
			t.Run(fmt.Sprintf("%s/%d channels", s.name, size), func(t *testing.T) {
				b := newNet(t, uint64(size))
				b.output(s.make(b, b.input(4, size)))
				b.convert(0)
				b.wantCodes("Bsign", "Bunpack")
			})
		}
	}
}

// TestSignOfNaN checks that a comparison that is false for a NaN stays false.
func TestSignOfNaN(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for _, s := range signStyles {
		t.Run(s.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(s.make(b, b.input(1, 2)))
			before := b.g.Clone()
			b.convert(0)
			in := b.inputs()
			copy(ops.View[float32](in[0]), []float32{nan, -nan})
			checkEqual(t, "signs of NaN", run(t, b.g, in)[0], run(t, before, in)[0], 0)
		})
	}
}

func TestNotASign(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want string // an op that must stay
	}{
		{"uneven branches", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Greater, x, b.scalar(0)), 1, -0.5)
		}, "Select"},
		{"heaviside", func(b *net, x *graph.Value) *graph.Value {
			return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.Greater, x, b.scalar(0)))
		}, "Cast"},
		{"sign of relu", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.unary(schema.Relu, b.binary(schema.Add, x, b.scalar(0.3))))
		}, "Sign"},
		{"sign of the input", func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Sign, x) }, "Sign"},
		{"sign of a zero bias", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.batchNorm(x, b.normal(3), []float32{1, 0, 2}))
		}, "Sign"},
		{"sign behind a clip to positive", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.clip(b.binary(schema.Add, x, b.scalar(0.3)), 0, 6))
		}, "Sign"},
		{"sum of two signs", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, b.step(x), b.step(b.binary(schema.Add, x, b.scalar(1)))))
		}, "Sign"},
		{"comparison of two values", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Greater, x, b.input(4, 3)), 1, -1)
		}, "Greater"},
		{"threshold per row", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Greater, x, b.consts([]int{4, 1}, 1, 2, 3, 4)), 1, -1)
		}, "Greater"},
		{"enlarging threshold", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Greater, b.input(4, 1), b.consts([]int{3}, 0, 0, 0)), 1, -1)
		}, "Greater"},
		{"scalar", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Greater, b.input(), b.scalar(0)), 1, -1)
		}, "Greater"},
		{"equality", func(b *net, x *graph.Value) *graph.Value {
			return b.where(b.binary(schema.Equal, x, b.scalar(0)), 1, -1)
		}, "Equal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(test.make(b, b.input(4, 3)))
			b.convert(0)
			if got := codes(b.g); !slices.Contains(got, test.want) {
				t.Errorf("ops are %v, want %s among them", got, test.want)
			}
		})
	}
}

// TestSignOfSums checks that a tie at a sum that can occur keeps ONNX's Sign, and one
// at a sum that cannot does not.
func TestSignOfSums(t *testing.T) {
	tests := []struct {
		name     string
		channels int
		pad      int
		bias     float32
		exact    bool
	}{
		{"even sums, no bias", 4, 0, 0, false},
		{"odd sums, no bias", 3, 0, 0, true},
		{"even sums, odd bias", 4, 0, 1, true},
		{"even sums, even bias", 4, 0, -2, false},
		{"even sums, fraction", 4, 0, 0.25, true},
		{"even sums, bias out of range", 4, 0, 64, true},
		{"odd sums, zero padding makes even ones", 1, 1, 0, false},
		{"odd sums, zero padding, bias out of range", 1, 1, 10, true},
		{"odd sums, zero padding makes even ones, odd bias", 1, 1, 1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 3)
			size := 1
			if test.pad > 0 {
				size = 3
			}
			x := b.step(b.input(2, 5, 5, test.channels))
			y := b.conv(x, []int{2, size, size, test.channels}, 1, nil, window(1, test.pad))
			y = b.batchNorm(y, []float32{1, -1}, []float32{test.bias, -test.bias})
			b.output(b.named(b.unary(schema.Sign, y), "the sign").Producer.Outputs[0])
			log := b.convert(0)
			if test.exact {
				b.wantCodes("Bsign", "BConv2D", "Bunpack")
				return
			}
			b.wantCodes("Bsign", "BConv2D", "Sign")
			if why := log.Reason("the sign"); test.bias == 0 && !strings.Contains(why, "gives 0") {
				t.Errorf("reason is %q, want one that names a sum", why)
			}
		})
	}
}

// TestSignOfConv follows a chain of Signs, each exact because the one before is.
func TestSignOfConv(t *testing.T) {
	b := newNet(t, 4)
	x := b.unary(schema.Sign, b.batchNorm(b.input(1, 6, 6, 8), b.normal(8), b.normal(8)))
	for range 3 {
		x = b.conv(x, []int{8, 3, 3, 8}, 0.5, nil, window(1, 1))
		x = b.unary(schema.Sign, b.batchNorm(x, b.normal(8), b.normal(8)))
	}
	b.output(x)
	b.convert(0)
	b.wantCodes("Bsign", "Bsign", "BConv2D", "BConv2D", "BConv2D", "Bunpack")
}

// TestShareSigns checks that only signs that are the same share one.
func TestShareSigns(t *testing.T) {
	b := newNet(t, 29)
	x := b.input(7, 33)
	for _, k := range []schema.BinaryKind{schema.GreaterOrEqual, schema.Greater, schema.GreaterOrEqual} {
		b.output(b.dense(b.where(b.binary(k, x, b.scalar(0)), 1, -1), 3, 1))
	}
	b.convert(0)
	b.wantCodes("Bsign", "BGEMM", "Bsign", "BGEMM", "BGEMM")
}
