//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// Tiles of 6 or 1 rows by 16 to 64 columns with AVX-512: an accumulator for each row
// and 16 columns, weights loaded once for all rows, a number of a row broadcast for
// all columns. The 6x64 loop has 24 fused multiply-adds, 4 loads and 6 broadcasts
// for each k: 12 cycles with two FMA units.
//
//	DI arguments     SI weights       AX runs    BX runs left
//	R8-R13 rows      DX run length    CX i       R14 start of the run
//	Z0-Z23 accumulators, row-major    Z24-Z27 weights    Z28-Z29 broadcasts

#define ROW(r, reg) \
	MOVQ gemmArgs_in+8*r(DI), reg \
	LEAQ (reg)(R14*4), reg

#define ROWS6 \
	ROW(0, R8)  \
	ROW(1, R9)  \
	ROW(2, R10) \
	ROW(3, R11) \
	ROW(4, R12) \
	ROW(5, R13)

#define BEGIN \
	MOVQ a+0(FP), DI             \
	MOVQ gemmArgs_w(DI), SI      \
	MOVQ gemmArgs_runs(DI), AX   \
	MOVQ gemmArgs_count(DI), BX  \
	MOVQ gemmArgs_runLen(DI), DX \
	MOVQ gemmArgs_bias(DI), CX   \
	TESTQ CX, CX

#define OUT(r) MOVQ gemmArgs_out+8*r(DI), R14

#define LOAD4(base, a, b, c, d) \
	VMOVUPS (base), a    \
	VMOVUPS 64(base), b  \
	VMOVUPS 128(base), c \
	VMOVUPS 192(base), d
#define LOAD3(base, a, b, c) \
	VMOVUPS (base), a   \
	VMOVUPS 64(base), b \
	VMOVUPS 128(base), c
#define LOAD2(base, a, b) \
	VMOVUPS (base), a \
	VMOVUPS 64(base), b
#define LOAD1(base, a) VMOVUPS (base), a

#define COPY4(a, b, c, d) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b \
	VMOVAPS Z2, c \
	VMOVAPS Z3, d
#define COPY3(a, b, c) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b \
	VMOVAPS Z2, c
#define COPY2(a, b) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b
#define COPY1(a) VMOVAPS Z0, a

#define FMA4(row, t, a, b, c, d) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b      \
	VFMADD231PS  Z26, t, c      \
	VFMADD231PS  Z27, t, d
#define FMA3(row, t, a, b, c) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b      \
	VFMADD231PS  Z26, t, c
#define FMA2(row, t, a, b) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b
#define FMA1(row, t, a) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMITS \
	VBROADCASTSS gemmArgs_min(DI), Z28 \
	VBROADCASTSS gemmArgs_max(DI), Z29
#define LIMIT(a) \
	VMAXPS a, Z28, a \
	VMINPS a, Z29, a

#define STORE4(a, b, c, d) \
	LIMIT(a)            \
	LIMIT(b)            \
	LIMIT(c)            \
	LIMIT(d)            \
	VMOVUPS a, (R14)    \
	VMOVUPS b, 64(R14)  \
	VMOVUPS c, 128(R14) \
	VMOVUPS d, 192(R14)
#define STORE3(a, b, c) \
	LIMIT(a)           \
	LIMIT(b)           \
	LIMIT(c)           \
	VMOVUPS a, (R14)   \
	VMOVUPS b, 64(R14) \
	VMOVUPS c, 128(R14)
#define STORE2(a, b) \
	LIMIT(a)         \
	LIMIT(b)         \
	VMOVUPS a, (R14) \
	VMOVUPS b, 64(R14)
#define STORE1(a) \
	LIMIT(a) \
	VMOVUPS a, (R14)

// func gemm6x64AVX512(a *gemmArgs)
TEXT ·gemm6x64AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD4(CX, Z0, Z1, Z2, Z3)
	COPY4(Z4, Z5, Z6, Z7)
	COPY4(Z8, Z9, Z10, Z11)
	COPY4(Z12, Z13, Z14, Z15)
	COPY4(Z16, Z17, Z18, Z19)
	COPY4(Z20, Z21, Z22, Z23)

run:
	MOVQ (AX), R14
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD4(SI, Z24, Z25, Z26, Z27)
	FMA4(R8, Z28, Z0, Z1, Z2, Z3)
	FMA4(R9, Z29, Z4, Z5, Z6, Z7)
	FMA4(R10, Z28, Z8, Z9, Z10, Z11)
	FMA4(R11, Z29, Z12, Z13, Z14, Z15)
	FMA4(R12, Z28, Z16, Z17, Z18, Z19)
	FMA4(R13, Z29, Z20, Z21, Z22, Z23)
	ADDQ $256, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE4(Z0, Z1, Z2, Z3)
	OUT(1)
	STORE4(Z4, Z5, Z6, Z7)
	OUT(2)
	STORE4(Z8, Z9, Z10, Z11)
	OUT(3)
	STORE4(Z12, Z13, Z14, Z15)
	OUT(4)
	STORE4(Z16, Z17, Z18, Z19)
	OUT(5)
	STORE4(Z20, Z21, Z22, Z23)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD4(R14, Z0, Z1, Z2, Z3)
	OUT(1)
	LOAD4(R14, Z4, Z5, Z6, Z7)
	OUT(2)
	LOAD4(R14, Z8, Z9, Z10, Z11)
	OUT(3)
	LOAD4(R14, Z12, Z13, Z14, Z15)
	OUT(4)
	LOAD4(R14, Z16, Z17, Z18, Z19)
	OUT(5)
	LOAD4(R14, Z20, Z21, Z22, Z23)
	JMP  run

// func gemm6x48AVX512(a *gemmArgs)
TEXT ·gemm6x48AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD3(CX, Z0, Z1, Z2)
	COPY3(Z4, Z5, Z6)
	COPY3(Z8, Z9, Z10)
	COPY3(Z12, Z13, Z14)
	COPY3(Z16, Z17, Z18)
	COPY3(Z20, Z21, Z22)

run:
	MOVQ (AX), R14
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD3(SI, Z24, Z25, Z26)
	FMA3(R8, Z28, Z0, Z1, Z2)
	FMA3(R9, Z29, Z4, Z5, Z6)
	FMA3(R10, Z28, Z8, Z9, Z10)
	FMA3(R11, Z29, Z12, Z13, Z14)
	FMA3(R12, Z28, Z16, Z17, Z18)
	FMA3(R13, Z29, Z20, Z21, Z22)
	ADDQ $192, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE3(Z0, Z1, Z2)
	OUT(1)
	STORE3(Z4, Z5, Z6)
	OUT(2)
	STORE3(Z8, Z9, Z10)
	OUT(3)
	STORE3(Z12, Z13, Z14)
	OUT(4)
	STORE3(Z16, Z17, Z18)
	OUT(5)
	STORE3(Z20, Z21, Z22)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD3(R14, Z0, Z1, Z2)
	OUT(1)
	LOAD3(R14, Z4, Z5, Z6)
	OUT(2)
	LOAD3(R14, Z8, Z9, Z10)
	OUT(3)
	LOAD3(R14, Z12, Z13, Z14)
	OUT(4)
	LOAD3(R14, Z16, Z17, Z18)
	OUT(5)
	LOAD3(R14, Z20, Z21, Z22)
	JMP  run

// func gemm6x32AVX512(a *gemmArgs)
TEXT ·gemm6x32AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD2(CX, Z0, Z1)
	COPY2(Z4, Z5)
	COPY2(Z8, Z9)
	COPY2(Z12, Z13)
	COPY2(Z16, Z17)
	COPY2(Z20, Z21)

run:
	MOVQ (AX), R14
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD2(SI, Z24, Z25)
	FMA2(R8, Z28, Z0, Z1)
	FMA2(R9, Z29, Z4, Z5)
	FMA2(R10, Z28, Z8, Z9)
	FMA2(R11, Z29, Z12, Z13)
	FMA2(R12, Z28, Z16, Z17)
	FMA2(R13, Z29, Z20, Z21)
	ADDQ $128, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE2(Z0, Z1)
	OUT(1)
	STORE2(Z4, Z5)
	OUT(2)
	STORE2(Z8, Z9)
	OUT(3)
	STORE2(Z12, Z13)
	OUT(4)
	STORE2(Z16, Z17)
	OUT(5)
	STORE2(Z20, Z21)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD2(R14, Z0, Z1)
	OUT(1)
	LOAD2(R14, Z4, Z5)
	OUT(2)
	LOAD2(R14, Z8, Z9)
	OUT(3)
	LOAD2(R14, Z12, Z13)
	OUT(4)
	LOAD2(R14, Z16, Z17)
	OUT(5)
	LOAD2(R14, Z20, Z21)
	JMP  run

// func gemm6x16AVX512(a *gemmArgs)
TEXT ·gemm6x16AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD1(CX, Z0)
	COPY1(Z4)
	COPY1(Z8)
	COPY1(Z12)
	COPY1(Z16)
	COPY1(Z20)

run:
	MOVQ (AX), R14
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD1(SI, Z24)
	FMA1(R8, Z28, Z0)
	FMA1(R9, Z29, Z4)
	FMA1(R10, Z28, Z8)
	FMA1(R11, Z29, Z12)
	FMA1(R12, Z28, Z16)
	FMA1(R13, Z29, Z20)
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE1(Z0)
	OUT(1)
	STORE1(Z4)
	OUT(2)
	STORE1(Z8)
	OUT(3)
	STORE1(Z12)
	OUT(4)
	STORE1(Z16)
	OUT(5)
	STORE1(Z20)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD1(R14, Z0)
	OUT(1)
	LOAD1(R14, Z4)
	OUT(2)
	LOAD1(R14, Z8)
	OUT(3)
	LOAD1(R14, Z12)
	OUT(4)
	LOAD1(R14, Z16)
	OUT(5)
	LOAD1(R14, Z20)
	JMP  run

// A row by itself: the weights are operands from memory.
#define ROW4 \
	VBROADCASTSS (R8)(CX*4), Z28  \
	VFMADD231PS  (SI), Z28, Z0    \
	VFMADD231PS  64(SI), Z28, Z1  \
	VFMADD231PS  128(SI), Z28, Z2 \
	VFMADD231PS  192(SI), Z28, Z3
#define ROW3 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0   \
	VFMADD231PS  64(SI), Z28, Z1 \
	VFMADD231PS  128(SI), Z28, Z2
#define ROW2 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0   \
	VFMADD231PS  64(SI), Z28, Z1
#define ROW1 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0

// func gemm1x64AVX512(a *gemmArgs)
TEXT ·gemm1x64AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD4(CX, Z0, Z1, Z2, Z3)

run:
	MOVQ (AX), R14
	ROW(0, R8)
	XORQ CX, CX
	PCALIGN $32

k:
	ROW4
	ADDQ $256, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE4(Z0, Z1, Z2, Z3)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD4(R14, Z0, Z1, Z2, Z3)
	JMP  run

// func gemm1x48AVX512(a *gemmArgs)
TEXT ·gemm1x48AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD3(CX, Z0, Z1, Z2)

run:
	MOVQ (AX), R14
	ROW(0, R8)
	XORQ CX, CX
	PCALIGN $32

k:
	ROW3
	ADDQ $192, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE3(Z0, Z1, Z2)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD3(R14, Z0, Z1, Z2)
	JMP  run

// func gemm1x32AVX512(a *gemmArgs)
TEXT ·gemm1x32AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD2(CX, Z0, Z1)

run:
	MOVQ (AX), R14
	ROW(0, R8)
	XORQ CX, CX
	PCALIGN $32

k:
	ROW2
	ADDQ $128, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE2(Z0, Z1)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD2(R14, Z0, Z1)
	JMP  run

// func gemm1x16AVX512(a *gemmArgs)
TEXT ·gemm1x16AVX512(SB), NOSPLIT, $0-8
	BEGIN
	JZ   sums
	LOAD1(CX, Z0)

run:
	MOVQ (AX), R14
	ROW(0, R8)
	XORQ CX, CX
	PCALIGN $32

k:
	ROW1
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUT(0)
	STORE1(Z0)
	VZEROUPPER
	RET

sums:
	OUT(0)
	LOAD1(R14, Z0)
	JMP  run
