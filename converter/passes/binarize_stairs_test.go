package passes

import (
	"math"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestStairs checks the signs that arithmetic with two thresholds becomes against that
// arithmetic, at the thresholds, beside them, at both zeros, at infinities and for a NaN.
func TestStairs(t *testing.T) {
	compare := func(b *net, k schema.BinaryKind, x *graph.Value, c float32) *graph.Value {
		return b.binary(k, x, b.scalar(c))
	}
	choose := func(b *net, is, yes, no *graph.Value) *graph.Value {
		return b.add(schema.Select, nil, is, yes, no)
	}
	nested := func(b *net, x *graph.Value, hi, mid, lo float32) *graph.Value {
		low := b.where(compare(b, schema.LessOrEqual, x, -0.25), lo, mid)
		return choose(b, compare(b, schema.Greater, x, 0.5), b.scalar(hi), low)
	}
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want bool
		nan  bool // a NaN gives a number, which stays
	}{
		{"nested", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, 1, 0, -1) }, true, true},
		{"falling", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, -3, 0, 3) }, true, true},
		{"behind a norm that turns a channel", func(b *net, x *graph.Value) *graph.Value {
			return nested(b, b.batchNorm(x, []float32{1, -2, 3}, []float32{0, 0.1, -0.3}), 1, 0, -1)
		}, true, true},
		{"zero between the zeros", func(b *net, x *graph.Value) *graph.Value {
			low := b.where(compare(b, schema.Less, x, 0), -1, 0)
			return choose(b, compare(b, schema.Greater, x, 0), b.scalar(1), low)
		}, true, true},
		{"round", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Round, b.clip(b.binary(schema.Div, x, b.scalar(0.3)), -1, 1))
			return b.binary(schema.Mul, y, b.scalar(0.3))
		}, true, false},
		{"signs of sums", func(b *net, x *graph.Value) *graph.Value {
			up := b.unary(schema.Sign, b.binary(schema.Add, x, b.scalar(0.1)))
			return b.unary(schema.Sign, b.binary(schema.Add, up, b.unary(schema.Sign, b.binary(schema.Sub, x, b.scalar(0.1)))))
		}, true, false},
		{"not monotone", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, 1, -1, 0) }, false, true},
		{"two magnitudes", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, 1, 0, -2) }, false, true},
		{"no zero", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, 1, 0.5, -1) }, false, true},
		{"two values", func(b *net, x *graph.Value) *graph.Value { return nested(b, x, 1, 0, 0) }, false, true},
		{"four levels", func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Round, b.clip(x, -2, 1)) }, false, false},
		{"thresholds of a curve", func(b *net, x *graph.Value) *graph.Value {
			return nested(b, b.binary(schema.Pow, x, b.scalar(2)), 1, 0, -1)
		}, false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 3)
			v := test.make(b, b.input(4, 3))
			s := stairFinder{}.of(v)
			if s.x == nil {
				if test.want {
					t.Fatal("found no stairs")
				}
				return
			}
			got, ok, err := s.thresholds(v)
			if err != nil || ok != test.want {
				t.Fatalf("thresholds: %v, %v, want %v", ok, err, test.want)
			}
			if !ok {
				return
			}
			probes := []float32{0, float32(math.Copysign(0, -1)), 0.5, -0.25, 0.1, -0.1, 0.15, -0.15, 7, -7, math.MaxFloat32, -math.MaxFloat32}
			for c := range 3 {
				for _, p := range got.signs {
					probes = append(probes, p.around(c)...)
				}
			}
			for _, x := range probes {
				want, _, err := s.at(v, []float32{x, x, x})
				if err != nil {
					t.Fatal(err)
				}
				for c := range want {
					y := (got.signs[0].of(x, c) + got.signs[1].of(x, c)) / 2 * got.scale[c%len(got.scale)]
					if y != want[c] && (x == x || test.nan) {
						t.Errorf("at %v in channel %d: %v, want %v", x, c, y, want[c])
					}
				}
			}
		})
	}
}

// TestStairsSignZero checks that taking 0 for +1 leaves zeros between thresholds.
func TestStairsSignZero(t *testing.T) {
	b := newNet(t, 3)
	x := b.input(4, 3)
	y := b.unary(schema.Round, b.clip(x, -1, 1))
	b.output(b.dense(y, 5, 1))
	log := &Log{}
	if _, err := binarizeStairs(b.g, log); err != nil {
		t.Fatal(err)
	}
	n, err := binarizeTernaryLayers(b.g, log, true)
	if err != nil || n != 1 || len(log.TakenAsPlus) != 0 {
		t.Errorf("%d layers, %q taken as plus, %v; want 1 layer and none", n, log.TakenAsPlus, err)
	}
}
