// The frame that the AVX-512 kernels share. BX is the block.

#include "epilogue_amd64.h"

// TILES is a whole kernel, with $56-16 for its frame and arguments: POINT sets pointers to
// the n pixels of a tile, COUNT counts and OUTPUTS(ROWS, VECTORS, n) stores.
#define TILES(POINT, COUNT, ROWS, VECTORS, n) \
	FRAME \
tile: \
	POINT \
	COUNT \
	OUTPUTS(ROWS, VECTORS, n) \
	DECQ left-8(SP) \
	JNZ  tile \
	VZEROUPPER \
	RET

#define FRAME \
	MOVQ b+0(FP), BX \
	MOVQ block_Step(BX), AX \
	DECQ AX \
	NEGQ AX \
	KMOVW AX, K2 \
	MOVQ tiles+8(FP), AX \
	MOVQ AX, left-8(SP) \
	MOVQ block_Bits(BX), AX \
	MOVQ AX, bits-16(SP) \
	MOVQ block_I32(BX), AX \
	MOVQ AX, ints-24(SP) \
	MOVQ block_F32(BX), AX \
	MOVQ AX, floats-32(SP) \
	MOVQ block_Pixels(BX), AX \
	MOVQ AX, pixels-40(SP) \
	MOVQ block_Classes(BX), AX \
	MOVQ AX, classes-48(SP) \
	MOVQ $0, plane-56(SP)

// POINTn sets the first n registers from R8 on to the words of n pixels. SHIFTn adds AX to
// each.
#define POINT1 \
	MOVQ block_A(BX), AX \
	MOVQ pixels-40(SP), DX \
	MOVQ (DX), R8 \
	LEAQ (AX)(R8*4), R8

#define POINT6 \
	POINT1 \
	MOVQ 8(DX), R9 \
	LEAQ (AX)(R9*4), R9 \
	MOVQ 16(DX), R10 \
	LEAQ (AX)(R10*4), R10 \
	MOVQ 24(DX), R11 \
	LEAQ (AX)(R11*4), R11 \
	MOVQ 32(DX), R12 \
	LEAQ (AX)(R12*4), R12 \
	MOVQ 40(DX), R13 \
	LEAQ (AX)(R13*4), R13

#define POINT7 \
	POINT6 \
	MOVQ 48(DX), R14 \
	LEAQ (AX)(R14*4), R14

#define SHIFT1 ADDQ AX, R8

#define SHIFT6 \
	SHIFT1 \
	ADDQ AX, R9 \
	ADDQ AX, R10 \
	ADDQ AX, R11 \
	ADDQ AX, R12 \
	ADDQ AX, R13

#define SHIFT7 \
	SHIFT6 \
	ADDQ AX, R14

#define ZERO4(a0, a1, a2, a3) \
	VPXORD a0, a0, a0 \
	VPXORD a1, a1, a1 \
	VPXORD a2, a2, a2 \
	VPXORD a3, a3, a3

// ZERO24 sets Z0 to Z23 to 0.
#define ZERO24 \
	ZERO4(Z0, Z1, Z2, Z3) \
	ZERO4(Z4, Z5, Z6, Z7) \
	ZERO4(Z8, Z9, Z10, Z11) \
	ZERO4(Z12, Z13, Z14, Z15) \
	ZERO4(Z16, Z17, Z18, Z19) \
	ZERO4(Z20, Z21, Z22, Z23)

// PANEL sets SI to the panel, CX to the runs and DI to their end.
#define PANEL \
	MOVQ block_Panel(BX), SI \
	MOVQ block_Runs(BX), CX \
	MOVQ (block_Runs+8)(BX), DI \
	LEAQ (CX)(DI*8), DI

// RUNS does RUN for each run: AX is the index of a word, DX that of the end of the run. RUN
// advances the panel.
#define RUNS(RUN) \
run: \
	MOVQ (CX), AX \
words: \
	MOVQ block_RunWords(BX), DX \
	ADDQ (CX), DX \
	RUN \
ran: \
	ADDQ $8, CX \
	CMPQ CX, DI \
	JLT  run

// SECOND does the runs of the second plane, if there is one.
#define SECOND(SHIFT) \
	TESTQ $1, block_Step(BX) \
	JZ   counted \
	XORQ $1, plane-56(SP) \
	JZ   counted \
	MOVQ block_Second(BX), AX \
	SUBQ block_A(BX), AX \
	SHIFT \
	PANEL \
	JMP run \
counted:

// PLAIN sets the counts to 0 and does WORD for each word of the runs.
#define PLAIN(ZERO, WORD, SHIFT) \
	ZERO \
	PANEL \
	CMPQ CX, DI \
	JGE  counted \
	RUNS(EACH(WORD)) \
	SECOND(SHIFT)

#define EACH(WORD) \
	CMPQ AX, DX \
	JGE  ran \
	PCALIGN $64 \
word: \
	WORD \
	INCQ AX \
	CMPQ AX, DX \
	JLT  word

// OUTPUTS stores a tile and points to the next. ROWS(VECTORS, EVEN, ODD) does ROW for each
// pixel, of which there are count.
#define OUTPUTS(ROWS, VECTORS, count) \
	MOVQ  classes-48(SP), R15 \
	MOVQ  bits-16(SP), DX \
	TESTQ DX, DX \
	JZ    noBits \
	MOVQ  block_Limit(BX), R8 \
	MOVQ  block_BitStride(BX), CX \
	SHLQ  $2, CX \
	ROWS(VECTORS, WORD, HALF) \
	MOVQ DX, bits-16(SP) \
noBits: \
	MOVQ  block_Base(BX), R8 \
	MOVQ  block_Stride(BX), CX \
	SHLQ  $2, CX \
	MOVQ  ints-24(SP), DX \
	TESTQ DX, DX \
	JZ    noInts \
	ROWS(VECTORS, INT, INT) \
	MOVQ DX, ints-24(SP) \
noInts: \
	MOVQ  floats-32(SP), DX \
	TESTQ DX, DX \
	JZ    stored \
	MOVQ  block_Mul(BX), R9 \
	MOVQ  block_Bias(BX), R10 \
	CMPQ  block_Clamped(BX), $0 \
	JNE   clamped \
	ROWS(VECTORS, FLOAT, FLOAT) \
	JMP floatsDone \
clamped: \
	VBROADCASTSS block_PreMin(BX), Z24 \
	VBROADCASTSS block_PreMax(BX), Z25 \
	VBROADCASTSS block_Min(BX), Z26 \
	VBROADCASTSS block_Max(BX), Z27 \
	ROWS(VECTORS, CLAMP, CLAMP) \
floatsDone: \
	MOVQ DX, floats-32(SP) \
stored: \
	ADDQ $(8*count), pixels-40(SP) \
	ADDQ $(8*count), classes-48(SP)
