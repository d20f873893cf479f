//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// Tiles of 6 or 1 rows by 16 or 8 columns with AVX2 and FMA: as those of AVX-512, with
// half the vector and 16 registers. The 6x16 loop has 12 fused multiply-adds, 2 loads
// and 6 broadcasts for each k: 6 cycles with two FMA units.
//
//	DI arguments     SI weights       AX runs    BX runs left
//	R8-R13 rows      DX run length    CX i       R15 bytes of the offsets of rows done
//	Y0-Y11 accumulators, row-major    Y12-Y13 weights    Y14-Y15 broadcasts

// BEGIN and TILE start a call and a tile; TILE tests for a bias, in CX. NEXT, with 8 for
// each row of a tile, goes on to the next tile: JLT if there is one.
#define BEGIN \
	MOVQ a+0(FP), DI \
	XORQ R15, R15

#define TILE \
	MOVQ gemmArgs_w(DI), SI      \
	MOVQ gemmArgs_runs(DI), AX   \
	MOVQ gemmArgs_count(DI), BX  \
	MOVQ gemmArgs_runLen(DI), DX \
	MOVQ gemmArgs_bias(DI), CX   \
	TESTQ CX, CX

#define NEXT(bytes) \
	ADDQ bytes, R15 \
	CMPQ R15, gemmArgs_rows(DI)

// RUN leaves the start of a run of a row whose offset is 0 in CX, and the offsets of
// the tile's rows at R14.
#define RUN \
	MOVQ (AX), R14               \
	MOVQ gemmArgs_src(DI), CX    \
	LEAQ (CX)(R14*4), CX         \
	MOVQ gemmArgs_in(DI), R14    \
	ADDQ R15, R14

#define ROW(r, reg) \
	MOVQ 8*r(R14), reg \
	LEAQ (CX)(reg*4), reg

#define ROWS6 \
	RUN         \
	ROW(0, R8)  \
	ROW(1, R9)  \
	ROW(2, R10) \
	ROW(3, R11) \
	ROW(4, R12) \
	ROW(5, R13)

#define ROWS1 \
	RUN \
	ROW(0, R8)

// OUTS prepares for OUT, which leaves where a row of the result is in R14.
#define OUTS \
	MOVQ gemmArgs_dst(DI), CX \
	MOVQ gemmArgs_out(DI), R8 \
	ADDQ R15, R8

#define OUT(r) \
	MOVQ 8*r(R8), R14 \
	LEAQ (CX)(R14*4), R14

#define LOAD2(base, a, b) \
	VMOVUPS (base), a \
	VMOVUPS 32(base), b
#define LOAD1(base, a) VMOVUPS (base), a

#define COPY2(a, b) \
	VMOVAPS Y0, a \
	VMOVAPS Y1, b
#define COPY1(a) VMOVAPS Y0, a

#define FMA2(row, t, a, b) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS Y12, t, a       \
	VFMADD231PS Y13, t, b
#define FMA1(row, t, a) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS Y12, t, a

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMITS \
	VBROADCASTSS gemmArgs_min(DI), Y14 \
	VBROADCASTSS gemmArgs_max(DI), Y15
#define LIMIT(a) \
	VMAXPS a, Y14, a \
	VMINPS a, Y15, a

#define STORE2(a, b) \
	LIMIT(a)         \
	LIMIT(b)         \
	VMOVUPS a, (R14) \
	VMOVUPS b, 32(R14)
#define STORE1(a) \
	LIMIT(a) \
	VMOVUPS a, (R14)

// func gemm6x16AVX2(a *gemmArgs)
TEXT ·gemm6x16AVX2(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD2(CX, Y0, Y1)
	COPY2(Y2, Y3)
	COPY2(Y4, Y5)
	COPY2(Y6, Y7)
	COPY2(Y8, Y9)
	COPY2(Y10, Y11)

run:
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD2(SI, Y12, Y13)
	FMA2(R8, Y14, Y0, Y1)
	FMA2(R9, Y15, Y2, Y3)
	FMA2(R10, Y14, Y4, Y5)
	FMA2(R11, Y15, Y6, Y7)
	FMA2(R12, Y14, Y8, Y9)
	FMA2(R13, Y15, Y10, Y11)
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE2(Y0, Y1)
	OUT(1)
	STORE2(Y2, Y3)
	OUT(2)
	STORE2(Y4, Y5)
	OUT(3)
	STORE2(Y6, Y7)
	OUT(4)
	STORE2(Y8, Y9)
	OUT(5)
	STORE2(Y10, Y11)
	NEXT($48)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD2(R14, Y0, Y1)
	OUT(1)
	LOAD2(R14, Y2, Y3)
	OUT(2)
	LOAD2(R14, Y4, Y5)
	OUT(3)
	LOAD2(R14, Y6, Y7)
	OUT(4)
	LOAD2(R14, Y8, Y9)
	OUT(5)
	LOAD2(R14, Y10, Y11)
	JMP  run

// func gemm6x8AVX2(a *gemmArgs)
TEXT ·gemm6x8AVX2(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD1(CX, Y0)
	COPY1(Y2)
	COPY1(Y4)
	COPY1(Y6)
	COPY1(Y8)
	COPY1(Y10)

run:
	ROWS6
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD1(SI, Y12)
	FMA1(R8, Y14, Y0)
	FMA1(R9, Y15, Y2)
	FMA1(R10, Y14, Y4)
	FMA1(R11, Y15, Y6)
	FMA1(R12, Y14, Y8)
	FMA1(R13, Y15, Y10)
	ADDQ $32, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE1(Y0)
	OUT(1)
	STORE1(Y2)
	OUT(2)
	STORE1(Y4)
	OUT(3)
	STORE1(Y6)
	OUT(4)
	STORE1(Y8)
	OUT(5)
	STORE1(Y10)
	NEXT($48)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD1(R14, Y0)
	OUT(1)
	LOAD1(R14, Y2)
	OUT(2)
	LOAD1(R14, Y4)
	OUT(3)
	LOAD1(R14, Y6)
	OUT(4)
	LOAD1(R14, Y8)
	OUT(5)
	LOAD1(R14, Y10)
	JMP  run

// func gemm1x16AVX2(a *gemmArgs)
TEXT ·gemm1x16AVX2(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD2(CX, Y0, Y1)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD2(SI, Y12, Y13)
	FMA2(R8, Y14, Y0, Y1)
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE2(Y0, Y1)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD2(R14, Y0, Y1)
	JMP  run

// func gemm1x8AVX2(a *gemmArgs)
TEXT ·gemm1x8AVX2(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD1(CX, Y0)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	LOAD1(SI, Y12)
	FMA1(R8, Y14, Y0)
	ADDQ $32, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE1(Y0)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD1(R14, Y0)
	JMP  run
