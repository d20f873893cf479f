// Vectors of 8 or 16 numbers become bytes.

// LIMITED makes int32 of the floats in v, within limits, and adds a zero point. A NaN becomes
// the second operand of VMAXPS, written first.
#define LIMITED(v, lo, hi, zero) \
	VMAXPS    lo, v, v   \
	VMINPS    hi, v, v   \
	VCVTPS2DQ v, v       \
	VPADDD    zero, v, v

// BYTES8 makes bytes of the int32 in y, low in x. ones has 255 in each int32.
#define BYTES8(y, x, t, ones) \
	VPAND        ones, y, y \
	VPACKUSDW    y, y, y    \
	VPACKUSWB    y, y, y    \
	VEXTRACTI128 $1, y, t   \
	VPUNPCKLDQ   t, x, x

// ONES sets each int32 to 255.
#define ONES(y) \
	VPCMPEQD y, y, y   \
	VPSRLD   $24, y, y
