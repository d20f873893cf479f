//go:build !noasm

#include "textflag.h"
#include "vectors_avx512_amd64.h"
#include "columns_amd64.h"

#define FLOATS(i, v) VADDPS (64*i)(AX), v, v

#define DOUBLES(i, v) \
	VCVTPS2PD (32*i)(AX), Z4 \
	VADDPD    Z4, v, v

// func addRowsAVX512(dst, src *float32, cols, rows, stride int)
TEXT ·addRowsAVX512(SB), NOSPLIT, $0-40
	ADD_ROWS(FLOATS, 16, 64, 64)

// func addRowsWideAVX512(dst *float64, src *float32, cols, rows, stride int)
TEXT ·addRowsWideAVX512(SB), NOSPLIT, $0-40
	ADD_ROWS(DOUBLES, 8, 64, 32)
