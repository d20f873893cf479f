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

// DIFFER counts the bits of a pixel that differ from those of 16 channels.
#define DIFFER(p, w, t, a) \
	VPXORD.BCST (p)(AX*4), w, t \
	VPOPCNTD    t, t \
	VPADDD      t, a, a

#define PIXEL1(p, a0, a1, a2, a3) \
	DIFFER(p, Z24, Z28, a0)

#define PIXEL2(p, a0, a1, a2, a3) \
	PIXEL1(p, a0, a1, a2, a3) \
	DIFFER(p, Z25, Z29, a1)

#define PIXEL3(p, a0, a1, a2, a3) \
	PIXEL2(p, a0, a1, a2, a3) \
	DIFFER(p, Z26, Z30, a2)

#define PIXEL4(p, a0, a1, a2, a3) \
	PIXEL3(p, a0, a1, a2, a3) \
	DIFFER(p, Z27, Z31, a3)

#define PIXELS(PIXEL, width) \
	PIXEL(R8, Z0, Z1, Z2, Z3) \
	PIXEL(R9, Z4, Z5, Z6, Z7) \
	PIXEL(R10, Z8, Z9, Z10, Z11) \
	PIXEL(R11, Z12, Z13, Z14, Z15) \
	PIXEL(R12, Z16, Z17, Z18, Z19) \
	PIXEL(R13, Z20, Z21, Z22, Z23) \
	ADDQ $width, SI

#define LOAD1 VMOVDQU32 0(SI), Z24

#define LOAD2 \
	LOAD1 \
	VMOVDQU32 64(SI), Z25

#define LOAD3 \
	LOAD2 \
	VMOVDQU32 128(SI), Z26

#define LOAD4 \
	LOAD3 \
	VMOVDQU32 192(SI), Z27

#define WORD1 \
	LOAD1 \
	PIXELS(PIXEL1, 64)

#define WORD2 \
	LOAD2 \
	PIXELS(PIXEL2, 128)

#define WORD3 \
	LOAD3 \
	PIXELS(PIXEL3, 192)

#define WORD4 \
	LOAD4 \
	PIXELS(PIXEL4, 256)

#define ROWS(VECTORS, EVEN, ODD) \
	ROW(VECTORS, EVEN, ODD, 0, Z0, Z1, Z2, Z3) \
	ROW(VECTORS, EVEN, ODD, 1, Z4, Z5, Z6, Z7) \
	ROW(VECTORS, EVEN, ODD, 2, Z8, Z9, Z10, Z11) \
	ROW(VECTORS, EVEN, ODD, 3, Z12, Z13, Z14, Z15) \
	ROW(VECTORS, EVEN, ODD, 4, Z16, Z17, Z18, Z19) \
	ROW(VECTORS, EVEN, ODD, 5, Z20, Z21, Z22, Z23)

// func bgemm_6x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x4_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT6, PLAIN(ZERO24, WORD4, SHIFT6), ROWS, VECTORS4, 6)

// func bgemm_6x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x3_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT6, PLAIN(ZERO24, WORD3, SHIFT6), ROWS, VECTORS3, 6)

// func bgemm_6x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x2_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT6, PLAIN(ZERO24, WORD2, SHIFT6), ROWS, VECTORS2, 6)

// func bgemm_6x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x1_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT6, PLAIN(ZERO24, WORD1, SHIFT6), ROWS, VECTORS1, 6)
