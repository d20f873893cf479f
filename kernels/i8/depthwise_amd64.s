//go:build !noasm

#include "textflag.h"
#include "go_asm.h"

// DEPTHWISE is the body of a kernel of two vectors of channels. START loads the sums from
// CX, TAP adds the products of the numbers at R8+AX and the weights at CX, SUMS writes to DX.
#define DEPTHWISE(START, TAP, SUMS) \
	MOVQ a+0(FP), DI                   \
	MOVQ depthwiseArgs_in(DI), SI      \
	MOVQ depthwiseArgs_rows(DI), BX    \
	MOVQ depthwiseArgs_sums(DI), DX    \
	MOVQ depthwiseArgs_wStep(DI), R10  \
pixel:                                 \
	MOVQ (SI), R8                      \
	ADDQ depthwiseArgs_src(DI), R8     \
	MOVQ depthwiseArgs_start(DI), CX   \
	START                              \
	MOVQ depthwiseArgs_w(DI), CX       \
	MOVQ depthwiseArgs_taps(DI), R9    \
	MOVQ depthwiseArgs_count(DI), R11  \
tap:                                   \
	MOVQ (R9), AX                      \
	TAP                                \
	ADDQ $8, R9                        \
	ADDQ R10, CX                       \
	DECQ R11                           \
	JNZ  tap                           \
	SUMS                               \
	ADDQ depthwiseArgs_width(DI), DX   \
	ADDQ $8, SI                        \
	DECQ BX                            \
	JNZ  pixel                         \
	VZEROUPPER                         \
	RET

#define START512 VMOVDQU32 (CX), Z0; VMOVDQU32 64(CX), Z1
#define SUMS512 VMOVDQU32 Z0, (DX); VMOVDQU32 Z1, 64(DX)
#define TAP512 \
	VPMOVZXBD (R8)(AX*1), Z2   \
	VPMOVZXBD 16(R8)(AX*1), Z3 \
	VPDPWSSD  (CX), Z2, Z0     \
	VPDPWSSD  64(CX), Z3, Z1

#define START256 VMOVDQU (CX), Y0; VMOVDQU 32(CX), Y1
#define SUMS256 VMOVDQU Y0, (DX); VMOVDQU Y1, 32(DX)
#define TAP256 \
	VPMOVZXWD (R8)(AX*1), Y2   \
	VPMOVZXWD 16(R8)(AX*1), Y3 \
	VPMADDWD  (CX), Y2, Y2     \
	VPMADDWD  32(CX), Y3, Y3   \
	VPADDD    Y2, Y0, Y0       \
	VPADDD    Y3, Y1, Y1

// func depthwise32VNNI(a *depthwiseArgs)
TEXT ·depthwise32VNNI(SB), NOSPLIT, $0-8
	DEPTHWISE(START512, TAP512, SUMS512)

// func depthwise16AVX2(a *depthwiseArgs)
TEXT ·depthwise16AVX2(SB), NOSPLIT, $0-8
	DEPTHWISE(START256, TAP256, SUMS256)
