package importer

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// reduction is what the operators of a family of reductions have in common: the options
// but for the kind, and the axes, nil for all of them.
type reduction struct {
	schema.ReduceOptions
	axes *graph.Value
}

// reduceAttribute handles the axes as an attribute.
func reduceAttribute(build func(*call, reduction)) func(*call) error {
	return func(c *call) (err error) {
		var r reduction
		if r.KeepDims, err = c.bool("keepdims"); err != nil {
			return err
		}
		if axes := c.ints("axes"); len(axes) > 0 {
			r.axes = c.constInts("axes", axes...)
		}
		build(c, r)
		return nil
	}
}

// reduceOperand handles the axes as an operand.
func reduceOperand(build func(*call, reduction)) func(*call) error {
	return func(c *call) (err error) {
		var r reduction
		if r.KeepDims, err = c.bool("keepdims"); err != nil {
			return err
		}
		if r.NoopWithEmptyAxes, err = c.bool("noop_with_empty_axes"); err != nil {
			return err
		}
		r.axes = c.input(1)
		build(c, r)
		return nil
	}
}

// of gives the options and operands of a Reduce of x.
func (r reduction) of(kind schema.ReduceKind, x *graph.Value) (*schema.ReduceOptions, []*graph.Value) {
	o := r.ReduceOptions
	o.Kind = kind
	return &o, trimAbsent(x, r.axes)
}

// emit adds a Reduce whose result is used within the node.
func (r reduction) emit(c *call, role string, kind schema.ReduceKind, x *graph.Value) *graph.Value {
	o, in := r.of(kind, x)
	return c.emit(role, schema.Reduce, o, in...)
}

// result adds a Reduce whose result is the node's.
func (r reduction) result(c *call, kind schema.ReduceKind, x *graph.Value) {
	o, in := r.of(kind, x)
	c.result(0, "", schema.Reduce, o, in...)
}

// reduceBy is for a kind that the vocabulary has.
func reduceBy(kind schema.ReduceKind) func(*call, reduction) {
	return func(c *call, r reduction) { r.result(c, kind, c.in[0]) }
}

func reduceL1(c *call, r reduction) {
	r.result(c, schema.ReduceSum, c.unary("abs", schema.Abs, c.in[0]))
}

func reduceL2(c *call, r reduction) {
	sum := r.emit(c, "", schema.ReduceSum, c.binary("square", schema.Mul, c.in[0], c.in[0]))
	c.result(0, "sqrt", schema.Unary, &schema.UnaryOptions{Kind: schema.Sqrt}, sum)
}

func reduceSumSquare(c *call, r reduction) {
	r.result(c, schema.ReduceSum, c.binary("square", schema.Mul, c.in[0], c.in[0]))
}

func reduceLogSum(c *call, r reduction) {
	c.result(0, "log", schema.Unary, &schema.UnaryOptions{Kind: schema.Log}, r.emit(c, "", schema.ReduceSum, c.in[0]))
}

// reduceLogSumExp takes the maximum away before the powers, unless that is infinite:
// inf - inf would be NaN.
func reduceLogSumExp(c *call, r reduction) {
	x := c.in[0]
	kept := r
	kept.KeepDims = true
	finite := func(role string, v *graph.Value) *graph.Value {
		zero := c.binary(role+"/zero", schema.Sub, v, v) // NaN where v is infinite
		same := c.binary(role+"/finite", schema.Equal, zero, zero)
		return c.emit(role, schema.Select, nil, same, v, c.scalar(role+"/none", x.DType, 0))
	}
	most := finite("max_kept", kept.emit(c, "max_kept/reduce", schema.ReduceMax, x))
	powers := c.unary("exp", schema.Exp, c.binary("sub_max", schema.Sub, x, most))
	logs := c.unary("log", schema.Log, r.emit(c, "", schema.ReduceSum, powers))
	if !r.KeepDims {
		most = finite("max", r.emit(c, "max/reduce", schema.ReduceMax, x))
	}
	c.result(0, "add_max", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, logs, most)
}
