//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "elementwise_amd64.h"

// EACH does VECTOR for n/numbers vectors: of bytes at SI and DX, or floats at SI, to bytes at
// DI.
#define EACH(VECTOR, numbers, size) \
	MOVQ elementArgs_dst(BX), DI \
	MOVQ elementArgs_x(BX), SI   \
	MOVQ elementArgs_y(BX), DX   \
	MOVQ elementArgs_n(BX), CX   \
loop:                            \
	VECTOR                       \
	ADDQ $(numbers*size), SI     \
	ADDQ $numbers, DX            \
	ADDQ $numbers, DI            \
	SUBQ $numbers, CX            \
	JNZ  loop                    \
	VZEROUPPER                   \
	RET

#define CONSTANTS(lo, hi, zero) \
	MOVQ a+0(FP), BX                     \
	VBROADCASTSS elementArgs_min(BX), lo \
	VBROADCASTSS elementArgs_max(BX), hi \
	VPBROADCASTD elementArgs_zero(BX), zero

#define OPERANDS(flipA, flipB, zeroA, zeroB, scaleA, scaleB) \
	VPBROADCASTB elementArgs_flipX(BX), flipA   \
	VPBROADCASTB elementArgs_flipY(BX), flipB   \
	VPBROADCASTD elementArgs_zeroX(BX), zeroA   \
	VPBROADCASTD elementArgs_zeroY(BX), zeroB   \
	VBROADCASTSS elementArgs_scaleX(BX), scaleA \
	VBROADCASTSS elementArgs_scaleY(BX), scaleB

// VALUES leaves the values of bytes in v.
#define VALUES(LOAD, at, x, v, flip, zero, scale) \
	LOAD      at, x         \
	VPXOR     flip, x, x    \
	VPMOVZXBD x, v          \
	VPSUBD    zero, v, v    \
	VCVTDQ2PS v, v          \
	VMULPS    scale, v, v

#define QUANTIZE16 \
	VMOVUPS (SI), Z0         \
	VDIVPS  Z4, Z0, Z0       \
	LIMITED(Z0, Z1, Z2, Z3)  \
	VPMOVDB Z0, (DI)

#define BINARY16(OP) \
	VALUES(VMOVDQU, (SI), X0, Z0, X4, Z6, Z8) \
	VALUES(VMOVDQU, (DX), X10, Z10, X5, Z7, Z9) \
	OP      Z10, Z0, Z0      \
	LIMITED(Z0, Z1, Z2, Z3)  \
	VPMOVDB Z0, (DI)
#define ADD16 BINARY16(VADDPS)
#define MUL16 BINARY16(VMULPS)

#define QUANTIZE8 \
	VMOVUPS (SI), Y0        \
	VDIVPS  Y4, Y0, Y0      \
	LIMITED(Y0, Y1, Y2, Y3) \
	BYTES8(Y0, X0, X6, Y5)  \
	VMOVQ   X0, (DI)

#define BINARY8(OP) \
	VALUES(VMOVQ, (SI), X0, Y0, X4, Y6, Y8) \
	VALUES(VMOVQ, (DX), X10, Y10, X5, Y7, Y9) \
	OP    Y10, Y0, Y0       \
	LIMITED(Y0, Y1, Y2, Y3) \
	BYTES8(Y0, X0, X10, Y11) \
	VMOVQ X0, (DI)
#define ADD8 BINARY8(VADDPS)
#define MUL8 BINARY8(VMULPS)

// func quantizeAVX512(a *elementArgs)
TEXT ·quantizeAVX512(SB), NOSPLIT, $0-8
	CONSTANTS(Z1, Z2, Z3)
	VBROADCASTSS elementArgs_scaleX(BX), Z4
	EACH(QUANTIZE16, 16, 4)

// func addAVX512(a *elementArgs)
TEXT ·addAVX512(SB), NOSPLIT, $0-8
	CONSTANTS(Z1, Z2, Z3)
	OPERANDS(X4, X5, Z6, Z7, Z8, Z9)
	EACH(ADD16, 16, 1)

// func mulAVX512(a *elementArgs)
TEXT ·mulAVX512(SB), NOSPLIT, $0-8
	CONSTANTS(Z1, Z2, Z3)
	OPERANDS(X4, X5, Z6, Z7, Z8, Z9)
	EACH(MUL16, 16, 1)

// func quantizeAVX2(a *elementArgs)
TEXT ·quantizeAVX2(SB), NOSPLIT, $0-8
	CONSTANTS(Y1, Y2, Y3)
	VBROADCASTSS elementArgs_scaleX(BX), Y4
	ONES(Y5)
	EACH(QUANTIZE8, 8, 4)

// func addAVX2(a *elementArgs)
TEXT ·addAVX2(SB), NOSPLIT, $0-8
	CONSTANTS(Y1, Y2, Y3)
	OPERANDS(X4, X5, Y6, Y7, Y8, Y9)
	ONES(Y11)
	EACH(ADD8, 8, 1)

// func mulAVX2(a *elementArgs)
TEXT ·mulAVX2(SB), NOSPLIT, $0-8
	CONSTANTS(Y1, Y2, Y3)
	OPERANDS(X4, X5, Y6, Y7, Y8, Y9)
	ONES(Y11)
	EACH(MUL8, 8, 1)
