//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// A run of pixels of a depthwise convolution, 4 at a time, then one; of these, 16
// channels at a time. For each tap the weights are loaded once and multiplied by the
// numbers of the map in memory.
//
//	DI arguments    R8 dst        R9 src of the first pixel   R10 w
//	R14, R15, R11   src of the 3 pixels after it, R11 also the bias
//	SI taps         DX taps left  AX, BX offsets in src and w of the channels
//	CX channel      R12 pixels left   R13 blocks left
//	Z0-Z3 accumulators  Z4 weights  Z30-Z31 limits

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMIT(a) \
	VMAXPS a, Z30, a \
	VMINPS a, Z31, a

#define BLOCKS \
	MOVQ depthwiseArgs_blocks(DI), R13 \
	XORQ CX, CX

#define TAPS \
	MOVQ depthwiseArgs_taps(DI), SI  \
	MOVQ depthwiseArgs_count(DI), DX \
	MOVQ depthwiseArgs_bias(DI), R11 \
	VMOVUPS (R11)(CX*4), Z0

#define TAP \
	MOVQ windowTap_src(SI), AX  \
	MOVQ windowTap_w(SI), BX    \
	ADDQ CX, AX                    \
	ADDQ CX, BX                    \
	ADDQ $windowTap__size, SI   \
	VMOVUPS (R10)(BX*4), Z4

// func depthwise16AVX512(a *depthwiseArgs)
TEXT ·depthwise16AVX512(SB), NOSPLIT, $0-8
	MOVQ a+0(FP), DI
	MOVQ depthwiseArgs_w(DI), R10
	VBROADCASTSS depthwiseArgs_min(DI), Z30
	VBROADCASTSS depthwiseArgs_max(DI), Z31
	MOVQ depthwiseArgs_dst(DI), R8
	MOVQ depthwiseArgs_src(DI), R9
	MOVQ depthwiseArgs_pixels(DI), R12

four:
	CMPQ R12, $4
	JLT  one
	MOVQ depthwiseArgs_srcStep(DI), AX
	LEAQ (R9)(AX*1), R14
	LEAQ (R9)(AX*2), R15
	BLOCKS

fourBlocks:
	TAPS
	VMOVUPS Z0, Z1
	VMOVUPS Z0, Z2
	VMOVUPS Z0, Z3
	MOVQ depthwiseArgs_srcStep(DI), AX
	LEAQ (R14)(AX*2), R11

fourTaps:
	TAP
	VFMADD231PS (R9)(AX*4), Z4, Z0
	VFMADD231PS (R14)(AX*4), Z4, Z1
	VFMADD231PS (R15)(AX*4), Z4, Z2
	VFMADD231PS (R11)(AX*4), Z4, Z3
	DECQ DX
	JNZ  fourTaps
	LIMIT(Z0)
	LIMIT(Z1)
	LIMIT(Z2)
	LIMIT(Z3)
	MOVQ depthwiseArgs_dstStep(DI), AX
	LEAQ (R8)(CX*4), BX
	VMOVUPS Z0, (BX)
	VMOVUPS Z1, (BX)(AX*1)
	LEAQ (BX)(AX*2), BX
	VMOVUPS Z2, (BX)
	VMOVUPS Z3, (BX)(AX*1)
	ADDQ $16, CX
	DECQ R13
	JNZ  fourBlocks

	LEAQ (R8)(AX*4), R8
	MOVQ depthwiseArgs_srcStep(DI), AX
	LEAQ (R9)(AX*4), R9
	SUBQ $4, R12
	JMP  four

one:
	TESTQ R12, R12
	JZ   done
	BLOCKS

oneBlocks:
	TAPS

oneTaps:
	TAP
	VFMADD231PS (R9)(AX*4), Z4, Z0
	DECQ DX
	JNZ  oneTaps
	LIMIT(Z0)
	VMOVUPS Z0, (R8)(CX*4)
	ADDQ $16, CX
	DECQ R13
	JNZ  oneBlocks
	ADDQ depthwiseArgs_srcStep(DI), R9
	ADDQ depthwiseArgs_dstStep(DI), R8
	DECQ R12
	JMP  one

done:
	VZEROUPPER
	RET
