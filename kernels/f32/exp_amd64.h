// Exponential functions of floats, computed in float64, two vectors V0 and V1 at a time.
// What includes it defines the vectors V0 to V13, their halves H0 and H1, HALF, the bytes
// of a half, and NARROW(v, h), which rounds v to floats.
//
//	DI dst    SI src    CX elements left, HALF/2 a step    R8 constants
//	V0, V1 x, then the result    V2, V3 2^k    V4, V5 k, then r*q    V6 constants
//	V7 1    V8, V9 sums    V10 the maximum or the factor    V12, V13 signs of x

#define LOAD \
	VCVTPS2PD (SI), V0     \
	VCVTPS2PD HALF(SI), V1

#define STORE \
	NARROW(V0, H0)         \
	NARROW(V1, H1)         \
	VMOVUPS H0, (DI)       \
	VMOVUPS H1, HALF(DI)

#define NEXT \
	ADDQ $(2*HALF), SI \
	ADDQ $(2*HALF), DI \
	SUBQ $(HALF/2), CX

#define COEFFICIENT(c) \
	VBROADCASTSD c(R8), V6     \
	VFMADD213PD  V6, V0, V4    \
	VFMADD213PD  V6, V1, V5

// REDUCE makes of x, limited to +-700, 2^k and r*q with e^x = 2^k * (1 + r*q): r = x - k*ln2 is
// within +-ln2/2, q is a polynomial. k is rounded by adding a number that leaves k plus the
// bias of exponents in the lowest bits. NaN stays.
#define REDUCE \
	VBROADCASTSD expConstants_least(R8), V6 \
	VMAXPD       V0, V6, V0                 \
	VMAXPD       V1, V6, V1                 \
	VBROADCASTSD expConstants_most(R8), V6  \
	VMINPD       V0, V6, V0                 \
	VMINPD       V1, V6, V1                 \
	VBROADCASTSD expConstants_round(R8), V6 \
	VMOVUPS      V6, V2                     \
	VMOVUPS      V6, V3                     \
	VBROADCASTSD expConstants_log2e(R8), V4 \
	VFMADD231PD  V4, V0, V2                 \
	VFMADD231PD  V4, V1, V3                 \
	VSUBPD       V6, V2, V4                 \
	VSUBPD       V6, V3, V5                 \
	VBROADCASTSD expConstants_ln2(R8), V6   \
	VFNMADD231PD V6, V4, V0                 \
	VFNMADD231PD V6, V5, V1                 \
	VPSLLQ       $52, V2, V2                \
	VPSLLQ       $52, V3, V3                \
	VBROADCASTSD expConstants_q(R8), V4     \
	VMOVUPS      V4, V5                     \
	COEFFICIENT(expConstants_q+8)           \
	COEFFICIENT(expConstants_q+16)          \
	COEFFICIENT(expConstants_q+24)          \
	COEFFICIENT(expConstants_q+32)          \
	COEFFICIENT(expConstants_q+40)          \
	COEFFICIENT(expConstants_q+48)          \
	COEFFICIENT(expConstants_q+56)          \
	COEFFICIENT(expConstants_q+64)          \
	COEFFICIENT(expConstants_q+72)          \
	VMULPD       V0, V4, V4                 \
	VMULPD       V1, V5, V5

// EXP is e^x.
#define EXP \
	REDUCE                  \
	VFMADD213PD V2, V2, V4  \
	VFMADD213PD V3, V3, V5  \
	VMOVUPS V4, V0          \
	VMOVUPS V5, V1

// SIGMOID is 1/(1 + e^-x).
#define SIGMOID \
	VXORPD V6, V6, V6       \
	VSUBPD V0, V6, V0       \
	VSUBPD V1, V6, V1       \
	EXP                     \
	VADDPD V7, V0, V0       \
	VADDPD V7, V1, V1       \
	VDIVPD V0, V7, V0       \
	VDIVPD V1, V7, V1

// TANH is m/(m + 2) of |x| with m = e^2|x| - 1, and the sign of x.
#define TANH \
	VBROADCASTSD expConstants_sign(R8), V6 \
	VANDPD  V6, V0, V12     \
	VANDPD  V6, V1, V13     \
	VANDNPD V0, V6, V0      \
	VANDNPD V1, V6, V1      \
	VADDPD  V0, V0, V0      \
	VADDPD  V1, V1, V1      \
	REDUCE                  \
	VSUBPD  V7, V2, V0      \
	VSUBPD  V7, V3, V1      \
	VFMADD231PD V4, V2, V0  \
	VFMADD231PD V5, V3, V1  \
	VADDPD  V7, V0, V4      \
	VADDPD  V7, V1, V5      \
	VADDPD  V7, V4, V4      \
	VADDPD  V7, V5, V5      \
	VDIVPD  V4, V0, V0      \
	VDIVPD  V5, V1, V1      \
	VORPD   V12, V0, V0     \
	VORPD   V13, V1, V1

// LESS_EXP is e^(x - maximum), which it adds to the sums.
#define LESS_EXP \
	VSUBPD V10, V0, V0 \
	VSUBPD V10, V1, V1 \
	EXP                \
	VADDPD V0, V8, V8  \
	VADDPD V1, V9, V9

#define SCALE \
	VMULPD V10, V0, V0 \
	VMULPD V10, V1, V1

// LARGEST is the maximum of n elements; NaN is lost or stays. FOLD makes X0 the maximum of
// both halves of V0, and further down to four elements, by H1.
#define LARGEST \
	MOVQ src+0(FP), SI     \
	MOVQ n+8(FP), CX       \
	VMOVUPS (SI), V0       \
most:                          \
	VMAXPS (SI), V0, V0    \
	ADDQ $(2*HALF), SI     \
	SUBQ $(HALF/2), CX     \
	JNZ  most              \
	FOLD                   \
	VPERMILPS $0x4e, X0, X1 \
	VMAXPS X1, X0, X0      \
	VPERMILPS $0xb1, X0, X1 \
	VMAXPS X1, X0, X0      \
	VMOVSS X0, ret+16(FP)  \
	VZEROUPPER             \
	RET

#define ARGUMENTS \
	MOVQ dst+0(FP), DI \
	MOVQ src+8(FP), SI \
	MOVQ n+16(FP), CX

#define LOOP(FUNCTION) \
loop:            \
	LOAD     \
	FUNCTION \
	STORE    \
	NEXT     \
	JNZ loop

#define UNARY(FUNCTION) \
	ARGUMENTS                  \
	MOVQ constants+24(FP), R8  \
	VBROADCASTSD expConstants_one(R8), V7 \
	LOOP(FUNCTION)             \
	VZEROUPPER                 \
	RET

#define EXP_SUM \
	ARGUMENTS                   \
	VBROADCASTSD most+24(FP), V10 \
	MOVQ sums+32(FP), DX        \
	MOVQ constants+40(FP), R8   \
	VXORPD V8, V8, V8           \
	VXORPD V9, V9, V9           \
	LOOP(LESS_EXP)              \
	VMOVUPS V8, (DX)            \
	VMOVUPS V9, (2*HALF)(DX)    \
	VZEROUPPER                  \
	RET

#define PRODUCTS \
	ARGUMENTS                   \
	VBROADCASTSD by+24(FP), V10 \
	LOOP(SCALE)                 \
	VZEROUPPER                  \
	RET
