package exporter

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// operandIn gives operand i of an elementwise operator with a result of the given rank and
// form: one of lower rank is put in its place.
func (c *call) operandIn(i, rank int, f form) *value {
	t := c.in[i]
	switch {
	case f == plain || rank < 3 || t.rank == 0 || t.rank == 1 && t.Shape[0] == 1:
		return c.value(t, plain)
	case t.rank >= rank:
		return c.value(t, f)
	}
	// The axes of t are the last ones of the result.
	missing := rank - t.rank
	perm := f.perm(rank)
	if t.constant {
		shape := append(slices.Repeat([]int{1}, missing), t.Shape...)
		k := t.forms[plain].value.constant.reshaped(shape...).transposed(perm)
		lead := 0
		for lead < rank-1 && k.shape[lead] == 1 {
			lead++
		}
		return &value{hint: t.Name, constant: k.reshaped(k.shape[lead:]...)}
	}
	var axes []int
	for axis := range missing {
		axes = append(axes, axis)
	}
	role := fmt.Sprint("operand", i)
	v := c.emit(role, "Unsqueeze", []*value{c.value(t, plain), c.shape(axes)})
	return c.transposed(c.op.Name+"/"+role+"_first", v, perm)
}

// elementwise makes the first result of all operands, in the form that they have. That of
// constants, such as stored weights, is made in the form that is asked for.
func (c *call) elementwise(build func(in []*value) *value) error {
	out := c.out[0]
	make := func(f form) *value {
		var in []*value
		for i := range c.in {
			if c.in[i] == nil {
				in = append(in, nil)
				continue
			}
			in = append(in, c.operandIn(i, out.rank, f))
		}
		return build(in)
	}
	out.fixed = !slices.ContainsFunc(c.in, func(t *tensor) bool { return t != nil && !t.fixed })
	if !out.fixed {
		f := follows(c.in...)
		out.set(f, make(f))
		return nil
	}
	for _, f := range []form{plain, first} {
		out.later(f, func() *value { return make(f) })
	}
	return nil
}

// unaryForm is ONNX's operator of a function, with the names of its parameters.
type unaryForm struct{ op, alpha, beta string }

var unaryForms = map[schema.UnaryKind]unaryForm{
	schema.Relu: {op: "Relu"}, schema.LeakyRelu: {op: "LeakyRelu", alpha: "alpha"},
	schema.Sigmoid: {op: "Sigmoid"}, schema.HardSigmoid: {"HardSigmoid", "alpha", "beta"}, schema.Tanh: {op: "Tanh"},
	schema.Neg: {op: "Neg"}, schema.Abs: {op: "Abs"}, schema.Sqrt: {op: "Sqrt"}, schema.Exp: {op: "Exp"}, schema.Log: {op: "Log"},
	schema.Round: {op: "Round"}, schema.Sign: {op: "Sign"}, schema.Not: {op: "Not"},
	schema.Floor: {op: "Floor"}, schema.Ceil: {op: "Ceil"}, schema.Reciprocal: {op: "Reciprocal"}, schema.Erf: {op: "Erf"},
	schema.Sin: {op: "Sin"}, schema.Cos: {op: "Cos"}, schema.Tan: {op: "Tan"}, schema.Asin: {op: "Asin"}, schema.Acos: {op: "Acos"},
	schema.Atan: {op: "Atan"}, schema.Sinh: {op: "Sinh"}, schema.Cosh: {op: "Cosh"}, schema.Asinh: {op: "Asinh"},
	schema.Acosh: {op: "Acosh"}, schema.Atanh: {op: "Atanh"}, schema.Softplus: {op: "Softplus"}, schema.Softsign: {op: "Softsign"},
	schema.Elu: {op: "Elu", alpha: "alpha"}, schema.Selu: {"Selu", "alpha", "gamma"}, schema.Celu: {op: "Celu", alpha: "alpha"},
	schema.HardSwish: {op: "HardSwish"}, schema.ThresholdedRelu: {op: "ThresholdedRelu", alpha: "alpha"},
	schema.Shrink: {"Shrink", "lambd", "bias"}, schema.Mish: {op: "Mish"},
}

func exportUnary(c *call) error {
	o, err := options[*schema.UnaryOptions](c)
	if err != nil {
		return err
	}
	d := c.out[0].DType
	return c.elementwise(func(in []*value) *value {
		switch o.Kind {
		case schema.Clip:
			return c.clamped("", in[0], schema.Clamp{Min: o.Alpha, Max: o.Beta})
		case schema.Gelu:
			return c.gelu(in[0], d, func(x *value) *value {
				return c.emit("erf", "Erf", []*value{c.emit("scaled", "Mul", []*value{x, c.number(d, math.Sqrt2/2)})})
			})
		case schema.GeluTanh:
			return c.gelu(in[0], d, func(x *value) *value {
				cube := c.emit("cube", "Pow", []*value{x, c.number(d, 3)})
				sum := c.emit("sum", "Add", []*value{x, c.emit("part", "Mul", []*value{cube, c.number(d, 0.044715)})})
				return c.emit("tanh", "Tanh", []*value{c.emit("scaled", "Mul", []*value{sum, c.number(d, math.Sqrt(2/math.Pi))})})
			})
		case schema.Swish:
			return c.emit("", "Mul", []*value{in[0], c.emit("sigmoid", "Sigmoid", in)})
		}
		form := unaryForms[o.Kind]
		var attrs []*onnxpb.AttributeProto
		if form.alpha != "" {
			attrs = append(attrs, float(form.alpha, o.Alpha))
		}
		if form.beta != "" {
			attrs = append(attrs, float(form.beta, o.Beta))
		}
		return c.emit("", form.op, in, attrs...)
	})
}

// gelu is x/2 times 1 plus what inner makes of x. ONNX has the function from opset 20 on.
func (c *call) gelu(x *value, d schema.DType, inner func(x *value) *value) *value {
	factor := c.emit("factor", "Add", []*value{inner(x), c.number(d, 1)})
	half := c.emit("half", "Mul", []*value{x, c.number(d, 0.5)})
	return c.emit("", "Mul", []*value{half, factor})
}

// clamped limits a float32 value; without limits it is the value itself.
func (c *call) clamped(role string, v *value, k schema.Clamp) *value {
	switch {
	case k == schema.NoClamp && role != "":
		return v
	case k == schema.Clamp{Max: schema.NoClamp.Max}:
		return c.emit(role, "Relu", []*value{v})
	}
	in := []*value{v, nil, nil}
	if k.Min != schema.NoClamp.Min {
		in[1] = c.number(schema.Float32, float64(k.Min))
	}
	if k.Max != schema.NoClamp.Max {
		in[2] = c.number(schema.Float32, float64(k.Max))
	}
	return c.emit(role, "Clip", in)
}

var binaryForms = map[schema.BinaryKind]string{
	schema.Add: "Add", schema.Sub: "Sub", schema.Mul: "Mul", schema.Div: "Div", schema.Pow: "Pow", schema.Min: "Min", schema.Max: "Max",
	schema.PRelu: "PRelu", schema.Greater: "Greater", schema.GreaterOrEqual: "GreaterOrEqual", schema.Less: "Less",
	schema.LessOrEqual: "LessOrEqual", schema.Equal: "Equal", schema.And: "And", schema.Or: "Or", schema.Xor: "Xor",
	schema.Mod: "Mod", schema.Fmod: "Mod", schema.BitAnd: "BitwiseAnd", schema.BitOr: "BitwiseOr", schema.BitXor: "BitwiseXor",
	schema.ShiftLeft: "BitShift", schema.ShiftRight: "BitShift",
}

func exportBinary(c *call) error {
	o, err := options[*schema.BinaryOptions](c)
	if err != nil {
		return err
	}
	var attrs []*onnxpb.AttributeProto
	switch o.Kind {
	case schema.Fmod:
		attrs = append(attrs, integer("fmod", 1))
	case schema.ShiftLeft:
		attrs = append(attrs, text("direction", "LEFT"))
	case schema.ShiftRight:
		attrs = append(attrs, text("direction", "RIGHT"))
	}
	return c.elementwise(func(in []*value) *value {
		if unsigned, ok := unsignedOf[c.in[0].DType]; ok && len(attrs) > 0 && o.Kind != schema.Fmod {
			return c.shifted(o.Kind, in[0], in[1], unsigned, attrs...)
		}
		return c.emit("", binaryForms[o.Kind], in, attrs...)
	})
}

// unsignedOf has the types that ONNX shifts for those that it does not.
var unsignedOf = map[schema.DType]schema.DType{schema.Int32: schema.Uint32, schema.Int64: schema.Uint64}

// shifted shifts signed integers as unsigned ones. To the right a negative number is
// inverted before and after, so that ones come in.
func (c *call) shifted(kind schema.BinaryKind, x, n *value, unsigned schema.DType, attrs ...*onnxpb.AttributeProto) *value {
	signed := c.in[0].DType
	count := c.cast("count", n, unsigned)
	shift := func(role string, v *value) *value {
		v = c.emit(role+"shift", "BitShift", []*value{c.cast(role+"unsigned", v, unsigned), count}, attrs...)
		return c.cast(role+"signed", v, signed)
	}
	if kind == schema.ShiftLeft {
		return shift("", x)
	}
	negative := c.emit("negative", "Less", []*value{x, c.number(signed, 0)})
	inverted := c.emit("ones", "BitwiseNot", []*value{shift("inverted_", c.emit("inverted", "BitwiseNot", []*value{x}))})
	return c.emit("", "Where", []*value{negative, inverted, shift("", x)})
}

func exportSelect(c *call) error {
	return c.elementwise(func(in []*value) *value { return c.emit("", "Where", in) })
}

func exportCast(c *call) error {
	o, err := options[*schema.CastOptions](c)
	if err != nil {
		return err
	}
	return c.elementwise(func(in []*value) *value { return c.cast("", in[0], o.To) })
}
