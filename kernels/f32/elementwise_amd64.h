// Elementwise functions of float32, n elements, a multiple of a vector: two at a time, then
// one.
//
//	DI dst    SI a    DX b    CX elements left
//	V0, V4 a and the result    V1, V5 b    V2-V3, V6-V7 scratch    V8-V9 constants

#define BINARY \
	MOVQ dst+0(FP), DI \
	MOVQ a+8(FP), SI   \
	MOVQ b+16(FP), DX  \
	MOVQ n+24(FP), CX

#define UNARY \
	MOVQ dst+0(FP), DI \
	MOVQ a+8(FP), SI   \
	MOVQ n+16(FP), CX

#define OPERAND(at, v) VMOVUPS at, v
#define NOOPERAND(at, v)

// ELEMENTS is the rest of a function of a, and of b1 and b2, which LOAD loads or which are
// constants: DO leaves the result of a and b in a, with two registers and a mask to use.
#define ELEMENTS(LOAD, b1, b2, DO) \
two:                                  \
	CMPQ CX, $(2*CHANNELS)        \
	JLT  one                      \
	VMOVUPS (SI), V0              \
	VMOVUPS BYTES(SI), V4         \
	LOAD((DX), b1)                \
	LOAD(BYTES(DX), b2)           \
	DO(V0, b1, V2, V3, K1)        \
	DO(V4, b2, V6, V7, K2)        \
	VMOVUPS V0, (DI)              \
	VMOVUPS V4, BYTES(DI)         \
	ADDQ $(2*BYTES), SI           \
	ADDQ $(2*BYTES), DX           \
	ADDQ $(2*BYTES), DI           \
	SUBQ $(2*CHANNELS), CX        \
	JMP  two                      \
one:                                  \
	TESTQ CX, CX                  \
	JZ    done                    \
	VMOVUPS (SI), V0              \
	LOAD((DX), b1)                \
	DO(V0, b1, V2, V3, K1)        \
	VMOVUPS V0, (DI)              \
done:                                 \
	VZEROUPPER                    \
	RET
