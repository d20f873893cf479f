package importer

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/schema"
)

func importReshape(c *call) error {
	o := &schema.ReshapeOptions{}
	if c.knows("allowzero") {
		var err error
		if o.AllowZero, err = c.bool("allowzero"); err != nil {
			return err
		}
	}
	c.result(0, "", schema.Reshape, o, c.in...)
	return nil
}

func importFlatten(c *call) error {
	axis, err := c.axis("axis", len(c.in[0].Shape), 1)
	if err != nil {
		return err
	}
	c.result(0, "", schema.Flatten, &schema.AxisOptions{Axis: axis}, c.in[0])
	return nil
}

func importTranspose(c *call) error {
	rank := len(c.in[0].Shape)
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	if c.has("perm") {
		given := c.ints("perm")
		seen := make([]bool, rank)
		for i, a := range given {
			if len(given) != rank || a < 0 || a >= int64(rank) || seen[a] {
				return fmt.Errorf("attribute perm is %v: a permutation of the %d axes of %s is expected", given, rank, c.describe(0))
			}
			seen[a] = true
			perm[i] = int(a)
		}
		if len(given) != rank {
			return fmt.Errorf("attribute perm is empty: a permutation of the %d axes of %s is expected", rank, c.describe(0))
		}
	}
	c.result(0, "", schema.Transpose, &schema.TransposeOptions{Perm: perm}, c.in[0])
	return nil
}

// importSqueeze handles the axes as an attribute, before version 13.
func importSqueeze(c *call) error {
	if !c.has("axes") {
		c.result(0, "", schema.Squeeze, nil, c.in[0])
		return nil
	}
	c.result(0, "", schema.Squeeze, nil, c.in[0], c.constInts("axes", c.ints("axes")...))
	return nil
}

// importSqueeze13 handles the axes as an operand.
func importSqueeze13(c *call) error {
	c.result(0, "", schema.Squeeze, nil, trimAbsent(c.in...)...)
	return nil
}

func importUnsqueeze(c *call) error {
	c.result(0, "", schema.Unsqueeze, nil, c.in[0], c.constInts("axes", c.ints("axes")...))
	return nil
}

func importUnsqueeze13(c *call) error {
	c.result(0, "", schema.Unsqueeze, nil, c.in...)
	return nil
}

func importShape(c *call) error {
	o := &schema.ShapeOptions{End: math.MaxInt64}
	if c.knows("start") {
		o.Start = c.int("start")
		if c.has("end") {
			o.End = c.int("end")
		}
	}
	c.result(0, "", schema.Shape, o, c.in[0])
	return nil
}

func importExpand(c *call) error {
	c.result(0, "", schema.Expand, nil, c.in...)
	return nil
}
