//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// PAIRS makes the table offsets of 4 words of each of two pixels, X0 and X1, in Y0 and
// Y1: 16 times the nibble of the first and 256 times that of the second. X4 has 0x0f in
// each byte, X5 has 0xf0.
#define PAIRS \
	VPSRLW $4, X0, X2        \
	VPSLLW $4, X1, X3        \
	VPAND  X4, X0, X0        \
	VPAND  X4, X2, X2        \
	VPAND  X5, X3, X3        \
	VPAND  X5, X1, X1        \
	VPOR   X3, X0, X0        \
	VPOR   X1, X2, X2        \
	VPUNPCKHBW X2, X0, X1    \
	VPUNPCKLBW X2, X0, X0    \
	VPMOVZXBW X0, Y0         \
	VPMOVZXBW X1, Y1         \
	VPSLLW $4, Y0, Y0        \
	VPSLLW $4, Y1, Y1

#define FOUR \
	VMOVDQU (AX), X0    \
	VMOVDQU (BX), X1    \
	PAIRS               \
	VMOVDQU Y0, (DI)    \
	VMOVDQU Y1, 32(DI)

// func nibbles_avx2(b *block, dst *uint16, stride, pixels int)
TEXT ·nibbles_avx2(SB), NOSPLIT, $0-32
	MOVQ b+0(FP), R13
	MOVQ dst+8(FP), R14
	MOVQ pixels+24(FP), R12
	MOVQ block_Pixels(R13), R9
	MOVL $0x0f0f0f0f, AX
	VMOVD AX, X4
	VPBROADCASTD X4, X4
	VPSLLD $4, X4, X5

pair:
	MOVQ block_A(R13), DX
	MOVQ (R9), SI
	LEAQ (DX)(SI*4), SI
	MOVQ SI, R8
	CMPQ R12, $1
	JEQ  alone
	MOVQ 8(R9), R8
	LEAQ (DX)(R8*4), R8

alone:
	MOVQ R14, DI
	MOVQ block_Runs(R13), R10
	MOVQ (block_Runs+8)(R13), R11

run:
	MOVQ (R10), DX
	LEAQ (SI)(DX*4), AX
	LEAQ (R8)(DX*4), BX
	MOVQ block_RunWords(R13), CX
	SUBQ $4, CX
	JLT  few // -3 to -1

four:
	FOUR
	ADDQ $16, AX
	ADDQ $16, BX
	ADDQ $64, DI
	SUBQ $4, CX
	JGE  four

	// The last words again, with some of those before them.
	ADDQ $4, CX
	JZ   ran
	SHLQ $2, CX
	LEAQ (-16)(AX)(CX*1), AX
	LEAQ (-16)(BX)(CX*1), BX
	LEAQ (-64)(DI)(CX*4), DI
	FOUR
	ADDQ $64, DI
	JMP  ran

few:
	CMPQ CX, $-3
	JEQ  one
	VMOVQ (AX), X0
	VMOVQ (BX), X1
	PAIRS
	VMOVDQU Y0, (DI)
	ADDQ $8, AX
	ADDQ $8, BX
	ADDQ $32, DI
	CMPQ CX, $-2
	JEQ  ran

one:
	VMOVD (AX), X0
	VMOVD (BX), X1
	PAIRS
	VMOVDQU X0, (DI)
	ADDQ $16, DI

ran:
	ADDQ $8, R10
	DECQ R11
	JNZ  run
	ADDQ stride+16(FP), R14
	ADDQ $16, R9
	SUBQ $2, R12
	JGT  pair
	VZEROUPPER
	RET
