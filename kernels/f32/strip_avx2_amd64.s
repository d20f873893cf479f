//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx2_amd64.h"

// Y13 and Y14 are masks of the channels of the first and the last column: all or none.
#define LOAD(at, a) VMOVUPS at, a
#define STORE(a, at) VMOVUPS a, at
#define FIRST(at) VMASKMOVPS at, Y13, V10
#define LAST(at) VMASKMOVPS at, Y14, V10

// The first column of the first strip and the last one of the last are as the arguments
// say, all others are there.
#define STRIP \
	VPCMPEQD Y13, Y13, Y13                  \
	VPCMPEQD Y14, Y14, Y14                  \
	CMPQ CX, stripArgs_strips(DI)           \
	JNE  notFirst                           \
	VPBROADCASTW stripArgs_first(DI), Y13   \
notFirst:                                       \
	CMPQ CX, $1                             \
	JNE  notLast                            \
	VPBROADCASTW stripArgs_end(DI), Y14     \
notLast:

#define BLOCK

#include "strip_amd64.h"

// func strip1AVX2(a *stripArgs)
TEXT ·strip1AVX2(SB), NOSPLIT, $0-8
	ROWOFSTRIPS(COLUMNS1, 1)

// func strip2AVX2(a *stripArgs)
TEXT ·strip2AVX2(SB), NOSPLIT, $0-8
	ROWOFSTRIPS(COLUMNS2, 2)
