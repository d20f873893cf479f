//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// SUM gives dot products as in epilogue_amd64.h. Counts are less than 1<<15, and Z30 is -Step in
// the lower half of each lane.
#define SUM(acc, at) \
	VMOVDQU32 at(R8)(AX*1), Z28 \
	VPDPWSSD  Z30, acc, Z28

#include "tiles_amd64.h"

// Tiles of 7 pixels x 32 or 16 channels, a channel in each 32-bit lane, by carry-save
// addition of two words at a time.
//
// Z0-Z13: sums modulo 2, then counts, pixel*2 + vector. Z14-Z27: counts of carries, likewise.
// Z28, Z29: two words of the pixel. Z30, Z31: temporaries.
// R8-R14: pixels. AX: word of the pixel. SI: panel.
// Two words are bound by 5 vector operations, where plain counting takes 6: moves of
// registers cost none.

// ADD adds two words, with the weights at first and second, to a sum c and counts the
// carry: the majority of the old sum and two bits x and y. If x equals the old sum, the sum
// with x is 0 and the carry the old sum; else the carry is y, the complement of the new sum.
#define ADD(first, second, a, c) \
	VMOVDQA64  c, Z30 \
	VPTERNLOGD $0x96, first(SI), Z28, c \
	VMOVDQA64  c, Z31 \
	VPTERNLOGD $0x96, second(SI), Z29, c \
	VPTERNLOGD $0x74, c, Z31, Z30 \
	VPOPCNTD   Z30, Z30 \
	VPADDD     Z30, a, a

// ADDFIRST is ADD for a sum and a count of 0.
#define ADDFIRST(first, second, a, c) \
	VPXORD     first(SI), Z28, Z30 \
	VMOVDQA64  Z30, c \
	VPTERNLOGD $0x96, second(SI), Z29, c \
	VPANDND    Z30, c, Z30 \
	VPOPCNTD   Z30, a

// ADDLAST adds a word that is alone.
#define ADDLAST(at, a, c) \
	VMOVDQA64  c, Z30 \
	VPTERNLOGD $0x96, at(SI), Z28, c \
	VPANDND    Z30, c, Z30 \
	VPOPCNTD   Z30, Z30 \
	VPADDD     Z30, a, a

#define BROADCAST(p) \
	VPBROADCASTD (p)(AX*4), Z28 \
	VPBROADCASTD 4(p)(AX*4), Z29

#define FIRST1(p, a0, a1, c0, c1) \
	BROADCAST(p) \
	ADDFIRST(0, 64, a0, c0)

#define FIRST2(p, a0, a1, c0, c1) \
	BROADCAST(p) \
	ADDFIRST(0, 128, a0, c0) \
	ADDFIRST(64, 192, a1, c1)

#define PAIR1(p, a0, a1, c0, c1) \
	BROADCAST(p) \
	ADD(0, 64, a0, c0)

#define PAIR2(p, a0, a1, c0, c1) \
	BROADCAST(p) \
	ADD(0, 128, a0, c0) \
	ADD(64, 192, a1, c1)

#define LAST1(p, a0, a1, c0, c1) \
	VPBROADCASTD (p)(AX*4), Z28 \
	ADDLAST(0, a0, c0)

#define LAST2(p, a0, a1, c0, c1) \
	LAST1(p, a0, a1, c0, c1) \
	ADDLAST(64, a1, c1)

// TOTAL makes a count of differing bits of what is left of the sum and the carries, in c.
#define TOTAL(a, c) \
	VPOPCNTD c, c \
	VPDPWSSD Z30, a, c

#define TOTAL1(p, a0, a1, c0, c1) TOTAL(a0, c0)

#define TOTAL2(p, a0, a1, c0, c1) \
	TOTAL(a0, c0) \
	TOTAL(a1, c1)

// PIXELS does M for each pixel of a tile.
#define PIXELS(M) \
	M(R8, Z14, Z15, Z0, Z1) \
	M(R9, Z16, Z17, Z2, Z3) \
	M(R10, Z18, Z19, Z4, Z5) \
	M(R11, Z20, Z21, Z6, Z7) \
	M(R12, Z22, Z23, Z8, Z9) \
	M(R13, Z24, Z25, Z10, Z11) \
	M(R14, Z26, Z27, Z12, Z13)

#define ROWS(VECTORS, EVEN, ODD) \
	ROW(VECTORS, EVEN, ODD, 0, Z0, Z1, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 1, Z2, Z3, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 2, Z4, Z5, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 3, Z6, Z7, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 4, Z8, Z9, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 5, Z10, Z11, Z31, Z31) \
	ROW(VECTORS, EVEN, ODD, 6, Z12, Z13, Z31, Z31)

// SAVE counts for a tile, from runs of at least two words. width is the bytes of the panel
// for a word.
#define SAVE(FIRST, PAIR, LAST, TOTAL, width) \
	PANEL \
	MOVQ (CX), AX \
	PIXELS(FIRST) \
	ADDQ $2, AX \
	ADDQ $(2*width), SI \
	JMP  words \
	RUNS(PAIRS(PAIR, LAST, width)) \
	SECOND(SHIFT7) \
	MOVL $2, AX \
	VPBROADCASTD AX, Z30 \
	PIXELS(TOTAL) \
	MOVQ block_Step(BX), AX \
	NEGL AX \
	MOVWLZX AX, AX \
	VPBROADCASTD AX, Z30

// PAIRS does PAIR for each two words of a run and LAST for an odd one.
#define PAIRS(PAIR, LAST, width) \
	DECQ DX \
	CMPQ AX, DX \
	JGE  odd \
	PCALIGN $64 \
pair: \
	PIXELS(PAIR) \
	ADDQ $2, AX \
	ADDQ $(2*width), SI \
	CMPQ AX, DX \
	JLT  pair \
odd: \
	JNE  ran \
	PIXELS(LAST) \
	ADDQ $width, SI

// func bgemm_7x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_7x2_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT7, SAVE(FIRST2, PAIR2, LAST2, TOTAL2, 128), ROWS, VECTORS2, 7)

// func bgemm_7x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_7x1_avx512popcnt(SB), NOSPLIT, $56-16
	TILES(POINT7, SAVE(FIRST1, PAIR1, LAST1, TOTAL1, 64), ROWS, VECTORS1, 7)
