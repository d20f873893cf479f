// The output stage that the AVX-512 kernels share. Each macro stores the 64
// channels of one pixel, whose counts are in a0 to a3, at DX, and adds CX to DX.
// R15 points at the class offsets of the tile's pixels; Z28 and Z29 are free.

// SUM gives the dot products of one vector in Z28: base - 2*count. AX is
// the offset of the class in bytes, R8 is Base.
#define SUM(acc, at) \
	VPADDD    acc, acc, Z28         \
	VMOVDQU32 at(R8)(AX*1), Z29     \
	VPSUBD    Z28, Z29, Z28

// BITS: four vectors to 64 bits at DX. R8 is Limit.
#define BITS(a0, a1, a2, a3, pixel) \
	MOVQ   (8*pixel)(R15), AX         \
	SHLQ   $2, AX                     \
	VPCMPD $6, (R8)(AX*1), a0, K1     \
	VPCMPD $6, 64(R8)(AX*1), a1, K2   \
	VPCMPD $6, 128(R8)(AX*1), a2, K3  \
	VPCMPD $6, 192(R8)(AX*1), a3, K4  \
	KMOVW  K1, (DX)                   \
	KMOVW  K2, 2(DX)                  \
	KMOVW  K3, 4(DX)                  \
	KMOVW  K4, 6(DX)                  \
	ADDQ   CX, DX

#define INT1(acc, at) \
	SUM(acc, at)                \
	VMOVDQU32 Z28, at(DX)

#define INT(a0, a1, a2, a3, pixel) \
	MOVQ (8*pixel)(R15), AX     \
	SHLQ $2, AX                 \
	INT1(a0, 0)                 \
	INT1(a1, 64)                \
	INT1(a2, 128)               \
	INT1(a3, 192)               \
	ADDQ CX, DX

// FLOAT: R9 is Mul, R10 is Bias.
#define FLOAT1(acc, at) \
	SUM(acc, at)                \
	VCVTDQ2PS Z28, Z28          \
	VMULPS    at(R9), Z28, Z28  \
	VADDPS    at(R10), Z28, Z28 \
	VMOVUPS   Z28, at(DX)

#define FLOAT(a0, a1, a2, a3, pixel) \
	MOVQ (8*pixel)(R15), AX     \
	SHLQ $2, AX                 \
	FLOAT1(a0, 0)               \
	FLOAT1(a1, 64)              \
	FLOAT1(a2, 128)             \
	FLOAT1(a3, 192)             \
	ADDQ CX, DX

// CLAMP1 is FLOAT1 with both clamps: Z24 PreMin, Z25 PreMax, Z26 Min, Z27 Max. The
// value is the second operand of VMAXPS and VMINPS, so that a NaN stays.
#define CLAMP1(acc, at) \
	SUM(acc, at)                \
	VCVTDQ2PS Z28, Z28          \
	VMAXPS    Z28, Z24, Z28     \
	VMINPS    Z28, Z25, Z28     \
	VMULPS    at(R9), Z28, Z28  \
	VADDPS    at(R10), Z28, Z28 \
	VMAXPS    Z28, Z26, Z28     \
	VMINPS    Z28, Z27, Z28     \
	VMOVUPS   Z28, at(DX)

#define CLAMP(a0, a1, a2, a3, pixel) \
	MOVQ (8*pixel)(R15), AX     \
	SHLQ $2, AX                 \
	CLAMP1(a0, 0)               \
	CLAMP1(a1, 64)              \
	CLAMP1(a2, 128)             \
	CLAMP1(a3, 192)             \
	ADDQ CX, DX
