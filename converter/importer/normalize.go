package importer

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// shape is the shape of a value while the model runs.
func (c *call) shape(role string, x *graph.Value) *graph.Value {
	return c.emit(role, schema.Shape, &schema.ShapeOptions{End: math.MaxInt64}, x)
}

// mean is the mean over some axes, which stay with size 1.
func (c *call) mean(role string, x, axes *graph.Value) *graph.Value {
	return c.emit(role, schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, x, axes)
}

// span lists the axes from first to before end.
func (c *call) span(first, end int) *graph.Value {
	var axes []int64
	for i := first; i < end; i++ {
		axes = append(axes, int64(i))
	}
	return c.constInts("axes", axes...)
}

// standardized is x, of the type d, minus its mean, times one over the square root of its
// variance and epsilon. The mean and the factor are there for outputs.
func (c *call) standardized(x, axes *graph.Value, d schema.DType) (y, mean, factor *graph.Value) {
	mean = c.mean("mean", x, axes)
	centered := c.binary("center", schema.Sub, x, mean)
	variance := c.mean("variance", c.binary("square", schema.Mul, centered, centered), axes)
	sum := c.binary("variance_epsilon", schema.Add, variance, c.scalar("epsilon", d, float64(c.float("epsilon"))))
	factor = c.unary("factor", schema.Reciprocal, c.unary("deviation", schema.Sqrt, sum))
	return c.binary("standardize", schema.Mul, centered, factor), mean, factor
}

// importLayerNorm standardizes over the axes from the given one on.
func importLayerNorm(c *call) error {
	x := c.in[0]
	if stash := c.int("stash_type"); stash != 1 {
		return c.unsupported("attribute stash_type is %d; only 1, float32, is supported", stash)
	}
	axis, err := c.axis("axis", len(x.Shape), 0)
	if err != nil {
		return err
	}
	y, mean, factor := c.standardized(x, c.span(axis, len(x.Shape)), x.DType)
	y = c.binary("scale", schema.Mul, y, c.in[1])
	if bias := c.input(2); bias != nil {
		y = c.binary("bias", schema.Add, y, bias)
	}
	c.alias(0, y)
	for i, v := range []*graph.Value{nil, mean, factor} {
		switch {
		case v == nil || !c.wanted(i):
		case x.DType == schema.Float64: // these are float32 whatever x is
			c.result(i, "narrow", schema.Cast, &schema.CastOptions{To: schema.Float32}, v)
		default:
			c.alias(i, v)
		}
	}
	return nil
}

// perChannel gives a list with an element for each channel the shape in which it
// broadcasts to a map of the given rank.
func (c *call) perChannel(role string, v *graph.Value, rank int) *graph.Value {
	shape := make([]int64, rank-1)
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = -1
	return c.emit(role, schema.Reshape, &schema.ReshapeOptions{}, v, c.constInts(role+"/shape", shape...))
}

// importInstanceNorm standardizes each map.
func importInstanceNorm(c *call) error {
	x := c.in[0]
	rank := len(x.Shape)
	if rank < 3 {
		return fmt.Errorf("input 0, %s, has rank %d: at least 3 is expected", c.describe(0), rank)
	}
	for i := 1; i < 3; i++ {
		if v := c.in[i]; len(v.Shape) != 1 || v.Shape[0] >= 0 && x.Shape[1] >= 0 && v.Shape[0] != x.Shape[1] {
			return fmt.Errorf("input %d, %s: a list with an element for each channel of input 0, %s, is expected", i, c.describe(i), c.describe(0))
		}
	}
	y, _, _ := c.standardized(x, c.span(2, rank), x.DType)
	y = c.binary("scale", schema.Mul, y, c.perChannel("scale_by_channel", c.in[1], rank))
	c.result(0, "bias", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, c.perChannel("bias_by_channel", c.in[2], rank))
	return nil
}

// importGroupNorm standardizes the maps of each group of channels. Scale and bias are for
// each group at version 18, for each channel from 21 on.
func importGroupNorm(c *call) error {
	x := c.in[0]
	rank, groups := len(x.Shape), c.int("num_groups")
	if rank < 3 {
		return fmt.Errorf("input 0, %s, has rank %d: at least 3 is expected", c.describe(0), rank)
	}
	if c.knows("stash_type") && c.int("stash_type") != 1 {
		return c.unsupported("attribute stash_type is %d; only 1, float32, is supported", c.int("stash_type"))
	}
	channels := x.Shape[1]
	if groups < 1 || groups > math.MaxInt32 || channels >= 0 && int64(channels)%groups != 0 {
		return fmt.Errorf("attribute num_groups is %d: a number that the channels of input 0, %s, divide by is expected", groups, c.describe(0))
	}
	each := channels
	if c.version < 21 {
		each = int(groups)
	}
	for i := 1; i < 3; i++ {
		if v := c.in[i]; len(v.Shape) != 1 || v.Shape[0] >= 0 && each >= 0 && v.Shape[0] != each {
			return fmt.Errorf("input %d, %s: a list of %d elements is expected", i, c.describe(i), each)
		}
	}
	shape := c.shape("shape", x)
	o := &schema.ReshapeOptions{}
	cut := c.emit("groups", schema.Reshape, o, x, c.constInts("cut", 0, groups, -1))
	y, _, _ := c.standardized(cut, c.span(2, 3), x.DType)
	affine := func(y *graph.Value, rank int) *graph.Value {
		y = c.binary("scale", schema.Mul, y, c.perChannel("scale_by_channel", c.in[1], rank))
		return c.binary("bias", schema.Add, y, c.perChannel("bias_by_channel", c.in[2], rank))
	}
	if c.version < 21 {
		c.result(0, "", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, affine(y, 3), shape)
		return nil
	}
	c.alias(0, affine(c.emit("", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, y, shape), rank))
	return nil
}

// importMeanVarianceNorm adds 1e-9 to the deviation.
func importMeanVarianceNorm(c *call) error {
	axes := []int64{0, 2, 3}
	if c.has("axes") {
		axes = c.ints("axes")
	}
	list := c.constInts("axes", axes...)
	centered := c.binary("center", schema.Sub, c.in[0], c.mean("mean", c.in[0], list))
	variance := c.mean("variance", c.binary("square", schema.Mul, centered, centered), list)
	deviation := c.binary("deviation_epsilon", schema.Add, c.unary("deviation", schema.Sqrt, variance), c.scalar("epsilon", c.in[0].DType, 1e-9))
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Div}, centered, deviation)
	return nil
}

// norm is the sum of the magnitudes over some axes, or for p = 2 the root of the sum of
// squares.
func (c *call) norm(p int64, axes *graph.Value) (*graph.Value, error) {
	x, o := c.in[0], &schema.ReduceOptions{Kind: schema.ReduceSum, KeepDims: true}
	switch p {
	case 1:
		return c.emit("norm", schema.Reduce, o, c.unary("abs", schema.Abs, x), axes), nil
	case 2:
		return c.unary("norm", schema.Sqrt, c.emit("sum", schema.Reduce, o, c.binary("square", schema.Mul, x, x), axes)), nil
	}
	return nil, c.unsupported("attribute p is %d; 1 and 2 are supported", p)
}

func importLpNorm(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	norm, err := c.norm(c.int("p"), c.constInts("axis", int64(axis)))
	if err != nil {
		return err
	}
	// What is all zeros stays so.
	zero := c.scalar("zero", c.in[0].DType, 0)
	y := c.binary("", schema.Div, c.in[0], norm)
	c.result(0, "zeros", schema.Select, nil, c.binary("is_zero", schema.Equal, norm, zero), zero, y)
	return nil
}

func importGlobalLpPool(c *call) error {
	if len(c.in[0].Shape) < 3 {
		return fmt.Errorf("input 0, %s, has rank %d: at least 3 is expected", c.describe(0), len(c.in[0].Shape))
	}
	norm, err := c.norm(c.int("p"), c.span(2, len(c.in[0].Shape)))
	if err != nil {
		return err
	}
	c.alias(0, norm)
	return nil
}

// importLRN divides by a power of the mean of squares over neighbouring channels, which is a pool of
// maps of one column: the channels are its rows, and the pixels its channels.
func importLRN(c *call) error {
	x := c.in[0]
	if len(x.Shape) < 3 || x.DType != schema.Float32 {
		return fmt.Errorf("input 0, %s: a float32 or float16 of rank 3 or more is expected", c.describe(0))
	}
	const most = 1 << 12
	size := c.int("size")
	if size < 1 || size > most {
		return fmt.Errorf("attribute size is %d: 1 to %d is accepted", size, most)
	}
	before := int(size-1) / 2
	pool := &schema.Pool2DOptions{Kind: schema.AveragePool, Kernel: schema.Size2D{H: int(size), W: 1}, CountIncludePad: true}
	pool.Strides, pool.Dilations = schema.Size2D{H: 1, W: 1}, schema.Size2D{H: 1, W: 1}
	pool.Pads = schema.Pads{Top: before, Bottom: int(size) - 1 - before}
	column := c.emit("column", schema.Reshape, &schema.ReshapeOptions{}, c.binary("square", schema.Mul, x, x), c.constInts("columns", 0, 0, 1, -1))
	mean := c.emit("mean", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, c.emit("", schema.Pool2D, pool, column), c.shape("shape", x))
	base := c.binary("bias", schema.Add, c.binary("scale", schema.Mul, mean, c.constFloat("alpha", c.float("alpha"))), c.constFloat("k", c.float("bias")))
	power := c.binary("power", schema.Pow, base, c.constFloat("beta", c.float("beta")))
	c.result(0, "divide", schema.Binary, &schema.BinaryOptions{Kind: schema.Div}, x, power)
	return nil
}
