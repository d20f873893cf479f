// A row of a depthwise convolution of 3 by 3 taps with stride 1 or 2, in strips of 7
// pixels; of these, a vector of channels at a time. The column of a tap is loaded once
// for all pixels of the strip.
//
//	DI arguments      R8-R10 rows at the first column of the strip, R11 its result
//	R12 bytes from column to column, also of weights, R13 three times that
//	SI weights        DX bytes of the channels done, BX blocks left, CX strips left
//	AX, R14 column, weights, result
//
// The first or the last row of the window is left out if its address is 0. The file of an instruction set says what vectors V0 to V12 are: V0-V6 sums, V7-V9
// weights of a row, V10 the column, V11-V12 limits; how to LOAD and STORE channels of a
// block, and to load the first and the last column, FIRST and LAST, which can lie
// outside; and what to do at the begin of a STRIP and a BLOCK.

#define FMA(weights, sum) VFMADD231PS weights, V10, sum

#define NEXTCOLUMNS ADDQ R13, AX

#define COLUMNS1(row) \
	LEAQ (row)(DX*1), AX   \
	FIRST((AX))            \
	FMA(V7, V0)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V8, V0)            \
	FMA(V7, V1)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V9, V0)            \
	FMA(V8, V1)            \
	FMA(V7, V2)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V9, V1)            \
	FMA(V8, V2)            \
	FMA(V7, V3)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V9, V2)            \
	FMA(V8, V3)            \
	FMA(V7, V4)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V9, V3)            \
	FMA(V8, V4)            \
	FMA(V7, V5)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V9, V4)            \
	FMA(V8, V5)            \
	FMA(V7, V6)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V9, V5)            \
	FMA(V8, V6)            \
	LAST((AX)(R12*2))      \
	FMA(V9, V6)

#define COLUMNS2(row) \
	LEAQ (row)(DX*1), AX   \
	FIRST((AX))            \
	FMA(V7, V0)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V8, V0)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V9, V0)            \
	FMA(V7, V1)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V8, V1)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V9, V1)            \
	FMA(V7, V2)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V8, V2)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V9, V2)            \
	FMA(V7, V3)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V8, V3)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V9, V3)            \
	FMA(V7, V4)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V8, V4)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V9, V4)            \
	FMA(V7, V5)            \
	LOAD((AX)(R12*2), V10) \
	FMA(V8, V5)            \
	NEXTCOLUMNS            \
	LOAD((AX), V10)        \
	FMA(V9, V5)            \
	FMA(V7, V6)            \
	LOAD((AX)(R12*1), V10) \
	FMA(V8, V6)            \
	LAST((AX)(R12*2))      \
	FMA(V9, V6)

// ROWTAPS adds the products of a row of the window.
#define ROWTAPS(weights, row, COLUMNS) \
	LEAQ weights, AX       \
	LOAD((AX), V7)         \
	LOAD((AX)(R12*1), V8)  \
	LOAD((AX)(R12*2), V9)  \
	COLUMNS(row)

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMIT(a) \
	VMAXPS a, V11, a \
	VMINPS a, V12, a

// ROWOFSTRIPS is the body for a stride of so many columns.
#define ROWOFSTRIPS(COLUMNS, columns) \
	MOVQ a+0(FP), DI                     \
	MOVQ stripArgs_src0(DI), R8          \
	MOVQ stripArgs_src1(DI), R9          \
	MOVQ stripArgs_src2(DI), R10         \
	MOVQ stripArgs_before(DI), AX        \
	SUBQ AX, R8                          \
	SUBQ AX, R9                          \
	SUBQ AX, R10                         \
	MOVQ stripArgs_dst(DI), R11          \
	MOVQ stripArgs_step(DI), R12         \
	LEAQ (R12)(R12*2), R13               \
	MOVQ stripArgs_w(DI), SI             \
	MOVQ stripArgs_strips(DI), CX        \
	VBROADCASTSS stripArgs_min(DI), V11  \
	VBROADCASTSS stripArgs_max(DI), V12  \
strip:                                       \
	STRIP                                \
	XORQ DX, DX                          \
	MOVQ stripArgs_blocks(DI), BX        \
block:                                       \
	BLOCK                                \
	MOVQ stripArgs_bias(DI), R14         \
	LOAD((R14)(DX*1), V0)                \
	VMOVAPS V0, V1                       \
	VMOVAPS V0, V2                       \
	VMOVAPS V0, V3                       \
	VMOVAPS V0, V4                       \
	VMOVAPS V0, V5                       \
	VMOVAPS V0, V6                       \
	LEAQ (SI)(DX*1), R14                 \
	CMPQ stripArgs_src0(DI), $0          \
	JEQ  middle                          \
	ROWTAPS((R14), R8, COLUMNS)          \
middle:                                      \
	ROWTAPS((R14)(R13*1), R9, COLUMNS)   \
	CMPQ stripArgs_src2(DI), $0          \
	JEQ  limit                           \
	ROWTAPS((R14)(R13*2), R10, COLUMNS)  \
limit:                                       \
	LIMIT(V0)                            \
	LIMIT(V1)                            \
	LIMIT(V2)                            \
	LIMIT(V3)                            \
	LIMIT(V4)                            \
	LIMIT(V5)                            \
	LIMIT(V6)                            \
	LEAQ (R11)(DX*1), R14                \
	STORE(V0, (R14))                     \
	STORE(V1, (R14)(R12*1))              \
	STORE(V2, (R14)(R12*2))              \
	ADDQ R13, R14                        \
	STORE(V3, (R14))                     \
	STORE(V4, (R14)(R12*1))              \
	STORE(V5, (R14)(R12*2))              \
	ADDQ R13, R14                        \
	STORE(V6, (R14))                     \
	ADDQ $BYTES, DX                      \
	DECQ BX                              \
	JNZ  block                           \
	MOVQ $7, AX                          \
	CMPQ CX, $2                          \
	JNE  next                            \
	MOVQ stripArgs_last(DI), AX          \
next:                                        \
	IMULQ R12, AX                        \
	ADDQ AX, R11                         \
	SHLQ $(columns-1), AX                \
	ADDQ AX, R8                          \
	ADDQ AX, R9                          \
	ADDQ AX, R10                         \
	DECQ CX                              \
	JNZ  strip                           \
	VZEROUPPER                           \
	RET
