package importer

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

func importConcat(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	c.result(0, "", schema.Concat, &schema.AxisOptions{Axis: axis}, c.in...)
	return nil
}

func importGather(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	if err := c.checkIndices(axis); err != nil {
		return err
	}
	c.result(0, "", schema.Gather, &schema.AxisOptions{Axis: axis}, c.in...)
	return nil
}

// checkIndices looks at the indices of a Gather, where they are known.
func (c *call) checkIndices(axis int) error {
	known := c.in[1].Known()
	size := int64(c.in[0].Shape[axis])
	if known == nil || size < 0 {
		return nil
	}
	check := func(i int64) error {
		if i < -size || i >= size {
			return fmt.Errorf("input 1, %s: index %d, want %d to %d for axis %d of input 0, %s", c.describe(1), i, -size, size-1, axis, c.describe(0))
		}
		return nil
	}
	switch known.DType {
	case schema.Int64:
		for _, i := range ops.View[int64](known) {
			if err := check(i); err != nil {
				return err
			}
		}
	case schema.Int32:
		for _, i := range ops.View[int32](known) {
			if err := check(int64(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// importSplit handles the sizes as an attribute, before version 13.
func importSplit(c *call) error {
	if !c.has("split") {
		return c.split(nil)
	}
	return c.split(c.constInts("split", c.ints("split")...))
}

// importSplit13 handles the sizes as an operand.
func importSplit13(c *call) error { return c.split(c.input(1)) }

// importSplit18 adds num_outputs: parts of equal size but for the last one, which
// may be smaller.
func importSplit18(c *call) error {
	sizes := c.input(1)
	if (sizes != nil) == c.has("num_outputs") {
		return fmt.Errorf("either input 1, the sizes, or attribute num_outputs is expected")
	}
	if sizes != nil {
		return c.split(sizes)
	}
	parts := len(c.Outputs)
	if n := c.int("num_outputs"); n != int64(parts) {
		return fmt.Errorf("attribute num_outputs is %d, but the node has %d outputs", n, parts)
	}
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	size := c.in[0].Shape[axis]
	if size < 0 || size%parts == 0 {
		return c.split(nil)
	}
	each := (size + parts - 1) / parts
	list := make([]int64, parts)
	for i := range list {
		list[i] = int64(max(0, min(each, size-i*each)))
	}
	return c.split(c.constInts("split", list...))
}

func (c *call) split(sizes *graph.Value) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	c.results("", schema.Split, &schema.AxisOptions{Axis: axis}, trimAbsent(c.in[0], sizes), 0, len(c.Outputs))
	return nil
}

// importSlice handles the bounds as attributes, before version 10.
func importSlice(c *call) error {
	starts, ends := c.ints("starts"), c.ints("ends")
	if len(starts) != len(ends) || c.has("axes") && len(c.ints("axes")) != len(starts) {
		return fmt.Errorf("attributes starts, ends and axes have %d, %d and %d values: the same number is expected", len(starts), len(ends), len(c.ints("axes")))
	}
	var axes *graph.Value
	if c.has("axes") {
		axes = c.constInts("axes", c.ints("axes")...)
	}
	c.result(0, "", schema.Slice, nil,
		trimAbsent(c.in[0], c.constInts("starts", starts...), c.constInts("ends", ends...), axes)...)
	return nil
}

// importSlice10 handles the bounds as operands.
func importSlice10(c *call) error {
	c.result(0, "", schema.Slice, nil, trimAbsent(c.in...)...)
	return nil
}

// importPad handles the amounts as an attribute, before version 11.
func importPad(c *call) error {
	value, err := c.cast(c.constFloat("value", c.float("value")), c.in[0].DType)
	if err != nil {
		return err
	}
	return c.pad(c.constInts("pads", c.ints("pads")...), value, nil)
}

// importPad11 handles the amounts as operands, from version 18 on also the axes.
func importPad11(c *call) error { return c.pad(c.in[1], c.input(2), c.input(3)) }

func (c *call) pad(pads, value, axes *graph.Value) error {
	modes := map[string]schema.PadMode{"constant": schema.PadConstant, "reflect": schema.PadReflect, "edge": schema.PadEdge}
	name := c.string("mode")
	mode, ok := modes[name]
	switch {
	case name == "wrap" && c.version >= 19:
		return c.unsupported("mode %q is not supported; constant, reflect and edge are", name)
	case !ok:
		return fmt.Errorf("attribute mode is %q: constant, reflect or edge is accepted", name)
	case mode != schema.PadConstant:
		value = nil
	}
	c.result(0, "", schema.Pad, &schema.PadOptions{Mode: mode}, trimAbsent(c.in[0], pads, value, axes)...)
	return nil
}
