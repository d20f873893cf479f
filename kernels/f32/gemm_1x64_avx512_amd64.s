//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "gemm_avx512_amd64.h"

// Tiles of one row; see gemm_avx512_amd64.h for the registers.

// A row by itself: the weights are operands from memory.
#define ROW4 \
	VBROADCASTSS (R8)(CX*4), Z28  \
	VFMADD231PS  (SI), Z28, Z0    \
	VFMADD231PS  64(SI), Z28, Z1  \
	VFMADD231PS  128(SI), Z28, Z2 \
	VFMADD231PS  192(SI), Z28, Z3
#define ROW3 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0   \
	VFMADD231PS  64(SI), Z28, Z1 \
	VFMADD231PS  128(SI), Z28, Z2
#define ROW2 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0   \
	VFMADD231PS  64(SI), Z28, Z1
#define ROW1 \
	VBROADCASTSS (R8)(CX*4), Z28 \
	VFMADD231PS  (SI), Z28, Z0

// func gemm1x64AVX512(a *gemmArgs)
TEXT ·gemm1x64AVX512(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD4(CX, Z0, Z1, Z2, Z3)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	ROW4
	ADDQ $256, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE4(Z0, Z1, Z2, Z3)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD4(R14, Z0, Z1, Z2, Z3)
	JMP  run

// func gemm1x48AVX512(a *gemmArgs)
TEXT ·gemm1x48AVX512(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD3(CX, Z0, Z1, Z2)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	ROW3
	ADDQ $192, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE3(Z0, Z1, Z2)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD3(R14, Z0, Z1, Z2)
	JMP  run

// func gemm1x32AVX512(a *gemmArgs)
TEXT ·gemm1x32AVX512(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD2(CX, Z0, Z1)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	ROW2
	ADDQ $128, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE2(Z0, Z1)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD2(R14, Z0, Z1)
	JMP  run

// func gemm1x16AVX512(a *gemmArgs)
TEXT ·gemm1x16AVX512(SB), NOSPLIT, $0-8
	BEGIN

tile:
	TILE
	JZ   sums
	LOAD1(CX, Z0)

run:
	ROWS1
	XORQ CX, CX
	PCALIGN $32

k:
	ROW1
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, DX
	JLT  k
	ADDQ $8, AX
	DECQ BX
	JNZ  run

	LIMITS
	OUTS
	OUT(0)
	STORE1(Z0)
	NEXT($8)
	JLT  tile
	VZEROUPPER
	RET

sums:
	OUTS
	OUT(0)
	LOAD1(R14, Z0)
	JMP  run
