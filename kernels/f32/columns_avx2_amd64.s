//go:build !noasm

#include "textflag.h"
#include "vectors_avx2_amd64.h"
#include "columns_amd64.h"

#define FLOATS(i, v) VADDPS (32*i)(AX), v, v

#define DOUBLES(i, v) \
	VCVTPS2PD (16*i)(AX), Y4 \
	VADDPD    Y4, v, v

// func addRowsAVX2(dst, src *float32, cols, rows, stride int)
TEXT ·addRowsAVX2(SB), NOSPLIT, $0-40
	ADD_ROWS(FLOATS, 8, 32, 32)

// func addRowsWideAVX2(dst *float64, src *float32, cols, rows, stride int)
TEXT ·addRowsWideAVX2(SB), NOSPLIT, $0-40
	ADD_ROWS(DOUBLES, 4, 32, 16)
