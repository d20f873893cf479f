//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "store_amd64.h"
#include "elementwise_amd64.h"

#define LIMITS \
	VBROADCASTSS storeArgs_min(BX), Z1  \
	VBROADCASTSS storeArgs_max(BX), Z2  \
	VPBROADCASTD storeArgs_zero(BX), Z3 \
	KMOVW        storeArgs_mask(BX), K1

#define SCALED \
	VCVTDQ2PS (SI), Z0           \
	VMULPS    (R8)(R10*1), Z0, Z0 \
	VADDPS    (R9)(R10*1), Z0, Z0

#define ROUNDED \
	SCALED \
	LIMITED(Z0, Z1, Z2, Z3)
#define BYTES ROUNDED; VPMOVDB Z0, (DI)
#define LASTBYTES ROUNDED; VPMOVDB Z0, K1, (DI)

// A NaN stays: it is the first operand, written second.
#define WITHIN \
	SCALED            \
	VMAXPS Z0, Z1, Z0 \
	VMINPS Z0, Z2, Z0
#define FLOATS WITHIN; VMOVUPS Z0, (DI)
#define LASTFLOATS WITHIN; VMOVUPS Z0, K1, (DI)

// func storeBytesAVX512(a *storeArgs)
TEXT ·storeBytesAVX512(SB), NOSPLIT, $0-8
	STORE(LIMITS, BYTES, LASTBYTES, 64, 16)

// func storeFloatsAVX512(a *storeArgs)
TEXT ·storeFloatsAVX512(SB), NOSPLIT, $0-8
	STORE(LIMITS, FLOATS, LASTFLOATS, 64, 64)
