//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx512_amd64.h"
#include "pixels_amd64.h"
#include "pool_amd64.h"

// GREATER takes the greater number of sum and memory; see PICK in
// elementwise_avx512_amd64.s.
#define GREATER(base, sum, x, t, k) \
	VMOVUPS  (base)(AX*4), x \
	VRANGEPS $5, x, sum, t   \
	VCMPPS   $3, x, sum, k   \
	VADDPS   x, sum, k, t    \
	VMOVAPS  t, sum

// func poolMaxAVX512(a *pixelArgs)
TEXT ·poolMaxAVX512(SB), NOSPLIT, $0-8
	PIXELS(LOWEST, FIRST, NONE, NOVECTOR, GREATER, KEEP)

// func poolAverageAVX512(a *pixelArgs)
TEXT ·poolAverageAVX512(SB), NOSPLIT, $0-8
	PIXELS(DIVISOR, FIRST, NONE, NOVECTOR, PLUS, DIVIDE)
