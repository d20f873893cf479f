//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Depthwise counts of a pixel x 64 channels, in bytes of Y0 and Y1 and then, in chunks of
// at most 255 taps, in 16 bits.
//
// BX: args. SI: pixels. R11: pixels left. DX: sums. R8: the pixel. CX: runs. DI: panel. R9:
// taps left after the chunk, R10 in it. R12: 0 to set the sums and not to add. Y13, Y14:
// places of the bytes that have the bits of the channels. Y15: their bits in these.

// TAPS counts a chunk. LOAD gives the words of a tap.
#define TAPS(LOAD) \
tap:                        \
	MOVQ (CX), AX           \
	LOAD (R8)(AX*4), Y2     \
	VPBROADCASTQ (DI), Y3   \
	VPXOR    Y2, Y3, Y2     \
	VPSHUFB  Y13, Y2, Y3    \
	VPSHUFB  Y14, Y2, Y2    \
	VPAND    Y15, Y3, Y3    \
	VPAND    Y15, Y2, Y2    \
	VPCMPEQB Y15, Y3, Y3    \
	VPCMPEQB Y15, Y2, Y2    \
	VPSUBB   Y3, Y0, Y0     \
	VPSUBB   Y2, Y1, Y1     \
	ADDQ $8, CX             \
	ADDQ $8, DI             \
	DECQ R10                \
	JNZ  tap

// COUNT is a function.
#define COUNT(LOAD) \
	MOVQ args+0(FP), BX                \
	MOVQ depthwiseArgs_pixels(BX), SI  \
	MOVQ depthwiseArgs_count(BX), R11  \
	MOVQ depthwiseArgs_sums(BX), DX    \
	VMOVDQU ·channelBytes+0(SB), Y13   \
	VMOVDQU ·channelBytes+32(SB), Y14  \
	MOVQ $0x8040201008040201, AX       \
	VMOVQ AX, X15                      \
	VPBROADCASTQ X15, Y15              \
pixel:                                 \
	MOVQ depthwiseArgs_a(BX), AX       \
	MOVQ (SI), R8                      \
	LEAQ (AX)(R8*4), R8                \
	MOVQ depthwiseArgs_runs(BX), CX    \
	MOVQ depthwiseArgs_panel(BX), DI   \
	MOVQ depthwiseArgs_taps(BX), R9    \
	MOVQ depthwiseArgs_add(BX), R12    \
chunk:                                 \
	MOVL $255, R10                     \
	CMPQ R9, R10                       \
	CMOVQLT R9, R10                    \
	SUBQ R10, R9                       \
	VPXOR Y0, Y0, Y0                   \
	VPXOR Y1, Y1, Y1                   \
	TAPS(LOAD)                         \
	VPMOVZXBW X0, Y2                   \
	VPMOVZXBW X1, Y4                   \
	VEXTRACTI128 $1, Y0, X0            \
	VEXTRACTI128 $1, Y1, X1            \
	VPMOVZXBW X0, Y3                   \
	VPMOVZXBW X1, Y5                   \
	TESTQ R12, R12                     \
	JZ    store                        \
	VPADDW (DX), Y2, Y2                \
	VPADDW 32(DX), Y3, Y3              \
	VPADDW 64(DX), Y4, Y4              \
	VPADDW 96(DX), Y5, Y5              \
store:                                 \
	VMOVDQU Y2, (DX)                   \
	VMOVDQU Y3, 32(DX)                 \
	VMOVDQU Y4, 64(DX)                 \
	VMOVDQU Y5, 96(DX)                 \
	INCQ  R12                          \
	TESTQ R9, R9                       \
	JNZ   chunk                        \
	ADDQ $128, DX                      \
	ADDQ $8, SI                        \
	DECQ R11                           \
	JNZ  pixel                         \
	VZEROUPPER                         \
	RET

// func depthwise64_avx2(args *depthwiseArgs)
TEXT ·depthwise64_avx2(SB), NOSPLIT, $0-8
	COUNT(VPBROADCASTQ)

// func depthwise32_avx2(args *depthwiseArgs)
TEXT ·depthwise32_avx2(SB), NOSPLIT, $0-8
	COUNT(VPBROADCASTD)

DATA ·channelBytes+0(SB)/8, $0x0000000000000000
DATA ·channelBytes+8(SB)/8, $0x0101010101010101
DATA ·channelBytes+16(SB)/8, $0x0202020202020202
DATA ·channelBytes+24(SB)/8, $0x0303030303030303
DATA ·channelBytes+32(SB)/8, $0x0404040404040404
DATA ·channelBytes+40(SB)/8, $0x0505050505050505
DATA ·channelBytes+48(SB)/8, $0x0606060606060606
DATA ·channelBytes+56(SB)/8, $0x0707070707070707
GLOBL ·channelBytes(SB), RODATA|NOPTR, $64
