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
#define V12 Z12
#define V13 Z13
#define H0 Y0
#define H1 Y1
#define HALF 32
#define NARROW(v, h) VCVTPD2PS v, h

#include "exp_amd64.h"

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

// func quotientsAVX512(dst, src *float32, n int, by float64)
TEXT ·quotientsAVX512(SB), NOSPLIT, $0-32
	QUOTIENTS
