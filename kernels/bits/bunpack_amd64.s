//go:build !noasm

#include "textflag.h"

DATA unpackOne<>+0(SB)/4, $0x3f800000
GLOBL unpackOne<>(SB), RODATA|NOPTR, $4
DATA unpackSign<>+0(SB)/4, $0x80000000
GLOBL unpackSign<>(SB), RODATA|NOPTR, $4

// unpackShifts move bit i of a byte to the sign of lane i.
DATA unpackShifts<>+0(SB)/8, $0x0000001e0000001f
DATA unpackShifts<>+8(SB)/8, $0x0000001c0000001d
DATA unpackShifts<>+16(SB)/8, $0x0000001a0000001b
DATA unpackShifts<>+24(SB)/8, $0x0000001800000019
GLOBL unpackShifts<>(SB), RODATA|NOPTR, $32

// DI dst, SI src, CX words left. BEGIN loads them, and 1 and the sign bit to registers of
// the width of the kernel. NEXT goes on to the next word, or returns.

#define BEGIN(one, sign) \
	MOVQ dst+0(FP), DI                      \
	MOVQ src+8(FP), SI                      \
	MOVQ words+16(FP), CX                   \
	VBROADCASTSS unpackOne<>(SB), one       \
	VPBROADCASTD unpackSign<>(SB), sign

#define NEXT \
	ADDQ $4, SI   \
	ADDQ $128, DI \
	DECQ CX       \
	JNZ  word     \
	VZEROUPPER    \
	RET

// func bunpack_avx512(dst *float32, src *uint32, words int)
TEXT ·bunpack_avx512(SB), NOSPLIT, $0-24
	BEGIN(Z0, Z1)

word:
	KMOVW   (SI), K1
	KMOVW   2(SI), K2
	VMOVAPS Z0, Z2
	VMOVAPS Z0, Z3
	VPORD   Z1, Z0, K1, Z2
	VPORD   Z1, Z0, K2, Z3
	VMOVUPS Z2, (DI)
	VMOVUPS Z3, 64(DI)
	NEXT

// EIGHT unpacks byte at of the word in Y4.
#define EIGHT(at, shifts) \
	VPSLLVD shifts, Y4, Y5 \
	VPAND   Y1, Y5, Y5     \
	VPOR    Y0, Y5, Y5     \
	VMOVUPS Y5, (32*at)(DI)

// func bunpack_avx2(dst *float32, src *uint32, words int)
TEXT ·bunpack_avx2(SB), NOSPLIT, $0-24
	BEGIN(Y0, Y1)
	VMOVDQU  unpackShifts<>(SB), Y8
	VPCMPEQD Y2, Y2, Y2
	VPSRLD   $31, Y2, Y2
	VPSLLD   $3, Y2, Y2 // 8
	VPSUBD   Y2, Y8, Y9
	VPSUBD   Y2, Y9, Y10
	VPSUBD   Y2, Y10, Y11

word:
	VPBROADCASTD (SI), Y4
	EIGHT(0, Y8)
	EIGHT(1, Y9)
	EIGHT(2, Y10)
	EIGHT(3, Y11)
	NEXT
