//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "tiles_amd64.h"

// Tiles of 1 pixel x 64, 48, 32 or 16 channels, a channel in each 32-bit lane.
//
// Z0-Z3: counts. Z24: the word of the pixel. Z28-Z31: temporaries.
// R8: the pixel. AX: its word. SI: panel.

#define WORD4 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPXORD   128(SI), Z24, Z30 \
	VPXORD   192(SI), Z24, Z31 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPOPCNTD Z30, Z30 \
	VPOPCNTD Z31, Z31 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	VPADDD   Z30, Z2, Z2 \
	VPADDD   Z31, Z3, Z3 \
	ADDQ $256, SI

#define WORD3 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPXORD   128(SI), Z24, Z30 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPOPCNTD Z30, Z30 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	VPADDD   Z30, Z2, Z2 \
	ADDQ $192, SI

#define WORD2 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	ADDQ $128, SI

#define WORD1 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPOPCNTD Z28, Z28 \
	VPADDD   Z28, Z0, Z0 \
	ADDQ $64, SI

#define ROWS(M) M(Z0, Z1, Z2, Z3, 0)

// func bgemm_1x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x4_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z2, Z3)
	COUNT(WORDS(WORD4))
	OUTPUTS(ROWS, BITS4, INT4, FLOAT4, CLAMP4, 1)

// func bgemm_1x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x3_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z2, Z3)
	COUNT(WORDS(WORD3))
	OUTPUTS(ROWS, BITS3, INT3, FLOAT3, CLAMP3, 1)

// func bgemm_1x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x2_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z2, Z3)
	COUNT(WORDS(WORD2))
	OUTPUTS(ROWS, BITS2, INT2, FLOAT2, CLAMP2, 1)

// func bgemm_1x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x1_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z2, Z3)
	COUNT(WORDS(WORD1))
	OUTPUTS(ROWS, BITS1, INT1, FLOAT1, CLAMP1, 1)
