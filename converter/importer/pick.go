package importer

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// indices gives operand i, which has indices or a count, as int64.
func (c *call) indices(i int, accepted ...schema.DType) (*graph.Value, error) {
	if err := c.wantType(i, accepted...); err != nil {
		return nil, err
	}
	if c.in[i].DType == schema.Int64 {
		return c.in[i], nil
	}
	return c.cast(c.in[i], schema.Int64)
}

func importGatherElements(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 0)
	if err != nil {
		return err
	}
	indices, err := c.indices(1, schema.Int64, schema.Int32)
	if err != nil {
		return err
	}
	c.result(0, "", schema.GatherElements, &schema.AxisOptions{Axis: axis}, c.in[0], indices)
	return nil
}

func importGatherND(c *call) error {
	o := &schema.AxisOptions{}
	if c.knows("batch_dims") {
		batch := c.int("batch_dims")
		if rank := len(c.in[0].Shape); batch < 0 || batch > int64(rank) {
			return fmt.Errorf("attribute batch_dims is %d: 0 to %d is accepted for input 0, %s", batch, rank, c.describe(0))
		}
		o.Axis = int(batch)
	}
	indices, err := c.indices(1, schema.Int64)
	if err != nil {
		return err
	}
	c.result(0, "", schema.GatherND, o, c.in[0], indices)
	return nil
}

var numberTypes = []schema.DType{
	schema.Float16, schema.Float32, schema.Float64, schema.Int8, schema.Int16, schema.Int32, schema.Int64,
	schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64,
}

func importOneHot(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape)+1, 0)
	if err != nil {
		return err
	}
	indices, err := c.indices(0, numberTypes...)
	if err != nil {
		return err
	}
	depth, err := c.indices(1, numberTypes...)
	if err != nil {
		return err
	}
	c.result(0, "", schema.OneHot, &schema.AxisOptions{Axis: axis}, indices, depth, c.in[2])
	return nil
}

func importNonZero(c *call) error {
	c.result(0, "", schema.NonZero, nil, c.in[0])
	return nil
}

func importNonMaxSuppression(c *call) error {
	center, err := c.bool("center_point_box")
	if err != nil {
		return err
	}
	c.result(0, "", schema.NonMaxSuppression, &schema.NonMaxSuppressionOptions{CenterPointBox: center}, c.in...)
	return nil
}

// importCompress gathers where the condition is true.
func importCompress(c *call) error {
	x, condition := c.in[0], c.in[1]
	if err := c.wantType(1, schema.Bool); err != nil {
		return err
	}
	if len(condition.Shape) != 1 {
		return fmt.Errorf("input 1, %s: a list is expected", c.describe(1))
	}
	axis := 0
	if c.has("axis") {
		var err error
		if axis, err = c.axis("axis", len(x.Shape), 0); err != nil {
			return err
		}
	} else {
		x = c.emit("flatten", schema.Reshape, &schema.ReshapeOptions{}, x, c.constInts("all", -1))
	}
	indices := c.emit("where", schema.Squeeze, nil, c.emit("non_zero", schema.NonZero, nil, condition), c.constInts("axis", 0))
	c.result(0, "", schema.Gather, &schema.AxisOptions{Axis: axis}, x, indices)
	return nil
}

func importTile(c *call) error {
	if err := c.wantType(1, schema.Int64); err != nil {
		return err
	}
	c.result(0, "", schema.Tile, nil, c.in...)
	return nil
}

// importSize multiplies the dimensions.
func importSize(c *call) error {
	shape := c.emit("shape", schema.Shape, &schema.ShapeOptions{End: math.MaxInt64}, c.in[0])
	c.result(0, "", schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceProd}, shape)
	return nil
}
