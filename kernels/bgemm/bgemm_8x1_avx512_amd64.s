//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define AND VPANDD
#define MOVE VMOVDQU32
#define XOR VPXORD
#include "nibbles_amd64.h"

// Z0-Z7: lows and highs of the cells. Z24-Z26: nibbles of the channels. Z27-Z29:
// temporaries. Z30: 0x0f in each byte. Z31: 0x00ff in each 16 bits.

#define LOOK(nibble, pair, channels, x) \
	OFFSET(nibble, pair)                \
	VBROADCASTI32X4 (BX)(DX*1), x       \
	VPSHUFB channels, x, x

// CHANNELS loads three nibbles of 64 channels.
#define CHANNELS \
	VMOVDQU32 (SI), Z24    \
	VMOVDQU32 64(SI), Z25  \
	VMOVDQU32 128(SI), Z26

// TRIPLE counts them for a pair of pixels.
#define TRIPLE(pair, lows, highs) \
	LOOK(0, pair, Z24, Z27)           \
	LOOK(1, pair, Z25, Z28)           \
	LOOK(2, pair, Z26, Z29)           \
	VPADDB Z28, Z27, Z27              \
	VPADDB Z29, Z27, Z27              \
	SPLIT(Z27, Z28, Z30, lows, highs)

#define CLEAR(lows, highs, at) \
	VPXORD lows, lows, lows       \
	VPXORD highs, highs, highs    \
	VMOVDQU32 lows, (at)(DI)      \
	VMOVDQU32 lows, (at+64)(DI)   \
	VMOVDQU32 lows, (at+128)(DI)  \
	VMOVDQU32 lows, (at+192)(DI)

#define MASKS \
	VPBROADCASTD lowNibbles<>(SB), Z30 \
	VPBROADCASTD evenBytes<>(SB), Z31

// func bgemm_8x1_avx512(args *nibbleArgs)
TEXT ·bgemm_8x1_avx512(SB), NOSPLIT, $0-8
	START
	MASKS

tile:
	TILE
	PAIR(R8, R9)
	PAIR(R9, R10)
	PAIR(R10, R11)
	CLEAR(Z0, Z1, 0)
	CLEAR(Z2, Z3, 256)
	CLEAR(Z4, Z5, 512)
	CLEAR(Z6, Z7, 768)

bytes:
	BYTES

	PCALIGN $64
triple:
	CHANNELS
	TRIPLE(R8, Z0, Z1)
	TRIPLE(R9, Z2, Z3)
	TRIPLE(R10, Z4, Z5)
	TRIPLE(R11, Z6, Z7)
	NEXT(triple)

	FLUSH(Z0, Z1, Z31, Z27, 0, 128, 64)
	FLUSH(Z2, Z3, Z31, Z27, 256, 384, 64)
	FLUSH(Z4, Z5, Z31, Z27, 512, 640, 64)
	FLUSH(Z6, Z7, Z31, Z27, 768, 896, 64)
	ROUND(bytes)
	FINISH(4, R11, tile)

// func bgemm_2x1_avx512(args *nibbleArgs)
TEXT ·bgemm_2x1_avx512(SB), NOSPLIT, $0-8
	START
	MASKS

tile:
	TILE
	CLEAR(Z0, Z1, 0)

bytes:
	BYTES

	PCALIGN $64
triple:
	CHANNELS
	TRIPLE(R8, Z0, Z1)
	NEXT(triple)

	FLUSH(Z0, Z1, Z31, Z27, 0, 128, 64)
	ROUND(bytes)
	FINISH(1, R8, tile)
