//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx2_amd64.h"
#include "pixels_amd64.h"

// func depthwise8AVX2(a *pixelArgs)
TEXT ·depthwise8AVX2(SB), NOSPLIT, $0-8
	PIXELS(WEIGHTS, BIAS, TAPWEIGHTS, WEIGHT, MULTIPLY, LIMIT)
