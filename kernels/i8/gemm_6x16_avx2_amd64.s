//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_amd64.h"

// Tiles of 6 rows by up to two vectors of columns, of 16-bit numbers in pairs, whose products
// do not saturate. Sums are in Y0-Y11, weights in Y12 and Y13.

#define EACH6(DO) \
	DO(0, R8, Y0, Y1)   \
	DO(1, R9, Y2, Y3)   \
	DO(2, R10, Y4, Y5)  \
	DO(3, R11, Y6, Y7)  \
	DO(4, R12, Y8, Y9)  \
	DO(5, R13, Y10, Y11)

#define WEIGHTS1 VMOVDQU (SI), Y12
#define WEIGHTS2 WEIGHTS1; VMOVDQU 32(SI), Y13

#define SET1(r, row, a, b) VMOVDQU (CX), a
#define SET2(r, row, a, b) SET1(r, row, a, b); VMOVDQU 32(CX), b

#define DOT1(r, row, a, b) \
	VPBROADCASTD (row)(CX*1), Y14 \
	VPMADDWD     Y12, Y14, Y15    \
	VPADDD       Y15, a, a
#define DOT2(r, row, a, b) \
	DOT1(r, row, a, b)         \
	VPMADDWD Y13, Y14, Y14     \
	VPADDD   Y14, b, b

#define LOAD1(r, row, a, b) VMOVDQU (32*r)(CX), a
#define LOAD2(r, row, a, b) VMOVDQU (64*r)(CX), a; VMOVDQU (64*r+32)(CX), b
#define STORE1(r, row, a, b) VMOVDQU a, (32*r)(CX)
#define STORE2(r, row, a, b) VMOVDQU a, (64*r)(CX); VMOVDQU b, (64*r+32)(CX)

// func gemm6x16AVX2(a *gemmArgs)
TEXT ·gemm6x16AVX2(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET2, WEIGHTS2, DOT2, 64, LOAD2, STORE2, 384)

// func gemm6x8AVX2(a *gemmArgs)
TEXT ·gemm6x8AVX2(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET1, WEIGHTS1, DOT1, 32, LOAD1, STORE1, 192)

// func widenAVX2(dst *uint16, src *byte, n int, flip uint64)
TEXT ·widenAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ flip+24(FP), AX
	VMOVQ AX, X1
	VPBROADCASTB X1, X1
loop:
	VMOVDQU (SI), X0
	VPXOR   X1, X0, X0
	VPMOVZXBW X0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $16, SI
	ADDQ $32, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET
