// A run of pixels whose windows have the same taps, 4 at a time, then one; of 4 pixels a
// vector of channels at a time, of one pixel 4 vectors, then one.
//
//	DI arguments    R8 dst        R9 src of the first pixel   R10 w
//	R14, R15, R11   src of the 3 pixels or vectors after it
//	SI taps         DX taps left  AX offset in src of the channels    BX scratch
//	CX channel      R12 pixels left   R13 blocks left
//	V0-V3 sums      V4-V11 scratch
//
// The file of a kernel gives BYTES and CHANNELS of a vector, and to PIXELS what to do at
// the begin of a call, BEGIN, and of a sum, FIRST, of the vector at a byte; with a TAP, and with
// its VECTOR at a byte, before ADD takes each pixel's number of it from memory at base and AX
// into its sum; and at the END of a sum.

#define BLOCKS \
	MOVQ pixelArgs_blocks(DI), R13 \
	XORQ CX, CX

#define TAPS \
	MOVQ pixelArgs_taps(DI), SI  \
	MOVQ pixelArgs_count(DI), DX

#define NEXTTAP \
	MOVQ windowTap_src(SI), AX \
	ADDQ CX, AX

#define PIXELS(BEGIN, FIRST, TAP, VECTOR, ADD, END) \
	MOVQ a+0(FP), DI               \
	MOVQ pixelArgs_dst(DI), R8     \
	MOVQ pixelArgs_src(DI), R9     \
	MOVQ pixelArgs_w(DI), R10      \
	MOVQ pixelArgs_pixels(DI), R12 \
	BEGIN                          \
four:                                  \
	CMPQ R12, $4                   \
	JLT  one                       \
	MOVQ pixelArgs_srcStep(DI), AX \
	LEAQ (R9)(AX*1), R14           \
	LEAQ (R9)(AX*2), R15           \
	LEAQ (R14)(AX*2), R11          \
	BLOCKS                         \
fourBlocks:                            \
	TAPS                           \
	FIRST(0, V0)                   \
	VMOVAPS V0, V1                 \
	VMOVAPS V0, V2                 \
	VMOVAPS V0, V3                 \
fourTaps:                              \
	NEXTTAP                        \
	TAP                            \
	VECTOR(0)                      \
	ADDQ $windowTap__size, SI      \
	ADD(R9, V0, V4, V8, K1)        \
	ADD(R14, V1, V5, V9, K2)       \
	ADD(R15, V2, V6, V10, K3)      \
	ADD(R11, V3, V7, V11, K4)      \
	DECQ DX                        \
	JNZ  fourTaps                  \
	END(V0)                        \
	END(V1)                        \
	END(V2)                        \
	END(V3)                        \
	MOVQ pixelArgs_dstStep(DI), AX \
	LEAQ (R8)(CX*4), BX            \
	VMOVUPS V0, (BX)               \
	VMOVUPS V1, (BX)(AX*1)         \
	LEAQ (BX)(AX*2), BX            \
	VMOVUPS V2, (BX)               \
	VMOVUPS V3, (BX)(AX*1)         \
	ADDQ $CHANNELS, CX             \
	DECQ R13                       \
	JNZ  fourBlocks                \
	LEAQ (R8)(AX*4), R8            \
	MOVQ pixelArgs_srcStep(DI), AX \
	LEAQ (R9)(AX*4), R9            \
	SUBQ $4, R12                   \
	JMP  four                      \
one:                                   \
	TESTQ R12, R12                 \
	JZ   done                      \
	BLOCKS                         \
	LEAQ BYTES(R9), R14            \
	LEAQ (2*BYTES)(R9), R15        \
	LEAQ (3*BYTES)(R9), R11        \
oneBlocks:                             \
	TAPS                           \
	CMPQ R13, $4                   \
	JLT  oneBlock                  \
	FIRST(0, V0)                   \
	FIRST(BYTES, V1)               \
	FIRST((2*BYTES), V2)           \
	FIRST((3*BYTES), V3)           \
wideTaps:                              \
	NEXTTAP                        \
	TAP                            \
	ADDQ $windowTap__size, SI      \
	VECTOR(0)                      \
	ADD(R9, V0, V4, V8, K1)        \
	VECTOR(BYTES)                  \
	ADD(R14, V1, V5, V9, K2)       \
	VECTOR((2*BYTES))              \
	ADD(R15, V2, V6, V10, K3)      \
	VECTOR((3*BYTES))              \
	ADD(R11, V3, V7, V11, K4)      \
	DECQ DX                        \
	JNZ  wideTaps                  \
	END(V0)                        \
	END(V1)                        \
	END(V2)                        \
	END(V3)                        \
	VMOVUPS V0, (R8)(CX*4)         \
	VMOVUPS V1, BYTES(R8)(CX*4)    \
	VMOVUPS V2, (2*BYTES)(R8)(CX*4) \
	VMOVUPS V3, (3*BYTES)(R8)(CX*4) \
	ADDQ $(4*CHANNELS), CX         \
	SUBQ $4, R13                   \
	JNZ  oneBlocks                 \
	JMP  onePixel                  \
oneBlock:                              \
	FIRST(0, V0)                   \
oneTaps:                               \
	NEXTTAP                        \
	TAP                            \
	VECTOR(0)                      \
	ADDQ $windowTap__size, SI      \
	ADD(R9, V0, V4, V8, K1)        \
	DECQ DX                        \
	JNZ  oneTaps                   \
	END(V0)                        \
	VMOVUPS V0, (R8)(CX*4)         \
	ADDQ $CHANNELS, CX             \
	DECQ R13                       \
	JNZ  oneBlocks                 \
onePixel:                              \
	ADDQ pixelArgs_srcStep(DI), R9 \
	ADDQ pixelArgs_dstStep(DI), R8 \
	DECQ R12                       \
	JMP  one                       \
done:                                  \
	VZEROUPPER                     \
	RET

// Of a depthwise convolution: for each tap the weights are loaded into V12 once and
// multiplied by the numbers of the map in memory. V13 and V14 are the limits.

#define WEIGHTS \
	VBROADCASTSS pixelArgs_min(DI), V13 \
	VBROADCASTSS pixelArgs_max(DI), V14

#define BIAS(at, v) \
	MOVQ pixelArgs_bias(DI), BX \
	VMOVUPS at(BX)(CX*4), v

#define TAPWEIGHTS \
	MOVQ windowTap_w(SI), BX \
	ADDQ CX, BX

#define WEIGHT(at) VMOVUPS at(R10)(BX*4), V12

#define MULTIPLY(base, sum, x, t, k) VFMADD231PS (base)(AX*4), V12, sum

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMIT(sum) \
	VMAXPS sum, V13, sum \
	VMINPS sum, V14, sum
