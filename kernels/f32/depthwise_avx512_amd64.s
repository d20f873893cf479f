//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// A pixel of a depthwise convolution, 64 channels at a time, then 16. For each tap the
// weights are loaded and multiplied by the numbers of the map in memory.
//
//	DI arguments    R8 dst        R9 src        R10 w         R11 bias
//	SI taps         DX taps left  AX, BX offsets in src and w of the channels
//	CX channel      R13 blocks left
//	Z0-Z3 accumulators  Z4-Z7 weights  Z30-Z31 limits

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMIT(a) \
	VMAXPS a, Z30, a \
	VMINPS a, Z31, a

#define TAPS \
	MOVQ depthwiseArgs_taps(DI), SI  \
	MOVQ depthwiseArgs_count(DI), DX

#define TAP \
	MOVQ depthwiseTap_src(SI), AX \
	MOVQ depthwiseTap_w(SI), BX   \
	ADDQ CX, AX                   \
	ADDQ CX, BX                   \
	ADDQ $depthwiseTap__size, SI

// func depthwise16AVX512(a *depthwiseArgs)
TEXT ·depthwise16AVX512(SB), NOSPLIT, $0-8
	MOVQ a+0(FP), DI
	MOVQ depthwiseArgs_dst(DI), R8
	MOVQ depthwiseArgs_src(DI), R9
	MOVQ depthwiseArgs_w(DI), R10
	MOVQ depthwiseArgs_bias(DI), R11
	MOVQ depthwiseArgs_blocks(DI), R13
	VBROADCASTSS depthwiseArgs_min(DI), Z30
	VBROADCASTSS depthwiseArgs_max(DI), Z31
	XORQ CX, CX

four:
	CMPQ R13, $4
	JLT  one
	TAPS
	VMOVUPS (R11)(CX*4), Z0
	VMOVUPS 64(R11)(CX*4), Z1
	VMOVUPS 128(R11)(CX*4), Z2
	VMOVUPS 192(R11)(CX*4), Z3

fourTaps:
	TAP
	VMOVUPS (R10)(BX*4), Z4
	VMOVUPS 64(R10)(BX*4), Z5
	VMOVUPS 128(R10)(BX*4), Z6
	VMOVUPS 192(R10)(BX*4), Z7
	VFMADD231PS (R9)(AX*4), Z4, Z0
	VFMADD231PS 64(R9)(AX*4), Z5, Z1
	VFMADD231PS 128(R9)(AX*4), Z6, Z2
	VFMADD231PS 192(R9)(AX*4), Z7, Z3
	DECQ DX
	JNZ  fourTaps
	LIMIT(Z0)
	LIMIT(Z1)
	LIMIT(Z2)
	LIMIT(Z3)
	VMOVUPS Z0, (R8)(CX*4)
	VMOVUPS Z1, 64(R8)(CX*4)
	VMOVUPS Z2, 128(R8)(CX*4)
	VMOVUPS Z3, 192(R8)(CX*4)
	ADDQ $64, CX
	SUBQ $4, R13
	JMP  four

one:
	TESTQ R13, R13
	JZ   done
	TAPS
	VMOVUPS (R11)(CX*4), Z0

oneTaps:
	TAP
	VMOVUPS (R10)(BX*4), Z4
	VFMADD231PS (R9)(AX*4), Z4, Z0
	DECQ DX
	JNZ  oneTaps
	LIMIT(Z0)
	VMOVUPS Z0, (R8)(CX*4)
	ADDQ $16, CX
	DECQ R13
	JMP  one

done:
	VZEROUPPER
	RET
