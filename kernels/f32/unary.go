package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// UnaryFunc computes dst[i] from src[i]. Both have the same length and may be the
// same memory.
type UnaryFunc[T any] func(dst, src []T)

// Unary applies a function to every element.
type Unary[T any] struct {
	fn       UnaryFunc[T]
	spread   move.Spread
	dst, src []T
}

// NewUnary makes a kernel for count elements. weight is the cost of one, in copies.
func NewUnary[T any](fn UnaryFunc[T], count, weight int) *Unary[T] {
	return &Unary[T]{fn: fn, spread: move.NewSpread(1, count, weight, 64)}
}

// Run computes dst from src; they may be the same memory.
func (u *Unary[T]) Run(p *parallel.Pool, dst, src []T) {
	u.dst, u.src = dst, src
	p.Run(u.spread.Tiles(), u)
	u.dst, u.src = nil, nil
}

// Tile computes some elements.
func (u *Unary[T]) Tile(i, _ int) {
	_, _, lo, hi := u.spread.Tile(i)
	u.fn(u.dst[lo:hi], u.src[lo:hi])
}

// LeakyRelu multiplies negative values by alpha.
func LeakyRelu(alpha float32) UnaryFunc[float32] {
	return func(dst, src []float32) {
		dst = dst[:len(src)]
		for i, v := range src {
			if v < 0 {
				v *= alpha
			}
			dst[i] = v
		}
	}
}

// Clip limits values to [lo, hi]; if lo is above hi, hi wins. NaN stays NaN, and a zero
// that equals a bound takes its sign.
func Clip(lo, hi float32) UnaryFunc[float32] {
	return func(dst, src []float32) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = clamp(v, lo, hi)
		}
	}
}

func clamp(v, lo, hi float32) float32 {
	if v <= lo {
		v = lo
	}
	if v >= hi {
		v = hi
	}
	return v
}

// HardSigmoid is alpha*x + beta limited to [0, 1]. NaN stays NaN.
func HardSigmoid(alpha, beta float32) UnaryFunc[float32] {
	return func(dst, src []float32) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = clamp(float32(alpha*v)+beta, 0, 1)
		}
	}
}

// HardSwish is x times the HardSigmoid of x.
func HardSwish(alpha, beta float32) UnaryFunc[float32] {
	return func(dst, src []float32) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = v * clamp(float32(alpha*v)+beta, 0, 1)
		}
	}
}

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

// Swish is x times the Sigmoid of x.
func Swish(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(MathSwish(float64(v)))
	}
}

// Mish is x times the hyperbolic tangent of its Softplus.
func Mish(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(MathMish(float64(v)))
	}
}

// Tanh is the hyperbolic tangent.
func Tanh(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}

// Exp is e to the x.
func Exp(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

// Log is the natural logarithm.
func Log(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Log(float64(v)))
	}
}

// Sqrt is the square root.
func Sqrt(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Sqrt(float64(v)))
	}
}

// Round rounds to the nearest integer, ties to even.
func Round(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.RoundToEven(float64(v)))
	}
}

// Floor rounds down.
func Floor(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Floor(float64(v)))
	}
}

// Ceil rounds up.
func Ceil(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(math.Ceil(float64(v)))
	}
}

// Reciprocal is 1/x.
func Reciprocal(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = 1 / v
	}
}

// Softsign is x/(1+|x|).
func Softsign(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(MathSoftsign(float64(v)))
	}
}

// ThresholdedRelu is x above alpha, else 0.
func ThresholdedRelu(alpha float32) UnaryFunc[float32] {
	return func(dst, src []float32) {
		dst = dst[:len(src)]
		for i, v := range src {
			if !(v > alpha) {
				v = 0
			}
			dst[i] = v
		}
	}
}

// Not turns 0 into 1 and anything else into 0.
func Not(dst, src []uint8) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = truth(v == 0)
	}
}

// Neg is -x; the lowest integer stays as it is.
func Neg[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = -v
	}
}

// Abs is the absolute value; the lowest integer stays as it is.
func Abs[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		if v <= 0 {
			v = 0 - v // also makes 0 of -0
		}
		dst[i] = v
	}
}

// AbsFloat is the absolute value of floats.
func AbsFloat(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
	}
}

// Sign is -1, 0 or 1; zeros and NaN stay as they are.
func Sign[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		switch {
		case v > 0:
			v = 1
		case v < 0:
			var zero T
			v = zero - 1
		}
		dst[i] = v
	}
}

func truth(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
