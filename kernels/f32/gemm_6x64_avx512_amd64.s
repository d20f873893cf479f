//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_amd64.h"
#include "gemm_avx512_amd64.h"

// Tiles of 6 rows: weights are loaded once for all rows, a number of a row is broadcast
// once for all columns. The 6x64 loop has 24 fused multiply-adds, 4 loads and 6
// broadcasts for each k: 12 cycles with two FMA units.

#define FETCH2 FETCH; WEIGHTS2
#define FETCH3 FETCH; WEIGHTS3
#define FETCH4 FETCH; WEIGHTS4

// func gemm6x64AVX512(a *gemmArgs)
TEXT ·gemm6x64AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS6, EACH6, 48, BIAS4, SET4, FETCH4, FMA4, 256, LIMIT4, LOAD4, STORE4)

// func gemm6x48AVX512(a *gemmArgs)
TEXT ·gemm6x48AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS6, EACH6, 48, BIAS3, SET3, FETCH3, FMA3, 192, LIMIT3, LOAD3, STORE3)

// func gemm6x32AVX512(a *gemmArgs)
TEXT ·gemm6x32AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS6, EACH6, 48, BIAS2, SET2, FETCH2, FMA2, 128, LIMIT2, LOAD2, STORE2)

// Tiles of 2 or 4 rows, for what is left or all there is: their weights are used only once, and
// what will be needed soon is fetched.

#define COMING1 PREFETCHT0 2048(SI)
#define COMING2 COMING1; PREFETCHT0 2112(SI)
#define COMING3 COMING2; PREFETCHT0 2176(SI)
#define COMING4 COMING3; PREFETCHT0 2240(SI)

#define SOON2 COMING2; WEIGHTS2
#define SOON3 COMING3; WEIGHTS3
#define SOON4 COMING4; WEIGHTS4

// func gemm2x64AVX512(a *gemmArgs)
TEXT ·gemm2x64AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS2, EACH2, 16, BIAS4, SET4, SOON4, FMA4, 256, LIMIT4, LOAD4, STORE4)

// func gemm2x48AVX512(a *gemmArgs)
TEXT ·gemm2x48AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS2, EACH2, 16, BIAS3, SET3, SOON3, FMA3, 192, LIMIT3, LOAD3, STORE3)

// func gemm2x32AVX512(a *gemmArgs)
TEXT ·gemm2x32AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS2, EACH2, 16, BIAS2, SET2, SOON2, FMA2, 128, LIMIT2, LOAD2, STORE2)

// func gemm4x64AVX512(a *gemmArgs)
TEXT ·gemm4x64AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS4, EACH4, 32, BIAS4, SET4, SOON4, FMA4, 256, LIMIT4, LOAD4, STORE4)

// func gemm4x48AVX512(a *gemmArgs)
TEXT ·gemm4x48AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS4, EACH4, 32, BIAS3, SET3, SOON3, FMA3, 192, LIMIT3, LOAD3, STORE3)

// func gemm4x32AVX512(a *gemmArgs)
TEXT ·gemm4x32AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS4, EACH4, 32, BIAS2, SET2, SOON2, FMA2, 128, LIMIT2, LOAD2, STORE2)

// Tiles of one row: the weights are operands from memory.

#define ROW1(r, row, t, a, b, c, d) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  (SI), t, a
#define ROW2(r, row, t, a, b, c, d) ROW1(r, row, t, a, b, c, d); VFMADD231PS 64(SI), t, b
#define ROW3(r, row, t, a, b, c, d) ROW2(r, row, t, a, b, c, d); VFMADD231PS 128(SI), t, c
#define ROW4(r, row, t, a, b, c, d) ROW3(r, row, t, a, b, c, d); VFMADD231PS 192(SI), t, d

// func gemm1x64AVX512(a *gemmArgs)
TEXT ·gemm1x64AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS4, SET4, COMING4, ROW4, 256, LIMIT4, LOAD4, STORE4)

// func gemm1x48AVX512(a *gemmArgs)
TEXT ·gemm1x48AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS3, SET3, COMING3, ROW3, 192, LIMIT3, LOAD3, STORE3)

// func gemm1x32AVX512(a *gemmArgs)
TEXT ·gemm1x32AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS2, SET2, COMING2, ROW2, 128, LIMIT2, LOAD2, STORE2)

// func gemm1x16AVX512(a *gemmArgs)
TEXT ·gemm1x16AVX512(SB), NOSPLIT, $0-8
	GEMM(ROWS1, EACH1, 8, BIAS1, SET1, COMING1, ROW1, 64, LIMIT1, LOAD1, STORE1)
