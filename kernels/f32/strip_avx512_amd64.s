//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx512_amd64.h"

// K1 has the channels of the block that exist, K4 and K5 those of the first and the last
// column: as many, or none.
#define LOAD(at, a) VMOVUPS.Z at, K1, a
#define STORE(a, at) VMOVUPS a, K1, at
#define FIRST(at) VMOVUPS.Z at, K4, V10
#define LAST(at) VMOVUPS.Z at, K5, V10

// The first column of the first strip and the last one of the last are as the arguments
// say, all others are there: K2 and K3 are masks of all channels.
#define STRIP \
	KXNORW K2, K2, K2                \
	KXNORW K3, K3, K3                \
	CMPQ CX, stripArgs_strips(DI)    \
	JNE  notFirst                    \
	KMOVW stripArgs_first(DI), K2    \
notFirst:                                \
	CMPQ CX, $1                      \
	JNE  notLast                     \
	KMOVW stripArgs_end(DI), K3      \
notLast:

#define BLOCK \
	KXNORW K1, K1, K1            \
	CMPQ BX, $1                  \
	JNE  whole                   \
	KMOVW stripArgs_tail(DI), K1 \
whole:                               \
	KANDW K1, K2, K4             \
	KANDW K1, K3, K5

#include "strip_amd64.h"

// func strip1AVX512(a *stripArgs)
TEXT ·strip1AVX512(SB), NOSPLIT, $0-8
	ROWOFSTRIPS(COLUMNS1, 1)

// func strip2AVX512(a *stripArgs)
TEXT ·strip2AVX512(SB), NOSPLIT, $0-8
	ROWOFSTRIPS(COLUMNS2, 2)
