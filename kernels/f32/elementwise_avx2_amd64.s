//go:build !noasm

#include "textflag.h"
#include "vectors_avx2_amd64.h"
#include "elementwise_amd64.h"

#define ADD(a, b, s, t, k) VADDPS b, a, a
#define SUB(a, b, s, t, k) VSUBPS b, a, a
#define MUL(a, b, s, t, k) VMULPS b, a, a
#define DIV(a, b, s, t, k) VDIVPS b, a, a

// VMAXPS gives its first operand here if the two are equal or one is NaN. The result
// must be +0 for zeros of both signs, and NaN if one is: s AND t is right for the
// first, a + b for the second.
#define MAX(a, b, s, t, k) \
	VMAXPS a, b, s     \
	VMAXPS b, a, t     \
	VANDPS s, t, s     \
	VCMPPS $3, b, a, t \
	VADDPS b, a, a     \
	VBLENDVPS t, a, s, a

// For the smaller, zeros of both signs give -0.
#define MIN(a, b, s, t, k) \
	VMINPS a, b, s     \
	VMINPS b, a, t     \
	VORPS s, t, s      \
	VCMPPS $3, b, a, t \
	VADDPS b, a, a     \
	VBLENDVPS t, a, s, a

// a < 0 ? a*b : a
#define PRELU(a, b, s, t, k) \
	VXORPS t, t, t     \
	VCMPPS $1, t, a, t \
	VMULPS b, a, s     \
	VBLENDVPS t, s, a, a

// Limits a to [V8, V9], but lets NaN through.
#define CLAMP(a, b, s, t, k) \
	VMAXPS    V8, a, s   \
	VMINPS    V9, s, s   \
	VCMPPS    $3, a, a, t \
	VBLENDVPS t, a, s, a

// func addAVX2(dst, a, b *float32, n int)
TEXT ·addAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, ADD)

// func subAVX2(dst, a, b *float32, n int)
TEXT ·subAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, SUB)

// func mulAVX2(dst, a, b *float32, n int)
TEXT ·mulAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, MUL)

// func divAVX2(dst, a, b *float32, n int)
TEXT ·divAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, DIV)

// func maxAVX2(dst, a, b *float32, n int)
TEXT ·maxAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, MAX)

// func minAVX2(dst, a, b *float32, n int)
TEXT ·minAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, MIN)

// func preluAVX2(dst, a, b *float32, n int)
TEXT ·preluAVX2(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, PRELU)

// func clampAVX2(dst, a *float32, n int, lo, hi float32)
TEXT ·clampAVX2(SB), NOSPLIT, $0-32
	UNARY
	VBROADCASTSS lo+24(FP), V8
	VBROADCASTSS hi+28(FP), V9
	ELEMENTS(NOOPERAND, V8, V8, CLAMP)

// func leakyAVX2(dst, a *float32, n int, alpha float32)
TEXT ·leakyAVX2(SB), NOSPLIT, $0-28
	UNARY
	VBROADCASTSS alpha+24(FP), V8
	ELEMENTS(NOOPERAND, V8, V8, PRELU)
