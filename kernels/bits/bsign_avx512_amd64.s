//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Packs full words by sign, 32 floats a step.
//
// AX args, DI dst row, SI src row, R8 t, R9 flip, CX rows left, R10 words,
// DX word index, R11 and R12 byte strides, K7 the bits to invert.

// func bsign_avx512(a *signArgs)
TEXT ·bsign_avx512(SB), NOSPLIT, $0-8
	MOVQ  a+0(FP), AX
	MOVQ  signArgs_dst(AX), DI
	MOVQ  signArgs_src(AX), SI
	MOVQ  signArgs_t(AX), R8
	MOVQ  signArgs_flip(AX), R9
	MOVQ  signArgs_rows(AX), CX
	MOVQ  signArgs_words(AX), R10
	MOVQ  signArgs_dstStride(AX), R11
	MOVQ  signArgs_srcStride(AX), R12
	MOVQ  signArgs_invert(AX), BX
	KMOVW BX, K7

row:
	XORQ DX, DX
	MOVQ SI, R13              // src of the word
	MOVQ R8, BX               // t of the word
	MOVQ R9, AX               // flip of the word

word:
	VMOVUPS (R13), Z0
	VMOVUPS 64(R13), Z1
	VPXORD  (AX), Z0, Z0      // v = flip ^ src
	VPXORD  64(AX), Z1, Z1
	VCMPPS  $0x19, (BX), Z0, K1   // !(v >= t), quiet
	VCMPPS  $0x19, 64(BX), Z1, K2
	KXORW   K7, K1, K1
	KXORW   K7, K2, K2
	KMOVW   K1, (DI)(DX*4)
	KMOVW   K2, 2(DI)(DX*4)
	ADDQ    $128, R13
	ADDQ    $128, BX
	ADDQ    $128, AX
	INCQ    DX
	CMPQ    DX, R10
	JLT     word

	ADDQ R11, DI
	ADDQ R12, SI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
