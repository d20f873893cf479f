//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "tiles_amd64.h"

// Tiles of 1 pixel x 64, 48, 32 or 16 channels, a channel in each 32-bit lane.
//
// Z0-Z3: counts. Z24: the word of the pixel. Z28-Z31: temporaries.
// R8: the pixel. AX: its word. SI: panel.

// DIFFER counts the bits of the pixel that differ from those of 16 channels.
#define DIFFER(at, t, a) \
	VPXORD   at(SI), Z24, t \
	VPOPCNTD t, t \
	VPADDD   t, a, a

#define DIFFER1 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	DIFFER(0, Z28, Z0)

#define DIFFER2 \
	DIFFER1 \
	DIFFER(64, Z29, Z1)

#define DIFFER3 \
	DIFFER2 \
	DIFFER(128, Z30, Z2)

#define WORD1 \
	DIFFER1 \
	ADDQ $64, SI

#define WORD2 \
	DIFFER2 \
	ADDQ $128, SI

#define WORD3 \
	DIFFER3 \
	ADDQ $192, SI

#define WORD4 \
	DIFFER3 \
	DIFFER(192, Z31, Z3) \
	ADDQ $256, SI

#define ROWS(VECTORS, EVEN, ODD) \
	ROW(VECTORS, EVEN, ODD, 0, Z0, Z1, Z2, Z3)

// func bgemm_1x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x4_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT1, PLAIN(ZERO4(Z0, Z1, Z2, Z3), WORD4, SHIFT1), ROWS, VECTORS4, 1)

// func bgemm_1x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x3_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT1, PLAIN(ZERO4(Z0, Z1, Z2, Z3), WORD3, SHIFT1), ROWS, VECTORS3, 1)

// func bgemm_1x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x2_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT1, PLAIN(ZERO4(Z0, Z1, Z2, Z3), WORD2, SHIFT1), ROWS, VECTORS2, 1)

// func bgemm_1x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x1_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT1, PLAIN(ZERO4(Z0, Z1, Z2, Z3), WORD1, SHIFT1), ROWS, VECTORS1, 1)
