package passes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

// TestDropClip checks which bounds a sign can look past.
func TestDropClip(t *testing.T) {
	tests := []struct {
		kind   schema.BinaryKind
		lo, hi float32
		drops  bool
	}{
		{schema.GreaterOrEqual, -1, 1, true},
		{schema.GreaterOrEqual, -1, 0, true},
		{schema.GreaterOrEqual, 0, 1, false},
		{schema.GreaterOrEqual, 0.5, 1, false},
		{schema.Greater, -1, 1, true},
		{schema.Greater, 0, 1, true},
		{schema.Greater, -1, 0, false},
		{schema.Greater, -1, -0.5, false},
		{schema.Less, -1, 1, true},
		{schema.Less, 0, 1, false},
		{schema.Less, -1, 0, true},
		{schema.LessOrEqual, 0, 1, true},
		{schema.LessOrEqual, -1, 0, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%v 0 of [%v %v]", test.kind, test.lo, test.hi), func(t *testing.T) {
			b := newNet(t, 1)
			x := b.clip(b.input(20, 3), test.lo, test.hi)
			b.output(b.where(b.binary(test.kind, x, b.scalar(0)), 1, -1))
			before := b.g.Clone()
			for _, p := range []Pass{{"binarize-sign-compare", binarizeSignCompare}, {"hoist-sign", hoistSign}} {
				if _, err := p.Run(b.g, &Log{}); err != nil {
					t.Fatal(err)
				}
			}
			b.g.RemoveDead()
			in := b.inputs()
			checkEqual(t, "signs", run(t, b.g, in)[0], run(t, before, in)[0], 0)
			if got := !slices.Contains(codes(b.g), "Clip"); got != test.drops {
				t.Errorf("the clip is dropped: %v, want %v", got, test.drops)
			}
		})
	}
}

// TestSignOfSign checks that a sign of signs vanishes if it changes nothing.
func TestSignOfSign(t *testing.T) {
	for _, style := range signStyles {
		t.Run(style.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(style.make(b, b.step(b.input(5, 3))))
			b.convert(0)
		})
	}
	b := newNet(t, 1)
	b.output(b.step(b.step(b.input(5, 3))))
	b.convert(0)
	b.wantCodes("Bsign", "Bunpack")
}

// TestPadWithThresholds checks that padding before signs with a threshold per channel
// is only moved if all channels agree on its sign.
func TestPadWithThresholds(t *testing.T) {
	for _, test := range []struct {
		thresholds []float32
		want       []string
	}{
		{[]float32{1, 0.5, 2}, []string{"Bsign", "BConv2D"}},
		{[]float32{1, -0.5, 2}, []string{"Pad", "Bsign", "BConv2D"}},
	} {
		t.Run(fmt.Sprint(test.thresholds), func(t *testing.T) {
			b := newNet(t, 1)
			x := b.add(schema.Pad, &schema.PadOptions{}, b.input(2, 3, 3, 3), b.ints(0, 1, 1, 0, 0, 1, 1, 0))
			x = b.where(b.binary(schema.Greater, x, b.consts([]int{3}, test.thresholds...)), 1, -1)
			b.output(b.conv(x, []int{2, 3, 3, 3}, 1, nil, window(1, 0)))
			b.convert(0)
			b.wantCodes(test.want...)
		})
	}
}

// TestSignOfUnknownMap checks that for a map of unknown size every part of the filter
// counts as one that can be inside.
func TestSignOfUnknownMap(t *testing.T) {
	for _, test := range []struct {
		bias  float32
		exact bool
	}{{9, false}, {11, true}, {6, false}, {7, false}, {4, false}, {0.5, true}} {
		t.Run(fmt.Sprint(test.bias), func(t *testing.T) {
			b := newNet(t, 1)
			x := b.step(b.g.AddInput("x", schema.Float32, []int{1, -1, -1, 1}, nil))
			y := b.conv(x, []int{1, 3, 3, 1}, 1, nil, window(1, 1))
			b.output(b.unary(schema.Sign, b.binary(schema.Add, y, b.scalar(test.bias))))
			log := &Log{}
			if err := Run(context.Background(), b.g, []Group{binarizeGroup("binarize", Options{})}, log, Observer{}); err != nil {
				t.Fatal(err)
			}
			if got := !slices.Contains(codes(b.g), "Sign"); got != test.exact {
				t.Errorf("the sign is exact: %v, want %v", got, test.exact)
			}
		})
	}
}

// TestSignOfMovedSums checks sums that are no longer in their channels.
func TestSignOfMovedSums(t *testing.T) {
	b := newNet(t, 1)
	y := b.batchNorm(b.dense(b.step(b.input(4, 6)), 4, 1), []float32{1, 1, 1, 1}, []float32{0.5, 0.5, 0.5, 0.5})
	y = b.add(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, y)
	y = b.binary(schema.Add, y, b.consts([]int{4}, 0.5, 1.5, 2.5, 3.5))
	b.output(b.named(b.unary(schema.Sign, y), "the sign"))
	log := b.convert(0)
	if got, want := log.Reason("the sign"), "it is made of the integer sums of"; !strings.Contains(got, want) {
		t.Errorf("reason is %q, want it to have %q", got, want)
	}
}

// TestSignOfScaledSigns checks a Sign behind a batch normalization of signs, which is 0
// where scale and bias are equal.
func TestSignOfScaledSigns(t *testing.T) {
	for _, test := range []struct {
		bias  float32
		exact bool
	}{{2, false}, {-2, false}, {1.5, true}, {0, true}} {
		t.Run(fmt.Sprint(test.bias), func(t *testing.T) {
			b := newNet(t, 1)
			y := b.batchNorm(b.step(b.input(3, 4)), []float32{2, 2, 2, 2}, slices.Repeat([]float32{test.bias}, 4))
			b.output(b.unary(schema.Sign, y))
			b.convert(0)
			if got := !slices.Contains(codes(b.g), "Sign"); got != test.exact {
				t.Errorf("the sign is exact: %v, want %v", got, test.exact)
			}
		})
	}
}

// TestSignOfKeptSign checks that a scaled Sign that stays can be 0.
func TestSignOfKeptSign(t *testing.T) {
	b := newNet(t, 1)
	kept := b.named(b.unary(schema.Sign, b.unary(schema.Relu, b.input(3, 4))), "kept")
	b.output(b.named(b.unary(schema.Sign, b.binary(schema.Mul, kept, b.scalar(2))), "the sign"))
	log := b.convert(0)
	if got, want := log.Reason("the sign"), `a value of 0 in channel 0 of Sign "kept" gives 0`; !strings.Contains(got, want) {
		t.Errorf("reason is %q, want it to have %q", got, want)
	}
}
