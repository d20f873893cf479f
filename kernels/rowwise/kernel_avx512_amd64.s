//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Z0-Z7 the tile, Z8 a changed copy, Z11-Z14 constants, Z15 an operand of one element, Z16
// zero, Z16 and Z17 the bounds, K1 a mask

#define TABLE codes<>
#define W 64
#define V0 Z0
#define V1 Z1
#define V2 Z2
#define V3 Z3
#define V4 Z4
#define V5 Z5
#define V6 Z6
#define V7 Z7
#define S Z15
#define T Z8
#define FACTOR Z11
#define SUMMAND Z12
#define ZERO Z13
#define ONE Z14

#define PRELU_BY(x, v) \
	VXORPS Z16, Z16, Z16  \
	VCMPPS $1, Z16, v, K1 \
	VMULPS x, v, K1, v

#define LIMITS \
	VBROADCASTSS instruction_min(DI), Z16 \
	VBROADCASTSS instruction_max(DI), Z17

#define CLIP(i, v, off) \
	VCMPPS $7, v, v, K1       \
	VMAXPS Z16, v, K1, v      \
	VMINPS Z17, v, K1, v

#define SIGN(compare, i, v) \
	VCMPPS $compare, (i*W)(AX)(DX*1), v, K1 \
	KMOVW  K1, (2*i)(BX)

#define NEGATED(compare, i, v) \
	VXORPS (i*W)(R12)(DX*1), v, Z8           \
	VCMPPS $compare, (i*W)(AX)(DX*1), Z8, K1 \
	KMOVW  K1, (2*i)(BX)

#include "program_amd64.h"

// func codesAVX512() *[codes]uintptr
TEXT ·codesAVX512(SB), NOSPLIT, $0-8
	CODES

// func runAVX512(a *arguments)
TEXT ·runAVX512(SB), NOSPLIT, $0-8
	RUN
