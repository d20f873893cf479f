package importer

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// importBatchNorm makes x*s + b with s = scale/sqrt(var+epsilon) and b = bias -
// mean*s, in float32 and in this order of operations.
func importBatchNorm(c *call) error {
	if c.knows("training_mode") && c.int("training_mode") != 0 {
		return c.unsupported("training_mode is %d; only inference is supported", c.int("training_mode"))
	}
	if c.knows("spatial") && c.int("spatial") != 1 {
		return c.unsupported("spatial is %d; only 1 is supported", c.int("spatial"))
	}
	for i := range c.Outputs {
		if i > 0 && c.wanted(i) {
			return c.unsupported("output %d, %q, is used; only inference is supported", i, c.Outputs[i])
		}
	}
	x := c.in[0]
	if len(x.Shape) == 0 {
		return fmt.Errorf("input 0, %s, is a scalar", describeValue(x))
	}
	channels := 1
	if len(x.Shape) > 1 {
		channels = x.Shape[1]
	}
	params := c.in[1:5]
	constant := true
	for i, p := range params {
		if len(p.Shape) != 1 || channels >= 0 && p.Shape[0] >= 0 && p.Shape[0] != channels {
			return fmt.Errorf("input %d, %s: a list of %d values, the channels of input 0, %s, is expected", i+1, describeValue(p), channels, describeValue(x))
		}
		_, ok := floats(p)
		constant = constant && ok
	}
	// A vector along axis 1 of x.
	shape := slices.Repeat([]int{1}, max(1, len(x.Shape)-1))
	var s, b *graph.Value
	if constant {
		shape[0] = params[0].Shape[0]
		s, b = c.batchNormConsts(params, shape)
	} else {
		s, b = c.batchNormNodes(params, shape)
	}
	y := c.emit("", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, x, s)
	c.result(0, "add", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, b)
	return nil
}

func (c *call) batchNormConsts(params []*graph.Value, shape []int) (s, b *graph.Value) {
	scale, _ := floats(params[0])
	bias, _ := floats(params[1])
	mean, _ := floats(params[2])
	variance, _ := floats(params[3])
	epsilon := c.float("epsilon")
	sv, bv := make([]float32, len(scale)), make([]float32, len(scale))
	for i := range scale {
		sv[i] = scale[i] / float32(math.Sqrt(float64(variance[i]+epsilon)))
		bv[i] = bias[i] - float32(mean[i]*sv[i])
	}
	return c.im.g.ConstFloat32s(c.name("scale"), shape, sv), c.im.g.ConstFloat32s(c.name("bias"), shape, bv)
}

// batchNormNodes does the same for parameters that are computed.
func (c *call) batchNormNodes(params []*graph.Value, shape []int) (s, b *graph.Value) {
	binary := func(role string, kind schema.BinaryKind, a, b *graph.Value) *graph.Value {
		return c.emit(role, schema.Binary, &schema.BinaryOptions{Kind: kind}, a, b)
	}
	std := binary("var_epsilon", schema.Add, params[3], c.factor("epsilon", params[3], c.float("epsilon")))
	std = c.emit("std", schema.Unary, &schema.UnaryOptions{Kind: schema.Sqrt}, std)
	s = binary("scale", schema.Div, params[0], std)
	b = binary("bias", schema.Sub, params[1], binary("mean_scale", schema.Mul, params[2], s))
	if len(shape) == 1 {
		return s, b
	}
	to := make([]int64, len(shape))
	for i := range to {
		to[i] = 1
	}
	to[0] = -1
	reshape := func(role string, v *graph.Value) *graph.Value {
		return c.emit(role, schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts("channels", to...))
	}
	return reshape("scale_by_channel", s), reshape("bias_by_channel", b)
}

// importSoftmax handles the meaning from operator version 13 on.
func importSoftmax(c *call) error { return c.softmax(false) }

// importLogSoftmax is importSoftmax for the logarithm.
func importLogSoftmax(c *call) error { return c.softmax(true) }

// importSoftmax1 handles the versions before 13, which take the input for a matrix
// whose rows are the axes from the given one on.
func importSoftmax1(c *call) error { return c.softmax2D(false) }

// importLogSoftmax1 is importSoftmax1 for the logarithm.
func importLogSoftmax1(c *call) error { return c.softmax2D(true) }

func (c *call) softmax(log bool) error {
	axis, err := c.axis("axis", max(1, len(c.in[0].Shape)), 0)
	if err != nil {
		return err
	}
	if c.in[0].DType == schema.Float64 {
		c.alias(0, c.softmaxParts(c.in[0], axis, log))
		return nil
	}
	c.result(0, "", schema.Softmax, &schema.SoftmaxOptions{Axis: axis, Log: log}, c.in[0])
	return nil
}

// softmaxParts is a Softmax over one axis in its parts, for float64.
func (c *call) softmaxParts(x *graph.Value, axis int, log bool) *graph.Value {
	along := c.constInts("axes", int64(axis))
	reduce := func(role string, kind schema.ReduceKind, v *graph.Value) *graph.Value {
		return c.emit(role, schema.Reduce, &schema.ReduceOptions{Kind: kind, KeepDims: true}, v, along)
	}
	shifted := c.binary("shift", schema.Sub, x, reduce("largest", schema.ReduceMax, x))
	exp := c.unary("exp", schema.Exp, shifted)
	sum := reduce("sum", schema.ReduceSum, exp)
	if log {
		return c.binary("", schema.Sub, shifted, c.unary("log_sum", schema.Log, sum))
	}
	return c.binary("", schema.Div, exp, sum)
}

func (c *call) softmax2D(log bool) error {
	x := c.in[0]
	rank := len(x.Shape)
	axis, err := c.axis("axis", rank, 1)
	if err != nil {
		return err
	}
	if axis == rank-1 {
		return c.softmax(log)
	}
	shape := c.emit("shape", schema.Shape, &schema.ShapeOptions{End: math.MaxInt64}, x)
	y := c.emit("flatten", schema.Flatten, &schema.AxisOptions{Axis: axis}, x)
	if x.DType == schema.Float64 {
		y = c.softmaxParts(y, 1, log)
	} else {
		y = c.emit("", schema.Softmax, &schema.SoftmaxOptions{Axis: 1, Log: log}, y)
	}
	c.result(0, "reshape", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, y, shape)
	return nil
}
