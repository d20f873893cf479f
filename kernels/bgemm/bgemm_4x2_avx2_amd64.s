//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define AND VPAND
#define XOR VPXOR
#define MOVE VMOVDQU
#define VECTOR 32
#include "nibbles_amd64.h"

// Y0-Y7: lows and highs of the cells. Y8-Y11: counts of a triple. Y12: a table.
// Y13-Y14: nibbles of the channels, loaded once for both pairs. That leaves none for
// the mask, which costs one load a triple. Y15: temporary, then 0x0f in each byte.

#define TABLE(nibble, pair) \
	OFFSET(nibble, pair)           \
	VBROADCASTI128 (BX)(DX*1), Y12

// FIRST counts the first nibble of a triple of a pair of pixels and 64 channels, MORE
// adds another one. Both may overwrite their temporaries.
#define FIRST(pair, x0, x1) \
	TABLE(0, pair)          \
	VPSHUFB Y13, Y12, x0    \
	VPSHUFB Y14, Y12, x1

#define MORE(nibble, pair, x0, x1, t0) \
	TABLE(nibble, pair)     \
	VPSHUFB Y13, Y12, t0    \
	VPADDB  t0, x0, x0      \
	VPSHUFB Y14, Y12, Y12   \
	VPADDB  Y12, x1, x1

#define CHANNELS(nibble) \
	VMOVDQU (64*(nibble))(SI), Y13    \
	VMOVDQU (64*(nibble)+32)(SI), Y14

// MASK sets Y15 for SPLIT2, which ends a triple.
#define MASK VPBROADCASTD lowNibbles<>(SB), Y15

#define SPLIT2(x0, x1, lows0, highs0, lows1, highs1) \
	SPLIT(x0, Y12, Y15, lows0, highs0) \
	SPLIT(x1, Y13, Y15, lows1, highs1)

// FLUSH2 and FLUSH4 do the cells of one and two pairs of pixels.
#define FLUSH2(SUMS) \
	FLUSH(SUMS, Y0, Y1, Y8, Y9, 0, 128)  \
	FLUSH(SUMS, Y2, Y3, Y8, Y9, 64, 192)

#define FLUSH4(SUMS) \
	FLUSH2(SUMS)                          \
	FLUSH(SUMS, Y4, Y5, Y8, Y9, 256, 384) \
	FLUSH(SUMS, Y6, Y7, Y8, Y9, 320, 448)

// func bgemm_4x2_avx2(args *nibbleArgs)
TEXT ·bgemm_4x2_avx2(SB), NOSPLIT, $0-8
	START

tile:
	TILE
	PAIR(R8, R9)
	CLEAR(Y0, Y1)
	CLEAR(Y2, Y3)
	CLEAR(Y4, Y5)
	CLEAR(Y6, Y7)

bytes:
	BYTES

	PCALIGN $64
triple:
	CHANNELS(0)
	FIRST(R8, Y8, Y9)
	FIRST(R9, Y10, Y11)
	CHANNELS(1)
	MORE(1, R8, Y8, Y9, Y15)
	MORE(1, R9, Y10, Y11, Y13)
	CHANNELS(2)
	MORE(2, R8, Y8, Y9, Y15)
	MORE(2, R9, Y10, Y11, Y13)
	MASK
	SPLIT2(Y8, Y9, Y0, Y1, Y2, Y3)
	SPLIT2(Y10, Y11, Y4, Y5, Y6, Y7)
	NEXT(192, triple)

	VPBROADCASTD evenBytes<>(SB), Y8
	ROUND(FLUSH4, bytes, more, flushed)
	FINISH(2, R9, tile)

// func bgemm_2x2_avx2(args *nibbleArgs)
TEXT ·bgemm_2x2_avx2(SB), NOSPLIT, $0-8
	START

tile:
	TILE
	CLEAR(Y0, Y1)
	CLEAR(Y2, Y3)

bytes:
	BYTES

	PCALIGN $64
triple:
	CHANNELS(0)
	FIRST(R8, Y8, Y9)
	CHANNELS(1)
	MORE(1, R8, Y8, Y9, Y13)
	CHANNELS(2)
	MORE(2, R8, Y8, Y9, Y13)
	MASK
	SPLIT2(Y8, Y9, Y0, Y1, Y2, Y3)
	NEXT(192, triple)

	VPBROADCASTD evenBytes<>(SB), Y8
	ROUND(FLUSH2, bytes, more, flushed)
	FINISH(1, R8, tile)
