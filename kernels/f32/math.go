package f32

import "math"

// Erf, Gelu and GeluTanh apply math.Erf, MathGelu and MathGeluTanh.
var (
	Erf      = Math[float32](math.Erf)
	Gelu     = Math[float32](MathGelu)
	GeluTanh = Math[float32](MathGeluTanh)
)

// Math applies a function of package math, or one like these, to each element.
func Math[T float32 | float64](fn func(float64) float64) UnaryFunc[T] {
	return func(dst, src []T) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = T(fn(float64(v)))
		}
	}
}

// MathSigmoid is 1/(1+exp(-x)).
func MathSigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// MathReciprocal is 1/x.
func MathReciprocal(x float64) float64 { return 1 / x }

// Softplus is log(1+exp(x)).
func Softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// MathSoftsign is x/(1+|x|).
func MathSoftsign(x float64) float64 { return x / (1 + math.Abs(x)) }

// Elu is x where that is not negative, else alpha*(exp(x)-1).
func Elu(alpha float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < 0 {
			return alpha * math.Expm1(x)
		}
		return x
	}
}

// Selu is gamma times Elu.
func Selu(alpha, gamma float64) func(float64) float64 {
	elu := Elu(alpha)
	return func(x float64) float64 { return gamma * elu(x) }
}

// Celu is max(0, x) + min(0, alpha*(exp(x/alpha)-1)).
func Celu(alpha float64) func(float64) float64 {
	return func(x float64) float64 {
		return math.Max(x, 0) + math.Min(0, alpha*math.Expm1(x/alpha))
	}
}

// MathSwish is x times the Sigmoid of x.
func MathSwish(x float64) float64 { return x * MathSigmoid(x) }

// MathHardSwish is x times x/6 + 1/2 limited to [0, 1].
func MathHardSwish(x float64) float64 { return x * math.Max(0, math.Min(1, x/6+0.5)) }

// MathThresholdedRelu is x above alpha, else 0.
func MathThresholdedRelu(alpha float64) func(float64) float64 {
	return func(x float64) float64 {
		if x > alpha {
			return x
		}
		return 0
	}
}

// Shrink moves x by bias towards 0 where it is further than lambda from it, else it is 0.
func Shrink(lambda, bias float64) func(float64) float64 {
	return func(x float64) float64 {
		switch {
		case x < -lambda:
			return x + bias
		case x > lambda:
			return x - bias
		}
		return 0
	}
}

// MathMish is x*tanh(softplus(x)).
func MathMish(x float64) float64 { return x * math.Tanh(Softplus(x)) }

// MathGelu is x times the probability of a normal variable below x.
func MathGelu(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) }

// MathGeluTanh approximates MathGelu by a Tanh.
func MathGeluTanh(x float64) float64 {
	return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}
