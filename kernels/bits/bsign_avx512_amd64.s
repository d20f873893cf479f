//go:build !noasm

#include "go_asm.h"
#include "textflag.h"
#include "bsign_amd64.h"

// Packs full words by sign, 64 floats a step and then 32.
//
// Z31 is t if all channels share it: then rows are done one after the other, R13 src, DX
// dst and BX words left of a row. Otherwise columns are, with their t in Z16-Z19 and flip
// in Z20-Z23, and BX counts rows.

// SAME packs 16 floats, compared with Z31.
#define SAME(compare, at, k) \
	VCMPPS $compare, (4*at)(R13), Z31, k \
	KMOVW  k, (at/8)(DX)

// PLAIN packs 16 floats, compared with t; NEGATED flips signs before.
#define PLAIN(compare, at, t, flip, k) \
	VMOVUPS (4*at)(R13), Z0      \
	VCMPPS  $compare, t, Z0, k   \
	KMOVW   k, (at/8)(DX)

#define NEGATED(compare, at, t, flip, k) \
	VPXORD (4*at)(R13), flip, Z0 \
	VCMPPS $compare, t, Z0, k    \
	KMOVW  k, (at/8)(DX)

#define FLIPS(at, z) VMOVUPS at(R9), z
#define NONE(at, z)

#define ROWS(compare, row, two, one, next) \
row:                     \
	MOVQ DI, DX          \
	MOVQ SI, R13         \
	MOVQ R10, BX         \
	SUBQ $2, BX          \
	JLT  one             \
	PCALIGN $32          \
two:                     \
	SAME(compare, 0, K1)  \
	SAME(compare, 16, K2) \
	SAME(compare, 32, K3) \
	SAME(compare, 48, K4) \
	ADDQ $256, R13       \
	ADDQ $8, DX          \
	SUBQ $2, BX          \
	JGE  two             \
one:                     \
	CMPQ BX, $-1         \
	JLT  next            \
	SAME(compare, 0, K1)  \
	SAME(compare, 16, K2) \
next:                    \
	ADDQ R11, DI         \
	ADDQ R12, SI         \
	DECQ CX              \
	JNZ  row             \
	VZEROUPPER           \
	RET

#define COLUMNS(STEP, FLIP, compare, two, row2, one, row1, done) \
two:                              \
	SUBQ $2, R10                  \
	JLT  one                      \
	VMOVUPS (R8), Z16             \
	VMOVUPS 64(R8), Z17           \
	VMOVUPS 128(R8), Z18          \
	VMOVUPS 192(R8), Z19          \
	FLIP(0, Z20)                  \
	FLIP(64, Z21)                 \
	FLIP(128, Z22)                \
	FLIP(192, Z23)                \
	MOVQ DI, DX                   \
	MOVQ SI, R13                  \
	MOVQ CX, BX                   \
row2:                             \
	STEP(compare, 0, Z16, Z20, K1)  \
	STEP(compare, 16, Z17, Z21, K2) \
	STEP(compare, 32, Z18, Z22, K3) \
	STEP(compare, 48, Z19, Z23, K4) \
	ADDQ R11, DX                  \
	ADDQ R12, R13                 \
	DECQ BX                       \
	JNZ  row2                     \
	ADDQ $256, R8                 \
	ADDQ $256, R9                 \
	ADDQ $256, SI                 \
	ADDQ $8, DI                   \
	JMP  two                      \
one:                              \
	CMPQ R10, $-1                 \
	JLT  done                     \
	VMOVUPS (R8), Z16             \
	VMOVUPS 64(R8), Z17           \
	FLIP(0, Z20)                  \
	FLIP(64, Z21)                 \
	MOVQ DI, DX                   \
	MOVQ SI, R13                  \
row1:                             \
	STEP(compare, 0, Z16, Z20, K1)  \
	STEP(compare, 16, Z17, Z21, K2) \
	ADDQ R11, DX                  \
	ADDQ R12, R13                 \
	DECQ CX                       \
	JNZ  row1                     \
done:                             \
	VZEROUPPER                    \
	RET

// func bsign_avx512(a *signArgs)
TEXT ·bsign_avx512(SB), NOSPLIT, $0-8
	MOVQ  a+0(FP), AX
	ARGUMENTS(Z31)
	INVERTED(channelsInverted)
	COLUMNS(NEGATED, FLIPS, 0x19, two0, rowTwo0, one0, rowOne0, done0) // !(v >= t)

channelsInverted:
	COLUMNS(NEGATED, FLIPS, 0x1d, two1, rowTwo1, one1, rowOne1, done1) // v >= t

plain:
	INVERTED(plainInverted)
	COLUMNS(PLAIN, NONE, 0x19, two4, rowTwo4, one4, rowOne4, done4)

plainInverted:
	COLUMNS(PLAIN, NONE, 0x1d, two5, rowTwo5, one5, rowOne5, done5)

same:
	INVERTED(sameInverted)
	ROWS(0x16, row2, two2, one2, next2)     // !(t <= x)

sameInverted:
	ROWS(0x12, row3, two3, one3, next3)     // t <= x
