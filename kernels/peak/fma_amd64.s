//go:build !noasm

#include "textflag.h"

// func fma_avx512(n int)
TEXT ·fma_avx512(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

// FMA4 multiplies and adds into 4 registers; with 12 of them the latency is hidden.
#define FMA4(a0, a1, a2, a3) \
	VFMADD231PS Z30, Z31, a0 \
	VFMADD231PS Z30, Z31, a1 \
	VFMADD231PS Z30, Z31, a2 \
	VFMADD231PS Z30, Z31, a3

	VPXORD Z30, Z30, Z30 // products of zeros: no denormal numbers
	VPXORD Z31, Z31, Z31
	PCALIGN $64
loop:
	FMA4(Z0, Z1, Z2, Z3)
	FMA4(Z4, Z5, Z6, Z7)
	FMA4(Z8, Z9, Z10, Z11)
	FMA4(Z12, Z13, Z14, Z15)
	FMA4(Z16, Z17, Z18, Z19)
	FMA4(Z20, Z21, Z22, Z23)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func fma_avx2(n int)
TEXT ·fma_avx2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX

#define FMA4Y(a0, a1, a2, a3) \
	VFMADD231PS Y12, Y13, a0 \
	VFMADD231PS Y12, Y13, a1 \
	VFMADD231PS Y12, Y13, a2 \
	VFMADD231PS Y12, Y13, a3

	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	PCALIGN $64
loop:
	FMA4Y(Y0, Y1, Y2, Y3)
	FMA4Y(Y4, Y5, Y6, Y7)
	FMA4Y(Y8, Y9, Y10, Y11)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
