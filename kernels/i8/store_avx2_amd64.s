//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "store_amd64.h"
#include "elementwise_amd64.h"

#define LIMITS \
	VBROADCASTSS storeArgs_min(BX), Y1  \
	VBROADCASTSS storeArgs_max(BX), Y2  \
	VPBROADCASTD storeArgs_zero(BX), Y3 \
	ONES(Y4)

#define SCALED \
	VCVTDQ2PS (SI), Y0           \
	VMULPS    (R8)(R10*1), Y0, Y0 \
	VADDPS    (R9)(R10*1), Y0, Y0

#define BYTES \
	SCALED                  \
	LIMITED(Y0, Y1, Y2, Y3) \
	BYTES8(Y0, X0, X5, Y4)  \
	VMOVQ X0, (DI)

#define FLOATS \
	SCALED             \
	VMAXPS  Y0, Y1, Y0 \
	VMINPS  Y0, Y2, Y0 \
	VMOVUPS Y0, (DI)

// func storeBytesAVX2(a *storeArgs)
TEXT ·storeBytesAVX2(SB), NOSPLIT, $0-8
	STORE(LIMITS, BYTES, BYTES, 32, 8)

// func storeFloatsAVX2(a *storeArgs)
TEXT ·storeFloatsAVX2(SB), NOSPLIT, $0-8
	STORE(LIMITS, FLOATS, FLOATS, 32, 32)
