//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define V0 Y0
#define V1 Y1
#define V2 Y2
#define V3 Y3
#define V4 Y4
#define V5 Y5
#define V6 Y6
#define V7 Y7
#define V8 Y8
#define V9 Y9
#define V10 Y10
#define V11 Y11
#define V12 Y12
#define V13 Y13
#define H0 X0
#define H1 X1
#define HALF 16
#define NARROW(v, h) VCVTPD2PSY v, h
#define FOLD \
	VEXTRACTF128 $1, Y0, X1 \
	VMAXPS X1, X0, X0

#include "exp_amd64.h"
#include "gelu_amd64.h"
#include "norm_amd64.h"

// func expAVX2(dst, src *float32, n int, constants *expConstants)
TEXT ·expAVX2(SB), NOSPLIT, $0-32
	UNARY(EXP)

// func sigmoidAVX2(dst, src *float32, n int, constants *expConstants)
TEXT ·sigmoidAVX2(SB), NOSPLIT, $0-32
	UNARY(SIGMOID)

// func tanhAVX2(dst, src *float32, n int, constants *expConstants)
TEXT ·tanhAVX2(SB), NOSPLIT, $0-32
	UNARY(TANH)

// func expSumAVX2(dst, src *float32, n int, most float64, sums *float64, constants *expConstants)
TEXT ·expSumAVX2(SB), NOSPLIT, $0-48
	EXP_SUM

// func productsAVX2(dst, src *float32, n int, by float64)
TEXT ·productsAVX2(SB), NOSPLIT, $0-32
	PRODUCTS

// func largestAVX2(src *float32, n int) float32
TEXT ·largestAVX2(SB), NOSPLIT, $0-20
	LARGEST

// func erfAVX2(dst, src *float32, n int, constants *geluConstants)
TEXT ·erfAVX2(SB), NOSPLIT, $0-32
	UNARY_FLOATS(ERF)

// func geluAVX2(dst, src *float32, n int, constants *geluConstants)
TEXT ·geluAVX2(SB), NOSPLIT, $0-32
	UNARY_FLOATS(GELU)

// func geluTanhAVX2(dst, src *float32, n int, constants *geluConstants)
TEXT ·geluTanhAVX2(SB), NOSPLIT, $0-32
	UNARY_FLOATS(GELU_TANH)

// func swishAVX2(dst, src *float32, n int, constants *geluConstants)
TEXT ·swishAVX2(SB), NOSPLIT, $0-32
	UNARY_FLOATS(SWISH)

// func sumAVX2(src *float32, n int, sums *float64)
TEXT ·sumAVX2(SB), NOSPLIT, $0-24
	SUM

// func squaresAVX2(src *float32, n int, mean float64, sums *float64)
TEXT ·squaresAVX2(SB), NOSPLIT, $0-32
	SQUARES

// func normalizeAVX2(dst, src *float32, n int, scale, bias *float32, mean, factor float64)
TEXT ·normalizeAVX2(SB), NOSPLIT, $0-56
	NORMALIZE

// func mishAVX2(dst, src *float32, n int, constants *geluConstants)
TEXT ·mishAVX2(SB), NOSPLIT, $0-32
	UNARY_FLOATS(MISH)
