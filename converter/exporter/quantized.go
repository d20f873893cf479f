package exporter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

func exportQuantize(c *call) error { return c.perAxis("QuantizeLinear") }

// exportDequantize takes the zero point away before, where it is of int32: ONNX wants none
// then.
func exportDequantize(c *call) error {
	zero := c.input(2)
	if c.in[0].DType != schema.Int32 || zero == nil {
		return c.perAxis("DequantizeLinear")
	}
	if zero.rank == 1 && zero.Shape[0] != 1 {
		return fmt.Errorf("input 2, %q: zero points of int32 for several elements; want one", zero.Name)
	}
	x := c.emit("center", "Sub", []*value{c.plain(0), c.scalar(2)})
	c.out[0].set(plain, c.emit("", "Mul", []*value{c.cast("float", x, schema.Float32), c.plain(1)}))
	return nil
}

// perAxis makes the first result of operand 0, a scale and a zero point for all elements or
// for each along an axis.
func (c *call) perAxis(op string) error {
	o, err := options[*schema.QuantizeOptions](c)
	if err != nil {
		return err
	}
	x, scale := c.in[0], c.in[1]
	list := scale.rank == 1 && scale.Shape[0] != 1
	if list {
		if err := c.wantAxis(o.Axis); err != nil {
			return err
		}
	}
	return c.mapped(func(v *value, f form) *value {
		if list {
			return c.emit("", op, []*value{v, c.plain(1), c.plain(2)}, integer("axis", int64(f.axis(o.Axis, x.rank))))
		}
		return c.emit("", op, []*value{v, c.scalar(1), c.scalar(2)})
	})
}

// mapped makes the first result of operand 0, in the form that it has; that of a constant in
// the form that is asked for.
func (c *call) mapped(build func(v *value, f form) *value) error {
	x, out := c.in[0], c.out[0]
	if out.fixed = x.fixed; !out.fixed {
		out.set(x.form(), build(c.value(x, x.form()), x.form()))
		return nil
	}
	for _, f := range []form{plain, first} {
		out.later(f, func() *value { return build(c.value(x, f), f) })
	}
	return nil
}

// limitsOf are the numbers that an 8-bit type holds.
var limitsOf = map[schema.DType]schema.Clamp{schema.Int8: {Min: -128, Max: 127}, schema.Uint8: {Max: 255}}

// requantized rounds a float32 value half to even, adds a zero point, and keeps the sum
// within the clamp and what the type to holds.
func (c *call) requantized(y *value, zero int, clamp schema.Clamp, to schema.DType) (*value, error) {
	limits, ok := limitsOf[to]
	if !ok {
		return nil, fmt.Errorf("result of type %v, want Int8 or Uint8", to)
	}
	y = c.emit("round", "Round", []*value{y})
	if zero != 0 {
		y = c.emit("zero_point", "Add", []*value{y, c.number(schema.Float32, float64(zero))})
	}
	within := schema.Clamp{Min: min(max(limits.Min, clamp.Min), limits.Max), Max: max(min(limits.Max, clamp.Max), limits.Min)}
	return c.cast("", c.clamped("limit", y, within), to), nil
}

// Operands of QConv2D and QMatMul.
const (
	quantZeroA = iota + 2
	quantZeroB
	quantBias
	quantScale
	quantAdd
)

// product makes the first result of the int32 sums of QConv2D and QMatMul, which are in form
// f. Each operation is rounded as in the .lce operator.
func (c *call) product(sum *value, f form, to schema.DType, zero int, clamp schema.Clamp) error {
	step := func(role, op string, y *value, i int) *value {
		if c.input(i) == nil {
			return y
		}
		return c.emit(role, op, []*value{y, c.operandIn(i, c.out[0].rank, f)})
	}
	y := step("bias", "Add", sum, quantBias)
	if to != schema.Int32 {
		y = c.cast("float", y, schema.Float32)
		y = step("add", "Add", step("scale", "Mul", y, quantScale), quantAdd)
	}
	var err error
	switch to {
	case schema.Int32:
	case schema.Float32:
		y = c.clamped("clamp", y, clamp)
	default:
		y, err = c.requantized(y, zero, clamp, to)
	}
	c.out[0].set(f, y)
	return err
}

// zeroPoint gives operand i: a scalar, a list for each channel, or nil if it is absent.
func (c *call) zeroPoint(i int) *value {
	t := c.input(i)
	if c.uniform(t) {
		x := &ops.Tensor{Name: t.Name, DType: t.DType, Shape: []int{}, Data: t.Data[:t.DType.Size()]}
		return &value{hint: t.Name, constant: known(x)}
	}
	if t != nil && t.rank == 1 && t.Shape[0] == 1 {
		return c.scalar(i)
	}
	return c.plain(i)
}

// uniform reports whether t is a constant list of 8-bit numbers that are all the same.
func (c *call) uniform(t *tensor) bool {
	if t == nil || !t.constant || t.rank != 1 || t.DType.Size() != 1 || len(t.Data) == 0 {
		return false
	}
	return !slices.ContainsFunc(t.Data, func(b byte) bool { return b != t.Data[0] })
}

// centered gives operand i without its zero point, operand zero, as int32.
func (c *call) centered(i, zero int) *value {
	x := c.cast(fmt.Sprint("wide", i), c.plain(i), schema.Int32)
	point := c.zeroPoint(zero)
	if point == nil {
		return x
	}
	point = c.cast(fmt.Sprint("wide", zero), point, schema.Int32)
	if t := c.in[zero]; t.rank == 1 && t.Shape[0] != 1 {
		point = c.emit("leading", "Reshape", []*value{point, c.shape([]int{-1, 1, 1, 1})})
	}
	return c.emit(fmt.Sprint("center", i), "Sub", []*value{x, point})
}

// exportQConv2D makes a ConvInteger, which pads by the zero point.
func exportQConv2D(c *call) error {
	o, err := options[*schema.QConv2DOptions](c)
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := c.wantRank(i, 4); err != nil {
			return err
		}
	}
	if t := c.input(quantZeroB); t != nil && t.rank == 1 && t.Shape[0] != 1 && !c.uniform(t) {
		// Runtimes want one zero point for all weights.
		sum, err := c.intSums(c.centered(0, quantZeroA), c.centered(1, quantZeroB), &o.Window, o.Groups)
		if err != nil {
			return err
		}
		return c.product(sum, plain, o.To, o.ZeroPoint, o.Clamp)
	}
	in := []*value{c.value(c.in[0], first), c.value(c.in[1], first), c.zeroPoint(quantZeroA), c.zeroPoint(quantZeroB)}
	sum := c.emit("sum", "ConvInteger", in, convAttrs(&o.Window, c.in[1].Shape, o.Groups)...)
	return c.product(sum, first, o.To, o.ZeroPoint, o.Clamp)
}

func exportQMatMul(c *call) error {
	o, err := options[*schema.QMatMulOptions](c)
	if err != nil {
		return err
	}
	sum := c.emit("sum", "MatMulInteger", []*value{c.plain(0), c.plain(1), c.zeroPoint(quantZeroA), c.zeroPoint(quantZeroB)})
	return c.product(sum, plain, o.To, o.ZeroPoint, o.Clamp)
}

func exportQBinary(c *call) error {
	o, err := options[*schema.QBinaryOptions](c)
	if err != nil {
		return err
	}
	if limitsOf[o.To] == (schema.Clamp{}) || o.Kind != schema.Add && o.Kind != schema.Mul {
		return fmt.Errorf("%v of type %v, want Add or Mul of Int8 or Uint8", o.Kind, o.To)
	}
	return c.elementwise(func(in []*value) *value {
		operand := func(i, zero int, scale float32) *value {
			x := c.cast(fmt.Sprint("float", i), in[i], schema.Float32)
			if zero != 0 {
				x = c.emit(fmt.Sprint("center", i), "Sub", []*value{x, c.number(schema.Float32, float64(zero))})
			}
			return c.emit(fmt.Sprint("scale", i), "Mul", []*value{x, c.number(schema.Float32, float64(scale))})
		}
		both := c.emit("both", binaryForms[o.Kind], []*value{operand(0, o.AZero, o.AScale), operand(1, o.BZero, o.BScale)})
		y, _ := c.requantized(both, o.ZeroPoint, o.Clamp, o.To)
		return y
	})
}

// exportLookup picks elements of the table, which those of Int8 count from -128 on.
func exportLookup(c *call) error {
	return c.mapped(func(v *value, _ form) *value {
		index := c.cast("index", v, schema.Int32)
		if c.in[0].DType == schema.Int8 {
			index = c.emit("moved", "Add", []*value{index, c.number(schema.Int32, 128)})
		}
		return c.emit("", "Gather", []*value{c.plain(1), index}, integer("axis", 0))
	})
}
