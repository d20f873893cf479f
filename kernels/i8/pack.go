package i8

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/lce-go/lce/kernels/parallel"
)

// packer packs the matrices of a gemm, one after the other: number k of column n is
// src[k*stepK + n*stepN] xor flip, an int8. Behind each matrix come the sums of its columns
// and the flags of its panels, int32.
type packer struct {
	*gemm
	k, stepK, stepN int
	flip            byte
	dst, src        []byte
}

// layout says all that the packed form depends on, besides the matrices.
func (t *packer) layout() string {
	return fmt.Sprintf("i8 %s %d*%d, units %d in %d chunks, steps %d and %d, flip %d",
		t.kernel.name, t.k, t.n, t.units, len(t.chunks), t.stepK, t.stepN, t.flip)
}

// bytes is the size of a packed matrix, with what is behind it.
func (t *packer) bytes() int64 { return t.gemm.bytes() + 4*int64(t.columns()+t.panels()) }

// pack packs count matrices.
func (t *packer) pack(p *parallel.Pool, dst, src []byte, count int) {
	t.dst, t.src = dst, src
	p.Run(count*t.panels(), t)
	t.dst, t.src = nil, nil
}

// Tile packs a panel of a matrix.
func (t *packer) Tile(i, _ int) {
	matrix, panel := i/t.panels(), i%t.panels()
	whole := t.dst[matrix*int(t.bytes()):][:t.bytes()]
	src := t.src[matrix*t.k*t.n:]
	at, width := panel*t.kernel.panel, t.width(panel)
	unit := t.kernel.unit
	dst := whole[at*t.units*unit:][:t.units*unit*width]
	clear(dst)
	sums := t.sums(whole)[at:][:width]
	clear(sums)
	perUnit := unit / t.kernel.size
	for c := range min(t.n-at, width) {
		k, first := 0, 0
		for _, r := range t.runs {
			for i := range r.size {
				v := int8(src[(k+i)*t.stepK+(at+c)*t.stepN] ^ t.flip)
				sums[c] += int32(v)
				to := dst[((first+i/perUnit)*width+c)*unit+i%perUnit*t.kernel.size:]
				if t.kernel.size == 1 {
					to[0] = byte(v)
				} else {
					binary.LittleEndian.PutUint16(to, uint16(v))
				}
			}
			k += r.size
			first += (r.size + perUnit - 1) / perUnit
		}
	}
	t.flags(whole)[panel] = 0
	if t.kernel.pairs && t.pairsFit(dst, width) {
		t.flags(whole)[panel] = 1
	}
}

// pairsFit reports whether the products of pairs of units of a packed panel fit 16 bits.
func (t *packer) pairsFit(panel []byte, width int) bool {
	size := t.kernel.unit * width
	for _, c := range t.chunks {
		units := c.runLen / t.kernel.unit
		for range c.runs {
			for u := 0; u+1 < units; u += 2 {
				for i, v := range panel[u*size:][:size] {
					if !pairFits(int8(v), int8(panel[(u+1)*size+i])) {
						return false
					}
				}
			}
			panel = panel[units*size:]
		}
	}
	return true
}

// ints views bytes, aligned to 4, as int32.
func ints(b []byte) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// floats views bytes, aligned to 4, as float32.
func floats(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}
