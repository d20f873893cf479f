//go:build !noasm

#include "textflag.h"

// func and_neon(dst, a, b *uint32, vectors int)
TEXT ·and_neon(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD vectors+24(FP), R3
	SUBS $4, R3
	BLT  rest

four:
	VLD1.P 64(R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P 64(R2), [V4.B16, V5.B16, V6.B16, V7.B16]
	VAND   V0.B16, V4.B16, V0.B16
	VAND   V1.B16, V5.B16, V1.B16
	VAND   V2.B16, V6.B16, V2.B16
	VAND   V3.B16, V7.B16, V3.B16
	VST1.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R0)
	SUBS   $4, R3
	BGE    four

rest:
	ADDS $4, R3
	BEQ  done

one:
	VLD1.P 16(R1), [V0.B16]
	VLD1.P 16(R2), [V4.B16]
	VAND   V0.B16, V4.B16, V0.B16
	VST1.P [V0.B16], 16(R0)
	SUBS   $1, R3
	BNE    one

done:
	RET
