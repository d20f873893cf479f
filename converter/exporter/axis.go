package exporter

import (
	"fmt"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// Operators with an axis, or with a list of axes.

// along makes the first result of all operands, which have its rank, in the form that
// they have; build gets the axis in that form.
func (c *call) along(axis int, build func(in []*value, axis int) *value) error {
	if err := c.wantAxis(axis); err != nil {
		return err
	}
	f, rank := follows(c.in...), c.in[0].rank
	var in []*value
	for i, t := range c.in {
		if t == nil || t.rank != rank {
			return fmt.Errorf("input %d, want rank %d as input 0 has", i, rank)
		}
		in = append(in, c.value(t, f))
	}
	c.out[0].set(f, build(in, f.axis(axis, rank)))
	return nil
}

func exportConcat(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	return c.along(o.Axis, func(in []*value, axis int) *value {
		return c.emit("", "Concat", in, integer("axis", int64(axis)))
	})
}

func exportSoftmax(c *call) error {
	o, err := options[*schema.SoftmaxOptions](c)
	if err != nil {
		return err
	}
	op := "Softmax"
	if o.Log {
		op = "LogSoftmax"
	}
	if c.in[0].rank == 0 {
		return c.result(op, c.plains(), integer("axis", int64(o.Axis)))
	}
	return c.along(o.Axis, func(in []*value, axis int) *value {
		return c.emit("", op, in, integer("axis", int64(axis)))
	})
}

// exportSplit makes all parts in the form of the whole.
func exportSplit(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	if err := c.wantAxis(o.Axis); err != nil {
		return err
	}
	x := c.in[0]
	f := follows(x)
	attrs := []*onnxpb.AttributeProto{integer("axis", int64(f.axis(o.Axis, x.rank)))}
	in := []*value{c.value(x, f)}
	if c.input(1) != nil {
		in = append(in, c.int64(1))
	} else {
		attrs = append(attrs, integer("num_outputs", int64(len(c.out))))
	}
	var hints []string
	for i, t := range c.out {
		hint := fmt.Sprint(c.op.Name, "/unused", i) // a place that Split cannot leave out
		if t != nil {
			hint = t.Name
		}
		hints = append(hints, hint)
	}
	for i, v := range c.nodes(c.op.Name, "Split", in, hints, attrs...) {
		if c.out[i] != nil {
			c.out[i].set(f, v)
		}
	}
	return nil
}

// exportGather picks along an axis; a list of indices leaves the others where they are.
func exportGather(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	if err := c.wantAxis(o.Axis); err != nil {
		return err
	}
	f, rank := plain, c.in[0].rank
	if c.in[1].rank == 1 {
		f = follows(c.in[0])
	}
	c.out[0].set(f, c.emit("", "Gather", []*value{c.value(c.in[0], f), c.plain(1)}, integer("axis", int64(f.axis(o.Axis, rank)))))
	return nil
}

// axesOperand gives operand i, the axes that others have numbers for, in a form. Absent
// axes are the first ones, as many as there are numbers. It is nil where none are needed,
// and false if the axes are not known.
func (c *call) axesOperand(i, count int, f form, d schema.DType) (*value, bool) {
	if f == plain {
		return c.plain(i), true
	}
	rank := c.in[0].rank
	axes, known := c.constantInts(i)
	if c.input(i) == nil {
		known = count >= 0 && count <= rank
		for a := range max(count, 0) {
			axes = append(axes, int64(a))
		}
	}
	for _, a := range axes {
		known = known && a >= -int64(rank) && a < int64(rank)
	}
	if !known {
		return nil, false
	}
	v := c.shape(f.mapped(axes, rank))
	if d != schema.Int64 {
		v = c.cast("axes", v, d)
	}
	return v, true
}

func exportSlice(c *call) error {
	starts := c.in[1]
	if starts.rank != 1 {
		return fmt.Errorf("input 1, %q, has rank %d, want 1", starts.Name, starts.rank)
	}
	f := follows(c.in[0])
	axes, ok := c.axesOperand(3, starts.Shape[0], f, starts.DType)
	if !ok {
		f = plain
		axes = c.plain(3)
	}
	c.out[0].set(f, c.emit("", "Slice", []*value{c.value(c.in[0], f), c.plain(1), c.plain(2), axes, c.plain(4)}))
	return nil
}

var padForms = map[schema.PadMode]string{schema.PadConstant: "constant", schema.PadReflect: "reflect", schema.PadEdge: "edge"}

func exportPad(c *call) error {
	o, err := options[*schema.PadOptions](c)
	if err != nil {
		return err
	}
	x := c.in[0]
	f := follows(x)
	axes, ok := c.axesOperand(3, x.rank, f, schema.Int64)
	if !ok {
		f = plain
		axes = c.plain(3)
	}
	in := []*value{c.value(x, f), c.int64(1), c.scalar(2), axes}
	c.out[0].set(f, c.emit("", "Pad", in, text("mode", padForms[o.Mode])))
	return nil
}

var reduceForms = map[schema.ReduceKind]string{
	schema.ReduceMean: "ReduceMean", schema.ReduceSum: "ReduceSum", schema.ReduceMax: "ReduceMax",
	schema.ReduceProd: "ReduceProd", schema.ReduceMin: "ReduceMin",
}

func exportReduce(c *call) error {
	o, err := options[*schema.ReduceOptions](c)
	if err != nil {
		return err
	}
	x := c.in[0]
	f := follows(x)
	list, _ := c.constantInts(1)
	axes, ok := c.axesOperand(1, 0, f, schema.Int64)
	// Without the reduced axes those that are left must be in order.
	if !ok || c.input(1) == nil || !o.KeepDims && !f.keepsOrder(list, x.rank) {
		f, axes = plain, c.int64(1)
	}
	y := c.emit("", reduceForms[o.Kind], []*value{c.value(x, f), axes},
		flag("keepdims", o.KeepDims), flag("noop_with_empty_axes", o.NoopWithEmptyAxes))
	if !o.KeepDims {
		f = plain
	}
	c.out[0].set(f, y)
	return nil
}

// keepsOrder reports whether the axes that are left without some are in the order of the
// .lce tensor.
func (f form) keepsOrder(without []int64, rank int) bool {
	gone := map[int]bool{}
	for _, a := range without {
		if a < 0 {
			a += int64(rank)
		}
		gone[int(a)] = true
	}
	before := -1
	for _, axis := range f.perm(rank) {
		if gone[axis] {
			continue
		}
		if axis < before {
			return false
		}
		before = axis
	}
	return true
}
