//go:build !noasm && (amd64 || arm64 || arm)

package bgemm

// advance drops the first n pixels.
func (b *block) advance(n int) {
	b.Pixels, b.Classes = b.Pixels[n:], b.Classes[n:]
	if len(b.Pixels) == 0 {
		return
	}
	if b.F32 != nil {
		b.F32 = b.F32[n*b.Stride:]
	}
	if b.I32 != nil {
		b.I32 = b.I32[n*b.Stride:]
	}
	if b.Bits != nil {
		b.Bits = b.Bits[n*b.BitStride:]
	}
}
