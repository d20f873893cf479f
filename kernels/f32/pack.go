package f32

import (
	"fmt"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// packer packs the matrices of a gemm, one after the other: element (k, column) of each
// is order[k]*stepK + column*stepN, and an order of nil is k itself. One of the steps
// is 1.
type packer struct {
	*gemm
	stepK, stepN int
	order        []int
	dst, src     []float32
}

// layout says all that the packed form depends on, besides the matrices and what the
// order follows from, their shape.
func (t *packer) layout() string {
	return fmt.Sprintf("%s %d*%d of %d, steps %d and %d, ordered %v",
		t.kernel.name, t.k, t.n, t.shared, t.stepK, t.stepN, t.order != nil)
}

// pack packs count matrices.
func (t *packer) pack(p *parallel.Pool, dst, src []float32, count int) {
	t.dst, t.src = dst, src
	p.Run(count*t.panels(), t)
	t.dst, t.src = nil, nil
}

// Tile packs a panel of a matrix.
func (t *packer) Tile(i, _ int) {
	matrix, panel := i/t.panels(), i%t.panels()
	dst, src := t.dst[matrix*int(t.packedLen()):], t.src[matrix*t.k*t.n:]
	if t.shared > 1 {
		t.packShared(dst, src)
		return
	}
	t.packPanel(dst, src, panel)
}

func (t *packer) packPanel(dst, w []float32, panel int) {
	if t.k == 0 {
		return
	}
	width := t.width(panel)
	at := panel * t.kernel.panel
	n := min(t.n-at, width)
	dst = dst[t.k*at:][:t.k*width]
	if n < width {
		clear(dst)
	}
	switch {
	case t.order != nil:
		for c := range n {
			from, to := w[(at+c)*t.stepN:], dst[c:]
			for k, o := range t.order {
				to[k*width] = from[o*t.stepK]
			}
		}
	case t.stepN == 1:
		for k := range t.k {
			copy(dst[k*width:][:n], w[k*t.stepK+at:])
		}
	default:
		move.Transpose(dst, width, w[at*t.stepN:], t.stepN, n, t.k, t.features)
	}
}

// packShared packs the rows w of weights of the groups that share the only panel.
func (t *packer) packShared(dst, w []float32) {
	for c := range t.n {
		from := w[(c%t.shared*(t.n/t.shared)+c/t.shared)*t.k:][:t.k]
		for k, v := range from {
			dst[k*t.n+c] = v
		}
	}
}
