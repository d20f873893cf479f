//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_amd64.h"

// Tiles with AVX2 and FMA: as those of AVX-512, with vectors of 8 columns and 16
// registers: sums in Y0-Y11, up to 2 vectors for each row, weights in Y12 and Y13, numbers
// of rows in Y14 and Y15. The 6x16 loop has 12 fused multiply-adds, 2 loads and 6
// broadcasts for each k: 6 cycles with two FMA units.

#define PREPARE

#define EACH1(DO) DO(0, R8, Y14, Y0, Y1)

#define EACH6(DO) \
	DO(0, R8, Y14, Y0, Y1)   \
	DO(1, R9, Y15, Y2, Y3)   \
	DO(2, R10, Y14, Y4, Y5)  \
	DO(3, R11, Y15, Y6, Y7)  \
	DO(4, R12, Y14, Y8, Y9)  \
	DO(5, R13, Y15, Y10, Y11)

#define WEIGHTS1 VMOVUPS (SI), Y12
#define WEIGHTS2 WEIGHTS1; VMOVUPS 32(SI), Y13

#define BIAS1 VMOVUPS (CX), Y12
#define BIAS2 BIAS1; VMOVUPS 32(CX), Y13

#define SET1(r, row, t, a, b) VMOVAPS Y12, a
#define SET2(r, row, t, a, b) SET1(r, row, t, a, b); VMOVAPS Y13, b

#define FMA1(r, row, t, a, b) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Y12, t, a
#define FMA2(r, row, t, a, b) FMA1(r, row, t, a, b); VFMADD231PS Y13, t, b

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMITS \
	VBROADCASTSS gemmArgs_min(DI), Y14 \
	VBROADCASTSS gemmArgs_max(DI), Y15
#define LIMIT1(r, row, t, a, b) \
	VMAXPS a, Y14, a \
	VMINPS a, Y15, a
#define LIMIT2(r, row, t, a, b) LIMIT1(r, row, t, a, b); LIMIT1(r, row, t, b, b)

#define STORE1(r, row, t, a, b) RESULT(r); VMOVUPS a, (R14)
#define STORE2(r, row, t, a, b) STORE1(r, row, t, a, b); VMOVUPS b, 32(R14)

#define LOAD1(r, row, t, a, b) RESULT(r); VMOVUPS (R14), a
#define LOAD2(r, row, t, a, b) LOAD1(r, row, t, a, b); VMOVUPS 32(R14), b

#define FETCH1 FETCH; WEIGHTS1
#define FETCH2 FETCH; WEIGHTS2

// Weights of a row by itself are used only once: what will be needed soon is fetched.
#define COMING1 PREFETCHT0 2048(SI); WEIGHTS1
#define COMING2 PREFETCHT0 2048(SI); WEIGHTS2

// func gemm6x16AVX2(a *gemmArgs)
TEXT ·gemm6x16AVX2(SB), NOSPLIT, $0-8
	GEMM(ROWS6, EACH6, 48, BIAS2, SET2, FETCH2, FMA2, 64, LIMIT2, LOAD2, STORE2)

// func gemm6x8AVX2(a *gemmArgs)
TEXT ·gemm6x8AVX2(SB), NOSPLIT, $0-8
	GEMM(ROWS6, EACH6, 48, BIAS1, SET1, FETCH1, FMA1, 32, LIMIT1, LOAD1, STORE1)

// func gemm1x16AVX2(a *gemmArgs)
TEXT ·gemm1x16AVX2(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS2, SET2, COMING2, FMA2, 64, LIMIT2, LOAD2, STORE2)

// func gemm1x8AVX2(a *gemmArgs)
TEXT ·gemm1x8AVX2(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS1, SET1, COMING1, FMA1, 32, LIMIT1, LOAD1, STORE1)
