//go:build !noasm

#include "textflag.h"

// PICK leaves the greater number of a and b in t with $5, the smaller with $4:
// VRANGEPS orders zeros by their sign but prefers a number to a NaN, so where either is
// a NaN their sum takes its place.
#define PICK(which, a, b, t, k) \
	VRANGEPS which, b, a, t \
	VCMPPS   $3, b, a, k    \
	VADDPS   b, a, k, t

#define BEGIN \
	MOVQ dst+0(FP), DI \
	MOVQ a+8(FP), SI   \
	MOVQ b+16(FP), DX  \
	MOVQ n+24(FP), CX

#define NEXT(bytes, elements) \
	ADDQ bytes, SI \
	ADDQ bytes, DX \
	ADDQ bytes, DI \
	SUBQ elements, CX

#define FOUR(which) \
	VMOVUPS (SI), Z0             \
	VMOVUPS 64(SI), Z1           \
	VMOVUPS 128(SI), Z2          \
	VMOVUPS 192(SI), Z3          \
	VMOVUPS (DX), Z4             \
	VMOVUPS 64(DX), Z5           \
	VMOVUPS 128(DX), Z6          \
	VMOVUPS 192(DX), Z7          \
	PICK(which, Z0, Z4, Z8, K1)  \
	PICK(which, Z1, Z5, Z9, K2)  \
	PICK(which, Z2, Z6, Z10, K3) \
	PICK(which, Z3, Z7, Z11, K4) \
	VMOVUPS Z8, (DI)             \
	VMOVUPS Z9, 64(DI)           \
	VMOVUPS Z10, 128(DI)         \
	VMOVUPS Z11, 192(DI)         \
	NEXT($256, $64)

#define ONE(which) \
	VMOVUPS (SI), Z0            \
	VMOVUPS (DX), Z4            \
	PICK(which, Z0, Z4, Z8, K1) \
	VMOVUPS Z8, (DI)            \
	NEXT($64, $16)

// func maxAVX512(dst, a, b *float32, n int)
TEXT ·maxAVX512(SB), NOSPLIT, $0-32
	BEGIN

four:
	CMPQ CX, $64
	JLT  one
	FOUR($5)
	JMP  four

one:
	TESTQ CX, CX
	JZ    done
	ONE($5)
	JMP   one

done:
	VZEROUPPER
	RET

// func minAVX512(dst, a, b *float32, n int)
TEXT ·minAVX512(SB), NOSPLIT, $0-32
	BEGIN

four:
	CMPQ CX, $64
	JLT  one
	FOUR($4)
	JMP  four

one:
	TESTQ CX, CX
	JZ    done
	ONE($4)
	JMP   one

done:
	VZEROUPPER
	RET
