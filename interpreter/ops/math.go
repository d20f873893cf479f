package ops

import (
	"math"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

// mathMaker makes a function from the options.
type mathMaker func(o *schema.UnaryOptions) func(float64) float64

// mathFuncs lists the functions that are computed in float64. unaryFuncs comes first for
// float32.
var mathFuncs = map[schema.UnaryKind]mathMaker{
	schema.Sigmoid: plain(f32.MathSigmoid), schema.Tanh: plain(math.Tanh),
	schema.Sqrt: plain(math.Sqrt), schema.Exp: plain(math.Exp), schema.Log: plain(math.Log),
	schema.Round: plain(math.RoundToEven), schema.Floor: plain(math.Floor), schema.Ceil: plain(math.Ceil),
	schema.Reciprocal: plain(f32.MathReciprocal), schema.Erf: plain(math.Erf),
	schema.Sin: plain(math.Sin), schema.Cos: plain(math.Cos), schema.Tan: plain(math.Tan),
	schema.Asin: plain(math.Asin), schema.Acos: plain(math.Acos), schema.Atan: plain(math.Atan),
	schema.Sinh: plain(math.Sinh), schema.Cosh: plain(math.Cosh),
	schema.Asinh: plain(math.Asinh), schema.Acosh: plain(math.Acosh), schema.Atanh: plain(math.Atanh),
	schema.Softplus: plain(f32.Softplus), schema.Softsign: plain(f32.MathSoftsign),
	schema.HardSwish: plain(f32.MathHardSwish), schema.Mish: plain(f32.MathMish),
	schema.Gelu: plain(f32.MathGelu), schema.GeluTanh: plain(f32.MathGeluTanh), schema.Swish: plain(f32.MathSwish),
	schema.Elu:             byAlpha(f32.Elu),
	schema.Celu:            byAlpha(f32.Celu),
	schema.ThresholdedRelu: byAlpha(f32.MathThresholdedRelu),
	schema.Selu:            byBoth(f32.Selu),
	schema.Shrink:          byBoth(f32.Shrink),
}

// cheapMath are functions that take about as long as an addition.
var cheapMath = map[schema.UnaryKind]bool{
	schema.Round: true, schema.Sqrt: true, schema.Floor: true, schema.Ceil: true, schema.Reciprocal: true, schema.Softsign: true,
	schema.HardSwish: true, schema.ThresholdedRelu: true, schema.Shrink: true,
}

// weightMath is the cost of a function of package math, in copies of an element.
const weightMath = 24

func plain(fn func(float64) float64) mathMaker {
	return func(*schema.UnaryOptions) func(float64) float64 { return fn }
}

func byAlpha(fn func(float64) func(float64) float64) mathMaker {
	return func(o *schema.UnaryOptions) func(float64) float64 { return fn(float64(o.Alpha)) }
}

func byBoth(fn func(alpha, beta float64) func(float64) float64) mathMaker {
	return func(o *schema.UnaryOptions) func(float64) float64 { return fn(float64(o.Alpha), float64(o.Beta)) }
}
