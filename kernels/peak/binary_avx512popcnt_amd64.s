//go:build !noasm

#include "textflag.h"

// STEP4 is the arithmetic of 4 vectors of 512 bits: the instructions of the binary
// kernels without their loads. x is none of the registers it is combined with: XOR of a
// register with itself costs nothing.
#define STEP4(x, a0, a1, a2, a3) \
	VPXORD   x, Z24, Z28   \
	VPXORD   x, Z25, Z29   \
	VPXORD   x, Z26, Z30   \
	VPXORD   x, Z27, Z31   \
	VPOPCNTD Z28, Z28      \
	VPOPCNTD Z29, Z29      \
	VPOPCNTD Z30, Z30      \
	VPOPCNTD Z31, Z31      \
	VPADDD   Z28, a0, a0   \
	VPADDD   Z29, a1, a1   \
	VPADDD   Z30, a2, a2   \
	VPADDD   Z31, a3, a3

// func binary_avx512popcnt(n int)
TEXT ·binary_avx512popcnt(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

	PCALIGN $64
loop:
	STEP4(Z20, Z0, Z1, Z2, Z3)
	STEP4(Z21, Z4, Z5, Z6, Z7)
	STEP4(Z22, Z8, Z9, Z10, Z11)
	STEP4(Z23, Z12, Z13, Z14, Z15)
	STEP4(Z20, Z16, Z17, Z18, Z19)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
