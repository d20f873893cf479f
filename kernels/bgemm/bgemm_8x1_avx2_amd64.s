//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

#define AND VPAND
#define XOR VPXOR
#define MOVE VMOVDQU
#define VECTOR 32
#define TABLE VBROADCASTI128
#define LOWS0 Y0
#define HIGHS0 Y1
#define LOWS1 Y2
#define HIGHS1 Y3
#define LOWS2 Y4
#define HIGHS2 Y5
#define LOWS3 Y6
#define HIGHS3 Y7
#define C0 Y8
#define C1 Y9
#define C2 Y10
#define T0 Y11
#define T1 Y12
#define T2 Y13
#define MASK Y14
#define EVEN Y15
#include "nibbles_amd64.h"
#include "nibbles_8x1_amd64.h"

// func bgemm_8x1_avx2(args *nibbleArgs)
TEXT ·bgemm_8x1_avx2(SB), NOSPLIT, $0-8
	TILES8(tile, bytes, triple, more, flushed)

// func bgemm_2x1_avx2(args *nibbleArgs)
TEXT ·bgemm_2x1_avx2(SB), NOSPLIT, $0-8
	TILES2(tile, bytes, triple, more, flushed)
