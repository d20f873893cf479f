package importer

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// blocks reads the size of the blocks, and the dimensions of operand 0, which is NCHW.
func (c *call) blocks() (block int64, dims [4]*graph.Value, err error) {
	x := c.in[0]
	if len(x.Shape) != 4 {
		return 0, dims, fmt.Errorf("input 0, %s, has rank %d: 4 is expected", c.describe(0), len(x.Shape))
	}
	const most = 1 << 12
	if block = c.int("blocksize"); block < 1 || block > most {
		return 0, dims, fmt.Errorf("attribute blocksize is %d: 1 to %d is accepted", block, most)
	}
	for i := range dims {
		dims[i] = c.dim(x, i)
	}
	return block, dims, nil
}

// dim is dimension i of x as a list of one number, a constant if it is known.
func (c *call) dim(x *graph.Value, i int) *graph.Value {
	role := fmt.Sprint("dim_", i)
	if x.Shape[i] >= 0 {
		return c.constInts(role, int64(x.Shape[i]))
	}
	return c.emit(role, schema.Shape, &schema.ShapeOptions{Start: int64(i), End: int64(i + 1)}, x)
}

// dims joins dimensions to a shape.
func (c *call) dims(role string, list ...*graph.Value) *graph.Value {
	return c.emit(role, schema.Concat, &schema.AxisOptions{}, list...)
}

// importDepthToSpace cuts the channels into blocks and lays each out in rows and columns.
func importDepthToSpace(c *call) error {
	block, d, err := c.blocks()
	if err != nil {
		return err
	}
	if channels := c.in[0].Shape[1]; channels >= 0 && int64(channels)%(block*block) != 0 {
		return fmt.Errorf("input 0, %s: its channels do not divide by %d, the square of attribute blocksize", c.describe(0), block*block)
	}
	size := c.constInts("block", block)
	deep := c.binary("depth", schema.Div, d[1], c.constInts("block_square", block*block))
	cut, perm := c.dims("cut", d[0], size, size, deep, d[2], d[3]), []int{0, 3, 4, 1, 5, 2}
	if c.knows("mode") {
		switch mode := c.string("mode"); mode {
		case "DCR":
		case "CRD":
			cut, perm = c.dims("cut", d[0], deep, size, size, d[2], d[3]), []int{0, 1, 4, 2, 5, 3}
		default:
			return fmt.Errorf("attribute mode is %q: DCR or CRD is accepted", mode)
		}
	}
	high, wide := c.binary("height", schema.Mul, d[2], size), c.binary("width", schema.Mul, d[3], size)
	c.reshapeTransposed(cut, perm, c.dims("shape", d[0], deep, high, wide))
	return nil
}

// importSpaceToDepth makes channels of the rows and columns of each block.
func importSpaceToDepth(c *call) error {
	block, d, err := c.blocks()
	if err != nil {
		return err
	}
	for i := 2; i < 4; i++ {
		if n := c.in[0].Shape[i]; n >= 0 && int64(n)%block != 0 {
			return fmt.Errorf("input 0, %s: axis %d does not divide by attribute blocksize, %d", c.describe(0), i, block)
		}
	}
	size := c.constInts("block", block)
	high, wide := c.binary("height", schema.Div, d[2], size), c.binary("width", schema.Div, d[3], size)
	deep := c.binary("depth", schema.Mul, d[1], c.constInts("block_square", block*block))
	c.reshapeTransposed(c.dims("cut", d[0], d[1], high, size, wide, size), []int{0, 3, 5, 1, 2, 4}, c.dims("shape", d[0], deep, high, wide))
	return nil
}

// reshapeTransposed gives operand 0 a shape, transposes it and makes the result of it in
// another shape.
func (c *call) reshapeTransposed(cut *graph.Value, perm []int, shape *graph.Value) {
	o := &schema.ReshapeOptions{AllowZero: true}
	x := c.emit("cut_up", schema.Reshape, o, c.in[0], cut)
	c.result(0, "join", schema.Reshape, o, c.transpose("", x, perm...), shape)
}
