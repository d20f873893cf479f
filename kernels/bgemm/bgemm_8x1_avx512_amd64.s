//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define AND VPANDD
#define XOR VPXORD
#define MOVE VMOVDQU32
#define VECTOR 64
#define TABLE VBROADCASTI32X4
#define LOWS0 Z0
#define HIGHS0 Z1
#define LOWS1 Z2
#define HIGHS1 Z3
#define LOWS2 Z4
#define HIGHS2 Z5
#define LOWS3 Z6
#define HIGHS3 Z7
#define C0 Z8
#define C1 Z9
#define C2 Z10
#define T0 Z11
#define T1 Z12
#define T2 Z13
#define MASK Z14
#define EVEN Z15
#include "nibbles_amd64.h"
#include "nibbles_8x1_amd64.h"

// func bgemm_8x1_avx512(args *nibbleArgs)
TEXT ·bgemm_8x1_avx512(SB), NOSPLIT, $0-8
	TILES8(tile, bytes, triple, more, flushed)

// func bgemm_2x1_avx512(args *nibbleArgs)
TEXT ·bgemm_2x1_avx512(SB), NOSPLIT, $0-8
	TILES2(tile, bytes, triple, more, flushed)
