// Rows that are the weighted sum of two rows, a vector at a time; the last vector overlaps the
// one before.
//
//	DI dst    SI src    R8 places    R9 weights    CX rows left
//	R10 bytes from row to row    R12 bytes of the last vector in a row
//	AX, BX the rows    R11 bytes done    V0, V1 products    V2, V3 the weights

#define MIX \
	VMULPS  (AX)(R11*1), V2, V0 \
	VMULPS  (BX)(R11*1), V3, V1 \
	VADDPS  V1, V0, V0          \
	VMOVUPS V0, (DI)(R11*1)

#define MIXROWS \
	MOVQ dst+0(FP), DI      \
	MOVQ src+8(FP), SI      \
	MOVQ places+16(FP), R8  \
	MOVQ weights+24(FP), R9 \
	MOVQ rows+32(FP), CX    \
	MOVQ cols+40(FP), R12   \
	MOVQ stride+48(FP), R10 \
	SHLQ $2, R10            \
	SHLQ $2, R12            \
	SUBQ $BYTES, R12        \
row:                            \
	MOVLQSX (R8), AX        \
	MOVLQSX 4(R8), BX       \
	IMULQ R10, AX           \
	IMULQ R10, BX           \
	ADDQ SI, AX             \
	ADDQ SI, BX             \
	VBROADCASTSS (R9), V2   \
	VBROADCASTSS 4(R9), V3  \
	XORQ R11, R11           \
vector:                         \
	CMPQ R11, R12           \
	JGE  last               \
	MIX                     \
	ADDQ $BYTES, R11        \
	JMP  vector             \
last:                           \
	MOVQ R12, R11           \
	MIX                     \
	ADDQ R10, DI            \
	ADDQ $8, R8             \
	ADDQ $8, R9             \
	DECQ CX                 \
	JNZ  row                \
	VZEROUPPER              \
	RET
