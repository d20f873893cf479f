//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Tiles of 4 pixels x 4 channels.
//
// V0-V15: counts of bytes, pixel*4 + channel. V16-V19: a vector of each pixel, V20-V23: of
// each channel. V24-V31: temporaries. R1: tile, R7 in it. R8: panel. R10: sums, R3 of the
// tile. R9: quads of channels left. R11: vectors left after the chunk, R12 in it. R13: 0 in
// the first chunk. R6: tiles left.
//
// Cores that do not reorder wait for a result where it is read too soon: hence 8
// temporaries at a time, and all loads of a step together.

// PIXELS2 counts the differing bits of a vector of two pixels.
#define PIXELS2(a, s0, s1, s2, s3, b, s4, s5, s6, s7) \
	VEOR a.B16, V20.B16, V24.B16 \
	VEOR a.B16, V21.B16, V25.B16 \
	VEOR a.B16, V22.B16, V26.B16 \
	VEOR a.B16, V23.B16, V27.B16 \
	VEOR b.B16, V20.B16, V28.B16 \
	VEOR b.B16, V21.B16, V29.B16 \
	VEOR b.B16, V22.B16, V30.B16 \
	VEOR b.B16, V23.B16, V31.B16 \
	VCNT V24.B16, V24.B16        \
	VCNT V25.B16, V25.B16        \
	VCNT V26.B16, V26.B16        \
	VCNT V27.B16, V27.B16        \
	VCNT V28.B16, V28.B16        \
	VCNT V29.B16, V29.B16        \
	VCNT V30.B16, V30.B16        \
	VCNT V31.B16, V31.B16        \
	VADD V24.B16, s0.B16, s0.B16 \
	VADD V25.B16, s1.B16, s1.B16 \
	VADD V26.B16, s2.B16, s2.B16 \
	VADD V27.B16, s3.B16, s3.B16 \
	VADD V28.B16, s4.B16, s4.B16 \
	VADD V29.B16, s5.B16, s5.B16 \
	VADD V30.B16, s6.B16, s6.B16 \
	VADD V31.B16, s7.B16, s7.B16

// STEP does the vectors at 64*i.
#define STEP(i) \
	FMOVQ (64*i)(R7), F16    \
	FMOVQ (64*i+16)(R7), F17 \
	FMOVQ (64*i+32)(R7), F18 \
	FMOVQ (64*i+48)(R7), F19 \
	FMOVQ (64*i)(R8), F20    \
	FMOVQ (64*i+16)(R8), F21 \
	FMOVQ (64*i+32)(R8), F22 \
	FMOVQ (64*i+48)(R8), F23 \
	PIXELS2(V16, V0, V1, V2, V3, V17, V4, V5, V6, V7) \
	PIXELS2(V18, V8, V9, V10, V11, V19, V12, V13, V14, V15)

#define ZERO4(s0, s1, s2, s3) \
	VEOR s0.B16, s0.B16, s0.B16 \
	VEOR s1.B16, s1.B16, s1.B16 \
	VEOR s2.B16, s2.B16, s2.B16 \
	VEOR s3.B16, s3.B16, s3.B16

// WIDEN adds up pairs of bytes. V16 is 0.
#define WIDEN(s, t) \
	VUADDW  s.B8, V16.H8, t.H8 \
	VUADDW2 s.B16, t.H8, t.H8

// PAIRS leaves two sums of 16 bits a channel in s0.
#define PAIRS(s0, s1, s2, s3) \
	WIDEN(s0, V24)              \
	WIDEN(s1, V25)              \
	WIDEN(s2, V26)              \
	WIDEN(s3, V27)              \
	VADDP V25.H8, V24.H8, V24.H8 \
	VADDP V27.H8, V26.H8, V26.H8 \
	VADDP V26.H8, V24.H8, s0.H8

// func bgemm_4x4_neon(args *neonArgs)
TEXT ·bgemm_4x4_neon(SB), NOSPLIT, $0-8
	MOVD args+0(FP), R0
	MOVD neonArgs_a(R0), R1
	MOVD neonArgs_sums(R0), R3
	MOVD neonArgs_vectors(R0), R4
	MOVD neonArgs_tiles(R0), R6

tile:
	MOVD neonArgs_panel(R0), R8
	MOVD neonArgs_quads(R0), R9
	MOVD R3, R10

quad:
	MOVD R1, R7
	MOVD R4, R11
	MOVD $0, R13

chunk: // of at most 31 vectors: a byte counts to 248
	MOVD $31, R12
	CMP  R12, R11
	CSEL LT, R11, R12, R12
	SUB  R12, R11
	ZERO4(V0, V1, V2, V3)
	ZERO4(V4, V5, V6, V7)
	ZERO4(V8, V9, V10, V11)
	ZERO4(V12, V13, V14, V15)
	SUBS $2, R12
	BLT  last

	PCALIGN $16
two:
	STEP(0)
	STEP(1)
	ADD  $128, R7
	ADD  $128, R8
	SUBS $2, R12
	BGE  two

last:
	TBZ $0, R12, counted // -2, or -1 with a vector left
	STEP(0)
	ADD $64, R7
	ADD $64, R8

counted:
	VEOR  V16.B16, V16.B16, V16.B16
	PAIRS(V0, V1, V2, V3)
	PAIRS(V4, V5, V6, V7)
	PAIRS(V8, V9, V10, V11)
	PAIRS(V12, V13, V14, V15)
	VADDP V4.H8, V0.H8, V0.H8
	VADDP V12.H8, V8.H8, V8.H8
	ZERO4(V20, V21, V22, V23)
	CBZ   R13, sums
	FMOVQ 0(R10), F20
	FMOVQ 256(R10), F21
	FMOVQ 512(R10), F22
	FMOVQ 768(R10), F23

sums:
	VUADDW  V0.H4, V20.S4, V20.S4
	VUADDW2 V0.H8, V21.S4, V21.S4
	VUADDW  V8.H4, V22.S4, V22.S4
	VUADDW2 V8.H8, V23.S4, V23.S4
	FMOVQ   F20, 0(R10)
	FMOVQ   F21, 256(R10)
	FMOVQ   F22, 512(R10)
	FMOVQ   F23, 768(R10)
	MOVD    $1, R13
	CBNZ    R11, chunk

	ADD   $16, R10
	SUBS  $1, R9
	BNE   quad
	MOVD  R7, R1
	ADD   $1024, R3
	SUBS  $1, R6
	BNE   tile
	RET
