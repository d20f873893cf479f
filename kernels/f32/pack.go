package f32

import "github.com/lce-go/lce/kernels/move"

// packPanel packs a panel of the matrix whose element (k, column) is
// w[order[k]*stepK + column*stepN]; an order of nil is k itself. One of the steps is 1.
func (g *gemm) packPanel(dst, w []float32, panel, stepK, stepN int, order []int) {
	if g.k == 0 {
		return
	}
	width := g.width(panel)
	at := panel * g.kernel.panel
	n := min(g.n-at, width)
	dst = dst[g.k*at:][:g.k*width]
	if n < width {
		clear(dst)
	}
	switch {
	case order != nil:
		for c := range n {
			from, to := w[(at+c)*stepN:], dst[c:]
			for k, o := range order {
				to[k*width] = from[o*stepK]
			}
		}
	case stepN == 1:
		for k := range g.k {
			copy(dst[k*width:][:n], w[k*stepK+at:])
		}
	default:
		move.Transpose(dst, width, w[at*stepN:], stepN, n, g.k, g.features)
	}
}

// packShared packs the rows w of weights of the groups that share the only panel.
func (g *gemm) packShared(dst, w []float32) {
	for c := range g.n {
		from := w[(c%g.shared*(g.n/g.shared)+c/g.shared)*g.k:][:g.k]
		for k, v := range from {
			dst[k*g.n+c] = v
		}
	}
}
