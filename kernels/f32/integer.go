package f32

import "math"

// Integer is an element type of functions on bits.
type Integer interface {
	int32 | int64 | uint64
}

// Xor is whether one operand is 0 and the other is not.
func Xor(dst, a, b []uint8) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth((a[i] != 0) != (b[i] != 0))
	}
	return true
}

// Mod is the remainder of integers with the sign of the divisor. Division by zero is not
// defined.
func Mod[T Integer](dst, a, b []T) bool {
	ok := FmodInt(dst, a, b)
	for i, v := range b[:len(dst)] {
		if r := dst[i]; r != 0 && (r < 0) != (v < 0) {
			dst[i] = r + v
		}
	}
	return ok
}

// FmodInt is the remainder of integers with the sign of the dividend. Division by zero
// is not defined.
func FmodInt[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	ok := true
	for i := range dst {
		if b[i] == 0 {
			dst[i], ok = 0, false
			continue
		}
		dst[i] = a[i] % b[i]
	}
	return ok
}

// Fmod is the remainder of floats with the sign of the dividend.
func Fmod[T float32 | float64](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = T(math.Mod(float64(a[i]), float64(b[i])))
	}
	return true
}

// BitAnd is the bits that both operands have.
func BitAnd[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] & b[i]
	}
	return true
}

// BitOr is the bits that an operand has.
func BitOr[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] | b[i]
	}
	return true
}

// BitXor is the bits that one operand has.
func BitXor[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] ^ b[i]
	}
	return true
}

// ShiftLeft moves bits up; a negative count moves all of them out.
func ShiftLeft[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] << uint64(b[i])
	}
	return true
}

// ShiftRight moves bits down; a negative count moves all of them out.
func ShiftRight[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] >> uint64(b[i])
	}
	return true
}
