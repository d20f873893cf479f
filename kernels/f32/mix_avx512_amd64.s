//go:build !noasm

#include "textflag.h"

// func mixAVX512(dst, src *float32, order *[16]int32, n, step, second int, masks [2]uint16)
TEXT ·mixAVX512(SB), NOSPLIT, $0-52
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ order+16(FP), DX
	MOVQ n+24(FP), CX
	MOVQ step+32(FP), R9
	MOVQ second+40(FP), R8
	KMOVW masks_0+48(FP), K1
	KMOVW masks_1+50(FP), K2
	VMOVDQU32 (DX), Z1

vector:
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS (SI)(R8*1), K2, Z0
	VPERMPS Z0, Z1, Z0
	VMOVUPS Z0, (DI)
	ADDQ R9, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  vector
	VZEROUPPER
	RET
