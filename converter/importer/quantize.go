package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// importDequantize makes (x - zero point) * scale, which is exact up to the product for
// integers of 16 bits.
func importDequantize(c *call) error {
	x, scale, zero := c.in[0], c.in[1], c.input(2)
	if err := c.wantType(0, schema.Int8, schema.Uint8, schema.Int16, schema.Uint16, schema.Int32); err != nil {
		return err
	}
	if err := c.wantType(1, schema.Float32, schema.Float16); err != nil {
		return err
	}
	if zero != nil && zero.DType != x.DType {
		return fmt.Errorf("input 2, %s: element type %v, want %v as input 0 has", c.describe(2), zero.DType, x.DType)
	}
	to := c.given[1].DType
	if err := c.onlyType("output_dtype", to); err != nil {
		return err
	}
	if to == schema.Float32 && slices.Contains([]schema.DType{schema.Int8, schema.Uint8, schema.Int32}, x.DType) {
		return c.quantOp(schema.Dequantize, x, scale, zero)
	}
	scale, zero, err := c.quantOperands(x, scale, zero)
	if err != nil {
		return err
	}
	y, err := c.cast(x, schema.Float32)
	if err != nil {
		return err
	}
	if zero != nil {
		y = c.emit("center", schema.Binary, &schema.BinaryOptions{Kind: schema.Sub}, y, zero)
	}
	y = c.emit("", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, y, scale)
	if to == schema.Float16 {
		y = c.emit("narrow", schema.Cast, &schema.CastOptions{To: schema.Float16}, y)
	}
	c.alias(0, y)
	return nil
}

// quantLimits are the numbers that the types of quantized values hold.
var quantLimits = map[schema.DType][2]float32{
	schema.Int8: {-128, 127}, schema.Uint8: {0, 255}, schema.Int16: {-32768, 32767}, schema.Uint16: {0, 65535},
}

// importQuantize makes x/scale, rounded half to even, plus the zero point, within the
// range of its type.
func importQuantize(c *call) error {
	x, scale, zero := c.in[0], c.in[1], c.input(2)
	for i := range 2 {
		if err := c.wantType(i, schema.Float32, schema.Float16); err != nil {
			return err
		}
	}
	if err := c.onlyType("precision", schema.Float32); err != nil {
		return err
	}
	to := schema.Uint8
	if zero != nil {
		to = zero.DType
	} else if c.row.attr("output_dtype") != nil && c.int("output_dtype") != 0 {
		var err error
		if to, err = onnx.DType(c.int("output_dtype")); err != nil {
			return c.unsupported("attribute output_dtype: %v", err)
		}
	}
	limits, ok := quantLimits[to]
	if !ok {
		return c.unsupported("the result is %v; Int8, Uint8, Int16 and Uint16 are supported", to)
	}
	if x.DType == schema.Float32 && scale.DType == schema.Float32 && (to == schema.Uint8 || to == schema.Int8 && zero != nil) {
		return c.quantOp(schema.Quantize, x, scale, zero)
	}
	scale, zero, err := c.quantOperands(x, scale, zero)
	if err != nil {
		return err
	}
	if x.DType == schema.Float16 {
		if x, err = c.cast(x, schema.Float32); err != nil {
			return err
		}
	}
	y := c.emit("divide", schema.Binary, &schema.BinaryOptions{Kind: schema.Div}, x, scale)
	y = c.emit("", schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, y)
	if zero != nil {
		y = c.emit("zero_point", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, zero)
	}
	y = c.emit("clamp", schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: limits[0], Beta: limits[1]}, y)
	c.result(0, "narrow", schema.Cast, &schema.CastOptions{To: to}, y)
	return nil
}

// onlyType checks an attribute that names an element type: 0, as if it were absent, or
// the one that is computed anyway.
func (c *call) onlyType(name string, d schema.DType) error {
	if c.row.attr(name) == nil || c.int(name) == 0 {
		return nil
	}
	if t, err := onnx.DType(c.int(name)); err != nil || t != d {
		return c.unsupported("attribute %s is %d; 0 and the type %v are supported", name, c.int(name), d)
	}
	return nil
}

// quantOperands gives the scale and the zero point as Float32 that broadcast to x: one
// number, or one for each element along the axis. The zero point may be absent.
func (c *call) quantOperands(x, scale, zero *graph.Value) (s, z *graph.Value, err error) {
	if err := c.checkZeroPoint(scale, zero); err != nil {
		return nil, nil, err
	}
	if s, err = c.alongAxis(1, scale, x); err != nil || zero == nil {
		return s, nil, err
	}
	z, err = c.alongAxis(2, zero, x)
	return s, z, err
}

// checkZeroPoint checks what the operands have to do with each other.
func (c *call) checkZeroPoint(scale, zero *graph.Value) error {
	if c.row.attr("block_size") != nil && c.int("block_size") != 0 {
		return c.unsupported("attribute block_size is %d; only 0, no blocks, is supported", c.int("block_size"))
	}
	if zero != nil && !slices.Equal(zero.Shape, scale.Shape) && !(isOne(zero.Shape) && isOne(scale.Shape)) {
		return fmt.Errorf("input 2, %s: the shape of input 1, %s, is expected", c.describe(2), c.describe(1))
	}
	return nil
}

// isOne reports whether a shape is that of a scalar or of a list of one.
func isOne(shape []int) bool { return len(shape) == 0 || len(shape) == 1 && shape[0] == 1 }

// quantOp makes a Quantize or Dequantize.
func (c *call) quantOp(code schema.OpCode, x, scale, zero *graph.Value) error {
	if err := c.checkZeroPoint(scale, zero); err != nil {
		return err
	}
	axis, err := c.scaleAxis(1, scale, x)
	if err != nil {
		return err
	}
	c.result(0, "", code, &schema.QuantizeOptions{Axis: axis}, trimAbsent(x, scale, zero)...)
	return nil
}

// scaleAxis is the axis of x along which operand i, one number or a list, lies.
func (c *call) scaleAxis(i int, v, x *graph.Value) (int, error) {
	switch {
	case len(v.Shape) > 1:
		return 0, c.unsupported("input %d, %s: a scalar or a list is supported", i, c.describe(i))
	case len(v.Shape) == 0 || v.Shape[0] == 1:
		return 0, nil
	case c.row.attr("axis") == nil:
		return 0, fmt.Errorf("input %d, %s: a scalar is expected", i, c.describe(i))
	}
	axis, err := c.axis("axis", len(x.Shape), 0)
	if err != nil {
		return 0, err
	}
	if d, n := x.Shape[axis], v.Shape[0]; d != n && d >= 0 && n >= 0 || v.IsConst() && d < 0 {
		return 0, fmt.Errorf("input %d, %s: %d elements as axis %d of input 0, %s, has are expected", i, c.describe(i), d, axis, c.describe(0))
	}
	return axis, nil
}

// alongAxis gives operand i, one number or a list, as Float32 in the place of the axis.
func (c *call) alongAxis(i int, v, x *graph.Value) (*graph.Value, error) {
	axis, err := c.scaleAxis(i, v, x)
	if err != nil {
		return nil, err
	}
	constant := v.Const != nil
	if v, err = c.cast(v, schema.Float32); err != nil {
		return nil, err
	}
	n := 1
	if len(v.Shape) == 1 {
		n = v.Shape[0]
	}
	switch {
	case n == 1 && constant:
		number, _ := scalarFloat(v)
		return c.constFloat(fmt.Sprint("operand", i), number), nil
	case len(v.Shape) == 0:
		return v, nil
	case n == 1:
		return c.emit(fmt.Sprint("scalar", i), schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("scalar")), nil
	}
	shape := slices.Repeat([]int{1}, len(x.Shape))
	shape[axis] = n
	if constant {
		numbers, _ := floats(v)
		return c.im.g.ConstFloat32s(c.name(fmt.Sprint("operand", i)), shape, numbers), nil
	}
	to := slices.Repeat([]int64{1}, len(x.Shape))
	to[axis] = -1
	return c.emit(fmt.Sprint("operand", i), schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("along", to...)), nil
}
