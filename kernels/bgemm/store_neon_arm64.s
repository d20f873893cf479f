//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// The output stage of the NEON kernel: pixels of 64 counts of 32 bits.
//
// R0: the block. R1: counts. R2: pixels left. R3: class offsets. R4: Base or Limit of the
// class. R5: the output, R6 bytes from pixel to pixel. R7: channels left.

// PIXELS begins the pixels of an output.
#define PIXELS(output, stride) \
	MOVD output(R0), R5         \
	MOVD counts+8(FP), R1       \
	MOVD pixels+16(FP), R2      \
	MOVD block_Classes(R0), R3  \
	MOVD stride(R0), R6         \
	LSL  $2, R6

// PIXEL begins a pixel.
#define PIXEL(vector) \
	MOVD   vector(R0), R4          \
	MOVD.P 8(R3), R8               \
	ADD    R8<<2, R4               \
	MOVD   R1, R9                  \
	MOVD   R5, R10                 \
	MOVD   block_Channels(R0), R7

// NEXT goes on to the next pixel.
#define NEXT(pixel) \
	ADD  $256, R1 \
	ADD  R6, R5   \
	SUBS $1, R2   \
	BNE  pixel

// MINUS gives 1 for each count above its limit.
#define MINUS(count, limit) \
	VSUB  count.S4, limit.S4, limit.S4 \
	VUSHR $31, limit.S4, limit.S4

// SUM gives 4 dot products, base - 2*count, in V0.
#define SUM \
	VLD1.P 16(R9), [V1.S4]   \
	VLD1.P 16(R4), [V0.S4]   \
	VADD   V1.S4, V1.S4, V1.S4 \
	VSUB   V1.S4, V0.S4, V0.S4

// func store_neon(b *block, counts *uint32, pixels int)
TEXT ·store_neon(SB), NOSPLIT, $0-24
	MOVD b+0(FP), R0

	PIXELS(block_Bits, block_BitStride)
	CBZ R5, noBits

bits:
	PIXEL(block_Limit)

word:
	VLD1.P 64(R9), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R9), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(R4), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R4), [V20.S4, V21.S4, V22.S4, V23.S4]
	MINUS(V0, V16)
	MINUS(V1, V17)
	MINUS(V2, V18)
	MINUS(V3, V19)
	MINUS(V4, V20)
	MINUS(V5, V21)
	MINUS(V6, V22)
	MINUS(V7, V23)
	VSLI   $4, V17.S4, V16.S4
	VSLI   $8, V18.S4, V16.S4
	VSLI   $12, V19.S4, V16.S4
	VSLI   $16, V20.S4, V16.S4
	VSLI   $20, V21.S4, V16.S4
	VSLI   $24, V22.S4, V16.S4
	VSLI   $28, V23.S4, V16.S4

	// Lane l has the bits of channels 4*i + l at 4*i.
	VMOV V16.D[0], R11
	VMOV V16.D[1], R12
	ORR  R11>>31, R11
	ORR  R12>>31, R12
	ORR  R12<<2, R11
	MOVW.P R11, 4(R10)
	SUBS $32, R7
	BGT  word
	NEXT(bits)

noBits:
	PIXELS(block_I32, block_Stride)
	CBZ R5, noInts

ints:
	PIXEL(block_Base)

int4:
	SUM
	VST1.P [V0.S4], 16(R10)
	SUBS   $4, R7
	BNE    int4
	NEXT(ints)

noInts:
	PIXELS(block_F32, block_Stride)
	CBZ R5, stored

	// An integer below 1<<22 as the fraction of 1.5*(1<<23) + the integer.
	MOVD $0x4b400000, R8
	VDUP R8, V28.S4
	MOVD $0xcb400000, R8
	VDUP R8, V29.S4
	MOVD $0x3f800000, R8
	VDUP R8, V30.S4
	MOVD $0x80000000, R8
	VDUP R8, V31.S4

floats:
	PIXEL(block_Base)
	MOVD block_Mul(R0), R11
	MOVD block_Bias(R0), R12

float4: // sums are multiplied and added to -0 to round as a product does
	SUM
	VLD1.P 16(R11), [V2.S4]
	VLD1.P 16(R12), [V3.S4]
	VADD   V28.S4, V0.S4, V0.S4
	VMOV   V29.B16, V1.B16
	VFMLA  V30.S4, V0.S4, V1.S4
	VMOV   V31.B16, V0.B16
	VFMLA  V2.S4, V1.S4, V0.S4
	VFMLA  V30.S4, V0.S4, V3.S4
	VST1.P [V3.S4], 16(R10)
	SUBS   $4, R7
	BNE    float4
	NEXT(floats)

stored:
	RET
