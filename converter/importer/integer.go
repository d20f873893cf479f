package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// Products of 8-bit integers are computed in int32, after the zero points are taken away:
// the padding of a convolution is 0 then, as it is to be.

var bytes8 = []schema.DType{schema.Int8, schema.Uint8}

// centered gives operand i as int32 without the zero point, which is operand j, may be
// absent, and may be a list: then it is shaped by the given function.
func (c *call) centered(i, j int, place func(zero *graph.Value) (*graph.Value, error)) (*graph.Value, error) {
	if err := c.wantType(i, bytes8...); err != nil {
		return nil, err
	}
	x, err := c.cast(c.in[i], schema.Int32)
	if err != nil {
		return nil, err
	}
	zero := c.input(j)
	if zero == nil {
		return x, nil
	}
	if zero.DType != c.in[i].DType {
		return nil, fmt.Errorf("input %d, %s: element type %v, want %v as input %d has", j, c.describe(j), zero.DType, c.in[i].DType, i)
	}
	if zero, err = c.cast(zero, schema.Int32); err != nil {
		return nil, err
	}
	if zero, err = place(zero); err != nil {
		return nil, fmt.Errorf("input %d, %s: %w", j, c.describe(j), err)
	}
	return c.binary(fmt.Sprint("center", i), schema.Sub, x, zero), nil
}

// scalarOnly takes one number; a list of one becomes a scalar.
func (c *call) scalarOnly(v *graph.Value) (*graph.Value, error) {
	switch {
	case len(v.Shape) == 0:
		return v, nil
	case len(v.Shape) == 1 && v.Shape[0] == 1:
		return c.emit(v.Name+"/scalar", schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("scalar")), nil
	}
	return nil, fmt.Errorf("a scalar is expected")
}

// leading puts a list along the first axis of a value of the given rank; one number
// stays one.
func (c *call) leading(rank int) func(v *graph.Value) (*graph.Value, error) {
	return func(v *graph.Value) (*graph.Value, error) {
		if len(v.Shape) != 1 || v.Shape[0] == 1 {
			return c.scalarOnly(v)
		}
		if rank == 0 {
			return nil, fmt.Errorf("a scalar is expected beside one")
		}
		to := slices.Repeat([]int64{1}, rank)
		to[0] = -1
		return c.emit(v.Name+"/leading", schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("leading", to...)), nil
	}
}

// rows puts a list along the last axis but one; columns along the last.
func (c *call) rows(v *graph.Value) (*graph.Value, error) {
	if len(v.Shape) == 1 && v.Shape[0] != 1 {
		return c.emit(v.Name+"/rows", schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("rows", -1, 1)), nil
	}
	return v, nil
}

func (c *call) columns(v *graph.Value) (*graph.Value, error) { return v, nil }

// intProduct is what QConv2D and QMatMul are made of: operands of the call, and what becomes of
// the sums.
type intProduct struct {
	x, w         int // operands, and their zero points
	xZero, wZero int
	bias, scale  *graph.Value
	to           schema.DType
	zero         int
}

// operands checks types and gives the operands of p, without the data.
func (c *call) operands(p *intProduct) ([]*graph.Value, error) {
	in := make([]*graph.Value, 4, 6)
	for k, i := range []int{p.x, p.w, p.xZero, p.wZero} {
		if err := c.wantType(i, bytes8...); err != nil {
			return nil, err
		}
		in[k] = c.input(i)
	}
	for k, i := range []int{p.xZero, p.wZero} {
		if in[2+k] != nil && in[2+k].DType != in[k].DType {
			return nil, fmt.Errorf("input %d, %s: element type %v, want %v as input %d has", i, c.describe(i), in[2+k].DType, in[k].DType, []int{p.x, p.w}[k])
		}
	}
	return append(in, p.bias, p.scale), nil
}

// intConv is a product of maps, NCHW, with weights, OIHW.
func (c *call) intConv(p *intProduct) (*graph.Value, error) {
	shape := c.in[0].Shape
	spatial := len(shape) - 2
	if spatial < 1 || spatial > 2 {
		return nil, c.unsupported("%d spatial axes; 1 and 2 are supported", spatial)
	}
	kernel := c.in[p.w].Shape
	if len(kernel) != spatial+2 {
		return nil, fmt.Errorf("input %d, %s, has rank %d: the rank of input 0, %d, is expected", p.w, c.describe(p.w), len(kernel), spatial+2)
	}
	if kernel = kernel[2:]; slices.ContainsFunc(kernel, func(k int) bool { return k < 1 }) {
		return nil, c.unsupported("the kernel size of input %d, %s, is not known", p.w, c.describe(p.w))
	}
	if c.has("kernel_shape") {
		if given, err := c.sizes("kernel_shape", spatial, 1); err != nil || !slices.Equal(given, kernel) {
			return nil, fmt.Errorf("attribute kernel_shape is %v, but the weights %s are of size %v", c.ints("kernel_shape"), c.describe(p.w), kernel)
		}
	}
	win, err := c.window(kernel, true)
	if err != nil {
		return nil, err
	}
	group := c.int("group")
	if in := shape[1]; group < 1 || group > 1<<24 || in >= 0 && int64(in)%group != 0 {
		return nil, fmt.Errorf("attribute group is %d: a divisor of the channels of input 0, %s, is expected", group, c.describe(0))
	}
	in, err := c.operands(p)
	if err != nil {
		return nil, err
	}
	for k := range 2 {
		if in[2+k] == nil {
			continue
		}
		if list := in[2+k].Shape; len(list) > 1 || k == 0 && len(list) == 1 && list[0] != 1 {
			i := []int{p.xZero, p.wZero}[k]
			return nil, fmt.Errorf("input %d, %s: a scalar is expected", i, c.describe(i))
		}
	}
	if spatial == 1 {
		in[0] = c.emit("to_2d", schema.Unsqueeze, nil, in[0], c.constInts("height", 2))
		in[1] = c.emit("weights_2d", schema.Unsqueeze, nil, in[1], c.constInts("height", 2))
	}
	_, geometry := win.options2D()
	in[0], in[1] = c.transpose("to_nhwc", in[0], 0, 2, 3, 1), c.transpose("weights_ohwi", in[1], 0, 2, 3, 1)
	o := &schema.QConv2DOptions{Window: geometry, Groups: int(group), To: p.to, ZeroPoint: p.zero, Clamp: schema.NoClamp}
	y := c.transpose("to_nchw", c.emit("", schema.QConv2D, o, trimAbsent(in...)...), 0, 3, 1, 2)
	if spatial == 1 {
		y = c.emit("to_1d", schema.Squeeze, nil, y, c.constInts("height", 2))
	}
	return y, nil
}

func importConvInteger(c *call) error {
	y, err := c.intConv(&intProduct{x: 0, w: 1, xZero: 2, wZero: 3, to: schema.Int32})
	if err == nil {
		c.alias(0, y)
	}
	return err
}

// intMatMul is a product of matrices. Zero points of the rows of A, and those of a batch, are
// taken away before it.
func (c *call) intMatMul(p *intProduct) (*graph.Value, error) {
	in, err := c.operands(p)
	if err != nil {
		return nil, err
	}
	one := in[2] == nil || len(in[2].Shape) == 0 || len(in[2].Shape) == 1 && in[2].Shape[0] == 1
	if one && (in[3] == nil || len(in[3].Shape) <= 1) && (p.scale == nil || len(p.scale.Shape) <= 1) {
		o := &schema.QMatMulOptions{To: p.to, ZeroPoint: p.zero, Clamp: schema.NoClamp}
		return c.emit("", schema.QMatMul, o, trimAbsent(in...)...), nil
	}
	if p.to != schema.Int32 {
		return nil, nil
	}
	a, err := c.centered(p.x, p.xZero, c.rows)
	if err != nil {
		return nil, err
	}
	b, err := c.centered(p.w, p.wZero, c.columns)
	if err != nil {
		return nil, err
	}
	return c.emit("", schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, a, b), nil
}

func importMatMulInteger(c *call) error {
	y, err := c.intMatMul(&intProduct{x: 0, w: 1, xZero: 2, wZero: 3, to: schema.Int32})
	if err == nil {
		c.alias(0, y)
	}
	return err
}

// requantized rounds the int32 sums y, times a*b/out, half to even to the type of the zero
// point, which is operand zero and follows the scale.
func (c *call) requantized(y, a, b *graph.Value, zero int) error {
	limits, ok := quantLimits[c.in[zero].DType]
	if !ok || !slices.Contains(bytes8, c.in[zero].DType) {
		return c.wantType(zero, bytes8...)
	}
	out, err := c.scale(zero-1, c.scalarOnly)
	if err != nil {
		return err
	}
	point, err := c.cast(c.in[zero], schema.Float32)
	if err != nil {
		return err
	}
	if point, err = c.scalarOnly(point); err != nil {
		return fmt.Errorf("input %d, %s: %w", zero, c.describe(zero), err)
	}
	factor := c.binary("factor", schema.Div, c.binary("scales", schema.Mul, a, b), out)
	sums := c.emit("sums", schema.Cast, &schema.CastOptions{To: schema.Float32}, y)
	c.saturated(c.unary("round", schema.Round, c.binary("rescale", schema.Mul, sums, factor)), point, limits, c.in[zero].DType, 0)
	return nil
}

// saturated makes output i of a rounded value: it adds the zero point and limits the sum to
// what the type holds.
func (c *call) saturated(y, zero *graph.Value, limits [2]float32, to schema.DType, i int) {
	y = c.binary("zero_point", schema.Add, y, zero)
	y = c.emit("clamp", schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: limits[0], Beta: limits[1]}, y)
	c.result(i, "narrow", schema.Cast, &schema.CastOptions{To: to}, y)
}

// scale gives operand i, a float32, in its place.
func (c *call) scale(i int, place func(v *graph.Value) (*graph.Value, error)) (*graph.Value, error) {
	if err := c.wantType(i, schema.Float32); err != nil {
		return nil, err
	}
	v, err := place(c.in[i])
	if err != nil {
		return nil, fmt.Errorf("input %d, %s: %w", i, c.describe(i), err)
	}
	return v, nil
}

// rescaled completes p by what makes results of operand zero's type of the sums, where that
// zero point is known: it is a number of the op. The scale a*b/out follows from operands.
func (c *call) rescaled(p *intProduct, a, b *graph.Value, zero int) error {
	if err := c.wantType(zero, bytes8...); err != nil {
		return err
	}
	v := c.in[zero]
	if v.Const == nil || len(v.Const.Data) != 1 {
		return nil
	}
	out, err := c.scale(zero-1, c.scalarOnly)
	if err != nil {
		return err
	}
	p.to, p.zero = v.DType, int(v.Const.Data[0])
	if v.DType == schema.Int8 {
		p.zero = int(int8(v.Const.Data[0]))
	}
	p.scale = c.binary("factor", schema.Div, c.binary("scales", schema.Mul, a, b), out)
	return nil
}

func importQLinearConv(c *call) error {
	if err := c.wantType(0, bytes8...); err != nil {
		return err
	}
	p := &intProduct{x: 0, w: 3, xZero: 2, wZero: 5, to: schema.Int32, bias: c.input(8)}
	if p.bias != nil {
		if err := c.wantType(8, schema.Int32); err != nil {
			return err
		}
		if len(p.bias.Shape) != 1 {
			return fmt.Errorf("input 8, %s: a list is expected", c.describe(8))
		}
	}
	scale, err := c.scale(1, c.scalarOnly)
	if err != nil {
		return err
	}
	weightScale, err := c.scale(4, c.listed)
	if err != nil {
		return err
	}
	if err := c.rescaled(p, scale, weightScale, 7); err != nil {
		return err
	}
	y, err := c.intConv(p)
	if err != nil {
		return err
	}
	if p.to != schema.Int32 {
		c.alias(0, y)
		return nil
	}
	if weightScale, err = c.leading(len(c.in[3].Shape) - 1)(weightScale); err != nil {
		return err
	}
	return c.requantized(y, scale, weightScale, 7)
}

// listed takes one number or a list.
func (c *call) listed(v *graph.Value) (*graph.Value, error) {
	if len(v.Shape) > 1 {
		return nil, fmt.Errorf("a scalar or a list is expected")
	}
	return v, nil
}

func importQLinearMatMul(c *call) error {
	if err := c.wantType(0, bytes8...); err != nil {
		return err
	}
	p := &intProduct{x: 0, w: 3, xZero: 2, wZero: 5, to: schema.Int32}
	scaleA, err := c.scale(1, c.rows)
	if err != nil {
		return err
	}
	scaleB, err := c.scale(4, c.columns)
	if err != nil {
		return err
	}
	if err := c.rescaled(p, scaleA, scaleB, 7); err != nil {
		return err
	}
	y, err := c.intMatMul(p)
	if err != nil {
		return err
	}
	if y != nil && p.to != schema.Int32 {
		c.alias(0, y)
		return nil
	}
	if y == nil { // the scale is not that of columns
		p = &intProduct{x: 0, w: 3, xZero: 2, wZero: 5, to: schema.Int32}
		if y, err = c.intMatMul(p); err != nil {
			return err
		}
	}
	return c.requantized(y, scaleA, scaleB, 7)
}

// importDynamicQuantize finds scale and zero point in the range of the input, which is
// made to have 0 in it. A range of 0 alone has the scale 1.
func importDynamicQuantize(c *call) error {
	if err := c.wantType(0, schema.Float32); err != nil {
		return err
	}
	x, zero := c.in[0], c.constFloat("zero", 0)
	limits := quantLimits[schema.Uint8]
	reduce := func(role string, kind schema.ReduceKind, within schema.BinaryKind) *graph.Value {
		return c.binary(role, within, c.emit(role+"/reduce", schema.Reduce, &schema.ReduceOptions{Kind: kind}, x), zero)
	}
	least, most := reduce("min", schema.ReduceMin, schema.Min), reduce("max", schema.ReduceMax, schema.Max)
	step := c.binary("step", schema.Div, c.binary("range", schema.Sub, most, least), c.constFloat("steps", limits[1]))
	same := c.binary("is_zero", schema.Equal, least, most)
	c.result(1, "scale", schema.Select, nil, same, c.constFloat("one", 1), step)
	scale := c.out[1]
	start := c.binary("start", schema.Sub, zero, c.binary("least", schema.Div, least, scale))
	point := c.unary("point", schema.Round, c.emit("clip_point", schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: limits[0], Beta: limits[1]}, start))
	c.result(2, "narrow_point", schema.Cast, &schema.CastOptions{To: schema.Uint8}, point)
	c.saturated(c.unary("round", schema.Round, c.binary("", schema.Div, x, scale)), point, limits, schema.Uint8, 0)
	return nil
}
