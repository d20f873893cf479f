// STORE is the body of a function that makes results of rows of sums, as storeArgs says.
// LIMITS loads the limits and the zero point; RESULT makes a vector of bytesOfSums from the
// sums at SI, and writes it at DI in bytesOfResults; LAST does so for the last of a row.
//
//	SI sums    DI results    R8 scales    R9 addends    DX vectors left
//	AX rows left    R10 offset of the channel
#define STORE(LIMITS, RESULT, LAST, bytesOfSums, bytesOfResults) \
	MOVQ a+0(FP), BX               \
	LIMITS                         \
	MOVQ storeArgs_rows(BX), AX    \
	MOVQ storeArgs_sums(BX), R11   \
	MOVQ storeArgs_dst(BX), R12    \
	MOVQ storeArgs_scale(BX), R8   \
	MOVQ storeArgs_add(BX), R9     \
row:                               \
	MOVQ R11, SI                   \
	MOVQ R12, DI                   \
	XORQ R10, R10                  \
	MOVQ storeArgs_vectors(BX), DX \
	JMP  next                      \
vector:                            \
	RESULT                         \
	ADDQ $bytesOfSums, SI          \
	ADDQ $bytesOfSums, R10         \
	ADDQ $bytesOfResults, DI       \
next:                              \
	DECQ DX                        \
	JNZ  vector                    \
	LAST                           \
	ADDQ storeArgs_width(BX), R11  \
	ADDQ storeArgs_stride(BX), R12 \
	DECQ AX                        \
	JNZ  row                       \
	VZEROUPPER                     \
	RET
