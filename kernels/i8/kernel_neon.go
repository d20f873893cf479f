//go:build !noasm && (arm64 || arm)

package i8

// gemm4x8NEON computes what tile says for 8 columns. It moves sums.
//
//go:noescape
func gemm4x8NEON(a *gemmArgs)

// rowsNEON is the rows of a call of gemm4x8NEON: a core that makes 2 products a cycle, at 1.2 GHz,
// takes about 100 microseconds for them.
const rowsNEON = 16

func runNEON(t *tile) {
	a := t.arguments()
	for lo := 0; lo < len(t.in); lo += rowsNEON {
		a.in, a.rows = &t.in[lo], 8*min(rowsNEON, len(t.in)-lo)
		gemm4x8NEON(&a)
	}
}

// The functions make results of vectors of 8 sums, as Output says.

//go:noescape
func storeBytesNEON(a *storeArgs)

//go:noescape
func storeFloatsNEON(a *storeArgs)

func storeNEON(o *output, r *results) {
	n := r.n &^ 7
	if o.Type == Int32 || n == 0 {
		storeGeneric(o, r)
		return
	}
	a := o.arguments(r, n, 8)
	if o.Type == Float32 {
		storeFloatsNEON(&a)
	} else {
		storeBytesNEON(&a)
	}
	o.storeRest(r, n)
}

// depthwise4x16NEON computes what depthwiseTile says for 16 channels of whole groups of 4 pixels.
//
//go:noescape
func depthwise4x16NEON(a *depthwiseArgs)

func depthwiseNEON(d *depthwise, t *depthwiseTile) {
	for c := 0; c < t.width; c += 16 {
		a := d.arguments(t, c, 1)
		depthwise4x16NEON(&a)
	}
}

// flipNEON is dst[i] = src[i] ^ flip for n bytes, a multiple of 32 and not 0.
//
//go:noescape
func flipNEON(dst, src *byte, n int, flip uint)

func loadNEON(dst, src []byte, flip byte) {
	n := len(src) &^ 31
	if flip == 0 || n == 0 {
		loadGeneric(dst, src, flip)
		return
	}
	dst = dst[:len(src)]
	flipNEON(&dst[0], &src[0], n, uint(flip))
	loadGeneric(dst[n:], src[n:], flip)
}
