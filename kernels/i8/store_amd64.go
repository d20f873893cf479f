//go:build !noasm

package i8

import "unsafe"

// numbers views bytes as numbers of 16 bits.
func numbers(b []byte) *uint16 { return (*uint16)(unsafe.Pointer(unsafe.SliceData(b))) }

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

// The functions make results of vectors of sums, as Output says.

//go:noescape
func storeBytesAVX512(a *storeArgs)

//go:noescape
func storeFloatsAVX512(a *storeArgs)

//go:noescape
func storeBytesAVX2(a *storeArgs)

//go:noescape
func storeFloatsAVX2(a *storeArgs)

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

func storeAVX512(o *output, r *results) {
	if o.Type == Int32 {
		storeGeneric(o, r)
		return
	}
	a := o.arguments(r, r.n, 16)
	if o.Type == Float32 {
		storeFloatsAVX512(&a)
	} else {
		storeBytesAVX512(&a)
	}
}

func storeAVX2(o *output, r *results) {
	n := r.n &^ 7
	if o.Type == Int32 || n == 0 {
		storeGeneric(o, r)
		return
	}
	a := o.arguments(r, n, 8)
	if o.Type == Float32 {
		storeFloatsAVX2(&a)
	} else {
		storeBytesAVX2(&a)
	}
	if n < r.n {
		rest := *r
		rest.dst, rest.sums = r.dst[n*o.Type.Size():], r.sums[n:]
		rest.n, rest.channel = r.n-n, r.channel+n
		storeGeneric(o, &rest)
	}
}
