// Rows minus their mean, by their deviation. What includes it includes exp_amd64.h before.
//
//	SI src    CX elements left, HALF/2 a step    V10 the mean    V11 the factor
//	V8, V9 sums    R8 scale    R9 bias

#define SUM_LOOP(ADD) \
	VXORPD V8, V8, V8 \
	VXORPD V9, V9, V9 \
loop:                     \
	LOAD              \
	ADD               \
	ADDQ $(2*HALF), SI \
	SUBQ $(HALF/2), CX \
	JNZ  loop

#define ADD_TERMS \
	VADDPD V0, V8, V8 \
	VADDPD V1, V9, V9

#define ADD_SQUARES \
	VSUBPD V10, V0, V0      \
	VSUBPD V10, V1, V1      \
	VFMADD231PD V0, V0, V8  \
	VFMADD231PD V1, V1, V9

#define SUMS_TO(DST) \
	VMOVUPS V8, (DST)         \
	VMOVUPS V9, (2*HALF)(DST) \
	VZEROUPPER                \
	RET

#define SUM \
	MOVQ src+0(FP), SI   \
	MOVQ n+8(FP), CX     \
	MOVQ sums+16(FP), DX \
	SUM_LOOP(ADD_TERMS)  \
	SUMS_TO(DX)

#define SQUARES \
	MOVQ src+0(FP), SI            \
	MOVQ n+8(FP), CX              \
	VBROADCASTSD mean+16(FP), V10 \
	MOVQ sums+24(FP), DX          \
	SUM_LOOP(ADD_SQUARES)         \
	SUMS_TO(DX)

#define NORMALIZED \
	VSUBPD V10, V0, V0  \
	VSUBPD V10, V1, V1  \
	VMULPD V11, V0, V0  \
	VMULPD V11, V1, V1  \
	NARROW(V0, H0)      \
	NARROW(V1, H1)      \
	VMULPS (R8), H0, H0 \
	VMULPS HALF(R8), H1, H1 \
	VADDPS (R9), H0, H0 \
	VADDPS HALF(R9), H1, H1 \
	VMOVUPS H0, (DI)    \
	VMOVUPS H1, HALF(DI) \
	ADDQ $(2*HALF), R8  \
	ADDQ $(2*HALF), R9

#define NORMALIZE \
	ARGUMENTS                       \
	MOVQ scale+24(FP), R8           \
	MOVQ bias+32(FP), R9            \
	VBROADCASTSD mean+40(FP), V10   \
	VBROADCASTSD factor+48(FP), V11 \
loop:                                   \
	LOAD                            \
	NORMALIZED                      \
	NEXT                            \
	JNZ  loop                       \
	VZEROUPPER                      \
	RET
