//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "tiles_amd64.h"

// Tiles of 7 pixels or 1 x 32 or 16 channels, a channel in each 32-bit lane, by carry-save
// addition of two words at a time.
//
// Z0-Z13: counts of carries, pixel*2 + vector. Z14-Z27: sums modulo 2, likewise.
// Z28, Z29: a word of the pixel, and it xor the next one. Z30, Z31: temporaries.
// R8-R14: pixels. AX: word of the pixel, DX: of its pairs. SI: panel. DI: pairs left.
// CX: run. R15: words from A to Pairs.
// A pair of words is bound by 5 vector operations, where plain counting takes 6: the
// move of a register costs none.

// ADD adds two words to a sum c and counts the carry. first is the panel of the first
// word, both of it xor the second. The carry is the majority of the sum and two bits x
// and y: x if x equals the old sum, or else y, which then is the complement of the new sum.
#define ADD(first, both, a, c) \
	VPXORD      first(SI), Z28, Z30 \
	VMOVDQA64   c, Z31 \
	VPTERNLOGD  $0x96, both(SI), Z29, c \
	VPTERNLOGD  $0xD4, c, Z31, Z30 \
	VPOPCNTD    Z30, Z30 \
	VPADDD      Z30, a, a

// ADDLAST adds a word that is alone.
#define ADDLAST(at, a, c) \
	VPXORD   at(SI), Z28, Z30 \
	VPANDD   c, Z30, Z31 \
	VPXORD   Z30, c, c \
	VPOPCNTD Z31, Z31 \
	VPADDD   Z31, a, a

#define PAIR2(p, a0, a1, c0, c1) \
	VPBROADCASTD (p)(AX*4), Z28 \
	VPBROADCASTD (p)(DX*4), Z29 \
	ADD(0, 128, a0, c0) \
	ADD(64, 192, a1, c1)

#define PAIR1(p, a0, a1, c0, c1) \
	VPBROADCASTD (p)(AX*4), Z28 \
	VPBROADCASTD (p)(DX*4), Z29 \
	ADD(0, 64, a0, c0)

#define LAST2(p, a0, a1, c0, c1) \
	VPBROADCASTD (p)(AX*4), Z28 \
	ADDLAST(0, a0, c0) \
	ADDLAST(64, a1, c1)

#define LAST1(p, a0, a1, c0, c1) \
	VPBROADCASTD (p)(AX*4), Z28 \
	ADDLAST(0, a0, c0)

// TOTAL makes a count of differing bits of the carries and what is left of the sum.
#define TOTAL(p, a0, a1, c0, c1) \
	VPOPCNTD c0, c0 \
	VPOPCNTD c1, c1 \
	VPADDD   a0, a0, a0 \
	VPADDD   a1, a1, a1 \
	VPADDD   c0, a0, a0 \
	VPADDD   c1, a1, a1

// SEVEN and ONE do M for each pixel of a tile.
#define SEVEN(M) \
	M(R8, Z0, Z1, Z14, Z15) \
	M(R9, Z2, Z3, Z16, Z17) \
	M(R10, Z4, Z5, Z18, Z19) \
	M(R11, Z6, Z7, Z20, Z21) \
	M(R12, Z8, Z9, Z22, Z23) \
	M(R13, Z10, Z11, Z24, Z25) \
	M(R14, Z12, Z13, Z26, Z27)

#define ONE(M) M(R8, Z0, Z1, Z14, Z15)

// ROWS7 and ROWS1 do M, one of the outputs of two vectors, for each pixel.
#define ROWS7(M) \
	M(Z0, Z1, Z31, Z31, 0) \
	M(Z2, Z3, Z31, Z31, 1) \
	M(Z4, Z5, Z31, Z31, 2) \
	M(Z6, Z7, Z31, Z31, 3) \
	M(Z8, Z9, Z31, Z31, 4) \
	M(Z10, Z11, Z31, Z31, 5) \
	M(Z12, Z13, Z31, Z31, 6)

#define ROWS1(M) M(Z0, Z1, Z31, Z31, 0)

// COUNTPAIRS does PAIR for each two words of the runs and LAST for an odd one; width is the
// bytes of the panel for a word.
#define COUNTPAIRS(TILE, PAIR, LAST, width) \
	MOVQ block_Panel(BX), SI \
	MOVQ block_Pairs(BX), R15 \
	SUBQ block_A(BX), R15 \
	SARQ $2, R15 \
	XORL CX, CX \
run: \
	CMPQ CX, (block_Runs+8)(BX) \
	JGE  counted \
	MOVQ block_Runs(BX), AX \
	MOVQ (AX)(CX*8), AX \
	MOVQ block_PairRuns(BX), DX \
	MOVQ (DX)(CX*8), DX \
	ADDQ R15, DX \
	INCQ CX \
	MOVQ block_RunWords(BX), DI \
	SHRQ $1, DI \
	JZ   odd \
	PCALIGN $64 \
pair: \
	TILE(PAIR) \
	ADDQ $2, AX \
	ADDQ $2, DX \
	ADDQ $(2*width), SI \
	DECQ DI \
	JNZ  pair \
odd: \
	TESTQ $1, block_RunWords(BX) \
	JZ    run \
	TILE(LAST) \
	ADDQ $width, SI \
	JMP  run \
counted: \
	TILE(TOTAL)

// func bgemm_7x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_7x2_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT7
	ZERO24
	ZERO4(Z24, Z25, Z26, Z27)
	COUNTPAIRS(SEVEN, PAIR2, LAST2, 128)
	OUTPUTS(ROWS7, BITS2, INT2, FLOAT2, CLAMP2, 7)

// func bgemm_7x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_7x1_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT7
	ZERO24
	ZERO4(Z24, Z25, Z26, Z27)
	COUNTPAIRS(SEVEN, PAIR1, LAST1, 64)
	OUTPUTS(ROWS7, BITS1, INT1, FLOAT1, CLAMP1, 7)

// func bgemm_1x2pairs_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x2pairs_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z14, Z15)
	COUNTPAIRS(ONE, PAIR2, LAST2, 128)
	OUTPUTS(ROWS1, BITS2, INT2, FLOAT2, CLAMP2, 1)

// func bgemm_1x1pairs_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x1pairs_avx512popcnt(SB), NOSPLIT, $48-16
	FRAME
tile:
	POINT1
	ZERO4(Z0, Z1, Z14, Z15)
	COUNTPAIRS(ONE, PAIR1, LAST1, 64)
	OUTPUTS(ROWS1, BITS1, INT1, FLOAT1, CLAMP1, 1)

// func xornext_avx512(dst, a *uint32, n int)
TEXT ·xornext_avx512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ n+16(FP), CX
	SUBQ $16, CX
	JL   rest
words:
	VMOVDQU32 (SI), Z0
	VPXORD    4(SI), Z0, Z0
	VMOVDQU32 Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JGE  words
rest:
	ADDQ $16, CX
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVDQU32.Z (SI), K1, Z0
	VMOVDQU32.Z 4(SI), K1, Z1
	VPXORD      Z1, Z0, Z0
	VMOVDQU32   Z0, K1, (DI)
	VZEROUPPER
	RET
