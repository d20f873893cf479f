//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "tiles_amd64.h"

// Tiles of 6 pixels x 64, 48, 32 or 16 channels, a channel in each 32-bit lane.
//
// Z0-Z23: counts, pixel*4 + vector. Z24-Z27: a word of 64 channels. Z28-Z31: temporaries.
// R8-R13: pixels. AX: word of the pixel. SI: panel.
// The loop is bound by its 72 vector operations: 36 cycles a word of 64
// channels where two ports are 512 bits wide.

// PIXEL4 counts the differing bits of a pixel.
#define PIXEL4(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPXORD.BCST (p)(AX*4), Z26, Z30 \
	VPXORD.BCST (p)(AX*4), Z27, Z31 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPOPCNTD    Z30, Z30 \
	VPOPCNTD    Z31, Z31 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1 \
	VPADDD      Z30, a2, a2 \
	VPADDD      Z31, a3, a3

#define PIXEL3(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPXORD.BCST (p)(AX*4), Z26, Z30 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPOPCNTD    Z30, Z30 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1 \
	VPADDD      Z30, a2, a2

#define PIXEL2(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1

#define PIXEL1(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPOPCNTD    Z28, Z28 \
	VPADDD      Z28, a0, a0

#define WORD4 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	VMOVDQU32 128(SI), Z26 \
	VMOVDQU32 192(SI), Z27 \
	PIXEL4(R8, Z0, Z1, Z2, Z3) \
	PIXEL4(R9, Z4, Z5, Z6, Z7) \
	PIXEL4(R10, Z8, Z9, Z10, Z11) \
	PIXEL4(R11, Z12, Z13, Z14, Z15) \
	PIXEL4(R12, Z16, Z17, Z18, Z19) \
	PIXEL4(R13, Z20, Z21, Z22, Z23) \
	ADDQ $256, SI

#define WORD3 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	VMOVDQU32 128(SI), Z26 \
	PIXEL3(R8, Z0, Z1, Z2, Z3) \
	PIXEL3(R9, Z4, Z5, Z6, Z7) \
	PIXEL3(R10, Z8, Z9, Z10, Z11) \
	PIXEL3(R11, Z12, Z13, Z14, Z15) \
	PIXEL3(R12, Z16, Z17, Z18, Z19) \
	PIXEL3(R13, Z20, Z21, Z22, Z23) \
	ADDQ $192, SI

#define WORD2 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	PIXEL2(R8, Z0, Z1, Z2, Z3) \
	PIXEL2(R9, Z4, Z5, Z6, Z7) \
	PIXEL2(R10, Z8, Z9, Z10, Z11) \
	PIXEL2(R11, Z12, Z13, Z14, Z15) \
	PIXEL2(R12, Z16, Z17, Z18, Z19) \
	PIXEL2(R13, Z20, Z21, Z22, Z23) \
	ADDQ $128, SI

#define WORD1 \
	VMOVDQU32 0(SI), Z24 \
	PIXEL1(R8, Z0, Z1, Z2, Z3) \
	PIXEL1(R9, Z4, Z5, Z6, Z7) \
	PIXEL1(R10, Z8, Z9, Z10, Z11) \
	PIXEL1(R11, Z12, Z13, Z14, Z15) \
	PIXEL1(R12, Z16, Z17, Z18, Z19) \
	PIXEL1(R13, Z20, Z21, Z22, Z23) \
	ADDQ $64, SI

#define ROWS(M) \
	M(Z0, Z1, Z2, Z3, 0) \
	M(Z4, Z5, Z6, Z7, 1) \
	M(Z8, Z9, Z10, Z11, 2) \
	M(Z12, Z13, Z14, Z15, 3) \
	M(Z16, Z17, Z18, Z19, 4) \
	M(Z20, Z21, Z22, Z23, 5)

// func bgemm_6x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x4_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT6
	ZERO24
	COUNT(WORDS(WORD4))
	OUTPUTS(ROWS, BITS4, INT4, FLOAT4, CLAMP4, 6)

// func bgemm_6x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x3_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT6
	ZERO24
	COUNT(WORDS(WORD3))
	OUTPUTS(ROWS, BITS3, INT3, FLOAT3, CLAMP3, 6)

// func bgemm_6x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x2_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT6
	ZERO24
	COUNT(WORDS(WORD2))
	OUTPUTS(ROWS, BITS2, INT2, FLOAT2, CLAMP2, 6)

// func bgemm_6x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x1_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT6
	ZERO24
	COUNT(WORDS(WORD1))
	OUTPUTS(ROWS, BITS1, INT1, FLOAT1, CLAMP1, 6)
