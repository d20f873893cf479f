//go:build !noasm

#include "go_asm.h"
#include "textflag.h"

// Counts differing bits by table look-up: VPSHUFB looks the nibbles of 32 channels up
// in a table for a nibble of each of two pixels, whose counts it holds side by side
// in a byte. Three such counts fit before they are taken apart.
//
// Y0-Y7: counts in bytes, pixel*2 + vector. Y8-Y10: tables. Y11-Y14: temporaries. Y15:
// 0x0f in each byte. R8, R9: table offsets of the pairs of pixels. SI: panel. BX:
// tables. DI: sums. CX: words left. AX: words until the bytes may overflow. R13: args.

// TABLE loads the table of a pair of nibbles.
#define TABLE(step, pair, table) \
	MOVWLZX        (2*(step))(pair), DX \
	VBROADCASTI128 (BX)(DX*1), table

// SPLIT adds the counts of the low nibbles to the bytes of lows, and the upper 12 bits
// of each 16 to highs: these are a high nibble, 16 times the next byte's low one, and
// 256 times its high one. HIGHS takes the sum of the one in the middle away, which
// leaves bytes.
#define SPLIT(x, y, lows, highs) \
	VPSRLW $4, x, y       \
	VPAND  Y15, x, x      \
	VPADDB x, lows, lows  \
	VPADDW y, highs, highs

#define HIGHS(lows, highs) \
	VPSRLW $8, lows, Y14     \
	VPSLLW $4, Y14, Y14      \
	VPSUBW Y14, highs, highs

// THREE counts for three steps of a pair of pixels, TWO for two.
#define THREE(step, pair, a0, a1, b0, b1) \
	TABLE(step, pair, Y8)                     \
	TABLE(step+1, pair, Y9)                   \
	TABLE(step+2, pair, Y10)                  \
	VPSHUFB (64*(step))(SI), Y8, Y11            \
	VPSHUFB (64*(step)+32)(SI), Y8, Y13         \
	VPSHUFB (64*(step+1))(SI), Y9, Y12        \
	VPSHUFB (64*(step+1)+32)(SI), Y9, Y14     \
	VPADDB  Y12, Y11, Y11                     \
	VPADDB  Y14, Y13, Y13                     \
	VPSHUFB (64*(step+2))(SI), Y10, Y12       \
	VPSHUFB (64*(step+2)+32)(SI), Y10, Y14    \
	VPADDB  Y12, Y11, Y11                     \
	VPADDB  Y14, Y13, Y13                     \
	SPLIT(Y11, Y12, a0, b0)                   \
	SPLIT(Y13, Y14, a1, b1)

#define TWO(step, pair, a0, a1, b0, b1) \
	TABLE(step, pair, Y8)                     \
	TABLE(step+1, pair, Y9)                   \
	VPSHUFB (64*(step))(SI), Y8, Y11            \
	VPSHUFB (64*(step)+32)(SI), Y8, Y13         \
	VPSHUFB (64*(step+1))(SI), Y9, Y12        \
	VPSHUFB (64*(step+1)+32)(SI), Y9, Y14     \
	VPADDB  Y12, Y11, Y11                     \
	VPADDB  Y14, Y13, Y13                     \
	SPLIT(Y11, Y12, a0, b0)                   \
	SPLIT(Y13, Y14, a1, b1)

// FLUSH adds a register of bytes to 32 sums of 16 bits; Y13 is 0.
#define FLUSH(acc, at) \
	VPUNPCKLBW Y13, acc, Y14         \
	VPADDW     at(DI), Y14, Y14      \
	VMOVDQU    Y14, at(DI)           \
	VPUNPCKHBW Y13, acc, Y14         \
	VPADDW     (at+32)(DI), Y14, Y14 \
	VMOVDQU    Y14, (at+32)(DI)      \
	VPXOR      acc, acc, acc

#define LOAD \
	MOVQ args+0(FP), R13           \
	MOVQ nibbleArgs_a(R13), R8     \
	MOVQ nibbleArgs_panel(R13), SI \
	MOVQ nibbleArgs_words(R13), CX \
	MOVQ nibbleArgs_tables(R13), BX \
	MOVQ nibbleArgs_sums(R13), DI  \
	MOVL $0x0f0f0f0f, AX           \
	VMOVD AX, X15                  \
	VPBROADCASTD X15, Y15          \
	VPXOR Y0, Y0, Y0               \
	VPXOR Y1, Y1, Y1               \
	VPXOR Y2, Y2, Y2               \
	VPXOR Y3, Y3, Y3               \
	VMOVDQU Y0, 0(DI)              \
	VMOVDQU Y0, 32(DI)             \
	VMOVDQU Y0, 64(DI)             \
	VMOVDQU Y0, 96(DI)             \
	VMOVDQU Y0, 128(DI)            \
	VMOVDQU Y0, 160(DI)            \
	VMOVDQU Y0, 192(DI)            \
	VMOVDQU Y0, 224(DI)

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
	MOVQ nibbleArgs_stride(R13), R9
	ADDQ R8, R9
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
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
	THREE(0, R8, Y0, Y1, Y2, Y3)
	THREE(0, R9, Y4, Y5, Y6, Y7)
	THREE(3, R8, Y0, Y1, Y2, Y3)
	THREE(3, R9, Y4, Y5, Y6, Y7)
	TWO(6, R8, Y0, Y1, Y2, Y3)
	TWO(6, R9, Y4, Y5, Y6, Y7)
	ADDQ $512, SI
	ADDQ $16, R8
	ADDQ $16, R9
	DECQ AX
	JNZ  word

	VPXOR Y13, Y13, Y13
	HIGHS(Y0, Y2)
	HIGHS(Y1, Y3)
	FLUSH(Y0, 0)
	FLUSH(Y1, 64)
	FLUSH(Y2, 128)
	FLUSH(Y3, 192)
	HIGHS(Y4, Y6)
	HIGHS(Y5, Y7)
	FLUSH(Y4, 256)
	FLUSH(Y5, 320)
	FLUSH(Y6, 384)
	FLUSH(Y7, 448)
	TESTQ CX, CX
	JNZ   bytes
	MOVQ  $32, DX
	WIDEN(group4)

// func bgemm_2x2_avx2(args *nibbleArgs)
TEXT ·bgemm_2x2_avx2(SB), NOSPLIT, $0-8
	LOAD

bytes:
	MOVQ $7, AX
	CMPQ CX, AX
	CMOVQLT CX, AX
	SUBQ AX, CX

	PCALIGN $64
word:
	THREE(0, R8, Y0, Y1, Y2, Y3)
	THREE(3, R8, Y0, Y1, Y2, Y3)
	TWO(6, R8, Y0, Y1, Y2, Y3)
	ADDQ $512, SI
	ADDQ $16, R8
	DECQ AX
	JNZ  word

	VPXOR Y13, Y13, Y13
	HIGHS(Y0, Y2)
	HIGHS(Y1, Y3)
	FLUSH(Y0, 0)
	FLUSH(Y1, 64)
	FLUSH(Y2, 128)
	FLUSH(Y3, 192)
	TESTQ CX, CX
	JNZ   bytes
	MOVQ  $16, DX
	WIDEN(group2)

// PAIRS makes the table offsets of 4 words of each of two pixels, X0 and X1, in Y0 and
// Y1: 16 times the nibble of the first and 256 times that of the second. X4 has 0x0f in
// each byte, X5 has 0xf0.
#define PAIRS \
	VPSRLW $4, X0, X2        \
	VPSLLW $4, X1, X3        \
	VPAND  X4, X0, X0        \
	VPAND  X4, X2, X2        \
	VPAND  X5, X3, X3        \
	VPAND  X5, X1, X1        \
	VPOR   X3, X0, X0        \
	VPOR   X1, X2, X2        \
	VPUNPCKHBW X2, X0, X1    \
	VPUNPCKLBW X2, X0, X0    \
	VPMOVZXBW X0, Y0         \
	VPMOVZXBW X1, Y1         \
	VPSLLW $4, Y0, Y0        \
	VPSLLW $4, Y1, Y1

// func nibbles_avx2(b *block, dst *uint16, pixels int)
TEXT ·nibbles_avx2(SB), NOSPLIT, $0-24
	MOVQ b+0(FP), R13
	MOVQ dst+8(FP), DI
	MOVQ pixels+16(FP), R12
	MOVQ block_Pixels(R13), R9
	MOVL $0x0f0f0f0f, AX
	VMOVD AX, X4
	VPBROADCASTD X4, X4
	VPSLLD $4, X4, X5

pair:
	MOVQ block_A(R13), DX
	MOVQ (R9), SI
	LEAQ (DX)(SI*4), SI
	MOVQ SI, R8
	CMPQ R12, $1
	JEQ  alone
	MOVQ 8(R9), R8
	LEAQ (DX)(R8*4), R8

alone:
	MOVQ block_Runs(R13), R10
	MOVQ (block_Runs+8)(R13), R11

run:
	MOVQ (R10), DX
	LEAQ (SI)(DX*4), AX
	LEAQ (R8)(DX*4), BX
	MOVQ block_RunWords(R13), CX
	SUBQ $4, CX
	JLT  few

four:
	VMOVDQU (AX), X0
	VMOVDQU (BX), X1
	PAIRS
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ $16, AX
	ADDQ $16, BX
	ADDQ $64, DI
	SUBQ $4, CX
	JGE  four

few:
	ADDQ $4, CX
	JZ   ran

one:
	VMOVD (AX), X0
	VMOVD (BX), X1
	PAIRS
	VMOVDQU X0, (DI)
	ADDQ $4, AX
	ADDQ $4, BX
	ADDQ $16, DI
	DECQ CX
	JNZ  one

ran:
	ADDQ $8, R10
	DECQ R11
	JNZ  run
	ADDQ $16, R9
	SUBQ $2, R12
	JGT  pair
	VZEROUPPER
	RET
