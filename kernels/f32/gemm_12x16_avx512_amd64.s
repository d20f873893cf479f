//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_amd64.h"
#include "gemm_avx512_amd64.h"

// Tiles of 12 rows by one vector of columns: 12 fused multiply-adds for each k, 12
// broadcasts and a load: 6.5 cycles. All registers but 3 are rows:
//
//	SI weights     CX k in a row     DX its end in the run
//
// Several groups of a convolution can share the vector. A k is then a number for each
// of them, side by side, which are repeated over the vector: column i of it belongs to
// group i % groups. The result has the columns of a group side by side: Z30 takes them
// there, Z31 takes the bias and the sums of a result back.

#define EACH12(DO) \
	DO(0, R8, Z25, Z0, Z0, Z0, Z0)    \
	DO(1, R9, Z26, Z1, Z1, Z1, Z1)    \
	DO(2, R10, Z27, Z2, Z2, Z2, Z2)   \
	DO(3, R11, Z28, Z3, Z3, Z3, Z3)   \
	DO(4, R12, Z25, Z4, Z4, Z4, Z4)   \
	DO(5, R13, Z26, Z5, Z5, Z5, Z5)   \
	DO(6, R14, Z27, Z6, Z6, Z6, Z6)   \
	DO(7, AX, Z28, Z7, Z7, Z7, Z7)    \
	DO(8, BX, Z25, Z8, Z8, Z8, Z8)    \
	DO(9, DI, Z26, Z9, Z9, Z9, Z9)    \
	DO(10, BP, Z27, Z10, Z10, Z10, Z10) \
	DO(11, R15, Z28, Z11, Z11, Z11, Z11)

#define ADDRESS(r, row, t, a, b, c, d) \
	MOVQ 8*r(SI), row \
	LEAQ (CX)(row*4), row

#define NONE(a)
#define GATHER(a) VPERMPS a, Z31, a

#define FMAONE(r, row, t, a, b, c, d) VFMADD231PS.BCST (row)(CX*4), Z24, a
#define FMAPAIR(r, row, t, a, b, c, d) \
	VBROADCASTSD (row)(CX*4), t \
	VFMADD231PS  Z24, t, a
#define FMAFOUR(r, row, t, a, b, c, d) \
	VBROADCASTF32X4 (row)(CX*4), t \
	VFMADD231PS     Z24, t, a
#define FMAEIGHT(r, row, t, a, b, c, d) \
	VBROADCASTF64X4 (row)(CX*4), t \
	VFMADD231PS     Z24, t, a

#define STOREALL(r, row, t, a, b, c, d) \
	VPERMPS a, Z30, a \
	STORE1(r, row, t, a, b, c, d)
#define LOADALL(r, row, t, a, b, c, d) \
	LOAD1(r, row, t, a, b, c, d) \
	VPERMPS a, Z31, a

// GEMM12 is GEMM for these tiles and groups in a vector. ORDER puts the bias in order.
#define GEMM12(ORDER, FMA, groups, LOAD, STORE) \
	MOVQ a+0(FP), DI              \
	PREPARE                       \
	MOVQ gemmArgs_order(DI), CX   \
	VMOVDQU32 (CX), Z30           \
	VMOVDQU32 64(CX), Z31         \
	MOVQ $0, done-8(SP)           \
tile:                             \
	MOVQ done-8(SP), R15          \
	MOVQ gemmArgs_bias(DI), CX    \
	TESTQ CX, CX                  \
	JZ   sums                     \
	BIAS1                         \
	ORDER(Z24)                    \
	EACH12(SET1)                  \
rows:                             \
	MOVQ gemmArgs_runs(DI), DX    \
	MOVQ DX, runs-16(SP)          \
	MOVQ gemmArgs_count(DI), DX   \
	MOVQ DX, left-24(SP)          \
	MOVQ gemmArgs_w(DI), DX       \
	MOVQ gemmArgs_src(DI), CX     \
	MOVQ gemmArgs_in(DI), SI      \
	ADDQ R15, SI                  \
	EACH12(ADDRESS)               \
	MOVQ DX, SI                   \
run:                              \
	MOVQ runs-16(SP), DX          \
	MOVQ (DX), CX                 \
	ADDQ $8, DX                   \
	MOVQ DX, runs-16(SP)          \
	MOVQ a+0(FP), DX              \
	MOVQ gemmArgs_runLen(DX), DX  \
	ADDQ CX, DX                   \
	PCALIGN $32                   \
k:                                \
	WEIGHTS1                      \
	EACH12(FMA)                   \
	ADDQ $64, SI                  \
	ADDQ $groups, CX              \
	CMPQ CX, DX                   \
	JLT  k                        \
	DECQ left-24(SP)              \
	JNZ  run                      \
	MOVQ a+0(FP), DI              \
	MOVQ done-8(SP), R15          \
	CMPQ gemmArgs_limited(DI), $0 \
	JEQ  store                    \
	LIMITS                        \
	EACH12(LIMIT1)                \
store:                            \
	RESULTS                       \
	EACH12(STORE)                 \
	ADDQ $96, R15                 \
	MOVQ R15, done-8(SP)          \
	CMPQ R15, gemmArgs_rows(DI)   \
	JLT  tile                     \
	VZEROUPPER                    \
	RET                           \
sums:                             \
	RESULTS                       \
	EACH12(LOAD)                  \
	JMP  rows

// func gemm12x16AVX512(a *gemmArgs)
TEXT ·gemm12x16AVX512(SB), NOSPLIT, $24-8
	GEMM12(NONE, FMAONE, 1, LOAD1, STORE1)

// func gemm12x16Groups2AVX512(a *gemmArgs)
TEXT ·gemm12x16Groups2AVX512(SB), NOSPLIT, $24-8
	GEMM12(GATHER, FMAPAIR, 2, LOADALL, STOREALL)

// func gemm12x16Groups4AVX512(a *gemmArgs)
TEXT ·gemm12x16Groups4AVX512(SB), NOSPLIT, $24-8
	GEMM12(GATHER, FMAFOUR, 4, LOADALL, STOREALL)

// func gemm12x16Groups8AVX512(a *gemmArgs)
TEXT ·gemm12x16Groups8AVX512(SB), NOSPLIT, $24-8
	GEMM12(GATHER, FMAEIGHT, 8, LOADALL, STOREALL)
