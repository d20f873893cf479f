// The transforms of Winograd's F(2x2, 3x3) for a row of tiles; of a tile a vector of channels at a
// time.
//
//	DI arguments    R8-R11 rows of the tile, or its places 0, 4, 8 and 12
//	R12 bytes from pixel to pixel, or from place to place    R13 three times that
//	SI dst    AX, BX scratch    CX tiles left    DX blocks left    V0-V10 scratch

// COLUMN(r) is where column 0 to 3 of a row is.
#define COLUMN0(r) (r)
#define COLUMN1(r) (r)(R12*1)
#define COLUMN2(r) (r)(R12*2)
#define COLUMN3(r) (r)(R13*1)

// PLACE stores a transformed number and goes on to the next place.
#define PLACE(v) \
	VMOVUPS v, (AX) \
	ADDQ BX, AX

// INPUTROW transforms row OP(b, a) of B^T d: it is d0-d2, d1+d2, d2-d1, d1-d3 in both directions.
#define INPUTROW(OP, a, b) \
	VMOVUPS COLUMN0(a), V0   \
	VMOVUPS COLUMN1(a), V1   \
	VMOVUPS COLUMN2(a), V2   \
	VMOVUPS COLUMN3(a), V3   \
	OP COLUMN0(b), V0, V0    \
	OP COLUMN1(b), V1, V1    \
	OP COLUMN2(b), V2, V2    \
	OP COLUMN3(b), V3, V3    \
	VSUBPS V2, V0, V0        \
	VADDPS V2, V1, V4        \
	VSUBPS V1, V2, V5        \
	VSUBPS V3, V1, V6        \
	PLACE(V0)                \
	PLACE(V4)                \
	PLACE(V5)                \
	PLACE(V6)

#define WINOGRADINPUT \
	MOVQ a+0(FP), DI               \
	MOVQ winogradArgs_dst(DI), SI  \
	MOVQ winogradArgs_src(DI), R8  \
	MOVQ winogradArgs_step(DI), AX \
	LEAQ (R8)(AX*1), R9            \
	LEAQ (R8)(AX*2), R10           \
	LEAQ (R9)(AX*2), R11           \
	MOVQ winogradArgs_pixel(DI), R12 \
	LEAQ (R12)(R12*2), R13         \
	MOVQ winogradArgs_place(DI), BX \
	MOVQ winogradArgs_tiles(DI), CX \
tile:                                  \
	MOVQ winogradArgs_blocks(DI), DX \
block:                                 \
	MOVQ SI, AX                    \
	INPUTROW(VSUBPS, R8, R10)      \
	INPUTROW(VADDPS, R9, R10)      \
	INPUTROW(VSUBPS, R10, R9)      \
	INPUTROW(VSUBPS, R9, R11)      \
	ADDQ $BYTES, SI                \
	ADDQ $BYTES, R8                \
	ADDQ $BYTES, R9                \
	ADDQ $BYTES, R10               \
	ADDQ $BYTES, R11               \
	DECQ DX                        \
	JNZ  block                     \
	ADDQ R12, R8                   \
	ADDQ R12, R9                   \
	ADDQ R12, R10                  \
	ADDQ R12, R11                  \
	DECQ CX                        \
	JNZ  tile                      \
	VZEROUPPER                     \
	RET

// SUMS makes the rows of A^T m of a column: the sum of the first three, and what the second is
// more than the last two.
#define SUMS(COLUMN, upper, lower) \
	VMOVUPS COLUMN(R9), V8           \
	VMOVUPS COLUMN(R10), V9          \
	VADDPS  COLUMN(R8), V8, upper    \
	VADDPS  V9, upper, upper         \
	VSUBPS  V9, V8, lower            \
	VSUBPS  COLUMN(R11), lower, lower

// PIXEL adds the bias in V10 to a number and limits it. NaN comes through, as the second source of the
// maximum and minimum. V11 becomes NaN if the number is not finite: then it is no number times 0.
#define PIXEL(v, at) \
	VADDPS V10, v, v         \
	VFMADD231PS V12, v, V11  \
	VMAXPS v, V13, v         \
	VMINPS v, V14, v         \
	VMOVUPS v, at

// PIXELS of a row, the right one first, which may be in the place of the left one.
#define PIXELS2(a, b, c, d, left, right) \
	VADDPS b, a, a   \
	VADDPS c, a, a   \
	VSUBPS c, b, b   \
	VSUBPS d, b, b   \
	PIXEL(b, right)  \
	PIXEL(a, left)

#define WINOGRADOUTPUT \
	MOVQ a+0(FP), DI               \
	MOVQ winogradArgs_dst(DI), SI  \
	MOVQ winogradArgs_src(DI), R8  \
	MOVQ winogradArgs_place(DI), R12 \
	LEAQ (R12)(R12*2), R13         \
	LEAQ (R8)(R12*4), R9           \
	LEAQ (R8)(R12*8), R10          \
	LEAQ (R9)(R12*8), R11          \
	MOVQ winogradArgs_tiles(DI), CX \
	VXORPS V11, V11, V11           \
	VXORPS V12, V12, V12           \
	VBROADCASTSS winogradArgs_min(DI), V13 \
	VBROADCASTSS winogradArgs_max(DI), V14 \
tile:                                  \
	MOVQ winogradArgs_blocks(DI), DX \
	MOVQ winogradArgs_bias(DI), BX \
block:                                 \
	SUMS(COLUMN0, V0, V4)          \
	SUMS(COLUMN1, V1, V5)          \
	SUMS(COLUMN2, V2, V6)          \
	SUMS(COLUMN3, V3, V7)          \
	VMOVUPS (BX), V10              \
	ADDQ $BYTES, BX                \
	MOVQ winogradArgs_right(DI), R14 \
	MOVQ winogradArgs_below(DI), AX \
	ADDQ SI, AX                    \
	PIXELS2(V4, V5, V6, V7, (AX), (AX)(R14*1)) \
	PIXELS2(V0, V1, V2, V3, (SI), (SI)(R14*1)) \
	ADDQ $BYTES, SI                \
	ADDQ $BYTES, R8                \
	ADDQ $BYTES, R9                \
	ADDQ $BYTES, R10               \
	ADDQ $BYTES, R11               \
	DECQ DX                        \
	JNZ  block                     \
	SUBQ winogradArgs_bias(DI), BX \
	MOVQ winogradArgs_pixel(DI), AX \
	LEAQ (SI)(AX*2), SI            \
	SUBQ BX, SI                    \
	SUBQ BX, AX                    \
	ADDQ AX, R8                    \
	ADDQ AX, R9                    \
	ADDQ AX, R10                   \
	ADDQ AX, R11                   \
	DECQ CX                        \
	JNZ  tile                      \
	VMOVUPS V11, winogradArgs_check(DI) \
	VZEROUPPER                     \
	RET
