// What the kernels of Bsign share: registers, and the choice of a loop.
//
// AX args, DI dst row, SI src row, R8 t, R9 flip, CX rows, R10 words, R11 and R12 byte
// strides.

// ARGUMENTS loads the registers, and t into y if all channels share it, and goes to same,
// or to plain if no channel is negated.
#define ARGUMENTS(y) \
	MOVQ  signArgs_dst(AX), DI       \
	MOVQ  signArgs_src(AX), SI       \
	MOVQ  signArgs_t(AX), R8         \
	MOVQ  signArgs_flip(AX), R9      \
	MOVQ  signArgs_rows(AX), CX      \
	MOVQ  signArgs_words(AX), R10    \
	MOVQ  signArgs_dstStride(AX), R11 \
	MOVQ  signArgs_srcStride(AX), R12 \
	VBROADCASTSS signArgs_same(AX), y \
	TESTQ R8, R8                     \
	JZ    same                       \
	TESTQ R9, R9                     \
	JZ    plain

// INVERTED goes to a label if the result is to be turned around.
#define INVERTED(label) \
	CMPQ signArgs_invert(AX), $0 \
	JNE  label
