package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// microsoftDomain is that of ONNX Runtime's own operators. Those that its quantizer writes
// are read: each is a float operator between Dequantize and Quantize.
const microsoftDomain = "com.microsoft"

// microsoftTable lists them by name. They have no versions.
var microsoftTable = []row{
	{"QGemm", v(1), arity{6, 9}, one, []attr{floatAttr("alpha", 1), intAttr("transA", 0), intAttr("transB", 0)}, importQGemm},
	{"QLinearAdd", v(1), arity{7, 8}, one, nil, importQLinearBinary(schema.Add)},
	{"QLinearAveragePool", v(1), arity{4, 5}, one, poolAttrs(intAttr("count_include_pad", 0), ceilAttr, channelsLastAttr), quantizedUnary(importAveragePool)},
	{"QLinearConcat", v(1), arity{5, many}, one, []attr{intAttr("axis", 0)}, importQLinearConcat},
	{"QLinearGlobalAveragePool", v(1), arity{4, 5}, one, []attr{channelsLastAttr}, quantizedUnary(importGlobalAveragePool)},
	{"QLinearLeakyRelu", v(1), arity{4, 5}, one, []attr{floatAttr("alpha", 0.01)}, quantizedUnary(importLeakyRelu)},
	{"QLinearMul", v(1), arity{7, 8}, one, nil, importQLinearBinary(schema.Mul)},
	{"QLinearSigmoid", v(1), arity{4, 5}, one, nil, quantizedUnary(importUnary(schema.Sigmoid))},
}

var channelsLastAttr = intAttr("channels_last", 0)

// microsoftRow finds the row of an operator of the domain.
func microsoftRow(c *call) (*row, error) {
	i := slices.IndexFunc(microsoftTable, func(r row) bool { return r.name == c.OpType })
	if i < 0 {
		return nil, c.unsupported("of this domain, the quantized QGemm, QLinearAdd, QLinearAveragePool, QLinearConcat, QLinearGlobalAveragePool, QLinearLeakyRelu, QLinearMul and QLinearSigmoid are supported")
	}
	return &microsoftTable[i], nil
}

// oneScale checks the scale and the zero point of a tensor, of which the first is operand i;
// the second may be absent.
func (c *call) oneScale(i int) (scale, zero *graph.Value, err error) {
	if err := c.wantType(i, schema.Float32); err != nil {
		return nil, nil, err
	}
	for _, k := range []int{i, i + 1} {
		if v := c.input(k); v != nil && !isOne(v.Shape) {
			return nil, nil, fmt.Errorf("input %d, %s: a scalar is expected", k, c.describe(k))
		}
	}
	return c.in[i], c.input(i + 1), nil
}

// dequantize gives operand i, which scale and zero point follow, as float32.
func (c *call) dequantize(i int) (*graph.Value, error) {
	if err := c.wantType(i, bytes8...); err != nil {
		return nil, err
	}
	scale, zero, err := c.oneScale(i + 1)
	if err != nil {
		return nil, err
	}
	if zero != nil && zero.DType != c.in[i].DType {
		return nil, fmt.Errorf("input %d, %s: element type %v, want %v as input %d has", i+2, c.describe(i+2), zero.DType, c.in[i].DType, i)
	}
	return c.emit(fmt.Sprint("dequantize", i), schema.Dequantize, &schema.QuantizeOptions{}, trimAbsent(c.in[i], scale, zero)...), nil
}

// quantizeResult makes output 0 of y, with the scale that is operand i and the zero point
// behind it.
func (c *call) quantizeResult(y *graph.Value, i int) error {
	scale, zero, err := c.oneScale(i)
	if err != nil {
		return err
	}
	if err := c.wantType(i+1, bytes8...); err != nil {
		return err
	}
	c.alias(0, c.emit("quantize", schema.Quantize, &schema.QuantizeOptions{}, trimAbsent(y, scale, zero)...))
	return nil
}

func importQLinearBinary(kind schema.BinaryKind) func(*call) error {
	return func(c *call) error {
		a, err := c.dequantize(0)
		if err != nil {
			return err
		}
		b, err := c.dequantize(3)
		if err != nil {
			return err
		}
		return c.quantizeResult(c.binary("", kind, a, b), 6)
	}
}

// quantizedUnary is a float operator of one operand: X, its scale and zero point, those of
// the result.
func quantizedUnary(build func(*call) error) func(*call) error {
	return func(c *call) error {
		if c.row.attr("channels_last") != nil && c.int("channels_last") != 0 {
			return c.unsupported("attribute channels_last is %d; 0 is supported", c.int("channels_last"))
		}
		x, err := c.dequantize(0)
		if err != nil {
			return err
		}
		in, given := c.in, c.given
		x.DType, x.Shape = schema.Float32, in[0].Shape
		c.in, c.given = []*graph.Value{x}, []*graph.Value{x}
		err = build(c)
		c.in, c.given = in, given
		if err != nil {
			return err
		}
		return c.quantizeResult(c.out[0], 3)
	}
}

// importQLinearConcat joins tensors, each with scale and zero point, which follow those of the
// result.
func importQLinearConcat(c *call) error {
	if len(c.in)%3 != 2 {
		return fmt.Errorf("%d inputs: a scale and a zero point, and three inputs for each tensor are expected", len(c.in))
	}
	axis, err := c.axis("axis", len(c.in[2].Shape), 0)
	if err != nil {
		return err
	}
	var parts []*graph.Value
	for i := 2; i < len(c.in); i += 3 {
		x, err := c.dequantize(i)
		if err != nil {
			return err
		}
		parts = append(parts, x)
	}
	return c.quantizeResult(c.emit("", schema.Concat, &schema.AxisOptions{Axis: axis}, parts...), 0)
}

// importQGemm makes alpha*(A*B + C), where C is of integers with the scale of the product;
// without a scale of the result that is float32.
func importQGemm(c *call) error {
	for i := range 2 {
		if len(c.in[3*i].Shape) != 2 {
			return fmt.Errorf("input %d, %s, has rank %d: 2 is expected", 3*i, c.describe(3*i), len(c.in[3*i].Shape))
		}
		if err := c.wantType(3*i+1, schema.Float32); err != nil {
			return err
		}
	}
	if err := c.wantType(6, schema.Int32); err != nil {
		return err
	}
	if err := c.wantType(3, bytes8...); err != nil {
		return err
	}
	o := &schema.MatMulOptions{Clamp: schema.NoClamp}
	var err error
	if o.TransposeA, err = c.bool("transA"); err != nil {
		return err
	}
	if o.TransposeB, err = c.bool("transB"); err != nil {
		return err
	}
	a, err := c.dequantize(0)
	if err != nil {
		return err
	}
	axis := 1
	if o.TransposeB {
		axis = 0
	}
	b := c.emit("dequantize3", schema.Dequantize, &schema.QuantizeOptions{Axis: axis}, trimAbsent(c.in[3], c.in[4], c.input(5))...)
	in := []*graph.Value{a, b}
	bias := c.input(6)
	if bias != nil {
		if len(bias.Shape) > 2 {
			return fmt.Errorf("input 6, %s, has rank %d: at most 2 is expected", c.describe(6), len(bias.Shape))
		}
		shape := bias.Shape
		bias = c.emit("bias", schema.Dequantize, &schema.QuantizeOptions{Axis: max(len(shape)-1, 0)}, bias, c.binary("scales", schema.Mul, c.in[1], c.in[4]))
		if columns := c.in[3].Shape[axis]; len(shape) == 1 && columns > 0 && shape[0] == columns {
			in, bias = append(in, bias), nil
		}
	}
	y := c.emit("", schema.MatMul, o, in...)
	if bias != nil {
		y = c.binary("add", schema.Add, y, bias)
	}
	if alpha := c.float("alpha"); alpha != 1 {
		y = c.binary("mul_alpha", schema.Mul, y, c.constFloat("alpha", alpha))
	}
	if c.input(7) == nil {
		c.alias(0, y)
		return nil
	}
	return c.quantizeResult(y, 7)
}
