//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// A run of pixels of a pool, 4 at a time, then one; of these, 16 channels at a time.
//
//	DI arguments    R8 dst        R9 src of the first pixel
//	R14, R15, R11   src of the 3 pixels after it
//	SI taps         DX taps left  AX offset in src of the channels
//	CX channel      R12 pixels left   R13 blocks left
//	Z0-Z3 accumulators  Z4-Z11 scratch  Z30 the first accumulator  Z31 the divisor

#define BEGIN \
	MOVQ a+0(FP), DI             \
	MOVQ poolArgs_dst(DI), R8    \
	MOVQ poolArgs_src(DI), R9    \
	MOVQ poolArgs_pixels(DI), R12

#define BLOCKS \
	MOVQ poolArgs_blocks(DI), R13 \
	XORQ CX, CX

#define FOUR_PIXELS \
	MOVQ poolArgs_srcStep(DI), AX \
	LEAQ (R9)(AX*1), R14          \
	LEAQ (R9)(AX*2), R15          \
	LEAQ (R14)(AX*2), R11         \
	BLOCKS

#define TAPS \
	MOVQ poolArgs_taps(DI), SI  \
	MOVQ poolArgs_count(DI), DX \
	VMOVAPS Z30, Z0

#define TAPS4 \
	TAPS             \
	VMOVAPS Z30, Z1  \
	VMOVAPS Z30, Z2  \
	VMOVAPS Z30, Z3

#define TAP \
	MOVQ windowTap_src(SI), AX  \
	ADDQ CX, AX                 \
	ADDQ $windowTap__size, SI

#define STORE4 \
	MOVQ poolArgs_dstStep(DI), AX \
	LEAQ (R8)(CX*4), BX           \
	VMOVUPS Z0, (BX)              \
	VMOVUPS Z1, (BX)(AX*1)        \
	LEAQ (BX)(AX*2), BX           \
	VMOVUPS Z2, (BX)              \
	VMOVUPS Z3, (BX)(AX*1)        \
	ADDQ $16, CX

#define NEXT4 \
	LEAQ (R8)(AX*4), R8           \
	MOVQ poolArgs_srcStep(DI), AX \
	LEAQ (R9)(AX*4), R9           \
	SUBQ $4, R12

#define NEXT \
	ADDQ poolArgs_srcStep(DI), R9 \
	ADDQ poolArgs_dstStep(DI), R8 \
	DECQ R12

// MAX takes the greater number of a and memory; see PICK in elementwise_avx512_amd64.s.
#define MAX(base, a, x, t, k) \
	VMOVUPS  (base)(AX*4), x \
	VRANGEPS $5, x, a, t     \
	VCMPPS   $3, x, a, k     \
	VADDPS   x, a, k, t      \
	VMOVAPS  t, a

// func poolMaxAVX512(a *poolArgs)
TEXT ·poolMaxAVX512(SB), NOSPLIT, $0-8
	BEGIN
	MOVL $0xff800000, AX // -Inf
	VPBROADCASTD AX, Z30

four:
	CMPQ R12, $4
	JLT  one
	FOUR_PIXELS

fourBlocks:
	TAPS4

fourTaps:
	TAP
	MAX(R9, Z0, Z4, Z8, K1)
	MAX(R14, Z1, Z5, Z9, K2)
	MAX(R15, Z2, Z6, Z10, K3)
	MAX(R11, Z3, Z7, Z11, K4)
	DECQ DX
	JNZ  fourTaps
	STORE4
	DECQ R13
	JNZ  fourBlocks
	NEXT4
	JMP  four

one:
	TESTQ R12, R12
	JZ   done
	BLOCKS

oneBlocks:
	TAPS

oneTaps:
	TAP
	MAX(R9, Z0, Z4, Z8, K1)
	DECQ DX
	JNZ  oneTaps
	VMOVUPS Z0, (R8)(CX*4)
	ADDQ $16, CX
	DECQ R13
	JNZ  oneBlocks
	NEXT
	JMP  one

done:
	VZEROUPPER
	RET

// func poolAverageAVX512(a *poolArgs)
TEXT ·poolAverageAVX512(SB), NOSPLIT, $0-8
	BEGIN
	VBROADCASTSS poolArgs_divisor(DI), Z31
	VPXORD Z30, Z30, Z30

four:
	CMPQ R12, $4
	JLT  one
	FOUR_PIXELS

fourBlocks:
	TAPS4

fourTaps:
	TAP
	VADDPS (R9)(AX*4), Z0, Z0
	VADDPS (R14)(AX*4), Z1, Z1
	VADDPS (R15)(AX*4), Z2, Z2
	VADDPS (R11)(AX*4), Z3, Z3
	DECQ DX
	JNZ  fourTaps
	VDIVPS Z31, Z0, Z0
	VDIVPS Z31, Z1, Z1
	VDIVPS Z31, Z2, Z2
	VDIVPS Z31, Z3, Z3
	STORE4
	DECQ R13
	JNZ  fourBlocks
	NEXT4
	JMP  four

one:
	TESTQ R12, R12
	JZ   done
	BLOCKS

oneBlocks:
	TAPS

oneTaps:
	TAP
	VADDPS (R9)(AX*4), Z0, Z0
	DECQ DX
	JNZ  oneTaps
	VDIVPS Z31, Z0, Z0
	VMOVUPS Z0, (R8)(CX*4)
	ADDQ $16, CX
	DECQ R13
	JNZ  oneBlocks
	NEXT
	JMP  one

done:
	VZEROUPPER
	RET
