package exporter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// convAttrs are the attributes of a Conv with weights of shape OHWI.
func convAttrs(w *schema.Window, weights []int, groups int) []*onnxpb.AttributeProto {
	return append(windowAttrs(w, schema.Size2D{H: weights[1], W: weights[2]}), integer("group", int64(groups)))
}

func windowAttrs(w *schema.Window, kernel schema.Size2D) []*onnxpb.AttributeProto {
	p := w.Pads
	return []*onnxpb.AttributeProto{
		ints("kernel_shape", kernel.H, kernel.W), ints("strides", w.Strides.H, w.Strides.W),
		ints("dilations", w.Dilations.H, w.Dilations.W), ints("pads", p.Top, p.Left, p.Bottom, p.Right),
	}
}

func poolAttrs(o *schema.Pool2DOptions) []*onnxpb.AttributeProto {
	attrs := append(windowAttrs(&o.Window, o.Kernel), flag("ceil_mode", o.CeilMode))
	if o.Kind == schema.AveragePool {
		// Quantized forms that runtimes make of it do not know them.
		if o.Dilations == (schema.Size2D{H: 1, W: 1}) {
			attrs = slices.DeleteFunc(attrs, func(a *onnxpb.AttributeProto) bool { return a.GetName() == "dilations" })
		}
		attrs = append(attrs, flag("count_include_pad", o.CountIncludePad))
	}
	return attrs
}

var poolForms = map[schema.PoolKind]string{schema.MaxPool: "MaxPool", schema.AveragePool: "AveragePool"}

func exportConv2D(c *call) error {
	o, err := options[*schema.Conv2DOptions](c)
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := c.wantRank(i, 4); err != nil {
			return err
		}
	}
	if c.in[0].DType == schema.Int32 {
		sum, err := c.intSums(c.plain(0), c.plain(1), &o.Window, o.Groups)
		c.out[0].set(plain, sum)
		return err
	}
	f := first
	if o.ChannelsFirst {
		f = plain
	}
	role := "conv"
	if o.Clamp == schema.NoClamp {
		role = ""
	}
	in := []*value{c.value(c.in[0], f), c.value(c.in[1], first), c.plain(2)}
	y := c.emit(role, "Conv", in, convAttrs(&o.Window, c.in[1].Shape, o.Groups)...)
	if role != "" {
		y = c.clamped("", y, o.Clamp)
	}
	c.out[0].set(first, y)
	return nil
}

// intSums makes a convolution of int32, NHWC and OHWI, which ONNX does not have: for each tap
// of the window the pixels that it meets, times its weights, all added up. The weights have
// the shape of operand 1.
func (c *call) intSums(x, weights *value, o *schema.Window, count int) (*value, error) {
	w, p := c.in[1].Shape, o.Pads
	const most = 1 << 10
	if w[1] < 1 || w[2] < 1 || count < 1 || w[1]*w[2]*count > most {
		return nil, fmt.Errorf("window of %d x %d taps in %d groups of int32, want known ones and at most %d in all", w[1], w[2], count, most)
	}
	if w[0] < 0 || w[3] < 0 || w[0]%count != 0 {
		return nil, fmt.Errorf("weights %v in %d groups, want known numbers of channels that divide", w, count)
	}
	if p != (schema.Pads{}) {
		x = c.emit("pad", "Pad", []*value{x, c.shape([]int{0, p.Top, p.Left, 0, 0, p.Bottom, p.Right, 0}), c.number(schema.Int32, 0)})
	}
	// HWIO, so that the weights of a tap are a matrix.
	weights = c.transposed(c.op.Name+"/weights", weights, []int{1, 2, 3, 0})
	// cut takes a part of a value along axes.
	cut := func(role string, v *value, starts, ends, axes, steps []int) *value {
		return c.emit(role, "Slice", []*value{v, c.shape(starts), c.shape(ends), c.shape(axes), c.shape(steps)})
	}
	// end is where the last pixel of a tap is, counted from the end of the padded map.
	end := func(tap, taps, dilation int) int {
		if left := (taps - 1 - tap) * dilation; left > 0 {
			return -left
		}
		return 1<<31 - 1
	}
	outputs, inputs := w[0]/count, w[3]
	var groups []*value
	for g := range count {
		var sum *value
		for i := range w[1] {
			for j := range w[2] {
				role := fmt.Sprintf("%d_%d_%d", g, i, j)
				pixels := cut("pixels_"+role, x,
					[]int{i * o.Dilations.H, j * o.Dilations.W, g * inputs},
					[]int{end(i, w[1], o.Dilations.H), end(j, w[2], o.Dilations.W), (g + 1) * inputs},
					[]int{1, 2, 3}, []int{o.Strides.H, o.Strides.W, 1})
				tap := cut("tap_"+role, weights,
					[]int{i, j, 0, g * outputs}, []int{i + 1, j + 1, inputs, (g + 1) * outputs}, []int{0, 1, 2, 3}, []int{1, 1, 1, 1})
				tap = c.emit("matrix_"+role, "Squeeze", []*value{tap, c.shape([]int{0, 1})})
				product := c.emit("product_"+role, "MatMul", []*value{pixels, tap})
				if sum != nil {
					product = c.emit("sum_"+role, "Add", []*value{sum, product})
				}
				sum = product
			}
		}
		groups = append(groups, sum)
	}
	if len(groups) == 1 {
		return groups[0], nil
	}
	return c.emit("groups", "Concat", groups, integer("axis", 3)), nil
}

func exportPool2D(c *call) error {
	o, err := options[*schema.Pool2DOptions](c)
	if err != nil {
		return err
	}
	if err := c.wantRank(0, 4); err != nil {
		return err
	}
	c.out[0].set(first, c.emit("", poolForms[o.Kind], []*value{c.value(c.in[0], first)}, poolAttrs(o)...))
	return nil
}

func exportPoolND(c *call) error {
	o, err := options[*schema.PoolNDOptions](c)
	if err != nil {
		return err
	}
	attrs := []*onnxpb.AttributeProto{
		ints("kernel_shape", o.Kernel...), ints("strides", o.Strides...), ints("dilations", o.Dilations...),
		ints("pads", o.Pads...), flag("ceil_mode", o.CeilMode),
	}
	if o.Kind == schema.AveragePool {
		attrs = append(attrs, flag("count_include_pad", o.CountIncludePad))
	} else {
		attrs = append(attrs, flag("storage_order", o.ColumnMajor))
	}
	c.results(poolForms[o.Kind], c.plains(), attrs...)
	return nil
}
