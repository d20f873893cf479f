//go:build !noasm && (amd64 || arm64 || arm)

package i8

import "unsafe"

// storeArgs is rows of sums as assembly reads them.
type storeArgs struct {
	dst, sums     unsafe.Pointer
	scale, add    *float32
	rows, vectors int // at least 1
	width, stride int // bytes from row to row of the sums and of the results
	min, max      float32
	zero          int32
	mask          uint16 // the channels of the last vector that there are, for AVX-512
}

// arguments describes the first n channels of the rows in vectors.
func (o *output) arguments(r *results, n, vector int) storeArgs {
	size := o.Type.Size()
	_ = r.dst[:(r.rows-1)*r.stride+n*size]
	whole := (n + vector - 1) / vector * vector
	_, _, _ = r.sums[:(r.rows-1)*r.width+whole], o.scale[r.channel:][:whole], o.add[r.channel:][:whole]
	a := storeArgs{
		dst: unsafe.Pointer(&r.dst[0]), sums: unsafe.Pointer(&r.sums[0]), scale: &o.scale[r.channel], add: &o.add[r.channel],
		rows: r.rows, vectors: whole / vector, width: 4 * r.width, stride: r.stride,
		min: o.Min, max: o.Max, zero: o.Zero, mask: 0xffff >> (-n & 15),
	}
	if size == 1 {
		a.min, a.max = o.limit()
	}
	return a
}

// storeRest makes the results of the channels behind the first n in Go.
func (o *output) storeRest(r *results, n int) {
	if n < r.n {
		rest := *r
		rest.dst, rest.sums = r.dst[n*o.Type.Size():], r.sums[n:]
		rest.n, rest.channel = r.n-n, r.channel+n
		storeGeneric(o, &rest)
	}
}
