//go:build !noasm

#include "textflag.h"
#include "vectors_avx2_amd64.h"
#include "resize_amd64.h"

// func mixRowsAVX2(dst, src *float32, places *int32, weights *float32, rows, cols, stride int)
TEXT ·mixRowsAVX2(SB), NOSPLIT, $0-56
	MIXROWS
