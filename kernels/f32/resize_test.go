package f32

import (
	"fmt"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// TestResize makes maps of twice and of two thirds of their size: all instruction sets agree to
// the last bit with sums element by element.
func TestResize(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	r := ktest.Rand(11)
	for _, channels := range append(ktest.Sizes(16), 7, 8, 9, 64, 3000) {
		const height, width, tall, wide = 3, 6, 6, 4
		shape := []int{2, height, width, channels}
		axes := []ResizeAxis{randomAxis(1, height, tall), randomAxis(2, width, wide)}
		src := make([]float32, 2*height*width*channels)
		for i := range src {
			src[i] = r.Float32() - 0.5
		}
		middle := resizeBy(&axes[0], src, 2, height, width*channels)
		want := resizeBy(&axes[1], middle, 2*tall, width, channels)
		for _, f := range isa.Levels(isa.Detect()) {
			t.Run(fmt.Sprintf("%v/%d", f, channels), func(t *testing.T) {
				s := NewResize[float32](shape, axes, 0, f)
				for _, p := range []*parallel.Pool{nil, pool} {
					got, scratch := newGuarded(len(want)), newGuarded(s.ScratchBytes()/4)
					s.Run(p, got.data, src, scratch.data)
					got.check(t)
					scratch.check(t)
					mustEqual(t, got.data, want)
				}
			})
		}
	}
}

// randomAxis takes two neighbours for each element, the last one twice at the end.
func randomAxis(axis, in, out int) ResizeAxis {
	a := ResizeAxis{Axis: axis, Taps: 2}
	for j := range out {
		x := float32(j) * float32(in) / float32(out)
		at := int(x)
		a.Places = append(a.Places, int32(at), int32(min(at+1, in-1)))
		a.Weights = append(a.Weights, 1-(x-float32(at)), x-float32(at))
	}
	return a
}

func resizeBy(a *ResizeAxis, src []float32, blocks, in, inner int) []float32 {
	var dst []float32
	for b := range blocks {
		for j := 0; j < len(a.Places); j += 2 {
			for k := range inner {
				at := func(i int) float32 { return src[(b*in+int(a.Places[j+i]))*inner+k] }
				dst = append(dst, float32(a.Weights[j]*at(0))+float32(a.Weights[j+1]*at(1)))
			}
		}
	}
	return dst
}
