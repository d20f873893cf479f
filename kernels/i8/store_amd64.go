//go:build !noasm

package i8

// The functions make results of vectors of sums, as Output says.

//go:noescape
func storeBytesAVX512(a *storeArgs)

//go:noescape
func storeFloatsAVX512(a *storeArgs)

//go:noescape
func storeBytesAVX2(a *storeArgs)

//go:noescape
func storeFloatsAVX2(a *storeArgs)

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
	o.storeRest(r, n)
}
