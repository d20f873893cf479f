//go:build !noasm

#include "textflag.h"

// Squares of 8 x 8 in registers. Rows 0-3 and 4-7 of four columns share a register from
// the start, so that only shuffles within halves follow.
//
// DI dst, SI src, R8 and R9 the steps in bytes, R10 and R11 three times them, CX squares
// left; R12 and R13 are row 4 of dst and src.

// ROWS loads columns at to at+3 of rows r and r+4.
#define ROWS(low, high, at, y) \
	VMOVUPS     at low, X14           \
	VINSERTF128 $1, at high, Y14, y

// QUARTER transposes columns at to at+3 of all rows to Y4-Y7.
#define QUARTER(at) \
	ROWS((SI), (R13), at, Y0)                 \
	ROWS((SI)(R9*1), (R13)(R9*1), at, Y1)     \
	ROWS((SI)(R9*2), (R13)(R9*2), at, Y2)     \
	ROWS((SI)(R11*1), (R13)(R11*1), at, Y3)   \
	VUNPCKLPS Y1, Y0, Y8                      \
	VUNPCKHPS Y1, Y0, Y9                      \
	VUNPCKLPS Y3, Y2, Y10                     \
	VUNPCKHPS Y3, Y2, Y11                     \
	VUNPCKLPD Y10, Y8, Y4                     \
	VUNPCKHPD Y10, Y8, Y5                     \
	VUNPCKLPD Y11, Y9, Y6                     \
	VUNPCKHPD Y11, Y9, Y7

// func transposeAVX2(dst, src *uint32, dstStep, srcStep, squares int)
TEXT ·transposeAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ dstStep+16(FP), R8
	MOVQ srcStep+24(FP), R9
	MOVQ squares+32(FP), CX
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	LEAQ (SI)(R9*4), R13

square:
	LEAQ    (DI)(R8*4), R12
	QUARTER(0)
	VMOVUPS Y4, (DI)
	VMOVUPS Y5, (DI)(R8*1)
	VMOVUPS Y6, (DI)(R8*2)
	VMOVUPS Y7, (DI)(R10*1)
	QUARTER(16)
	VMOVUPS Y4, (R12)
	VMOVUPS Y5, (R12)(R8*1)
	VMOVUPS Y6, (R12)(R8*2)
	VMOVUPS Y7, (R12)(R10*1)
	LEAQ    (R12)(R8*4), DI
	ADDQ    $32, SI
	ADDQ    $32, R13
	DECQ    CX
	JNZ     square
	VZEROUPPER
	RET

// PAIRS puts 8 elements of both rows, from element AX on, in turns.
#define PAIRS \
	VMOVUPS    (SI)(AX*4), Y0     \
	VMOVUPS    (DX)(AX*4), Y1     \
	VUNPCKLPS  Y1, Y0, Y2         \
	VUNPCKHPS  Y1, Y0, Y3         \
	VPERM2F128 $0x20, Y3, Y2, Y4  \
	VPERM2F128 $0x31, Y3, Y2, Y5  \
	VMOVUPS    Y4, (DI)(AX*8)     \
	VMOVUPS    Y5, 32(DI)(AX*8)

// func interleaveAVX2(dst, a, b *uint32, n int)
TEXT ·interleaveAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	SUBQ $8, CX
	XORQ AX, AX

pairs:
	CMPQ AX, CX
	JGE  last
	PAIRS
	ADDQ $8, AX
	JMP  pairs

last:
	MOVQ CX, AX
	PAIRS
	VZEROUPPER
	RET
