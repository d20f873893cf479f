//go:build !noasm

#include "textflag.h"

// Elementwise functions of float32, n elements, a multiple of 8: 16 at a time, then 8.
//
//	DI dst    SI a    DX b    CX elements left
//	Y0, Y4 a and the result    Y1, Y5 b    Y2-Y3, Y6-Y7 temporaries    Y8-Y9 constants

#define BINARY \
	MOVQ dst+0(FP), DI \
	MOVQ a+8(FP), SI   \
	MOVQ b+16(FP), DX  \
	MOVQ n+24(FP), CX

#define UNARY \
	MOVQ dst+0(FP), DI \
	MOVQ a+8(FP), SI   \
	MOVQ n+16(FP), CX

#define NEXT2(size) \
	ADDQ $(4*size), SI \
	ADDQ $(4*size), DX \
	ADDQ $(4*size), DI \
	SUBQ $size, CX

#define NEXT1(size) \
	ADDQ $(4*size), SI \
	ADDQ $(4*size), DI \
	SUBQ $size, CX

#define LOADS2 \
	VMOVUPS (SI), Y0   \
	VMOVUPS 32(SI), Y4 \
	VMOVUPS (DX), Y1   \
	VMOVUPS 32(DX), Y5

#define STORES \
	VMOVUPS Y0, (DI) \
	VMOVUPS Y4, 32(DI)

#define ADD(a, b, s, t) VADDPS b, a, a
#define SUB(a, b, s, t) VSUBPS b, a, a
#define MUL(a, b, s, t) VMULPS b, a, a

// VMAXPS gives its first operand here if the two are equal or one is NaN. The result
// must be +0 for zeros of both signs, and NaN if one is: s AND t is right for the
// first, a + b for the second.
#define MAX(a, b, s, t) \
	VMAXPS a, b, s     \
	VMAXPS b, a, t     \
	VANDPS s, t, s     \
	VCMPPS $3, b, a, t \
	VADDPS b, a, a     \
	VBLENDVPS t, a, s, a

// For the smaller, zeros of both signs give -0.
#define MIN(a, b, s, t) \
	VMINPS a, b, s     \
	VMINPS b, a, t     \
	VORPS s, t, s      \
	VCMPPS $3, b, a, t \
	VADDPS b, a, a     \
	VBLENDVPS t, a, s, a

// a < 0 ? a*b : a
#define PRELU(a, b, s, t) \
	VXORPS t, t, t     \
	VCMPPS $1, t, a, t \
	VMULPS b, a, s     \
	VBLENDVPS t, s, a, a

// func addAVX2(dst, a, b *float32, n int)
TEXT ·addAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	ADD(Y0, Y1, Y2, Y3)
	ADD(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	ADD(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func subAVX2(dst, a, b *float32, n int)
TEXT ·subAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	SUB(Y0, Y1, Y2, Y3)
	SUB(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	SUB(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func mulAVX2(dst, a, b *float32, n int)
TEXT ·mulAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	MUL(Y0, Y1, Y2, Y3)
	MUL(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	MUL(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func maxAVX2(dst, a, b *float32, n int)
TEXT ·maxAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	MAX(Y0, Y1, Y2, Y3)
	MAX(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	MAX(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func minAVX2(dst, a, b *float32, n int)
TEXT ·minAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	MIN(Y0, Y1, Y2, Y3)
	MIN(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	MIN(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func preluAVX2(dst, a, b *float32, n int)
TEXT ·preluAVX2(SB), NOSPLIT, $0-32
	BINARY

two:
	CMPQ CX, $16
	JLT  one
	LOADS2
	PRELU(Y0, Y1, Y2, Y3)
	PRELU(Y4, Y5, Y6, Y7)
	STORES
	NEXT2(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	PRELU(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// Limits a to [Y8, Y9], but lets NaN through.
#define CLAMP(a, s, t) \
	VMAXPS    Y8, a, s   \
	VMINPS    Y9, s, s   \
	VCMPPS    $3, a, a, t \
	VBLENDVPS t, a, s, a

// func clampAVX2(dst, a *float32, n int, lo, hi float32)
TEXT ·clampAVX2(SB), NOSPLIT, $0-32
	UNARY
	VBROADCASTSS lo+24(FP), Y8
	VBROADCASTSS hi+28(FP), Y9

two:
	CMPQ CX, $16
	JLT  one
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y4
	CLAMP(Y0, Y2, Y3)
	CLAMP(Y4, Y6, Y7)
	STORES
	NEXT1(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	CLAMP(Y0, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET

// func leakyAVX2(dst, a *float32, n int, alpha float32)
TEXT ·leakyAVX2(SB), NOSPLIT, $0-28
	UNARY
	VBROADCASTSS alpha+24(FP), Y8

two:
	CMPQ CX, $16
	JLT  one
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y4
	PRELU(Y0, Y8, Y2, Y3)
	PRELU(Y4, Y8, Y6, Y7)
	STORES
	NEXT1(16)
	JMP  two

one:
	TESTQ CX, CX
	JZ    done
	VMOVUPS (SI), Y0
	PRELU(Y0, Y8, Y2, Y3)
	VMOVUPS Y0, (DI)

done:
	VZEROUPPER
	RET
