//go:build !noasm && (amd64 || arm64)

package i8

// depthwiseArgs is a part of a depthwiseTile as assembly reads it.
type depthwiseArgs struct {
	src         *byte
	in          *int
	rows        int // at least 1
	taps        *int
	count       int // at least 1
	w           *int32
	wStep       int // bytes from tap to tap
	start, sums *int32
	width       int // bytes from pixel to pixel of the sums
}

// arguments describes the channels from c on, of numbers of some bytes.
func (d *depthwise) arguments(t *depthwiseTile, c, size int) depthwiseArgs {
	count := len(d.taps)
	for _, in := range t.in {
		_ = t.src[in+d.taps[count-1]:][:t.width*size]
	}
	_, _ = t.w[(count-1)*d.columns+t.width-1], t.sums[len(t.in)*t.width-1]
	return depthwiseArgs{
		src: &t.src[c*size], in: &t.in[0], rows: len(t.in), taps: &d.taps[0], count: count,
		w: &t.w[c], wStep: 4 * d.columns, start: &t.start[c], sums: &t.sums[c], width: 4 * t.width,
	}
}
