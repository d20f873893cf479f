package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/schema"
)

// importConv makes a Conv2D between two Transposes. The weights go from OIHW to
// OHWI by a Transpose as well, so that they may be computed.
func importConv(c *call) error {
	spatial, err := c.spatialRank()
	if err != nil {
		return err
	}
	w := c.in[1]
	if len(w.Shape) != spatial+2 {
		return fmt.Errorf("input 1, %s, has rank %d: the rank of input 0, %d, is expected", c.describe(1), len(w.Shape), spatial+2)
	}
	kernel := w.Shape[2:]
	if err := c.convChannels(); err != nil {
		return err
	}
	if slices.Contains(kernel, -1) {
		return c.unsupported("the kernel size of input 1, %s, is not known", c.describe(1))
	}
	if c.has("kernel_shape") {
		given, err := c.sizes("kernel_shape", spatial, 1)
		if err != nil {
			return err
		}
		if !slices.Equal(given, kernel) {
			return fmt.Errorf("attribute kernel_shape is %v, but the weights %s are of size %v", given, c.describe(1), kernel)
		}
	}
	win, err := c.window(kernel, true)
	if err != nil {
		return err
	}
	if spatial == 1 {
		w = c.emit("weights_2d", schema.Unsqueeze, nil, w, c.constInts("height", 2))
	}
	w = c.transpose("weights_ohwi", w, 0, 2, 3, 1)
	_, geometry := win.options2D()
	y := c.emit("", schema.Conv2D,
		&schema.Conv2DOptions{Window: geometry, Groups: int(c.int("group")), Clamp: schema.NoClamp},
		trimAbsent(c.channelsLast(spatial), w, c.input(2))...)
	c.channelsFirst(y, spatial)
	return nil
}

// convChannels checks what has to do with channels, in the axes that ONNX gives them.
func (c *call) convChannels() error {
	x, w, group := c.in[0], c.in[1], c.int("group")
	if err := c.convTypes(); err != nil {
		return err
	}
	in, out := x.Shape[1], w.Shape[0]
	if in < 0 {
		return c.unsupported("the number of channels, axis 1 of input 0, %s, is not known; give it by --input-shape", c.describe(0))
	}
	if slices.Contains(w.Shape, -1) {
		return nil // left to the inference
	}
	if most := int64(min(in, out)); group < 1 || group > most || int64(in)%group != 0 || int64(out)%group != 0 {
		return fmt.Errorf("attribute group is %d: a divisor of the %d channels of input 0, %s, and of the %d of the output is expected", group, in, c.describe(0), out)
	}
	if each := in / int(group); w.Shape[1] != each {
		return fmt.Errorf("input 1, %s, takes %d channels: %d expected, of %d in input 0, %s, and group %d", c.describe(1), w.Shape[1], each, in, c.describe(0), group)
	}
	return c.convBias(out)
}

// convTypes checks the types of the operands of a convolution, and that no size of the
// weights is 0.
func (c *call) convTypes() error {
	for i := range c.in {
		if err := c.wantType(i, schema.Float32, schema.Float16); err != nil {
			return err
		}
	}
	if slices.Contains(c.in[1].Shape, 0) {
		return fmt.Errorf("input 1, %s: sizes of at least 1 are expected", c.describe(1))
	}
	return nil
}

// convBias checks the bias, if there is one, for a number of output channels.
func (c *call) convBias(out int) error {
	if b := c.input(2); b != nil && (len(b.Shape) != 1 || b.Shape[0] >= 0 && b.Shape[0] != out) {
		return fmt.Errorf("input 2, %s: a list of %d values, one for each channel of the output, is expected", c.describe(2), out)
	}
	return nil
}
