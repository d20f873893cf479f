// The walk over tiles and runs that all kernels share.
//
//	DI arguments     SI weights       AX runs     BX runs left
//	R8-R13 rows      CX bytes of a row done       DX their end in the run
//	R15 bytes of the offsets of rows done         R14 weights to come

#define ROW(r, row) \
	MOVQ 8*r(R14), row \
	ADDQ CX, row

// GEMM is the body of a kernel with tiles of 6 rows. WEIGHTS loads those of a unit, of
// bytesOfUnit, from SI; EACH does with each row what it is given: SET to the start at CX, DOT
// of the weights and a unit of the row, LOAD and STORE from and to the sums, of bytesOfTile.
#define GEMM(EACH, SET, WEIGHTS, DOT, bytesOfUnit, LOAD, STORE, bytesOfTile) \
	MOVQ a+0(FP), DI              \
	XORQ R15, R15                 \
tile:                             \
	MOVQ gemmArgs_start(DI), CX   \
	TESTQ CX, CX                  \
	JZ   sums                     \
	EACH(SET)                     \
rows:                             \
	MOVQ gemmArgs_src(DI), CX     \
	MOVQ gemmArgs_in(DI), R14     \
	ADDQ R15, R14                 \
	ROW(0, R8)                    \
	ROW(1, R9)                    \
	ROW(2, R10)                   \
	ROW(3, R11)                   \
	ROW(4, R12)                   \
	ROW(5, R13)                   \
	MOVQ gemmArgs_w(DI), SI       \
	MOVQ gemmArgs_runs(DI), AX    \
	MOVQ gemmArgs_count(DI), BX   \
	MOVQ gemmArgs_ahead(DI), R14  \
run:                              \
	MOVQ (AX), CX                 \
	MOVQ gemmArgs_runLen(DI), DX  \
	ADDQ CX, DX                   \
	ADDQ $8, AX                   \
	PCALIGN $32                   \
unit:                             \
	WEIGHTS                       \
	PREFETCHT1 (R14)              \
	EACH(DOT)                     \
	ADDQ $bytesOfUnit, SI         \
	ADDQ $64, R14                 \
	ADDQ $4, CX                   \
	CMPQ CX, DX                   \
	JLT  unit                     \
	DECQ BX                       \
	JNZ  run                      \
	MOVQ R14, gemmArgs_ahead(DI)  \
	MOVQ gemmArgs_sums(DI), CX    \
	EACH(STORE)                   \
	ADDQ $bytesOfTile, CX         \
	MOVQ CX, gemmArgs_sums(DI)    \
	ADDQ $48, R15                 \
	CMPQ R15, gemmArgs_rows(DI)   \
	JLT  tile                     \
	VZEROUPPER                    \
	RET                           \
sums:                             \
	MOVQ gemmArgs_sums(DI), CX    \
	EACH(LOAD)                    \
	JMP  rows
