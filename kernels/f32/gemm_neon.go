//go:build !noasm && (arm64 || arm)

package f32

// The functions compute, for rows r and columns c of tiles of the size in their name, or of
// tileRows and the columns in their name,
//
//	acc = bias != nil ? bias[c] : dst[out[r]+c]
//	for each run and i < runLen: acc += src[in[r]+run+i] * w[c]; w += columns
//	dst[out[r]+c] = min(max(acc, min), max), where NaN stays
//
// with a fused multiply-add on arm64.

//go:noescape
func gemmTile8NEON(a *gemmArgs)

//go:noescape
func gemmTile4NEON(a *gemmArgs)

//go:noescape
func gemm1x8NEON(a *gemmArgs)

//go:noescape
func gemm1x4NEON(a *gemmArgs)

func gemmNEON(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	t.arguments(a)
	wide := t.width == 8
	if t.whole(a, tileRows) {
		tileNEON(a, wide)
	}
	switch t.left(a, tileRows, tileRows/2-1) {
	case 0:
	case tileRows:
		tileNEON(a, wide)
	case 1:
		if wide {
			gemm1x8NEON(a)
		} else {
			gemm1x4NEON(a)
		}
	}
}

func tileNEON(a *gemmArgs, wide bool) {
	if wide {
		gemmTile8NEON(a)
	} else {
		gemmTile4NEON(a)
	}
}
