//go:build !noasm

#include "textflag.h"

// LOOK4 is the arithmetic of a nibble of 4 vectors of 32 channels: the instructions of
// the look-up kernels without their loads.
#define LOOK4(table, a0, a1, a2, a3) \
	VPSHUFB Y12, table, Y10 \
	VPSHUFB Y13, table, Y11 \
	VPSHUFB Y14, table, Y8  \
	VPSHUFB Y15, table, Y9  \
	VPADDB  Y10, a0, a0     \
	VPADDB  Y11, a1, a1     \
	VPADDB  Y8, a2, a2      \
	VPADDB  Y9, a3, a3

// func binary_avx2(n int)
TEXT ·binary_avx2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

	PCALIGN $64
loop:
	LOOK4(Y12, Y0, Y1, Y2, Y3)
	LOOK4(Y13, Y4, Y5, Y6, Y7)
	LOOK4(Y14, Y0, Y1, Y2, Y3)
	LOOK4(Y15, Y4, Y5, Y6, Y7)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
