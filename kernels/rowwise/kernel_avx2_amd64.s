//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Y0-Y7 the tile, Y8 and Y9 changed copies, Y11-Y14 constants, Y15 an operand of one element,
// Y14 and Y15 the bounds

#define TABLE codes<>
#define W 32
#define V0 Y0
#define V1 Y1
#define V2 Y2
#define V3 Y3
#define V4 Y4
#define V5 Y5
#define V6 Y6
#define V7 Y7
#define S Y15
#define T Y8
#define FACTOR Y11
#define SUMMAND Y12
#define ZERO Y13
#define ONE Y14

#define PRELU_BY(x, v) \
	VXORPS    Y9, Y9, Y9    \
	VCMPPS    $1, Y9, v, Y9 \
	VMULPS    x, v, Y8      \
	VBLENDVPS Y9, Y8, v, v

#define LIMITS \
	VBROADCASTSS instruction_min(DI), Y14 \
	VBROADCASTSS instruction_max(DI), Y15

#define CLIP(i, v, off) \
	VMAXPS    Y14, v, Y8    \
	VMINPS    Y15, Y8, Y8   \
	VCMPPS    $3, v, v, Y9  \
	VBLENDVPS Y9, v, Y8, v

#define SIGN(compare, i, v) \
	VCMPPS    $compare, (i*W)(AX)(DX*1), v, Y8 \
	VMOVMSKPS Y8, R13                          \
	MOVB      R13, i(BX)

#define NEGATED(compare, i, v) \
	VXORPS    (i*W)(R12)(DX*1), v, Y8           \
	VCMPPS    $compare, (i*W)(AX)(DX*1), Y8, Y8 \
	VMOVMSKPS Y8, R13                           \
	MOVB      R13, i(BX)

#include "program_amd64.h"

// func codesAVX2() *[codes]uintptr
TEXT ·codesAVX2(SB), NOSPLIT, $0-8
	CODES

// func runAVX2(a *arguments)
TEXT ·runAVX2(SB), NOSPLIT, $0-8
	RUN
