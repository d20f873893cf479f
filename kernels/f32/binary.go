package f32

import (
	"errors"
	"math"
	"sync/atomic"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// BinaryFunc computes dst[i] from a[i] and b[i]. All have the same length, and dst
// may be the memory of a or b. It returns false if a result is not defined.
type BinaryFunc[A, B, R any] func(dst []R, a []A, b []B) bool

// ErrUndefined is a division of an integer by zero, or zero to a negative power.
var ErrUndefined = errors.New("integer division by zero, or zero to a negative power")

// chunk is how many copies of an element that is broadcast along a row a worker
// keeps, so that functions need to handle rows of equal length only.
const chunk = 256

// Binary applies a function to two operands with numpy broadcasting.
type Binary[A, B, R any] struct {
	fn   BinaryFunc[A, B, R]
	plan *move.Plan
	bufA [][]A // by worker
	bufB [][]B
	bad  atomic.Bool

	dst []R
	a   []A
	b   []B
}

// NewBinary makes a kernel for operands of shapes a and b that broadcast to shape.
// weight is the cost of an element, in copies.
func NewBinary[A, B, R any](fn BinaryFunc[A, B, R], shape, a, b []int, weight, threads int) *Binary[A, B, R] {
	k := &Binary[A, B, R]{fn: fn, plan: move.NewPlan(weight, shape, a, b)}
	n := min(chunk, k.plan.Inner())
	for range threads {
		if k.plan.Constant(0) {
			k.bufA = append(k.bufA, make([]A, n))
		}
		if k.plan.Constant(1) {
			k.bufB = append(k.bufB, make([]B, n))
		}
	}
	return k
}

// InPlace reports whether the result may share the memory of a.
func (k *Binary[A, B, R]) InPlace() bool { return k.plan.Whole(0) }

// Run computes dst from a and b.
func (k *Binary[A, B, R]) Run(p *parallel.Pool, dst []R, a []A, b []B) error {
	k.dst, k.a, k.b = dst, a, b
	k.bad.Store(false)
	p.Run(k.plan.Tiles(), k)
	k.dst, k.a, k.b = nil, nil, nil
	if k.bad.Load() {
		return ErrUndefined
	}
	return nil
}

// Tile computes some rows.
func (k *Binary[A, B, R]) Tile(i, worker int) {
	p := k.plan
	row, end, lo, hi := p.Tile(i)
	n := p.Inner()
	ok := true
	for ; row < end; row++ {
		dst := k.dst[row*n+lo : row*n+hi]
		atA, atB := p.Offset(0, row), p.Offset(1, row)
		constA, constB := p.Constant(0), p.Constant(1)
		if !constA && !constB {
			ok = k.fn(dst, k.a[atA+lo:atA+hi], k.b[atB+lo:atB+hi]) && ok
			continue
		}
		var a []A
		var b []B
		if constA {
			a = repeat(k.bufA[worker], k.a[atA])
		} else {
			a = k.a[atA+lo : atA+hi]
		}
		if constB {
			b = repeat(k.bufB[worker], k.b[atB])
		} else {
			b = k.b[atB+lo : atB+hi]
		}
		for len(dst) > 0 {
			m := min(chunk, len(dst))
			ok = k.fn(dst[:m], a[:m], b[:m]) && ok
			dst = dst[m:]
			if !constA {
				a = a[m:]
			}
			if !constB {
				b = b[m:]
			}
		}
	}
	if !ok {
		k.bad.Store(true)
	}
}

func repeat[T any](buf []T, v T) []T {
	for i := range buf {
		buf[i] = v
	}
	return buf
}

// Add is a + b.
func Add[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
	return true
}

// Sub is a - b.
func Sub[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
	return true
}

// Mul is a * b.
func Mul[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
	return true
}

// Div is a / b of floats.
func Div[T float32 | float64](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
	return true
}

// DivInt is a / b of integers, truncated towards zero; the lowest integer divided by
// -1 is itself. Division by zero is not defined.
func DivInt[T Integer](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	ok := true
	for i := range dst {
		if b[i] == 0 {
			dst[i], ok = 0, false
			continue
		}
		dst[i] = a[i] / b[i]
	}
	return ok
}

// Min is the smaller operand; NaN if one is.
func Min[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
	return true
}

// Max is the larger operand; NaN if one is.
func Max[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
	return true
}

// PRelu is a where a is not negative, else a*b.
func PRelu[T Number](dst, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		v := a[i]
		if v < 0 {
			v *= b[i]
		}
		dst[i] = v
	}
	return true
}

// Pow is a to the power of b, computed in float64.
func Pow[A float32 | float64, B Number](dst, a []A, b []B) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		switch x, y := float64(a[i]), float64(b[i]); y {
		case 2:
			dst[i] = A(x * x)
		case 3:
			dst[i] = A(x * x * x)
		case 0.5:
			dst[i] = A(sqrtPow(x))
		case 0.75: // of LRN
			root := sqrtPow(x)
			dst[i] = A(root * math.Sqrt(root))
		default:
			dst[i] = A(math.Pow(x, y))
		}
	}
	return true
}

// sqrtPow is math.Pow(x, 0.5): as the square root, but for -Inf and -0.
func sqrtPow(x float64) float64 {
	if math.IsInf(x, -1) {
		return math.Inf(1)
	}
	return math.Sqrt(x) + 0
}

// PowInt is an integer to the power of a number. An integer power is exact and wraps
// around; a negative one truncates towards zero, and zero to a negative power is not
// defined. A power that is a float is computed in float64 and truncated.
func PowInt[A int32 | int64, B Number](dst, a []A, b []B) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	ok := true
	for i := range dst {
		x, y := a[i], b[i]
		whole := int64(0)
		if y == y && float64(y) > -(1<<62) && float64(y) < 1<<62 {
			whole = int64(y)
		}
		switch {
		case B(whole) != y || (whole == 0 && y != 0):
			dst[i] = truncate[A](math.Pow(float64(x), float64(y)))
		case whole >= 0:
			dst[i] = power(x, whole)
		case x == 0:
			dst[i], ok = 0, false
		case x == 1 || x == -1:
			dst[i] = power(x, whole&1)
		default:
			dst[i] = 0
		}
	}
	return ok
}

// power is x to the n, by squaring.
func power[A int32 | int64](x A, n int64) A {
	r := A(1)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			r *= x
		}
		x *= x
	}
	return r
}

// truncate rounds towards zero; values out of range become the nearest value of the
// type, NaN becomes 0.
func truncate[A int32 | int64](v float64) A {
	lowest, beyond := A(math.MinInt32), float64(1<<31)
	if A(math.MaxInt32)+1 > 0 {
		long := int64(math.MinInt64)
		lowest, beyond = A(long), 1<<63
	}
	switch {
	case v != v:
		return 0
	case v <= -beyond:
		return lowest
	case v >= beyond:
		return lowest - 1 // wraps around to the largest
	}
	return A(v)
}

// Greater is a > b.
func Greater[T Number](dst []uint8, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] > b[i])
	}
	return true
}

// GreaterOrEqual is a >= b.
func GreaterOrEqual[T Number](dst []uint8, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] >= b[i])
	}
	return true
}

// Less is a < b.
func Less[T Number](dst []uint8, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] < b[i])
	}
	return true
}

// LessOrEqual is a <= b.
func LessOrEqual[T Number](dst []uint8, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] <= b[i])
	}
	return true
}

// Equal is a == b.
func Equal[T comparable](dst []uint8, a, b []T) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] == b[i])
	}
	return true
}

// And is whether neither operand is 0.
func And(dst, a, b []uint8) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] != 0 && b[i] != 0)
	}
	return true
}

// Or is whether an operand is not 0.
func Or(dst, a, b []uint8) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i]|b[i] != 0)
	}
	return true
}
