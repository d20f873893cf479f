//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define V0 Z0
#define V1 Z1
#define V2 Z2
#define V3 Z3
#define V4 Z4
#define V5 Z5
#define V6 Z6
#define V7 Z7
#define V8 Z8
#define V9 Z9
#define V10 Z10
#define V11 Z11
#define V12 Z12
#define V13 Z13
#define H0 Y0
#define H1 Y1
#define HALF 32
#define NARROW(v, h) VCVTPD2PS v, h
#define FOLD \
	VEXTRACTF64X4 $1, Z0, Y1 \
	VMAXPS Y1, Y0, Y0        \
	VEXTRACTF128 $1, Y0, X1  \
	VMAXPS X1, X0, X0

#include "exp_amd64.h"
#include "gelu_amd64.h"
#include "norm_amd64.h"

// func expAVX512(dst, src *float32, n int, constants *expConstants)
TEXT ·expAVX512(SB), NOSPLIT, $0-32
	UNARY(EXP)

// func sigmoidAVX512(dst, src *float32, n int, constants *expConstants)
TEXT ·sigmoidAVX512(SB), NOSPLIT, $0-32
	UNARY(SIGMOID)

// func tanhAVX512(dst, src *float32, n int, constants *expConstants)
TEXT ·tanhAVX512(SB), NOSPLIT, $0-32
	UNARY(TANH)

// func expSumAVX512(dst, src *float32, n int, most float64, sums *float64, constants *expConstants)
TEXT ·expSumAVX512(SB), NOSPLIT, $0-48
	EXP_SUM

// func productsAVX512(dst, src *float32, n int, by float64)
TEXT ·productsAVX512(SB), NOSPLIT, $0-32
	PRODUCTS

// func largestAVX512(src *float32, n int) float32
TEXT ·largestAVX512(SB), NOSPLIT, $0-20
	LARGEST

// func erfAVX512(dst, src *float32, n int, constants *geluConstants)
TEXT ·erfAVX512(SB), NOSPLIT, $0-32
	UNARY_FLOATS(ERF)

// func geluAVX512(dst, src *float32, n int, constants *geluConstants)
TEXT ·geluAVX512(SB), NOSPLIT, $0-32
	UNARY_FLOATS(GELU)

// func geluTanhAVX512(dst, src *float32, n int, constants *geluConstants)
TEXT ·geluTanhAVX512(SB), NOSPLIT, $0-32
	UNARY_FLOATS(GELU_TANH)

// func swishAVX512(dst, src *float32, n int, constants *geluConstants)
TEXT ·swishAVX512(SB), NOSPLIT, $0-32
	UNARY_FLOATS(SWISH)

// func sumAVX512(src *float32, n int, sums *float64)
TEXT ·sumAVX512(SB), NOSPLIT, $0-24
	SUM

// func squaresAVX512(src *float32, n int, mean float64, sums *float64)
TEXT ·squaresAVX512(SB), NOSPLIT, $0-32
	SQUARES

// func normalizeAVX512(dst, src *float32, n int, scale, bias *float32, mean, factor float64)
TEXT ·normalizeAVX512(SB), NOSPLIT, $0-56
	NORMALIZE

// func mishAVX512(dst, src *float32, n int, constants *geluConstants)
TEXT ·mishAVX512(SB), NOSPLIT, $0-32
	UNARY_FLOATS(MISH)
