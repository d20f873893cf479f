package importer

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// reductions are those of scatters by the operator version that brought them.
var reductions = map[string]struct {
	kind  schema.ScatterKind
	since int
}{
	"none": {schema.ScatterNone, 16}, "add": {schema.ScatterAdd, 16}, "mul": {schema.ScatterMul, 16},
	"max": {schema.ScatterMax, 18}, "min": {schema.ScatterMin, 18},
}

// scatter adds an op with a reduction, which is done in a type that is calculated in.
func (c *call) scatter(code schema.OpCode, axis int) error {
	o := &schema.ScatterOptions{Axis: axis}
	if c.knows("reduction") {
		r, ok := reductions[c.string("reduction")]
		if !ok || r.since > c.version {
			return fmt.Errorf("attribute reduction is %q: none, add, mul and from version 18 on max and min are accepted", c.string("reduction"))
		}
		o.Reduction = r.kind
	}
	indices, err := c.indices(1, schema.Int64, schema.Int32)
	if err != nil {
		return err
	}
	build := func(c *call) error {
		c.result(0, "", code, o, c.in[0], indices, c.in[2])
		return nil
	}
	if o.Reduction == schema.ScatterNone {
		return build(c)
	}
	return narrow(build)(c)
}

func importScatterElements(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	return c.scatter(schema.ScatterElements, axis)
}

func importScatterND(c *call) error { return c.scatter(schema.ScatterND, 0) }

func importReverseSequence(c *call) error {
	rank := len(c.in[0].Shape)
	batch, err := c.axis("batch_axis", rank, 0)
	if err != nil {
		return err
	}
	time, err := c.axis("time_axis", rank, 0)
	if err != nil {
		return err
	}
	c.result(0, "", schema.ReverseSequence, &schema.ReverseSequenceOptions{BatchAxis: batch, TimeAxis: time}, c.in...)
	return nil
}

func importTrilu(c *call) error {
	upper, err := c.bool("upper")
	if err != nil {
		return err
	}
	c.result(0, "", schema.Trilu, &schema.TriluOptions{Lower: !upper}, trimAbsent(c.in...)...)
	return nil
}

// importEyeLike takes the diagonal of ones: what is on it and above, and of that what is
// on it and below.
func importEyeLike(c *call) error {
	x := c.in[0]
	if len(x.Shape) != 2 {
		return fmt.Errorf("input 0, %s, has rank %d: 2 is expected", c.describe(0), len(x.Shape))
	}
	to, err := c.dtypeAttr("dtype", x.DType)
	if err != nil {
		return err
	}
	ones := c.emit("ones", schema.Fill, nil, c.dims("shape", c.dim(x, 0), c.dim(x, 1)), c.scalar("one", schema.Int32, 1))
	k := c.im.g.ConstInt64s(c.name("k"), []int{}, []int64{c.int("k")})
	eye := c.emit("lower", schema.Trilu, &schema.TriluOptions{Lower: true}, c.emit("", schema.Trilu, &schema.TriluOptions{}, ones, k), k)
	c.result(0, "cast", schema.Cast, &schema.CastOptions{To: to}, eye)
	return nil
}

func importCumSum(c *call) error {
	o := &schema.CumSumOptions{}
	var err error
	if o.Exclusive, err = c.bool("exclusive"); err != nil {
		return err
	}
	if o.Reverse, err = c.bool("reverse"); err != nil {
		return err
	}
	c.result(0, "", schema.CumSum, o, c.in...)
	return nil
}

func importArg(smallest bool) func(*call) error {
	return func(c *call) (err error) {
		o := &schema.ArgOptions{Min: smallest}
		if o.Axis, err = c.axis("axis", len(c.in[0].Shape), 0); err != nil {
			return err
		}
		if o.KeepDims, err = c.bool("keepdims"); err != nil {
			return err
		}
		if c.knows("select_last_index") {
			if o.Last, err = c.bool("select_last_index"); err != nil {
				return err
			}
		}
		c.result(0, "", schema.ArgReduce, o, c.in[0])
		return nil
	}
}

// importTopK sorts in any case; an unsorted result has no order of its own.
func importTopK(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	o := &schema.TopKOptions{Axis: axis}
	if c.knows("largest") {
		largest, err := c.bool("largest")
		if err != nil {
			return err
		}
		o.Smallest = !largest
	}
	var k *graph.Value
	if c.knows("k") {
		k = c.constInts("k", c.int("k"))
	} else if k, err = c.indices(1, schema.Int64); err != nil {
		return err
	}
	c.results("", schema.TopK, o, []*graph.Value{c.in[0], k}, 0, 2)
	return nil
}

// importHardmax handles the meaning from operator version 13 on: 1 where the first
// largest element of the axis is.
func importHardmax(c *call) error {
	if err := c.wantType(0, schema.Float16, schema.Float32, schema.Float64); err != nil {
		return err
	}
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	depth := c.dim(c.in[0], axis)
	found := c.emit("find", schema.ArgReduce, &schema.ArgOptions{Axis: axis}, c.in[0])
	c.result(0, "", schema.OneHot, &schema.AxisOptions{Axis: axis}, found, depth, c.offOn())
	return nil
}

// importHardmax1 handles the versions before 13, which take the input for a matrix.
func importHardmax1(c *call) error {
	if err := c.wantType(0, schema.Float16, schema.Float32, schema.Float64); err != nil {
		return err
	}
	x := c.in[0]
	axis, err := c.axis("axis", len(x.Shape), 1)
	if err != nil {
		return err
	}
	shape := c.shape("shape", x)
	flat := c.emit("flatten", schema.Flatten, &schema.AxisOptions{Axis: axis}, x)
	depth := c.emit("depth", schema.Shape, &schema.ShapeOptions{Start: 1, End: 2}, flat)
	found := c.emit("find", schema.ArgReduce, &schema.ArgOptions{Axis: 1}, flat)
	y := c.emit("", schema.OneHot, &schema.AxisOptions{Axis: 1}, found, depth, c.offOn())
	c.result(0, "reshape", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, y, shape)
	return nil
}

// offOn is 0 and 1 in the type of operand 0.
func (c *call) offOn() *graph.Value {
	d := c.in[0].DType
	zero, one := c.scalar("off", d, 0), c.scalar("on", d, 1)
	return c.im.g.NewConst(c.name("off_on"), d, []int{2}, append(zero.Const.Data[:d.Size():d.Size()], one.Const.Data...))
}
