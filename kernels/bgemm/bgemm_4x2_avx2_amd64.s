//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Counts differing bits by table look-up: VPSHUFB looks the nibbles of 32 channels up
// in a table for a nibble of a pixel.
//
// Y0-Y7: counts in bytes, pixel*2 + vector. Y8-Y11: tables. Y12, Y13: a nibble of 64
// channels. Y14, Y15: temporaries. R8-R11: nibbles of the pixels. SI: panel. BX:
// tables. DI: sums. CX: words left. AX: words until the bytes may overflow. R13: args.

// differing<> has 16 tables of 16 bytes: byte w of table a is popcount(a ^ w).
DATA differing<>+0x00(SB)/8, $0x0302020102010100
DATA differing<>+0x08(SB)/8, $0x0403030203020201
DATA differing<>+0x10(SB)/8, $0x0203010201020001
DATA differing<>+0x18(SB)/8, $0x0304020302030102
DATA differing<>+0x20(SB)/8, $0x0201030201000201
DATA differing<>+0x28(SB)/8, $0x0302040302010302
DATA differing<>+0x30(SB)/8, $0x0102020300010102
DATA differing<>+0x38(SB)/8, $0x0203030401020203
DATA differing<>+0x40(SB)/8, $0x0201010003020201
DATA differing<>+0x48(SB)/8, $0x0302020104030302
DATA differing<>+0x50(SB)/8, $0x0102000102030102
DATA differing<>+0x58(SB)/8, $0x0203010203040203
DATA differing<>+0x60(SB)/8, $0x0100020102010302
DATA differing<>+0x68(SB)/8, $0x0201030203020403
DATA differing<>+0x70(SB)/8, $0x0001010201020203
DATA differing<>+0x78(SB)/8, $0x0102020302030304
DATA differing<>+0x80(SB)/8, $0x0403030203020201
DATA differing<>+0x88(SB)/8, $0x0302020102010100
DATA differing<>+0x90(SB)/8, $0x0304020302030102
DATA differing<>+0x98(SB)/8, $0x0203010201020001
DATA differing<>+0xa0(SB)/8, $0x0302040302010302
DATA differing<>+0xa8(SB)/8, $0x0201030201000201
DATA differing<>+0xb0(SB)/8, $0x0203030401020203
DATA differing<>+0xb8(SB)/8, $0x0102020300010102
DATA differing<>+0xc0(SB)/8, $0x0302020104030302
DATA differing<>+0xc8(SB)/8, $0x0201010003020201
DATA differing<>+0xd0(SB)/8, $0x0203010203040203
DATA differing<>+0xd8(SB)/8, $0x0102000102030102
DATA differing<>+0xe0(SB)/8, $0x0201030203020403
DATA differing<>+0xe8(SB)/8, $0x0100020102010302
DATA differing<>+0xf0(SB)/8, $0x0102020302030304
DATA differing<>+0xf8(SB)/8, $0x0001010201020203
GLOBL differing<>(SB), RODATA|NOPTR, $256

// PIXEL counts for a nibble of one pixel.
#define PIXEL(at, p, table, a0, a1) \
	MOVBLZX        at(p), DX          \
	VBROADCASTI128 (BX)(DX*1), table  \
	VPSHUFB        Y12, table, Y14    \
	VPSHUFB        Y13, table, Y15    \
	VPADDB         Y14, a0, a0        \
	VPADDB         Y15, a1, a1

#define STEP4(at) \
	VMOVDQU (64*at)(SI), Y12     \
	VMOVDQU (64*at+32)(SI), Y13  \
	PIXEL(at, R8, Y8, Y0, Y1)    \
	PIXEL(at, R9, Y9, Y2, Y3)    \
	PIXEL(at, R10, Y10, Y4, Y5)  \
	PIXEL(at, R11, Y11, Y6, Y7)

#define STEP1(at) \
	VMOVDQU (64*at)(SI), Y12     \
	VMOVDQU (64*at+32)(SI), Y13  \
	PIXEL(at, R8, Y8, Y0, Y1)

// FLUSH adds a register of bytes to 32 sums of 16 bits; Y15 is 0.
#define FLUSH(acc, at) \
	VPUNPCKLBW Y15, acc, Y14         \
	VPADDW     at(DI), Y14, Y14      \
	VMOVDQU    Y14, at(DI)           \
	VPUNPCKHBW Y15, acc, Y14         \
	VPADDW     (at+32)(DI), Y14, Y14 \
	VMOVDQU    Y14, (at+32)(DI)      \
	VPXOR      acc, acc, acc

#define LOAD \
	MOVQ args+0(FP), R13           \
	MOVQ nibbleArgs_a(R13), R8     \
	MOVQ nibbleArgs_panel(R13), SI \
	MOVQ nibbleArgs_words(R13), CX \
	LEAQ nibbleArgs_sums(R13), DI  \
	LEAQ differing<>(SB), BX       \
	VPXOR Y0, Y0, Y0               \
	VPXOR Y1, Y1, Y1

// WIDEN adds DX groups of 8 sums to the counts.
#define WIDEN(group) \
	MOVQ nibbleArgs_counts(R13), SI \
group:                       \
	VPMOVZXWD (DI), Y0       \
	VPADDD    (SI), Y0, Y0   \
	VMOVDQU   Y0, (SI)       \
	ADDQ      $16, DI        \
	ADDQ      $32, SI        \
	DECQ      DX             \
	JNZ       group          \
	VZEROUPPER               \
	RET

// func bgemm_4x2_avx2(args *nibbleArgs)
TEXT ·bgemm_4x2_avx2(SB), NOSPLIT, $0-8
	LOAD
	MOVQ nibbleArgs_stride(R13), DX
	LEAQ (R8)(DX*1), R9
	LEAQ (R9)(DX*1), R10
	LEAQ (R10)(DX*1), R11
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y0, 32(DI)
	VMOVDQU Y0, 64(DI)
	VMOVDQU Y0, 96(DI)
	VMOVDQU Y0, 128(DI)
	VMOVDQU Y0, 160(DI)
	VMOVDQU Y0, 192(DI)
	VMOVDQU Y0, 224(DI)
	VMOVDQU Y0, 256(DI)
	VMOVDQU Y0, 288(DI)
	VMOVDQU Y0, 320(DI)
	VMOVDQU Y0, 352(DI)
	VMOVDQU Y0, 384(DI)
	VMOVDQU Y0, 416(DI)
	VMOVDQU Y0, 448(DI)
	VMOVDQU Y0, 480(DI)

bytes:
	MOVQ $7, AX // 7*8 nibbles count to 224
	CMPQ CX, AX
	CMOVQLT CX, AX
	SUBQ AX, CX

	PCALIGN $64
word:
	STEP4(0)
	STEP4(1)
	STEP4(2)
	STEP4(3)
	STEP4(4)
	STEP4(5)
	STEP4(6)
	STEP4(7)
	ADDQ $512, SI
	ADDQ $8, R8
	ADDQ $8, R9
	ADDQ $8, R10
	ADDQ $8, R11
	DECQ AX
	JNZ  word

	VPXOR Y15, Y15, Y15
	FLUSH(Y0, 0)
	FLUSH(Y1, 64)
	FLUSH(Y2, 128)
	FLUSH(Y3, 192)
	FLUSH(Y4, 256)
	FLUSH(Y5, 320)
	FLUSH(Y6, 384)
	FLUSH(Y7, 448)
	TESTQ CX, CX
	JNZ   bytes
	MOVQ  $32, DX
	WIDEN(group4)

// func bgemm_1x2_avx2(args *nibbleArgs)
TEXT ·bgemm_1x2_avx2(SB), NOSPLIT, $0-8
	LOAD
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y0, 32(DI)
	VMOVDQU Y0, 64(DI)
	VMOVDQU Y0, 96(DI)

bytes:
	MOVQ $7, AX
	CMPQ CX, AX
	CMOVQLT CX, AX
	SUBQ AX, CX

	PCALIGN $64
word:
	STEP1(0)
	STEP1(1)
	STEP1(2)
	STEP1(3)
	STEP1(4)
	STEP1(5)
	STEP1(6)
	STEP1(7)
	ADDQ $512, SI
	ADDQ $8, R8
	DECQ AX
	JNZ  word

	VPXOR Y15, Y15, Y15
	FLUSH(Y0, 0)
	FLUSH(Y1, 64)
	TESTQ CX, CX
	JNZ   bytes
	MOVQ  $8, DX
	WIDEN(group1)

// NIBBLES makes two bytes, 16 times the nibble, of the byte in each 16-bit lane of x.
#define NIBBLES(x, y, mask) \
	VPSLLW $4, x, y   \
	VPSLLW $8, x, x   \
	VPOR   x, y, x    \
	VPAND  mask, x, x

// func nibbles_avx2(b *block, dst *byte, pixels int)
TEXT ·nibbles_avx2(SB), NOSPLIT, $0-24
	MOVQ b+0(FP), R13
	MOVQ dst+8(FP), DI
	MOVQ pixels+16(FP), R12
	MOVQ block_A(R13), R8
	MOVQ block_Pixels(R13), R9
	MOVL $0xf0f0f0f0, AX
	VMOVD AX, X4
	VPBROADCASTD X4, Y4

pixel:
	MOVQ (R9), SI
	LEAQ (R8)(SI*4), SI
	MOVQ block_Runs(R13), R10
	MOVQ (block_Runs+8)(R13), R11

run:
	MOVQ (R10), AX
	LEAQ (SI)(AX*4), AX
	MOVQ block_RunWords(R13), CX
	SUBQ $4, CX
	JLT  few

four:
	VPMOVZXBW (AX), Y0
	NIBBLES(Y0, Y1, Y4)
	VMOVDQU Y0, (DI)
	ADDQ $16, AX
	ADDQ $32, DI
	SUBQ $4, CX
	JGE  four

few:
	ADDQ $4, CX
	JZ   ran

one:
	VMOVD (AX), X0
	VPMOVZXBW X0, X0
	NIBBLES(X0, X1, X4)
	VMOVQ X0, (DI)
	ADDQ $4, AX
	ADDQ $8, DI
	DECQ CX
	JNZ  one

ran:
	ADDQ $8, R10
	DECQ R11
	JNZ  run
	ADDQ $8, R9
	DECQ R12
	JNZ  pixel
	VZEROUPPER
	RET
