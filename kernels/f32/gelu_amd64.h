// Erf, Gelu, Swish and Mish, computed in float32, two vectors V0 and V1 at a time. What includes it
// includes exp_amd64.h before.
//
//	DI dst    SI src    CX elements left, HALF a step    R8 constants
//	V0, V1 x, then the result    V2, V3 x limited, 2^k    V4, V5 the polynomial
//	V6 constants    V8, V9 arguments of the polynomial

#define LOAD_FLOATS \
	VMOVUPS (SI), V0         \
	VMOVUPS (2*HALF)(SI), V1

#define STORE_FLOATS \
	VMOVUPS V0, (DI)         \
	VMOVUPS V1, (2*HALF)(DI)

#define NEXT_FLOATS \
	ADDQ $(4*HALF), SI \
	ADDQ $(4*HALF), DI \
	SUBQ $HALF, CX

#define START_POLYNOMIAL(c) \
	VBROADCASTSS c(R8), V4 \
	VMOVUPS      V4, V5

#define TERM(c) \
	VBROADCASTSS c(R8), V6     \
	VFMADD213PS  V6, V8, V4    \
	VFMADD213PS  V6, V9, V5

// ERF_OF makes V4 and V5 the error function of V2 and V3: x*p(x*x/7.7 - 1), and +-1 where |x| is
// above the limit. NaN stays.
#define ERF_OF \
	VBROADCASTSS geluConstants_limit(R8), V6  \
	VMINPS       V2, V6, V2                   \
	VMINPS       V3, V6, V3                   \
	VBROADCASTSS geluConstants_least(R8), V6  \
	VMAXPS       V2, V6, V2                   \
	VMAXPS       V3, V6, V3                   \
	VMULPS       V2, V2, V8                   \
	VMULPS       V3, V3, V9                   \
	VBROADCASTSS geluConstants_square(R8), V4 \
	VBROADCASTSS geluConstants_minus(R8), V6  \
	VFMADD213PS  V6, V4, V8                   \
	VFMADD213PS  V6, V4, V9                   \
	START_POLYNOMIAL(geluConstants_p)         \
	TERM(geluConstants_p+4)                   \
	TERM(geluConstants_p+8)                   \
	TERM(geluConstants_p+12)                  \
	TERM(geluConstants_p+16)                  \
	TERM(geluConstants_p+20)                  \
	TERM(geluConstants_p+24)                  \
	TERM(geluConstants_p+28)                  \
	TERM(geluConstants_p+32)                  \
	TERM(geluConstants_p+36)                  \
	TERM(geluConstants_p+40)                  \
	TERM(geluConstants_p+44)                  \
	TERM(geluConstants_p+48)                  \
	TERM(geluConstants_p+52)                  \
	TERM(geluConstants_p+56)                  \
	TERM(geluConstants_p+60)                  \
	TERM(geluConstants_p+64)                  \
	VMULPS       V2, V4, V4                   \
	VMULPS       V3, V5, V5

#define ERF \
	VMOVUPS V0, V2 \
	VMOVUPS V1, V3 \
	ERF_OF         \
	VMOVUPS V4, V0 \
	VMOVUPS V5, V1

// GELU is x/2 * (1 + erf(x/sqrt(2))).
#define GELU \
	VBROADCASTSS geluConstants_root(R8), V6 \
	VMULPS       V6, V0, V2                 \
	VMULPS       V6, V1, V3                 \
	ERF_OF                                  \
	VBROADCASTSS geluConstants_half(R8), V6 \
	VMULPS       V6, V0, V0                 \
	VMULPS       V6, V1, V1                 \
	VBROADCASTSS geluConstants_one(R8), V6  \
	VADDPS       V6, V4, V4                 \
	VADDPS       V6, V5, V5                 \
	VMULPS       V4, V0, V0                 \
	VMULPS       V5, V1, V1

// ONE_AND_EXP makes V4 and V5 1 + e^v of V8 and V9: e^v = 2^k * (1 + r*q) as in REDUCE. v is limited
// to a k of -126 to 128, of which the last makes an infinity. V6 becomes 1.
#define ONE_AND_EXP \
	VBROADCASTSS geluConstants_low(R8), V6    \
	VMAXPS       V8, V6, V8                   \
	VMAXPS       V9, V6, V9                   \
	VBROADCASTSS geluConstants_high(R8), V6   \
	VMINPS       V8, V6, V8                   \
	VMINPS       V9, V6, V9                   \
	VBROADCASTSS geluConstants_round(R8), V6  \
	VMOVUPS      V6, V2                       \
	VMOVUPS      V6, V3                       \
	VBROADCASTSS geluConstants_log2e(R8), V4  \
	VFMADD231PS  V4, V8, V2                   \
	VFMADD231PS  V4, V9, V3                   \
	VSUBPS       V6, V2, V4                   \
	VSUBPS       V6, V3, V5                   \
	VBROADCASTSS geluConstants_ln2(R8), V6    \
	VFNMADD231PS V6, V4, V8                   \
	VFNMADD231PS V6, V5, V9                   \
	VBROADCASTSS geluConstants_rest(R8), V6   \
	VFNMADD231PS V6, V4, V8                   \
	VFNMADD231PS V6, V5, V9                   \
	VPSLLD       $23, V2, V2                  \
	VPSLLD       $23, V3, V3                  \
	START_POLYNOMIAL(geluConstants_q)         \
	TERM(geluConstants_q+4)                   \
	TERM(geluConstants_q+8)                   \
	TERM(geluConstants_q+12)                  \
	TERM(geluConstants_q+16)                  \
	TERM(geluConstants_q+20)                  \
	VBROADCASTSS geluConstants_one(R8), V6    \
	VFMADD213PS  V6, V8, V4                   \
	VFMADD213PS  V6, V9, V5                   \
	VFMADD213PS  V6, V2, V4                   \
	VFMADD213PS  V6, V3, V5

// GELU_TANH is x/(1 + e^v) with v = x*(a + b*x*x).
#define GELU_TANH \
	VMULPS       V0, V0, V2                   \
	VMULPS       V1, V1, V3                   \
	VBROADCASTSS geluConstants_cubic(R8), V4  \
	VBROADCASTSS geluConstants_linear(R8), V6 \
	VFMADD213PS  V6, V4, V2                   \
	VFMADD213PS  V6, V4, V3                   \
	VMULPS       V0, V2, V8                   \
	VMULPS       V1, V3, V9                   \
	ONE_AND_EXP                               \
	VDIVPS       V4, V0, V0                   \
	VDIVPS       V5, V1, V1

// SWISH is x/(1 + e^-x).
#define SWISH \
	VXORPS       V6, V6, V6                   \
	VSUBPS       V0, V6, V8                   \
	VSUBPS       V1, V6, V9                   \
	ONE_AND_EXP                               \
	VDIVPS       V4, V0, V0                   \
	VDIVPS       V5, V1, V1

// MISH is x*((s*s - 1)/(s*s + 1)) with s = 1 + e^x, where x is at most 40, so that the square is finite.
#define MISH \
	VBROADCASTSS geluConstants_forty(R8), V6 \
	VMINPS       V0, V6, V8                  \
	VMINPS       V1, V6, V9                  \
	ONE_AND_EXP                              \
	VMULPS       V4, V4, V4                  \
	VMULPS       V5, V5, V5                  \
	VSUBPS       V6, V4, V2                  \
	VSUBPS       V6, V5, V3                  \
	VADDPS       V6, V4, V4                  \
	VADDPS       V6, V5, V5                  \
	VDIVPS       V4, V2, V2                  \
	VDIVPS       V5, V3, V3                  \
	VMULPS       V2, V0, V0                  \
	VMULPS       V3, V1, V1

#define UNARY_FLOATS(FUNCTION) \
	ARGUMENTS                 \
	MOVQ constants+24(FP), R8 \
loop:                             \
	LOAD_FLOATS               \
	FUNCTION                  \
	STORE_FLOATS              \
	NEXT_FLOATS               \
	JNZ loop                  \
	VZEROUPPER                \
	RET
