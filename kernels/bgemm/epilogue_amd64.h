// The output stage that the AVX-512 kernels share.
//
// EVEN and ODD are macros that store a vector of 16 channels of a pixel, whose counts are
// acc: the vector at the byte offset at in vectors of 32-bit words, of which every other
// one is odd. DX is the pixel's row, AX the offset of its class in bytes. Z28 and K1
// are free. K2 has all lanes if Step is 2, none if it is 1.

// WORD and HALF store the bits of an even vector, with 16 bits of 0 behind them, and of an
// odd one. R8 is Limit.
#define WORD(acc, at) \
	VPCMPD $6, at(R8)(AX*1), acc, K1 \
	KMOVD  K1, (at/32)(DX)

#define HALF(acc, at) \
	VPCMPD $6, at(R8)(AX*1), acc, K1 \
	KMOVW  K1, (at/32)(DX)

// SUM gives the dot products in Z28: base - Step*count. R8 is Base.
#ifndef SUM
#define SUM(acc, at) \
	VMOVDQU32 at(R8)(AX*1), Z28 \
	VPSUBD    acc, Z28, Z28     \
	VPSUBD    acc, Z28, K2, Z28
#endif

#define INT(acc, at) \
	SUM(acc, at)                \
	VMOVDQU32 Z28, at(DX)

// FLOAT: R9 is Mul, R10 is Bias.
#define FLOAT(acc, at) \
	SUM(acc, at)                \
	VCVTDQ2PS Z28, Z28          \
	VMULPS    at(R9), Z28, Z28  \
	VADDPS    at(R10), Z28, Z28 \
	VMOVUPS   Z28, at(DX)

// CLAMP is FLOAT with both clamps: Z24 PreMin, Z25 PreMax, Z26 Min, Z27 Max. The
// value is the second operand of VMAXPS and VMINPS, so that a NaN stays.
#define CLAMP(acc, at) \
	SUM(acc, at)                \
	VCVTDQ2PS Z28, Z28          \
	VMAXPS    Z28, Z24, Z28     \
	VMINPS    Z28, Z25, Z28     \
	VMULPS    at(R9), Z28, Z28  \
	VADDPS    at(R10), Z28, Z28 \
	VMAXPS    Z28, Z26, Z28     \
	VMINPS    Z28, Z27, Z28     \
	VMOVUPS   Z28, at(DX)

// VECTORSn does EVEN and ODD for the first n vectors of a pixel, whose counts are a0 to a3.
#define VECTORS1(EVEN, ODD, a0, a1, a2, a3) \
	EVEN(a0, 0)

#define VECTORS2(EVEN, ODD, a0, a1, a2, a3) \
	VECTORS1(EVEN, ODD, a0, a1, a2, a3) \
	ODD(a1, 64)

#define VECTORS3(EVEN, ODD, a0, a1, a2, a3) \
	VECTORS2(EVEN, ODD, a0, a1, a2, a3) \
	EVEN(a2, 128)

#define VECTORS4(EVEN, ODD, a0, a1, a2, a3) \
	VECTORS3(EVEN, ODD, a0, a1, a2, a3) \
	ODD(a3, 192)

// ROW does that for a pixel of the tile and adds CX to DX. R15 points at the class offsets
// of the pixels.
#define ROW(VECTORS, EVEN, ODD, pixel, a0, a1, a2, a3) \
	MOVQ (8*pixel)(R15), AX \
	SHLQ $2, AX \
	VECTORS(EVEN, ODD, a0, a1, a2, a3) \
	ADDQ CX, DX
