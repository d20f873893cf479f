//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// The output stage of the look-up kernels: pixels of 64 counts of 16 bits.
//
// BX: the block. SI: counts. R15: class offsets. R11: pixels left. R8: Base or Limit of
// the class. DX: the output, CX from pixel to pixel. R9: Mul, R10: Bias. Y3: Step. Y4 PreMin,
// Y5 PreMax, Y6 Min, Y7 Max.

// LIMIT16 compares 16 counts with limits, which saturate: counts are less.
#define LIMIT16(at, x) \
	VMOVDQU   (64*(at))(R8), x          \
	VPACKSSDW (64*(at)+32)(R8), x, x    \
	VPERMQ    $0xd8, x, x             \
	VMOVDQU   (32*(at))(SI), Y2         \
	VPCMPGTW  x, Y2, x

#define BITS32(at) \
	LIMIT16(2*at, Y0)       \
	LIMIT16(2*at+1, Y1)     \
	VPACKSSWB Y1, Y0, Y0    \
	VPERMQ    $0xd8, Y0, Y0 \
	VPMOVMSKB Y0, AX        \
	MOVL      AX, (4*at)(DX)

// SUM gives dot products: base - Step*count. Counts are less than 1<<15.
#define SUM(at) \
	VPMOVZXWD (16*at)(SI), Y0 \
	VPMADDWD Y3, Y0, Y0     \
	VMOVDQU (32*at)(R8), Y1 \
	VPSUBD  Y0, Y1, Y0

#define INT8(at) \
	SUM(at)                 \
	VMOVDQU Y0, (32*at)(DX)

#define FLOAT8(at) \
	SUM(at)                     \
	VCVTDQ2PS Y0, Y0            \
	VMULPS (32*at)(R9), Y0, Y0  \
	VADDPS (32*at)(R10), Y0, Y0 \
	VMOVUPS Y0, (32*at)(DX)

// CLAMP8 has the value as the second operand of VMAXPS and VMINPS: a NaN stays.
#define CLAMP8(at) \
	SUM(at)                     \
	VCVTDQ2PS Y0, Y0            \
	VMAXPS Y0, Y4, Y0           \
	VMINPS Y0, Y5, Y0           \
	VMULPS (32*at)(R9), Y0, Y0  \
	VADDPS (32*at)(R10), Y0, Y0 \
	VMAXPS Y0, Y6, Y0           \
	VMINPS Y0, Y7, Y0           \
	VMOVUPS Y0, (32*at)(DX)

// PIXELS does all pixels of one output, the first 32 channels and, if they are wanted, the
// others; vector is that of the classes, and stride is in elements of 4 bytes.
#define PIXELS(FIRST32, OTHER32, vector, stride, pixel, next) \
	MOVQ counts+8(FP), SI         \
	MOVQ pixels+16(FP), R11       \
	MOVQ block_Classes(BX), R15   \
	MOVQ stride(BX), CX           \
	SHLQ $2, CX                   \
pixel:                            \
	MOVQ (R15), AX                \
	MOVQ vector(BX), R8           \
	LEAQ (R8)(AX*4), R8           \
	FIRST32                       \
	CMPQ block_Channels(BX), $32  \
	JLE  next                     \
	OTHER32                       \
next:                             \
	ADDQ $128, SI                 \
	ADDQ $8, R15                  \
	ADDQ CX, DX                   \
	DECQ R11                      \
	JNZ  pixel

#define FIRST(STAGE) \
	STAGE(0) \
	STAGE(1) \
	STAGE(2) \
	STAGE(3)

#define OTHER(STAGE) \
	STAGE(4) \
	STAGE(5) \
	STAGE(6) \
	STAGE(7)

// func store_avx2(b *block, counts *uint16, pixels int)
TEXT ·store_avx2(SB), NOSPLIT, $0-24
	MOVQ  b+0(FP), BX
	VPBROADCASTD block_Step(BX), Y3
	MOVQ  block_Bits(BX), DX
	TESTQ DX, DX
	JZ    noBits
	PIXELS(BITS32(0), BITS32(1), block_Limit, block_BitStride, bits, nextBits)

noBits:
	MOVQ  block_I32(BX), DX
	TESTQ DX, DX
	JZ    noInts
	PIXELS(FIRST(INT8), OTHER(INT8), block_Base, block_Stride, ints, nextInts)

noInts:
	MOVQ  block_F32(BX), DX
	TESTQ DX, DX
	JZ    stored
	MOVQ  block_Mul(BX), R9
	MOVQ  block_Bias(BX), R10
	CMPQ  block_Clamped(BX), $0
	JNE   clamped
	PIXELS(FIRST(FLOAT8), OTHER(FLOAT8), block_Base, block_Stride, floats, nextFloats)
	JMP   stored

clamped:
	VBROADCASTSS block_PreMin(BX), Y4
	VBROADCASTSS block_PreMax(BX), Y5
	VBROADCASTSS block_Min(BX), Y6
	VBROADCASTSS block_Max(BX), Y7
	PIXELS(FIRST(CLAMP8), OTHER(CLAMP8), block_Base, block_Stride, clamp, nextClamp)

stored:
	VZEROUPPER
	RET
