package move

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
)

func TestTranspose(t *testing.T) {
	r := ktest.Rand(5)
	for _, f := range isa.Levels(isa.Detect()) {
		for _, rows := range []int{0, 1, 2, 3, 4, 7, 8, 9, 16, 27} {
			for _, cols := range []int{0, 1, 7, 8, 15, 63, 64, 65, 72, 140, 3<<15 + 5} {
				dstStep, srcStep := rows+r.IntN(5), cols+r.IntN(5)
				if rows == 2 {
					dstStep = 2
				}
				src := ktest.Guard[uint32](max(0, (rows-1)*srcStep+cols))
				dst := ktest.Guard[uint32](max(0, (cols-1)*dstStep+rows))
				for i := range src.Data {
					src.Data[i] = r.Uint32()
				}
				want := slices.Clone(dst.Data)
				for c := range cols {
					for i := range rows {
						want[c*dstStep+i] = src.Data[i*srcStep+c]
					}
				}
				Transpose(dst.Data, dstStep, src.Data, srcStep, rows, cols, f)
				dst.Check(t)
				if !slices.Equal(dst.Data, want) {
					t.Errorf("%v: %d x %d elements, steps %d and %d: wrong result", f, rows, cols, dstStep, srcStep)
				}
			}
		}
	}
}

// BenchmarkTranspose moves the weights of a dense layer.
func BenchmarkTranspose(b *testing.B) {
	const rows, cols = 1000, 512
	src, dst := make([]float32, rows*cols), make([]float32, rows*cols)
	for _, f := range isa.Levels(isa.Detect()) {
		b.Run(f.String(), func(b *testing.B) {
			b.SetBytes(4 * rows * cols)
			for b.Loop() {
				for at := 0; at < rows; at += 64 {
					n := min(64, rows-at)
					Transpose(dst[at*cols:], n, src[at*cols:], cols, n, cols, f)
				}
			}
		})
	}
}
