//go:build !noasm && (amd64 || arm64 || arm)

package i8

// depthwiseArgs is a part of a depthwiseTile as assembly reads it.
type depthwiseArgs struct {
	src         *byte
	in          *int
	rows        int // at least 1
	taps        *int
	count       int // at least 1
	w           *byte
	wStep       int // bytes from tap to tap
	start, sums *int32
	width       int // bytes from pixel to pixel of the sums
	pairs       int // not 0 if two taps may be added up in 16 bits
}

// arguments describes the channels from c on, of numbers of some bytes.
func (d *depthwise) arguments(t *depthwiseTile, c, size int) depthwiseArgs {
	count, weight := len(d.taps), d.c.kernel.weight
	_ = t.src[t.in[0] : t.in[len(t.in)-1]+d.taps[count-1]+t.width*size]
	_, _ = t.w[((count-1)*d.columns+t.width)*weight-1], t.sums[len(t.in)*t.width-1]
	a := depthwiseArgs{
		src: &t.src[c*size], in: &t.in[0], rows: len(t.in), taps: &d.taps[0], count: count,
		w: &t.w[c*weight], wStep: d.columns * weight, start: &t.start[c], sums: &t.sums[c], width: 4 * t.width,
	}
	if t.pairs {
		a.pairs = 1
	}
	return a
}
