package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/schema"
)

func importMaxPool(c *call) error { return importPool(c, schema.MaxPool) }

func importAveragePool(c *call) error { return importPool(c, schema.AveragePool) }

// importPool makes a Pool2D between two Transposes, or a PoolND where that cannot say it.
func importPool(c *call, kind schema.PoolKind) error {
	spatial := len(c.in[0].Shape) - 2
	if spatial < 1 {
		return fmt.Errorf("input 0, %s, has rank %d: at least 3 is expected", c.describe(0), spatial+2)
	}
	types := []schema.DType{schema.Float32, schema.Float16}
	if kind == schema.MaxPool {
		types = append(types, schema.Float64, schema.Int8, schema.Uint8)
	}
	if err := c.wantType(0, types...); err != nil {
		return err
	}
	kernel, err := c.sizes("kernel_shape", spatial, 1)
	if err != nil {
		return err
	}
	win, err := c.window(kernel, c.knows("dilations"))
	if err != nil {
		return err
	}
	o := &schema.Pool2DOptions{Kind: kind}
	if c.knows("ceil_mode") {
		if o.CeilMode, err = c.bool("ceil_mode"); err != nil {
			return err
		}
		// The output sizes of auto_pad have a rounding of their own.
		o.CeilMode = o.CeilMode && !win.auto
	}
	if c.knows("count_include_pad") {
		if o.CountIncludePad, err = c.bool("count_include_pad"); err != nil {
			return err
		}
	}
	if spatial <= 2 && !c.wanted(1) {
		o.Kernel, o.Window = win.options2D()
		c.channelsFirst(c.emit("", schema.Pool2D, o, c.channelsLast(spatial)), spatial)
		return nil
	}
	nd := &schema.PoolNDOptions{
		Kind: kind, Kernel: win.kernel, Strides: win.strides, Dilations: win.dilations, Pads: slices.Concat(win.begin, win.end),
		CeilMode: o.CeilMode, CountIncludePad: o.CountIncludePad,
	}
	if c.knows("storage_order") {
		if nd.ColumnMajor, err = c.bool("storage_order"); err != nil {
			return err
		}
	}
	end := 1
	if c.wanted(1) {
		end = 2
	}
	c.results("", schema.PoolND, nd, c.in, 0, end)
	return nil
}

func importGlobalAveragePool(c *call) error { return importGlobalPool(c, schema.ReduceMean) }
func importGlobalMaxPool(c *call) error     { return importGlobalPool(c, schema.ReduceMax) }

// importGlobalPool reduces the spatial axes. Those of a map are reduced in NHWC,
// where the operators around it are.
func importGlobalPool(c *call, kind schema.ReduceKind) error {
	x := c.in[0]
	o := &schema.ReduceOptions{Kind: kind, KeepDims: true}
	if len(x.Shape) == 4 {
		c.channelsFirst(c.emit("", schema.Reduce, o, c.channelsLast(2), c.constInts("axes", 1, 2)), 2)
		return nil
	}
	var axes []int64
	for i := 2; i < len(x.Shape); i++ {
		axes = append(axes, int64(i))
	}
	if len(axes) == 0 {
		c.alias(0, x)
		return nil
	}
	c.result(0, "", schema.Reduce, o, x, c.constInts("axes", axes...))
	return nil
}

// knows reports whether the operator has an attribute at this version.
func (c *call) knows(name string) bool {
	return slices.ContainsFunc(c.row.attrs, func(a attr) bool { return a.name == name })
}
