//go:build !noasm

#include "textflag.h"
#include "vectors_avx512_amd64.h"
#include "elementwise_amd64.h"

// PICK leaves the greater number of a and b in a with $5, the smaller with $4:
// VRANGEPS orders zeros by their sign but prefers a number to a NaN, so where either is
// a NaN their sum takes its place.
#define PICK(which, a, b, t, k) \
	VRANGEPS which, b, a, t \
	VCMPPS   $3, b, a, k    \
	VADDPS   b, a, k, t     \
	VMOVAPS  t, a

#define MAX(a, b, s, t, k) PICK($5, a, b, t, k)
#define MIN(a, b, s, t, k) PICK($4, a, b, t, k)

// func maxAVX512(dst, a, b *float32, n int)
TEXT ·maxAVX512(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, MAX)

// func minAVX512(dst, a, b *float32, n int)
TEXT ·minAVX512(SB), NOSPLIT, $0-32
	BINARY
	ELEMENTS(OPERAND, V1, V5, MIN)
