// The walk over tiles and runs that kernels with tiles of 6 rows or 1 row share.
//
//	DI arguments     SI weights     AX runs     BX runs left
//	R8-R13 rows      CX k in a row  DX its end in the run
//	R15 bytes of the offsets of rows done       R14 weights to come, or scratch

#define ROW(r, row) \
	MOVQ 8*r(R14), row \
	LEAQ (CX)(row*4), row

#define ROWS1 ROW(0, R8)

#define ROWS2 \
	ROW(0, R8)  \
	ROW(1, R9)

#define ROWS4 \
	ROWS2       \
	ROW(2, R10) \
	ROW(3, R11)

#define ROWS6 \
	ROWS4       \
	ROW(4, R12) \
	ROW(5, R13)

// RESULTS prepares for RESULT, which leaves where a row of the result is in R14.
#define RESULTS \
	MOVQ gemmArgs_dst(DI), CX \
	MOVQ gemmArgs_out(DI), R8 \
	ADDQ R15, R8

#define RESULT(r) \
	MOVQ 8*r(R8), R14 \
	LEAQ (CX)(R14*4), R14

// AHEAD leaves in R14 where the weights for later calls begin that nobody has fetched into
// the L2 cache, or those of this call if all have been. FETCH fetches a line, or a part of
// one, for each k.
#define AHEAD \
	MOVQ gemmArgs_ahead(DI), R14        \
	CMPQ R14, gemmArgs_aheadEnd(DI)     \
	JLT  fetch                          \
	XORQ R14, R14                       \
fetch:                                      \
	ADDQ SI, R14                        \
	MOVQ gemmArgs_aheadStep(DI), CX     \
	ADDQ CX, gemmArgs_ahead(DI)

#define FETCH \
	PREFETCHT1 (R14) \
	ADDQ gemmArgs_fetchStep(DI), R14

// GEMM is the body of a kernel whose tiles have the rows of ROWS, with offsets of
// bytesOfRows. Of the operations on vectors WEIGHTS loads those of a k, of bytesOfK, from
// SI, and BIAS those of the bias from CX; EACH does with each row what it is given: SET to
// the bias, FMA of the weights and a number of the row, LIMIT, LOAD and STORE from and to
// the result.
#define GEMM(ROWS, EACH, bytesOfRows, BIAS, SET, WEIGHTS, FMA, bytesOfK, LIMIT, LOAD, STORE) \
	MOVQ a+0(FP), DI              \
	XORQ R15, R15                 \
	PREPARE                       \
tile:                             \
	MOVQ gemmArgs_bias(DI), CX    \
	TESTQ CX, CX                  \
	JZ   sums                     \
	BIAS                          \
	EACH(SET)                     \
rows:                             \
	MOVQ gemmArgs_src(DI), CX     \
	MOVQ gemmArgs_in(DI), R14     \
	ADDQ R15, R14                 \
	ROWS                          \
	MOVQ gemmArgs_w(DI), SI       \
	MOVQ gemmArgs_runs(DI), AX    \
	MOVQ gemmArgs_count(DI), BX   \
	AHEAD                         \
run:                              \
	MOVQ (AX), CX                 \
	MOVQ gemmArgs_runLen(DI), DX  \
	ADDQ CX, DX                   \
	ADDQ $8, AX                   \
	PCALIGN $32                   \
k:                                \
	WEIGHTS                       \
	EACH(FMA)                     \
	ADDQ $bytesOfK, SI            \
	INCQ CX                       \
	CMPQ CX, DX                   \
	JLT  k                        \
	DECQ BX                       \
	JNZ  run                      \
	CMPQ gemmArgs_limited(DI), $0 \
	JEQ  store                    \
	LIMITS                        \
	EACH(LIMIT)                   \
store:                            \
	RESULTS                       \
	EACH(STORE)                   \
	ADDQ $bytesOfRows, R15        \
	CMPQ R15, gemmArgs_rows(DI)   \
	JLT  tile                     \
	VZEROUPPER                    \
	RET                           \
sums:                             \
	RESULTS                       \
	EACH(LOAD)                    \
	JMP  rows
