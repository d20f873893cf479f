//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_amd64.h"

// Tiles of 6 rows: weights are loaded once for all rows, a unit of a row is broadcast once
// for all columns. The 6x64 loop has 24 products, 4 loads and 6 broadcasts for each unit: 12
// cycles with two of VPDPBUSD. Sums are in Z0-Z23, weights in Z24-Z27.

#define EACH6(DO) \
	DO(0, R8, Z28, Z0, Z1, Z2, Z3)      \
	DO(1, R9, Z29, Z4, Z5, Z6, Z7)      \
	DO(2, R10, Z30, Z8, Z9, Z10, Z11)   \
	DO(3, R11, Z31, Z12, Z13, Z14, Z15) \
	DO(4, R12, Z28, Z16, Z17, Z18, Z19) \
	DO(5, R13, Z29, Z20, Z21, Z22, Z23)

#define WEIGHTS1 VMOVDQU32 (SI), Z24
#define WEIGHTS2 WEIGHTS1; VMOVDQU32 64(SI), Z25
#define WEIGHTS3 WEIGHTS2; VMOVDQU32 128(SI), Z26
#define WEIGHTS4 WEIGHTS3; VMOVDQU32 192(SI), Z27

#define SET1(r, row, t, a, b, c, d) VMOVDQU32 (CX), a
#define SET2(r, row, t, a, b, c, d) SET1(r, row, t, a, b, c, d); VMOVDQU32 64(CX), b
#define SET3(r, row, t, a, b, c, d) SET2(r, row, t, a, b, c, d); VMOVDQU32 128(CX), c
#define SET4(r, row, t, a, b, c, d) SET3(r, row, t, a, b, c, d); VMOVDQU32 192(CX), d

#define DOT1(r, row, t, a, b, c, d) \
	VPBROADCASTD (row)(CX*1), t \
	VPDPBUSD     Z24, t, a
#define DOT2(r, row, t, a, b, c, d) DOT1(r, row, t, a, b, c, d); VPDPBUSD Z25, t, b
#define DOT3(r, row, t, a, b, c, d) DOT2(r, row, t, a, b, c, d); VPDPBUSD Z26, t, c
#define DOT4(r, row, t, a, b, c, d) DOT3(r, row, t, a, b, c, d); VPDPBUSD Z27, t, d

#define LOAD1(r, row, t, a, b, c, d) VMOVDQU32 (64*r)(CX), a
#define LOAD2(r, row, t, a, b, c, d) VMOVDQU32 (128*r)(CX), a; VMOVDQU32 (128*r+64)(CX), b
#define LOAD3(r, row, t, a, b, c, d) \
	VMOVDQU32 (192*r)(CX), a    \
	VMOVDQU32 (192*r+64)(CX), b \
	VMOVDQU32 (192*r+128)(CX), c
#define LOAD4(r, row, t, a, b, c, d) \
	VMOVDQU32 (256*r)(CX), a     \
	VMOVDQU32 (256*r+64)(CX), b  \
	VMOVDQU32 (256*r+128)(CX), c \
	VMOVDQU32 (256*r+192)(CX), d

#define STORE1(r, row, t, a, b, c, d) VMOVDQU32 a, (64*r)(CX)
#define STORE2(r, row, t, a, b, c, d) VMOVDQU32 a, (128*r)(CX); VMOVDQU32 b, (128*r+64)(CX)
#define STORE3(r, row, t, a, b, c, d) \
	VMOVDQU32 a, (192*r)(CX)    \
	VMOVDQU32 b, (192*r+64)(CX) \
	VMOVDQU32 c, (192*r+128)(CX)
#define STORE4(r, row, t, a, b, c, d) \
	VMOVDQU32 a, (256*r)(CX)     \
	VMOVDQU32 b, (256*r+64)(CX)  \
	VMOVDQU32 c, (256*r+128)(CX) \
	VMOVDQU32 d, (256*r+192)(CX)

// func gemm6x64VNNI(a *gemmArgs)
TEXT ·gemm6x64VNNI(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET4, WEIGHTS4, DOT4, 256, LOAD4, STORE4, 1536)

// func gemm6x48VNNI(a *gemmArgs)
TEXT ·gemm6x48VNNI(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET3, WEIGHTS3, DOT3, 192, LOAD3, STORE3, 1152)

// func gemm6x32VNNI(a *gemmArgs)
TEXT ·gemm6x32VNNI(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET2, WEIGHTS2, DOT2, 128, LOAD2, STORE2, 768)

// func gemm6x16VNNI(a *gemmArgs)
TEXT ·gemm6x16VNNI(SB), NOSPLIT, $0-8
	GEMM(EACH6, SET1, WEIGHTS1, DOT1, 64, LOAD1, STORE1, 384)
