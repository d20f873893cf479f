//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "epilogue_amd64.h"

// Tiles of 6 pixels x 64, 48, 32 or 16 channels, a channel in each 32-bit lane.
//
// Z0-Z23: counts, pixel*4 + vector. Z24-Z27: a word of 64 channels. Z28-Z31: temporaries.
// R8-R13: pixels. R14: offsets of the pixels, R15: of their classes. SI: panel. CX: runs,
// DI: end of the runs. AX: word of the pixel, DX: end of the run. BX: the block.
// The loop is bound by its 72 vector operations: 36 cycles a word of 64
// channels where two ports are 512 bits wide.

// PIXEL4 counts the differing bits of a pixel.
#define PIXEL4(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPXORD.BCST (p)(AX*4), Z26, Z30 \
	VPXORD.BCST (p)(AX*4), Z27, Z31 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPOPCNTD    Z30, Z30 \
	VPOPCNTD    Z31, Z31 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1 \
	VPADDD      Z30, a2, a2 \
	VPADDD      Z31, a3, a3

#define PIXEL3(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPXORD.BCST (p)(AX*4), Z26, Z30 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPOPCNTD    Z30, Z30 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1 \
	VPADDD      Z30, a2, a2

#define PIXEL2(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPXORD.BCST (p)(AX*4), Z25, Z29 \
	VPOPCNTD    Z28, Z28 \
	VPOPCNTD    Z29, Z29 \
	VPADDD      Z28, a0, a0 \
	VPADDD      Z29, a1, a1

#define PIXEL1(p, a0, a1, a2, a3) \
	VPXORD.BCST (p)(AX*4), Z24, Z28 \
	VPOPCNTD    Z28, Z28 \
	VPADDD      Z28, a0, a0

#define WORD4 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	VMOVDQU32 128(SI), Z26 \
	VMOVDQU32 192(SI), Z27 \
	PIXEL4(R8, Z0, Z1, Z2, Z3) \
	PIXEL4(R9, Z4, Z5, Z6, Z7) \
	PIXEL4(R10, Z8, Z9, Z10, Z11) \
	PIXEL4(R11, Z12, Z13, Z14, Z15) \
	PIXEL4(R12, Z16, Z17, Z18, Z19) \
	PIXEL4(R13, Z20, Z21, Z22, Z23) \
	ADDQ $256, SI

#define WORD3 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	VMOVDQU32 128(SI), Z26 \
	PIXEL3(R8, Z0, Z1, Z2, Z3) \
	PIXEL3(R9, Z4, Z5, Z6, Z7) \
	PIXEL3(R10, Z8, Z9, Z10, Z11) \
	PIXEL3(R11, Z12, Z13, Z14, Z15) \
	PIXEL3(R12, Z16, Z17, Z18, Z19) \
	PIXEL3(R13, Z20, Z21, Z22, Z23) \
	ADDQ $192, SI

#define WORD2 \
	VMOVDQU32 0(SI), Z24 \
	VMOVDQU32 64(SI), Z25 \
	PIXEL2(R8, Z0, Z1, Z2, Z3) \
	PIXEL2(R9, Z4, Z5, Z6, Z7) \
	PIXEL2(R10, Z8, Z9, Z10, Z11) \
	PIXEL2(R11, Z12, Z13, Z14, Z15) \
	PIXEL2(R12, Z16, Z17, Z18, Z19) \
	PIXEL2(R13, Z20, Z21, Z22, Z23) \
	ADDQ $128, SI

#define WORD1 \
	VMOVDQU32 0(SI), Z24 \
	PIXEL1(R8, Z0, Z1, Z2, Z3) \
	PIXEL1(R9, Z4, Z5, Z6, Z7) \
	PIXEL1(R10, Z8, Z9, Z10, Z11) \
	PIXEL1(R11, Z12, Z13, Z14, Z15) \
	PIXEL1(R12, Z16, Z17, Z18, Z19) \
	PIXEL1(R13, Z20, Z21, Z22, Z23) \
	ADDQ $64, SI

// TILES is the whole kernel, for the macros of a number of vectors.
#define TILES(WORD, BITS, INT, FLOAT, CLAMP) \
	MOVQ b+0(FP), BX \
	MOVQ tiles+8(FP), AX \
	MOVQ AX, left-8(SP) \
	MOVQ block_Bits(BX), AX \
	MOVQ AX, bits-16(SP) \
	MOVQ block_I32(BX), AX \
	MOVQ AX, ints-24(SP) \
	MOVQ block_F32(BX), AX \
	MOVQ AX, floats-32(SP) \
	MOVQ block_Pixels(BX), R14 \
	MOVQ block_Classes(BX), R15 \
tile: \
	MOVQ block_A(BX), AX \
	MOVQ (R14), R8 \
	LEAQ (AX)(R8*4), R8 \
	MOVQ 8(R14), R9 \
	LEAQ (AX)(R9*4), R9 \
	MOVQ 16(R14), R10 \
	LEAQ (AX)(R10*4), R10 \
	MOVQ 24(R14), R11 \
	LEAQ (AX)(R11*4), R11 \
	MOVQ 32(R14), R12 \
	LEAQ (AX)(R12*4), R12 \
	MOVQ 40(R14), R13 \
	LEAQ (AX)(R13*4), R13 \
	VPXORD Z0, Z0, Z0 \
	VPXORD Z1, Z1, Z1 \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3 \
	VPXORD Z4, Z4, Z4 \
	VPXORD Z5, Z5, Z5 \
	VPXORD Z6, Z6, Z6 \
	VPXORD Z7, Z7, Z7 \
	VPXORD Z8, Z8, Z8 \
	VPXORD Z9, Z9, Z9 \
	VPXORD Z10, Z10, Z10 \
	VPXORD Z11, Z11, Z11 \
	VPXORD Z12, Z12, Z12 \
	VPXORD Z13, Z13, Z13 \
	VPXORD Z14, Z14, Z14 \
	VPXORD Z15, Z15, Z15 \
	VPXORD Z16, Z16, Z16 \
	VPXORD Z17, Z17, Z17 \
	VPXORD Z18, Z18, Z18 \
	VPXORD Z19, Z19, Z19 \
	VPXORD Z20, Z20, Z20 \
	VPXORD Z21, Z21, Z21 \
	VPXORD Z22, Z22, Z22 \
	VPXORD Z23, Z23, Z23 \
	MOVQ block_Panel(BX), SI \
	MOVQ block_Runs(BX), CX \
	MOVQ (block_Runs+8)(BX), DI \
	LEAQ (CX)(DI*8), DI \
	CMPQ CX, DI \
	JGE  counted \
run: \
	MOVQ (CX), AX \
	MOVQ block_RunWords(BX), DX \
	ADDQ AX, DX \
	CMPQ AX, DX \
	JGE  ran \
	PCALIGN $64 \
word: \
	WORD \
	INCQ AX \
	CMPQ AX, DX \
	JLT  word \
ran: \
	ADDQ $8, CX \
	CMPQ CX, DI \
	JLT  run \
counted: \
	MOVQ  bits-16(SP), DX \
	TESTQ DX, DX \
	JZ    noBits \
	MOVQ  block_Limit(BX), R8 \
	MOVQ  block_BitStride(BX), CX \
	SHLQ  $2, CX \
	BITS(Z0, Z1, Z2, Z3, 0) \
	BITS(Z4, Z5, Z6, Z7, 1) \
	BITS(Z8, Z9, Z10, Z11, 2) \
	BITS(Z12, Z13, Z14, Z15, 3) \
	BITS(Z16, Z17, Z18, Z19, 4) \
	BITS(Z20, Z21, Z22, Z23, 5) \
	MOVQ DX, bits-16(SP) \
noBits: \
	MOVQ  block_Base(BX), R8 \
	MOVQ  block_Stride(BX), CX \
	SHLQ  $2, CX \
	MOVQ  ints-24(SP), DX \
	TESTQ DX, DX \
	JZ    noInts \
	INT(Z0, Z1, Z2, Z3, 0) \
	INT(Z4, Z5, Z6, Z7, 1) \
	INT(Z8, Z9, Z10, Z11, 2) \
	INT(Z12, Z13, Z14, Z15, 3) \
	INT(Z16, Z17, Z18, Z19, 4) \
	INT(Z20, Z21, Z22, Z23, 5) \
	MOVQ DX, ints-24(SP) \
noInts: \
	MOVQ  floats-32(SP), DX \
	TESTQ DX, DX \
	JZ    stored \
	MOVQ  block_Mul(BX), R9 \
	MOVQ  block_Bias(BX), R10 \
	CMPQ  block_Clamped(BX), $0 \
	JNE   clamped \
	FLOAT(Z0, Z1, Z2, Z3, 0) \
	FLOAT(Z4, Z5, Z6, Z7, 1) \
	FLOAT(Z8, Z9, Z10, Z11, 2) \
	FLOAT(Z12, Z13, Z14, Z15, 3) \
	FLOAT(Z16, Z17, Z18, Z19, 4) \
	FLOAT(Z20, Z21, Z22, Z23, 5) \
	JMP floatsDone \
clamped: \
	VBROADCASTSS block_PreMin(BX), Z24 \
	VBROADCASTSS block_PreMax(BX), Z25 \
	VBROADCASTSS block_Min(BX), Z26 \
	VBROADCASTSS block_Max(BX), Z27 \
	CLAMP(Z0, Z1, Z2, Z3, 0) \
	CLAMP(Z4, Z5, Z6, Z7, 1) \
	CLAMP(Z8, Z9, Z10, Z11, 2) \
	CLAMP(Z12, Z13, Z14, Z15, 3) \
	CLAMP(Z16, Z17, Z18, Z19, 4) \
	CLAMP(Z20, Z21, Z22, Z23, 5) \
floatsDone: \
	MOVQ DX, floats-32(SP) \
stored: \
	ADDQ $48, R14 \
	ADDQ $48, R15 \
	DECQ left-8(SP) \
	JNZ  tile \
	VZEROUPPER \
	RET

// func bgemm_6x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x4_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD4, BITS4, INT4, FLOAT4, CLAMP4)

// func bgemm_6x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x3_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD3, BITS3, INT3, FLOAT3, CLAMP3)

// func bgemm_6x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x2_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD2, BITS2, INT2, FLOAT2, CLAMP2)

// func bgemm_6x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_6x1_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD1, BITS1, INT1, FLOAT1, CLAMP1)
