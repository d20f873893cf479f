//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx2_amd64.h"
#include "pixels_amd64.h"
#include "pool_amd64.h"

// GREATER takes the greater number of sum and memory; see MAX in
// elementwise_avx2_amd64.s.
#define GREATER(base, sum, x, t, k) \
	VMOVUPS (base)(AX*4), x  \
	VMAXPS  sum, x, t        \
	VMAXPS  x, sum, V14      \
	VANDPS  t, V14, V14      \
	VCMPPS  $3, x, sum, t    \
	VADDPS  x, sum, sum      \
	VBLENDVPS t, sum, V14, sum

// func poolMaxAVX2(a *pixelArgs)
TEXT ·poolMaxAVX2(SB), NOSPLIT, $0-8
	PIXELS(LOWEST, FIRST, NONE, NOVECTOR, GREATER, KEEP)

// func poolAverageAVX2(a *pixelArgs)
TEXT ·poolAverageAVX2(SB), NOSPLIT, $0-8
	PIXELS(DIVISOR, FIRST, NONE, NOVECTOR, PLUS, DIVIDE)
