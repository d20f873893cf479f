// Vectors of 16 columns with AVX-512: sums in Z0-Z23, up to 4 vectors for each row,
// weights in Z24-Z27, numbers of rows in Z28 and Z29. K1 has the columns of the last
// vector that exist. Operations on a row take its index, its register, a temporary and
// its sums.

#define PREPARE KMOVW gemmArgs_mask(DI), K1

#define EACH1(DO) DO(0, R8, Z28, Z0, Z1, Z2, Z3)

#define EACH2(DO) \
	DO(0, R8, Z28, Z0, Z1, Z2, Z3)      \
	DO(1, R9, Z29, Z4, Z5, Z6, Z7)

#define EACH4(DO) \
	EACH2(DO)                           \
	DO(2, R10, Z28, Z8, Z9, Z10, Z11)   \
	DO(3, R11, Z29, Z12, Z13, Z14, Z15)

#define EACH6(DO) \
	EACH4(DO)                           \
	DO(4, R12, Z28, Z16, Z17, Z18, Z19) \
	DO(5, R13, Z29, Z20, Z21, Z22, Z23)

#define WEIGHTS1 VMOVUPS (SI), Z24
#define WEIGHTS2 WEIGHTS1; VMOVUPS 64(SI), Z25
#define WEIGHTS3 WEIGHTS2; VMOVUPS 128(SI), Z26
#define WEIGHTS4 WEIGHTS3; VMOVUPS 192(SI), Z27

#define BIAS1 VMOVUPS.Z (CX), K1, Z24
#define BIAS2 \
	VMOVUPS   (CX), Z24 \
	VMOVUPS.Z 64(CX), K1, Z25
#define BIAS3 \
	VMOVUPS   (CX), Z24   \
	VMOVUPS   64(CX), Z25 \
	VMOVUPS.Z 128(CX), K1, Z26
#define BIAS4 \
	VMOVUPS   (CX), Z24    \
	VMOVUPS   64(CX), Z25  \
	VMOVUPS   128(CX), Z26 \
	VMOVUPS.Z 192(CX), K1, Z27

#define SET1(r, row, t, a, b, c, d) VMOVAPS Z24, a
#define SET2(r, row, t, a, b, c, d) SET1(r, row, t, a, b, c, d); VMOVAPS Z25, b
#define SET3(r, row, t, a, b, c, d) SET2(r, row, t, a, b, c, d); VMOVAPS Z26, c
#define SET4(r, row, t, a, b, c, d) SET3(r, row, t, a, b, c, d); VMOVAPS Z27, d

#define FMA1(r, row, t, a, b, c, d) \
	VBROADCASTSS (row)(CX*4), t \
	VFMADD231PS  Z24, t, a
#define FMA2(r, row, t, a, b, c, d) FMA1(r, row, t, a, b, c, d); VFMADD231PS Z25, t, b
#define FMA3(r, row, t, a, b, c, d) FMA2(r, row, t, a, b, c, d); VFMADD231PS Z26, t, c
#define FMA4(r, row, t, a, b, c, d) FMA3(r, row, t, a, b, c, d); VFMADD231PS Z27, t, d

// NaN comes through: VMAXPS and VMINPS give the first operand here if one is NaN.
#define LIMITS \
	VBROADCASTSS gemmArgs_min(DI), Z28 \
	VBROADCASTSS gemmArgs_max(DI), Z29
#define LIMIT1(r, row, t, a, b, c, d) \
	VMAXPS a, Z28, a \
	VMINPS a, Z29, a
#define LIMIT2(r, row, t, a, b, c, d) LIMIT1(r, row, t, a, b, c, d); LIMIT1(r, row, t, b, b, c, d)
#define LIMIT3(r, row, t, a, b, c, d) LIMIT2(r, row, t, a, b, c, d); LIMIT1(r, row, t, c, b, c, d)
#define LIMIT4(r, row, t, a, b, c, d) LIMIT3(r, row, t, a, b, c, d); LIMIT1(r, row, t, d, b, c, d)

#define STORE1(r, row, t, a, b, c, d) \
	RESULT(r) \
	VMOVUPS a, K1, (R14)
#define STORE2(r, row, t, a, b, c, d) \
	RESULT(r)        \
	VMOVUPS a, (R14) \
	VMOVUPS b, K1, 64(R14)
#define STORE3(r, row, t, a, b, c, d) \
	RESULT(r)          \
	VMOVUPS a, (R14)   \
	VMOVUPS b, 64(R14) \
	VMOVUPS c, K1, 128(R14)
#define STORE4(r, row, t, a, b, c, d) \
	RESULT(r)           \
	VMOVUPS a, (R14)    \
	VMOVUPS b, 64(R14)  \
	VMOVUPS c, 128(R14) \
	VMOVUPS d, K1, 192(R14)

#define LOAD1(r, row, t, a, b, c, d) \
	RESULT(r) \
	VMOVUPS.Z (R14), K1, a
#define LOAD2(r, row, t, a, b, c, d) \
	RESULT(r)        \
	VMOVUPS   (R14), a \
	VMOVUPS.Z 64(R14), K1, b
#define LOAD3(r, row, t, a, b, c, d) \
	RESULT(r)            \
	VMOVUPS   (R14), a   \
	VMOVUPS   64(R14), b \
	VMOVUPS.Z 128(R14), K1, c
#define LOAD4(r, row, t, a, b, c, d) \
	RESULT(r)             \
	VMOVUPS   (R14), a    \
	VMOVUPS   64(R14), b  \
	VMOVUPS   128(R14), c \
	VMOVUPS.Z 192(R14), K1, d
