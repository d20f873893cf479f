//go:build !noasm

#include "textflag.h"

// LOOK3 is the arithmetic of three nibbles of two pixels and a vector of channels: the
// instructions of the look-up kernels without their loads.
#define LOOK3(AND, mask, table, channels, x, y, lows, highs) \
	VPSHUFB channels, table, x \
	VPSHUFB channels, table, y \
	VPADDB  y, x, x            \
	VPSHUFB channels, table, y \
	VPADDB  y, x, x            \
	VPSRLW  $4, x, y           \
	VPADDW  x, lows, lows      \
	AND     mask, y, y         \
	VPADDB  y, highs, highs

// func binary_avx512(n int)
TEXT ·binary_avx512(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

	PCALIGN $64
loop:
	LOOK3(VPANDD, Z31, Z30, Z29, Z8, Z9, Z0, Z1)
	LOOK3(VPANDD, Z31, Z30, Z29, Z10, Z11, Z2, Z3)
	LOOK3(VPANDD, Z31, Z30, Z29, Z12, Z13, Z4, Z5)
	LOOK3(VPANDD, Z31, Z30, Z29, Z14, Z15, Z6, Z7)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func binary_avx2(n int)
TEXT ·binary_avx2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

	PCALIGN $64
loop:
	LOOK3(VPAND, Y15, Y14, Y13, Y8, Y9, Y0, Y1)
	LOOK3(VPAND, Y15, Y14, Y13, Y10, Y11, Y2, Y3)
	LOOK3(VPAND, Y15, Y14, Y13, Y8, Y9, Y4, Y5)
	LOOK3(VPAND, Y15, Y14, Y13, Y10, Y11, Y6, Y7)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
