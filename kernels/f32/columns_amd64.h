// Adds the rows of a matrix of floats to a row of sums, four vectors of columns at a time
// and then one.
//
//	DI dst      SI src of the columns at hand    DX columns left    R8 rows
//	R9 bytes from row to row    AX src of a row  CX rows left       V0-V3 sums
//
// ADD_ROW(i, v) adds the i-th vector at (AX) to v. A vector has n elements, which take DST
// bytes in dst and SRC in src.

#define ADD_ROWS(ADD_ROW, n, DST, SRC) \
	MOVQ dst+0(FP), DI     \
	MOVQ src+8(FP), SI     \
	MOVQ cols+16(FP), DX   \
	MOVQ rows+24(FP), R8   \
	MOVQ stride+32(FP), R9 \
	SHLQ $2, R9            \
four:                          \
	CMPQ DX, $(4*n)        \
	JLT  one               \
	VMOVUPS (DI), V0       \
	VMOVUPS DST(DI), V1    \
	VMOVUPS (2*DST)(DI), V2 \
	VMOVUPS (3*DST)(DI), V3 \
	MOVQ SI, AX            \
	MOVQ R8, CX            \
fourRows:                      \
	ADD_ROW(0, V0)         \
	ADD_ROW(1, V1)         \
	ADD_ROW(2, V2)         \
	ADD_ROW(3, V3)         \
	ADDQ R9, AX            \
	DECQ CX                \
	JNZ  fourRows          \
	VMOVUPS V0, (DI)       \
	VMOVUPS V1, DST(DI)    \
	VMOVUPS V2, (2*DST)(DI) \
	VMOVUPS V3, (3*DST)(DI) \
	ADDQ $(4*DST), DI      \
	ADDQ $(4*SRC), SI      \
	SUBQ $(4*n), DX        \
	JMP  four              \
one:                           \
	TESTQ DX, DX           \
	JZ   done              \
	VMOVUPS (DI), V0       \
	MOVQ SI, AX            \
	MOVQ R8, CX            \
oneRow:                        \
	ADD_ROW(0, V0)         \
	ADDQ R9, AX            \
	DECQ CX                \
	JNZ  oneRow            \
	VMOVUPS V0, (DI)       \
	ADDQ $DST, DI          \
	ADDQ $SRC, SI          \
	SUBQ $n, DX            \
	JMP  one               \
done:                          \
	VZEROUPPER             \
	RET
