// Tiles of 6 or 1 rows by 16 to 64 columns with AVX-512: an accumulator for each row
// and 16 columns, weights loaded once for all rows, a number of a row broadcast for
// all columns. The 6x64 loop has 24 fused multiply-adds, 4 loads and 6 broadcasts
// for each k: 12 cycles with two FMA units.
//
//	DI arguments     SI weights       AX runs    BX runs left
//	R8-R13 rows      DX run length    CX i       R15 bytes of the offsets of rows done
//	Z0-Z23 accumulators, row-major    Z24-Z27 weights    Z28-Z29 broadcasts

// BEGIN and TILE start a call and a tile; TILE tests for a bias, in CX. NEXT, with 8 for
// each row of a tile, goes on to the next tile: JLT if there is one.
#define BEGIN \
	MOVQ a+0(FP), DI \
	XORQ R15, R15

#define TILE \
	MOVQ gemmArgs_w(DI), SI      \
	MOVQ gemmArgs_runs(DI), AX   \
	MOVQ gemmArgs_count(DI), BX  \
	MOVQ gemmArgs_runLen(DI), DX \
	MOVQ gemmArgs_bias(DI), CX   \
	TESTQ CX, CX

#define NEXT(bytes) \
	ADDQ bytes, R15 \
	CMPQ R15, gemmArgs_rows(DI)

// RUN leaves the start of a run of a row whose offset is 0 in CX, and the offsets of
// the tile's rows at R14.
#define RUN \
	MOVQ (AX), R14               \
	MOVQ gemmArgs_src(DI), CX    \
	LEAQ (CX)(R14*4), CX         \
	MOVQ gemmArgs_in(DI), R14    \
	ADDQ R15, R14

#define ROW(r, reg) \
	MOVQ 8*r(R14), reg \
	LEAQ (CX)(reg*4), reg

#define ROWS6 \
	RUN         \
	ROW(0, R8)  \
	ROW(1, R9)  \
	ROW(2, R10) \
	ROW(3, R11) \
	ROW(4, R12) \
	ROW(5, R13)

#define ROWS1 \
	RUN \
	ROW(0, R8)

// OUTS prepares for OUT, which leaves where a row of the result is in R14.
#define OUTS \
	MOVQ gemmArgs_dst(DI), CX \
	MOVQ gemmArgs_out(DI), R8 \
	ADDQ R15, R8

#define OUT(r) \
	MOVQ 8*r(R8), R14 \
	LEAQ (CX)(R14*4), R14

#define LOAD4(base, a, b, c, d) \
	VMOVUPS (base), a    \
	VMOVUPS 64(base), b  \
	VMOVUPS 128(base), c \
	VMOVUPS 192(base), d
#define LOAD3(base, a, b, c) \
	VMOVUPS (base), a   \
	VMOVUPS 64(base), b \
	VMOVUPS 128(base), c
#define LOAD2(base, a, b) \
	VMOVUPS (base), a \
	VMOVUPS 64(base), b
#define LOAD1(base, a) VMOVUPS (base), a

#define COPY4(a, b, c, d) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b \
	VMOVAPS Z2, c \
	VMOVAPS Z3, d
#define COPY3(a, b, c) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b \
	VMOVAPS Z2, c
#define COPY2(a, b) \
	VMOVAPS Z0, a \
	VMOVAPS Z1, b
#define COPY1(a) VMOVAPS Z0, a

#define FMA4(row, t, a, b, c, d) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b      \
	VFMADD231PS  Z26, t, c      \
	VFMADD231PS  Z27, t, d
#define FMA3(row, t, a, b, c) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b      \
	VFMADD231PS  Z26, t, c
#define FMA2(row, t, a, b) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a      \
	VFMADD231PS  Z25, t, b
#define FMA1(row, t, a) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMITS \
	VBROADCASTSS gemmArgs_min(DI), Z28 \
	VBROADCASTSS gemmArgs_max(DI), Z29
#define LIMIT(a) \
	VMAXPS a, Z28, a \
	VMINPS a, Z29, a

#define STORE4(a, b, c, d) \
	LIMIT(a)            \
	LIMIT(b)            \
	LIMIT(c)            \
	LIMIT(d)            \
	VMOVUPS a, (R14)    \
	VMOVUPS b, 64(R14)  \
	VMOVUPS c, 128(R14) \
	VMOVUPS d, 192(R14)
#define STORE3(a, b, c) \
	LIMIT(a)           \
	LIMIT(b)           \
	LIMIT(c)           \
	VMOVUPS a, (R14)   \
	VMOVUPS b, 64(R14) \
	VMOVUPS c, 128(R14)
#define STORE2(a, b) \
	LIMIT(a)         \
	LIMIT(b)         \
	VMOVUPS a, (R14) \
	VMOVUPS b, 64(R14)
#define STORE1(a) \
	LIMIT(a) \
	VMOVUPS a, (R14)
