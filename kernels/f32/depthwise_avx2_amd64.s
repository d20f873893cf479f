//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// A pixel of a depthwise convolution, 32 channels at a time, then 8. For each tap the
// weights are loaded and multiplied by the numbers of the map in memory.
//
//	DI arguments    R8 dst        R9 src        R10 w         R11 bias
//	SI taps         DX taps left  AX, BX offsets in src and w of the channels
//	CX channel      R13 blocks left
//	Y0-Y3 accumulators  Y4-Y7 weights  Y14-Y15 limits

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMIT(a) \
	VMAXPS a, Y14, a \
	VMINPS a, Y15, a

#define TAPS \
	MOVQ depthwiseArgs_taps(DI), SI  \
	MOVQ depthwiseArgs_count(DI), DX

#define TAP \
	MOVQ depthwiseTap_src(SI), AX \
	MOVQ depthwiseTap_w(SI), BX   \
	ADDQ CX, AX                   \
	ADDQ CX, BX                   \
	ADDQ $depthwiseTap__size, SI

// func depthwise8AVX2(a *depthwiseArgs)
TEXT ·depthwise8AVX2(SB), NOSPLIT, $0-8
	MOVQ a+0(FP), DI
	MOVQ depthwiseArgs_dst(DI), R8
	MOVQ depthwiseArgs_src(DI), R9
	MOVQ depthwiseArgs_w(DI), R10
	MOVQ depthwiseArgs_bias(DI), R11
	MOVQ depthwiseArgs_blocks(DI), R13
	VBROADCASTSS depthwiseArgs_min(DI), Y14
	VBROADCASTSS depthwiseArgs_max(DI), Y15
	XORQ CX, CX

four:
	CMPQ R13, $4
	JLT  one
	TAPS
	VMOVUPS (R11)(CX*4), Y0
	VMOVUPS 32(R11)(CX*4), Y1
	VMOVUPS 64(R11)(CX*4), Y2
	VMOVUPS 96(R11)(CX*4), Y3

fourTaps:
	TAP
	VMOVUPS (R10)(BX*4), Y4
	VMOVUPS 32(R10)(BX*4), Y5
	VMOVUPS 64(R10)(BX*4), Y6
	VMOVUPS 96(R10)(BX*4), Y7
	VFMADD231PS (R9)(AX*4), Y4, Y0
	VFMADD231PS 32(R9)(AX*4), Y5, Y1
	VFMADD231PS 64(R9)(AX*4), Y6, Y2
	VFMADD231PS 96(R9)(AX*4), Y7, Y3
	DECQ DX
	JNZ  fourTaps
	LIMIT(Y0)
	LIMIT(Y1)
	LIMIT(Y2)
	LIMIT(Y3)
	VMOVUPS Y0, (R8)(CX*4)
	VMOVUPS Y1, 32(R8)(CX*4)
	VMOVUPS Y2, 64(R8)(CX*4)
	VMOVUPS Y3, 96(R8)(CX*4)
	ADDQ $32, CX
	SUBQ $4, R13
	JMP  four

one:
	TESTQ R13, R13
	JZ   done
	TAPS
	VMOVUPS (R11)(CX*4), Y0

oneTaps:
	TAP
	VMOVUPS (R10)(BX*4), Y4
	VFMADD231PS (R9)(AX*4), Y4, Y0
	DECQ DX
	JNZ  oneTaps
	LIMIT(Y0)
	VMOVUPS Y0, (R8)(CX*4)
	ADDQ $8, CX
	DECQ R13
	JMP  one

done:
	VZEROUPPER
	RET
