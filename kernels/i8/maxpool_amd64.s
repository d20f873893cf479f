//go:build !noasm

#include "textflag.h"

// MAXTAPS is dst[i] = the maximum of src[taps[t]+i] over t < count, for n bytes, whole vectors of
// size bytes.
#define MAXTAPS(LOAD, MAX, STORE, v, size) \
	MOVQ dst+0(FP), DI   \
	MOVQ src+8(FP), SI   \
	MOVQ taps+16(FP), R8 \
	MOVQ count+24(FP), R9 \
	MOVQ n+32(FP), CX    \
	LEAQ (R8)(R9*8), R9  \
bytes:                   \
	MOVQ R8, DX          \
	MOVQ (DX), AX        \
	LOAD (SI)(AX*1), v   \
	JMP  next            \
tap:                     \
	MOVQ (DX), AX        \
	MAX  (SI)(AX*1), v, v \
next:                    \
	ADDQ $8, DX          \
	CMPQ DX, R9          \
	JLT  tap             \
	STORE v, (DI)        \
	ADDQ $size, SI       \
	ADDQ $size, DI       \
	SUBQ $size, CX       \
	JNZ  bytes           \
	VZEROUPPER           \
	RET

// func maxUnsignedAVX512(dst, src *byte, taps *int, count, n int)
TEXT ·maxUnsignedAVX512(SB), NOSPLIT, $0-40
	MAXTAPS(VMOVDQU8, VPMAXUB, VMOVDQU8, Z0, 64)

// func maxSignedAVX512(dst, src *byte, taps *int, count, n int)
TEXT ·maxSignedAVX512(SB), NOSPLIT, $0-40
	MAXTAPS(VMOVDQU8, VPMAXSB, VMOVDQU8, Z0, 64)

// func maxUnsignedAVX2(dst, src *byte, taps *int, count, n int)
TEXT ·maxUnsignedAVX2(SB), NOSPLIT, $0-40
	MAXTAPS(VMOVDQU, VPMAXUB, VMOVDQU, X0, 16)

// func maxSignedAVX2(dst, src *byte, taps *int, count, n int)
TEXT ·maxSignedAVX2(SB), NOSPLIT, $0-40
	MAXTAPS(VMOVDQU, VPMAXSB, VMOVDQU, X0, 16)
