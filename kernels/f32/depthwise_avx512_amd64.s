//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx512_amd64.h"
#include "pixels_amd64.h"

// func depthwise16AVX512(a *pixelArgs)
TEXT ·depthwise16AVX512(SB), NOSPLIT, $0-8
	PIXELS(WEIGHTS, BIAS, TAPWEIGHTS, WEIGHT, MULTIPLY, LIMIT)
