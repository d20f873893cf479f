// The pieces of code of a program for tiles of 8 vectors V0-V7 of W bytes. What includes
// it defines them, TABLE, the name of the table of the pieces, and how a vector v, the
// i-th of the tile, changes:
//
//	PRELU_BY(x, v)            by x, memory or a register
//	LIMITS, CLIP(i, v, off)   by the bounds, after LIMITS once
//	S                         a register for an operand of one element
//	T, FACTOR, SUMMAND, ZERO, ONE  more registers, the last but T for constants
//	SIGN(c, i, v), NEGATED(c, i, v)  makes bits at (BX) by comparison c with (AX)(DX), with
//	                          its sign flipped by (R12)(DX)
//
// Registers of all pieces:
//
//	DI instruction    SI byte of the tile in full operands    DX and in vectors
//	CX tiles left     R9 first instruction    R10 step of DX    R11 its period

#define EACH(OP, off) \
	OP(0, V0, off) \
	OP(1, V1, off) \
	OP(2, V2, off) \
	OP(3, V3, off) \
	OP(4, V4, off) \
	OP(5, V5, off) \
	OP(6, V6, off) \
	OP(7, V7, off)

#define LOAD(i, v, off) VMOVUPS (i*W)(AX)(off*1), v
#define STORE(i, v, off) VMOVUPS v, (i*W)(AX)(off*1)
#define ADD(i, v, off) VADDPS (i*W)(AX)(off*1), v, v
#define SUB(i, v, off) VSUBPS (i*W)(AX)(off*1), v, v
#define MUL(i, v, off) VMULPS (i*W)(AX)(off*1), v, v

#define PRELU(i, v, off) PRELU_BY((i*W)(AX)(off*1), v)
#define ADD_SCALAR(i, v, off) VADDPS S, v, v
#define SUB_SCALAR(i, v, off) VSUBPS S, v, v
#define MUL_SCALAR(i, v, off) VMULPS S, v, v
#define PRELU_SCALAR(i, v, off) PRELU_BY(S, v)

#define NEG(i, v, off) VXORPS S, v, v
#define ABS(i, v, off) VANDNPS v, S, v

// LINEAR makes of v in T what HardSigmoid does, with the constants that COEFFICIENTS loads: NaN
// stays as the second source of the maximum and minimum.
#define LINEAR(v) \
	VMULPS FACTOR, v, T  \
	VADDPS SUMMAND, T, T \
	VMAXPS T, ZERO, T    \
	VMINPS T, ONE, T

#define HARD_SIGMOID(i, v, off) \
	LINEAR(v) \
	VMOVUPS T, v

#define HARD_SWISH(i, v, off) \
	LINEAR(v) \
	VMULPS T, v, v

#define COEFFICIENTS \
	VBROADCASTSS instruction_min(DI), FACTOR  \
	VBROADCASTSS instruction_max(DI), SUMMAND \
	VXORPS ZERO, ZERO, ZERO \
	MOVL  $0x3f800000, AX   \
	VMOVD AX, X15           \
	VBROADCASTSS X15, ONE

// SIGN_BITS makes S the sign bits.
#define SIGN_BITS \
	MOVL  $0x80000000, AX \
	VMOVD AX, X15         \
	VBROADCASTSS X15, S

#define START \
	MOVQ instruction_code(DI), AX \
	JMP  AX

#define NEXT \
	ADDQ $instruction__size, DI \
	START

#define PIECE(OP, off) \
	MOVQ instruction_base(DI), AX \
	EACH(OP, off)                 \
	NEXT

#define PIECE_SCALAR(OP) \
	MOVQ instruction_base(DI), AX \
	VBROADCASTSS (AX), S          \
	EACH(OP, SI)                  \
	NEXT

#define PIECE_SIGN(OP, compare) \
	MOVQ instruction_base(DI), BX  \
	MOVQ instruction_t(DI), AX     \
	MOVQ instruction_flip(DI), R12 \
	MOVQ SI, R13                   \
	SHRQ $5, R13                   \
	ADDQ R13, BX                   \
	OP(compare, 0, V0)             \
	OP(compare, 1, V1)             \
	OP(compare, 2, V2)             \
	OP(compare, 3, V3)             \
	OP(compare, 4, V4)             \
	OP(compare, 5, V5)             \
	OP(compare, 6, V6)             \
	OP(compare, 7, V7)             \
	NEXT

TEXT load<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(LOAD, SI)

TEXT store<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(STORE, SI)

TEXT add<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(ADD, SI)

TEXT addVector<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(ADD, DX)

TEXT addScalar<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SCALAR(ADD_SCALAR)

TEXT sub<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(SUB, SI)

TEXT subVector<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(SUB, DX)

TEXT subScalar<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SCALAR(SUB_SCALAR)

TEXT mul<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(MUL, SI)

TEXT mulVector<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(MUL, DX)

TEXT mulScalar<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SCALAR(MUL_SCALAR)

TEXT prelu<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(PRELU, SI)

TEXT preluVector<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE(PRELU, DX)

TEXT preluScalar<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SCALAR(PRELU_SCALAR)

TEXT neg<>(SB), NOSPLIT|NOFRAME, $0-0
	SIGN_BITS
	EACH(NEG, SI)
	NEXT

TEXT abs<>(SB), NOSPLIT|NOFRAME, $0-0
	SIGN_BITS
	EACH(ABS, SI)
	NEXT

TEXT clip<>(SB), NOSPLIT|NOFRAME, $0-0
	LIMITS
	EACH(CLIP, SI)
	NEXT

TEXT leakyRelu<>(SB), NOSPLIT|NOFRAME, $0-0
	VBROADCASTSS instruction_min(DI), S
	EACH(PRELU_SCALAR, SI)
	NEXT

TEXT hardSigmoid<>(SB), NOSPLIT|NOFRAME, $0-0
	COEFFICIENTS
	EACH(HARD_SIGMOID, SI)
	NEXT

TEXT hardSwish<>(SB), NOSPLIT|NOFRAME, $0-0
	COEFFICIENTS
	EACH(HARD_SWISH, SI)
	NEXT

TEXT sign<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SIGN(SIGN, 0x19) // !(value >= t)

TEXT signInverted<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SIGN(SIGN, 0x1d) // value >= t

TEXT negatedSign<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SIGN(NEGATED, 0x19)

TEXT negatedSignInverted<>(SB), NOSPLIT|NOFRAME, $0-0
	PIECE_SIGN(NEGATED, 0x1d)

TEXT end<>(SB), NOSPLIT|NOFRAME, $0-0
	ADDQ $(8*W), SI
	ADDQ R10, DX
	CMPQ DX, R11
	JLT  inside
	SUBQ R11, DX

inside:
	MOVQ R9, DI
	DECQ CX
	JZ   done
	START

done:
	VZEROUPPER
	RET

DATA TABLE+(8*const_codeLoad)(SB)/8, $load<>(SB)
DATA TABLE+(8*const_codeStore)(SB)/8, $store<>(SB)
DATA TABLE+(8*const_codeAdd)(SB)/8, $add<>(SB)
DATA TABLE+(8*const_codeAddVector)(SB)/8, $addVector<>(SB)
DATA TABLE+(8*const_codeAddScalar)(SB)/8, $addScalar<>(SB)
DATA TABLE+(8*const_codeSub)(SB)/8, $sub<>(SB)
DATA TABLE+(8*const_codeSubVector)(SB)/8, $subVector<>(SB)
DATA TABLE+(8*const_codeSubScalar)(SB)/8, $subScalar<>(SB)
DATA TABLE+(8*const_codeMul)(SB)/8, $mul<>(SB)
DATA TABLE+(8*const_codeMulVector)(SB)/8, $mulVector<>(SB)
DATA TABLE+(8*const_codeMulScalar)(SB)/8, $mulScalar<>(SB)
DATA TABLE+(8*const_codePRelu)(SB)/8, $prelu<>(SB)
DATA TABLE+(8*const_codePReluVector)(SB)/8, $preluVector<>(SB)
DATA TABLE+(8*const_codePReluScalar)(SB)/8, $preluScalar<>(SB)
DATA TABLE+(8*const_codeNeg)(SB)/8, $neg<>(SB)
DATA TABLE+(8*const_codeAbs)(SB)/8, $abs<>(SB)
DATA TABLE+(8*const_codeClip)(SB)/8, $clip<>(SB)
DATA TABLE+(8*const_codeSign)(SB)/8, $sign<>(SB)
DATA TABLE+(8*const_codeSignInverted)(SB)/8, $signInverted<>(SB)
DATA TABLE+(8*const_codeNegatedSign)(SB)/8, $negatedSign<>(SB)
DATA TABLE+(8*const_codeNegatedSignInverted)(SB)/8, $negatedSignInverted<>(SB)
DATA TABLE+(8*const_codeLeakyRelu)(SB)/8, $leakyRelu<>(SB)
DATA TABLE+(8*const_codeHardSigmoid)(SB)/8, $hardSigmoid<>(SB)
DATA TABLE+(8*const_codeHardSwish)(SB)/8, $hardSwish<>(SB)
DATA TABLE+(8*const_codeEnd)(SB)/8, $end<>(SB)
GLOBL TABLE(SB), RODATA|NOPTR, $(8*const_codes)

#define RUN \
	MOVQ a+0(FP), R8             \
	MOVQ arguments_program(R8), R9 \
	MOVQ arguments_tiles(R8), CX \
	MOVQ arguments_at(R8), DX    \
	MOVQ arguments_step(R8), R10 \
	MOVQ arguments_period(R8), R11 \
	XORL SI, SI                  \
	MOVQ R9, DI                  \
	START

#define CODES \
	LEAQ TABLE(SB), AX \
	MOVQ AX, ret+0(FP) \
	RET
