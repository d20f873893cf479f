//go:build !noasm

#include "textflag.h"

// func selectAVX2(dst, a, b *uint32, cond *byte, n, aStep, bStep int)
TEXT ·selectAVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ cond+24(FP), R8
	MOVQ n+32(FP), CX
	MOVQ aStep+40(FP), R9
	MOVQ bStep+48(FP), R10
	VPXOR Y3, Y3, Y3

loop:
	VPMOVZXBD (R8), Y0
	VPCMPEQD  Y3, Y0, Y0
	VMOVUPS   (SI), Y1
	VBLENDVPS Y0, (DX), Y1, Y1
	VMOVUPS   Y1, (DI)
	ADDQ      $8, R8
	ADDQ      $32, DI
	ADDQ      R9, SI
	ADDQ      R10, DX
	SUBQ      $8, CX
	JNZ       loop
	VZEROUPPER
	RET
