//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Packs full words by sign, 64 floats a step and then 32.
//
// AX args, DI dst row, SI src row, R8 t, R9 flip, CX rows left, R10 words,
// R11 and R12 byte strides; within a row: DX dst, R13 src, BX words left, R14 offset
// in t and flip. Z31 is t if all channels share it.

// SAME packs 16 floats, compared with Z31.
#define SAME(compare, at, k) \
	VCMPPS $compare, (4*at)(R13), Z31, k \
	KMOVW  k, (at/8)(DX)

// PLAIN packs 16 floats, each with the t of its channel.
#define PLAIN(compare, at, k) \
	VMOVUPS (4*at)(R13), Z0                 \
	VCMPPS  $compare, (4*at)(R8)(R14*1), Z0, k \
	KMOVW   k, (at/8)(DX)

// CHANNELS packs 16 floats, each with the t and flip of its channel.
#define CHANNELS(compare, at, k) \
	VMOVUPS (4*at)(R13), Z0                 \
	VPXORD  (4*at)(R9)(R14*1), Z0, Z0       \
	VCMPPS  $compare, (4*at)(R8)(R14*1), Z0, k \
	KMOVW   k, (at/8)(DX)

#define ROWS(STEP, compare, row, two, one, next) \
row:                     \
	MOVQ DI, DX          \
	MOVQ SI, R13         \
	MOVQ R10, BX         \
	XORQ R14, R14        \
	SUBQ $2, BX          \
	JLT  one             \
	PCALIGN $32          \
two:                     \
	STEP(compare, 0, K1)  \
	STEP(compare, 16, K2) \
	STEP(compare, 32, K3) \
	STEP(compare, 48, K4) \
	ADDQ $256, R13       \
	ADDQ $256, R14       \
	ADDQ $8, DX          \
	SUBQ $2, BX          \
	JGE  two             \
one:                     \
	CMPQ BX, $-1         \
	JLT  next            \
	STEP(compare, 0, K1)  \
	STEP(compare, 16, K2) \
next:                    \
	ADDQ R11, DI         \
	ADDQ R12, SI         \
	DECQ CX              \
	JNZ  row             \
	VZEROUPPER           \
	RET

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
	VBROADCASTSS signArgs_same(AX), Z31
	TESTQ R8, R8
	JZ    same
	TESTQ R9, R9
	JZ    plain
	CMPQ  signArgs_invert(AX), $0
	JNE   channelsInverted
	ROWS(CHANNELS, 0x19, row0, two0, one0, next0) // !(v >= t)

channelsInverted:
	ROWS(CHANNELS, 0x1d, row1, two1, one1, next1) // v >= t

plain:
	CMPQ signArgs_invert(AX), $0
	JNE  plainInverted
	ROWS(PLAIN, 0x19, row4, two4, one4, next4)

plainInverted:
	ROWS(PLAIN, 0x1d, row5, two5, one5, next5)

same:
	CMPQ signArgs_invert(AX), $0
	JNE  sameInverted
	ROWS(SAME, 0x16, row2, two2, one2, next2)     // !(t <= x)

sameInverted:
	ROWS(SAME, 0x12, row3, two3, one3, next3)     // t <= x
