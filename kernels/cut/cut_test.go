package cut

import (
	"fmt"
	"testing"
)

// TestBands checks that bands have all rows of all images, once and in order.
func TestBands(t *testing.T) {
	for _, size := range [][3]int{{0, 3, 3}, {1, 0, 3}, {1, 1, 1}, {1, 7, 5}, {3, 40, 200}, {2, 41, 30}, {2, 9, 100}, {37, 2, 2}, {5, 13, 1}, {1, 1, 5000}} {
		for _, weights := range []float64{0, 9, 5000, 1 << 20} {
			for _, overlap := range []int64{-1, 0, 2, 90} {
				for _, several := range []bool{false, true} {
					l := Layer{
						Batch: size[0], H: size[1], W: size[2], Weights: weights, Work: 1 << 19, Cached: 1 << 17,
						Stride: 2, Overlap: overlap, Several: several,
					}
					t.Run(fmt.Sprint(size, weights, overlap, several), func(t *testing.T) { check(t, l) })
				}
			}
		}
	}
}

func check(t *testing.T, l Layer) {
	const panels, threads = 5, 4
	b := New(l, panels, threads)
	row := 0
	for i := range b.Count {
		at := b.At(i)
		if at.Image*l.H+at.Row != row || at.Rows < 1 || at.Images < 1 || at.Rows > b.Rows || at.Images > b.Images {
			t.Fatalf("band %d is %+v at row %d of %+v", i, at, row, b)
		}
		if at.Images > 1 && (!l.Several || at.Row != 0 || at.Rows != l.H) {
			t.Errorf("band %d, %+v, has images that are not whole", i, at)
		}
		row += at.Images * at.Rows
	}
	if row != l.Batch*l.H {
		t.Errorf("%d rows in %+v, want %d", row, b, l.Batch*l.H)
	}
	if b.Parts < 1 || b.Parts > panels {
		t.Errorf("%d parts, want 1 to %d", b.Parts, panels)
	}
}
