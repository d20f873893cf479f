// The look-up kernels, of vectors of 32 or 64 channels. They count differing bits by
// table: VPSHUFB looks the nibbles of the channels up in a table for a nibble of each
// of two pixels, whose counts it holds side by side in a byte. Three such counts fit
// before they are taken apart.
//
// A cell is a pair of pixels times a vector, and has two registers. lows has the sum of
// the bytes as they are, in 16 bits: the two counts of the even byte times 1 and 16, of
// the odd one times 256 and 4096, less what overflows. highs has the counts of the
// second pixel in bytes, so that 16 times it, in 16 bits, is what lows has too much.
//
// The including file defines AND, XOR and MOVE, the instructions of its vectors, and
// VECTOR, their bytes.
//
// R8-R11: table offsets of the pairs of pixels. R12: those of the tile. R14: bytes of
// them. SI: panel. BX: tables. DI: sums. CX: triples left. AX: triples until the bytes
// may overflow. R13: args. R15: tiles left. DX: free.

DATA lowNibbles<>+0(SB)/4, $0x0f0f0f0f
GLOBL lowNibbles<>(SB), RODATA|NOPTR, $4
DATA evenBytes<>+0(SB)/4, $0x00ff00ff
GLOBL evenBytes<>(SB), RODATA|NOPTR, $4

// OFFSET gives the table of a pair's nibble of a triple at (BX)(DX*1).
#define OFFSET(nibble, pair) MOVWLZX (2*(nibble))(pair)(R14*1), DX

// SPLIT adds the counts of a triple in x to a cell.
#define SPLIT(x, y, mask, lows, highs) \
	VPSRLW $4, x, y         \
	VPADDW x, lows, lows    \
	AND    mask, y, y       \
	VPADDB y, highs, highs

// CLEAR begins a cell.
#define CLEAR(lows, highs) \
	XOR lows, lows, lows    \
	XOR highs, highs, highs

// FLUSH moves the counts of a cell to the sums of its two pixels, at low and high: first
// those of the even bytes, then those of the odd ones. even has 0x00ff in each 16 bits.
// SUMS is SET for the first round of a tile, ADD for the others.
#define FLUSH(SUMS, lows, highs, even, x, low, high) \
	VPSLLW $4, highs, x      \
	VPSUBW x, lows, lows     \
	SUMS(lows, even, x, low) \
	SUMS(highs, even, x, high)

#define SET(acc, even, x, at) \
	VPSRLW $8, acc, x            \
	MOVE   x, (at+VECTOR)(DI)    \
	AND    even, acc, acc        \
	MOVE   acc, (at)(DI)         \
	XOR    acc, acc, acc

#define ADD(acc, even, x, at) \
	VPSRLW $8, acc, x            \
	VPADDW (at+VECTOR)(DI), x, x \
	MOVE   x, (at+VECTOR)(DI)    \
	AND    even, acc, acc        \
	VPADDW (at)(DI), acc, acc    \
	MOVE   acc, (at)(DI)         \
	XOR    acc, acc, acc

// START begins a call, TILE a tile with the counters that are new in it, BYTES a round
// of triples whose counts fit bytes. NEXT ends a triple of so many bytes of panel, ROUND
// such a round, FINISH a tile of pairs of pixels.
#define START \
	MOVQ args+0(FP), R13            \
	MOVQ nibbleArgs_a(R13), R12     \
	MOVQ nibbleArgs_tables(R13), BX \
	MOVQ nibbleArgs_sums(R13), DI   \
	MOVQ nibbleArgs_tiles(R13), R15

#define TILE \
	MOVQ nibbleArgs_panel(R13), SI   \
	MOVQ nibbleArgs_triples(R13), CX \
	XORL R14, R14                    \
	MOVQ R12, R8

// PAIR finds the pair after another one.
#define PAIR(last, pair) \
	MOVQ last, pair                    \
	ADDQ nibbleArgs_stride(R13), pair

#define BYTES \
	MOVQ    $21, AX \ // 21*12 bits
	CMPQ    CX, AX  \
	CMOVQLT CX, AX  \
	SUBQ    AX, CX

#define NEXT(panel, triple) \
	ADDQ $(panel), SI \
	ADDQ $6, R14      \
	DECQ AX           \
	JNZ  triple

#define ROUND(FLUSHES, bytes, more, flushed) \
	CMPQ  R14, $(21*6) \
	JHI   more         \
	FLUSHES(SET)       \
	JMP   flushed      \
more:                  \
	FLUSHES(ADD)       \
flushed:               \
	TESTQ CX, CX       \
	JNZ   bytes

#define FINISH(pairs, last, tile) \
	MOVQ last, R12                   \
	ADDQ nibbleArgs_stride(R13), R12 \
	ADDQ $(256*(pairs)), DI          \
	DECQ R15                         \
	JNZ  tile                        \
	VZEROUPPER                       \
	RET
