//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "bsign_amd64.h"

// Packs full words by sign, 32 floats a step.
//
// AX is also for masks. Within a row: DX dst, R13 src, BX words left, R14 offset in t and
// flip. Y15 is t if all channels share it.

// SAME packs 8 floats, compared with Y15.
#define SAME(compare, at, y) \
	VCMPPS    $compare, (4*at)(R13), Y15, y \
	VMOVMSKPS y, AX                         \
	MOVB      AX, (at/8)(DX)

// PLAIN packs 8 floats, each with the t of its channel.
#define PLAIN(compare, at, y) \
	VMOVUPS   (4*at)(R13), y                   \
	VCMPPS    $compare, (4*at)(R8)(R14*1), y, y \
	VMOVMSKPS y, AX                            \
	MOVB      AX, (at/8)(DX)

// CHANNELS packs 8 floats, each with the t and flip of its channel.
#define CHANNELS(compare, at, y) \
	VMOVUPS   (4*at)(R13), y                   \
	VXORPS    (4*at)(R9)(R14*1), y, y          \
	VCMPPS    $compare, (4*at)(R8)(R14*1), y, y \
	VMOVMSKPS y, AX                            \
	MOVB      AX, (at/8)(DX)

#define ROWS(STEP, compare, row, word) \
row:                      \
	MOVQ DI, DX           \
	MOVQ SI, R13          \
	MOVQ R10, BX          \
	XORQ R14, R14         \
	PCALIGN $32           \
word:                     \
	STEP(compare, 0, Y0)  \
	STEP(compare, 8, Y1)  \
	STEP(compare, 16, Y2) \
	STEP(compare, 24, Y3) \
	ADDQ $128, R13        \
	ADDQ $128, R14        \
	ADDQ $4, DX           \
	DECQ BX               \
	JNZ  word             \
	ADDQ R11, DI          \
	ADDQ R12, SI          \
	DECQ CX               \
	JNZ  row              \
	VZEROUPPER            \
	RET

// func bsign_avx2(a *signArgs)
TEXT ·bsign_avx2(SB), NOSPLIT, $0-8
	MOVQ  a+0(FP), AX
	ARGUMENTS(Y15)
	INVERTED(channelsInverted)
	ROWS(CHANNELS, 0x19, row0, word0) // !(v >= t)

channelsInverted:
	ROWS(CHANNELS, 0x1d, row1, word1) // v >= t

plain:
	INVERTED(plainInverted)
	ROWS(PLAIN, 0x19, row4, word4)

plainInverted:
	ROWS(PLAIN, 0x1d, row5, word5)

same:
	INVERTED(sameInverted)
	ROWS(SAME, 0x16, row2, word2)     // !(t <= x)

sameInverted:
	ROWS(SAME, 0x12, row3, word3)     // t <= x
