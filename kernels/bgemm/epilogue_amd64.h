// The output stage that the AVX-512 kernels share. Each macro stores the 16 to 64
// channels of one pixel, whose counts are in a0 to a3, at DX, and adds CX to DX.
// R15 points at the class offsets of the tile's pixels; Z28 and Z29 are free.

// SUM gives the dot products of one vector in Z28: base - 2*count. AX is
// the offset of the class in bytes, R8 is Base.
#define SUM(acc, at) \
	VPADDD    acc, acc, Z28         \
	VMOVDQU32 at(R8)(AX*1), Z29     \
	VPSUBD    Z28, Z29, Z28

#define CLASS(pixel) \
	MOVQ (8*pixel)(R15), AX \
	SHLQ $2, AX

// BITS: vectors to 16 bits each at DX; an odd one fills its word with 0. R8 is Limit.
#define BITS4(a0, a1, a2, a3, pixel) \
	CLASS(pixel)                      \
	VPCMPD $6, (R8)(AX*1), a0, K1     \
	VPCMPD $6, 64(R8)(AX*1), a1, K2   \
	VPCMPD $6, 128(R8)(AX*1), a2, K3  \
	VPCMPD $6, 192(R8)(AX*1), a3, K4  \
	KMOVW  K1, (DX)                   \
	KMOVW  K2, 2(DX)                  \
	KMOVW  K3, 4(DX)                  \
	KMOVW  K4, 6(DX)                  \
	ADDQ   CX, DX

#define BITS3(a0, a1, a2, a3, pixel) \
	CLASS(pixel)                      \
	VPCMPD $6, (R8)(AX*1), a0, K1     \
	VPCMPD $6, 64(R8)(AX*1), a1, K2   \
	VPCMPD $6, 128(R8)(AX*1), a2, K3  \
	KMOVW  K1, (DX)                   \
	KMOVW  K2, 2(DX)                  \
	KMOVD  K3, 4(DX)                  \
	ADDQ   CX, DX

#define BITS2(a0, a1, a2, a3, pixel) \
	CLASS(pixel)                      \
	VPCMPD $6, (R8)(AX*1), a0, K1     \
	VPCMPD $6, 64(R8)(AX*1), a1, K2   \
	KMOVW  K1, (DX)                   \
	KMOVW  K2, 2(DX)                  \
	ADDQ   CX, DX

#define BITS1(a0, a1, a2, a3, pixel) \
	CLASS(pixel)                      \
	VPCMPD $6, (R8)(AX*1), a0, K1     \
	KMOVD  K1, (DX)                   \
	ADDQ   CX, DX

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

#define INT4(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	INT(a0, 0) \
	INT(a1, 64) \
	INT(a2, 128) \
	INT(a3, 192) \
	ADDQ CX, DX

#define FLOAT4(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	FLOAT(a0, 0) \
	FLOAT(a1, 64) \
	FLOAT(a2, 128) \
	FLOAT(a3, 192) \
	ADDQ CX, DX

#define CLAMP4(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	CLAMP(a0, 0) \
	CLAMP(a1, 64) \
	CLAMP(a2, 128) \
	CLAMP(a3, 192) \
	ADDQ CX, DX

#define INT3(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	INT(a0, 0) \
	INT(a1, 64) \
	INT(a2, 128) \
	ADDQ CX, DX

#define FLOAT3(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	FLOAT(a0, 0) \
	FLOAT(a1, 64) \
	FLOAT(a2, 128) \
	ADDQ CX, DX

#define CLAMP3(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	CLAMP(a0, 0) \
	CLAMP(a1, 64) \
	CLAMP(a2, 128) \
	ADDQ CX, DX

#define INT2(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	INT(a0, 0) \
	INT(a1, 64) \
	ADDQ CX, DX

#define FLOAT2(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	FLOAT(a0, 0) \
	FLOAT(a1, 64) \
	ADDQ CX, DX

#define CLAMP2(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	CLAMP(a0, 0) \
	CLAMP(a1, 64) \
	ADDQ CX, DX

#define INT1(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	INT(a0, 0) \
	ADDQ CX, DX

#define FLOAT1(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	FLOAT(a0, 0) \
	ADDQ CX, DX

#define CLAMP1(a0, a1, a2, a3, pixel) \
	CLASS(pixel) \
	CLAMP(a0, 0) \
	ADDQ CX, DX
