//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "epilogue_amd64.h"

// Tiles of 1 pixel x 64, 48, 32 or 16 channels, a channel in each 32-bit lane.
//
// Z0-Z3: counts. Z24: the word of the pixel. Z28-Z31: temporaries.
// R8: pixels. R14: offsets of the pixels, R15: of their classes. SI: panel. CX: runs,
// DI: end of the runs. AX: word of the pixel, DX: end of the run. BX: the block.

#define WORD4 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPXORD   128(SI), Z24, Z30 \
	VPXORD   192(SI), Z24, Z31 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPOPCNTD Z30, Z30 \
	VPOPCNTD Z31, Z31 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	VPADDD   Z30, Z2, Z2 \
	VPADDD   Z31, Z3, Z3 \
	ADDQ $256, SI

#define WORD3 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPXORD   128(SI), Z24, Z30 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPOPCNTD Z30, Z30 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	VPADDD   Z30, Z2, Z2 \
	ADDQ $192, SI

#define WORD2 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPXORD   64(SI), Z24, Z29 \
	VPOPCNTD Z28, Z28 \
	VPOPCNTD Z29, Z29 \
	VPADDD   Z28, Z0, Z0 \
	VPADDD   Z29, Z1, Z1 \
	ADDQ $128, SI

#define WORD1 \
	VPBROADCASTD (R8)(AX*4), Z24 \
	VPXORD   0(SI), Z24, Z28 \
	VPOPCNTD Z28, Z28 \
	VPADDD   Z28, Z0, Z0 \
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
	VPXORD Z0, Z0, Z0 \
	VPXORD Z1, Z1, Z1 \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3 \
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
	MOVQ DX, bits-16(SP) \
noBits: \
	MOVQ  block_Base(BX), R8 \
	MOVQ  block_Stride(BX), CX \
	SHLQ  $2, CX \
	MOVQ  ints-24(SP), DX \
	TESTQ DX, DX \
	JZ    noInts \
	INT(Z0, Z1, Z2, Z3, 0) \
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
	JMP floatsDone \
clamped: \
	VBROADCASTSS block_PreMin(BX), Z24 \
	VBROADCASTSS block_PreMax(BX), Z25 \
	VBROADCASTSS block_Min(BX), Z26 \
	VBROADCASTSS block_Max(BX), Z27 \
	CLAMP(Z0, Z1, Z2, Z3, 0) \
floatsDone: \
	MOVQ DX, floats-32(SP) \
stored: \
	ADDQ $8, R14 \
	ADDQ $8, R15 \
	DECQ left-8(SP) \
	JNZ  tile \
	VZEROUPPER \
	RET

// func bgemm_1x4_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x4_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD4, BITS4, INT4, FLOAT4, CLAMP4)

// func bgemm_1x3_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x3_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD3, BITS3, INT3, FLOAT3, CLAMP3)

// func bgemm_1x2_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x2_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD2, BITS2, INT2, FLOAT2, CLAMP2)

// func bgemm_1x1_avx512popcnt(b *block, tiles int)
TEXT ·bgemm_1x1_avx512popcnt(SB), NOSPLIT, $32-16
	TILES(WORD1, BITS1, INT1, FLOAT1, CLAMP1)
