// Pools on the walk of pixels_amd64.h: V12 is the first sum, V13 the divisor.

#define NONE
#define KEEP(sum)
#define NOVECTOR(at)
#define FIRST(at, v) VMOVAPS V12, v

// LOWEST is -Inf.
#define LOWEST \
	MOVL $0xff800000, AX \
	VMOVD AX, X12        \
	VBROADCASTSS X12, V12

#define DIVISOR \
	VBROADCASTSS pixelArgs_divisor(DI), V13 \
	VXORPS V12, V12, V12

#define PLUS(base, sum, x, t, k) VADDPS (base)(AX*4), sum, sum
#define DIVIDE(sum) VDIVPS V13, sum, sum
