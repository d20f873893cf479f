//go:build !noasm

#include "textflag.h"

// func mixAVX512(dst, src *float32, order *[16]int32, n int)
TEXT ·mixAVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ order+16(FP), DX
	MOVQ n+24(FP), CX
	VMOVDQU32 (DX), Z1

block:
	VPERMPS (SI), Z1, Z0
	VMOVUPS Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
