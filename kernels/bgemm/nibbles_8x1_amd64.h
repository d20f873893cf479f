// The look-up kernels of 4 pairs of pixels and one vector of channels. The including
// file names its registers, beside what nibbles_amd64.h asks for: LOWS0-LOWS3 and
// HIGHS0-HIGHS3 of the cells, C0-C2 for nibbles of the channels, T0-T2, MASK for 0x0f in
// each byte and EVEN for 0x00ff in each 16 bits. TABLE loads 16 bytes to all lanes.

#define LOOK(nibble, pair, channels, x) \
	OFFSET(nibble, pair)  \
	TABLE (BX)(DX*1), x   \
	VPSHUFB channels, x, x

// CHANNELS loads three nibbles of the channels, TRIPLE counts them for a pair of pixels.
#define CHANNELS \
	MOVE (SI), C0             \
	MOVE VECTOR(SI), C1       \
	MOVE (2*VECTOR)(SI), C2

#define TRIPLE(pair, lows, highs) \
	LOOK(0, pair, C0, T0)           \
	LOOK(1, pair, C1, T1)           \
	LOOK(2, pair, C2, T2)           \
	VPADDB T1, T0, T0               \
	VPADDB T2, T0, T0               \
	SPLIT(T0, T1, MASK, lows, highs)

#define MASKS \
	VPBROADCASTD lowNibbles<>(SB), MASK \
	VPBROADCASTD evenBytes<>(SB), EVEN

// FLUSH1 and FLUSH4 do one and four pairs.
#define FLUSH1(SUMS) FLUSH(SUMS, LOWS0, HIGHS0, EVEN, T0, 0, 128)

#define FLUSH4(SUMS) \
	FLUSH1(SUMS)                                     \
	FLUSH(SUMS, LOWS1, HIGHS1, EVEN, T0, 256, 384)   \
	FLUSH(SUMS, LOWS2, HIGHS2, EVEN, T0, 512, 640)   \
	FLUSH(SUMS, LOWS3, HIGHS3, EVEN, T0, 768, 896)

#define TILES8(tile, bytes, triple, more, flushed) \
	START                        \
	MASKS                        \
tile:                            \
	TILE                         \
	PAIR(R8, R9)                 \
	PAIR(R9, R10)                \
	PAIR(R10, R11)               \
	CLEAR(LOWS0, HIGHS0)         \
	CLEAR(LOWS1, HIGHS1)         \
	CLEAR(LOWS2, HIGHS2)         \
	CLEAR(LOWS3, HIGHS3)         \
bytes:                           \
	BYTES                        \
	PCALIGN $64                  \
triple:                          \
	CHANNELS                     \
	TRIPLE(R8, LOWS0, HIGHS0)    \
	TRIPLE(R9, LOWS1, HIGHS1)    \
	TRIPLE(R10, LOWS2, HIGHS2)   \
	TRIPLE(R11, LOWS3, HIGHS3)   \
	NEXT(3*VECTOR, triple)       \
	ROUND(FLUSH4, bytes, more, flushed) \
	FINISH(4, R11, tile)

#define TILES2(tile, bytes, triple, more, flushed) \
	START                      \
	MASKS                      \
tile:                          \
	TILE                       \
	CLEAR(LOWS0, HIGHS0)         \
bytes:                         \
	BYTES                      \
	PCALIGN $64                \
triple:                        \
	CHANNELS                   \
	TRIPLE(R8, LOWS0, HIGHS0)  \
	NEXT(3*VECTOR, triple)     \
	ROUND(FLUSH1, bytes, more, flushed) \
	FINISH(1, R8, tile)
