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

#define BEGIN(lows, highs, at) CLEAR(lows, highs, at, at+128)
#define END(lows, highs, at) FLUSH(lows, highs, EVEN, T0, at, at+128)

#define TILES8(tile, bytes, triple) \
	START                        \
	MASKS                        \
tile:                            \
	TILE                         \
	PAIR(R8, R9)                 \
	PAIR(R9, R10)                \
	PAIR(R10, R11)               \
	BEGIN(LOWS0, HIGHS0, 0)      \
	BEGIN(LOWS1, HIGHS1, 256)    \
	BEGIN(LOWS2, HIGHS2, 512)    \
	BEGIN(LOWS3, HIGHS3, 768)    \
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
	END(LOWS0, HIGHS0, 0)        \
	END(LOWS1, HIGHS1, 256)      \
	END(LOWS2, HIGHS2, 512)      \
	END(LOWS3, HIGHS3, 768)      \
	ROUND(bytes)                 \
	FINISH(4, R11, tile)

#define TILES2(tile, bytes, triple) \
	START                      \
	MASKS                      \
tile:                          \
	TILE                       \
	BEGIN(LOWS0, HIGHS0, 0)    \
bytes:                         \
	BYTES                      \
	PCALIGN $64                \
triple:                        \
	CHANNELS                   \
	TRIPLE(R8, LOWS0, HIGHS0)  \
	NEXT(3*VECTOR, triple)     \
	END(LOWS0, HIGHS0, 0)      \
	ROUND(bytes)               \
	FINISH(1, R8, tile)
