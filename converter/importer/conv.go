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
		return fmt.Errorf("input 1, %s, has rank %d: the rank of input 0, %d, is expected", describeValue(w), len(w.Shape), spatial+2)
	}
	kernel := w.Shape[2:]
	if slices.Contains(kernel, -1) {
		return c.unsupported("the kernel size of input 1, %s, is not known", describeValue(w))
	}
	if c.has("kernel_shape") {
		given, err := c.sizes("kernel_shape", spatial, 1)
		if err != nil {
			return err
		}
		if !slices.Equal(given, kernel) {
			return fmt.Errorf("attribute kernel_shape is %v, but the weights %s are of size %v", given, describeValue(w), kernel)
		}
	}
	group := c.int("group")
	if group < 1 || group > 1<<30 {
		return fmt.Errorf("attribute group is %d: at least 1 is expected", group)
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
		&schema.Conv2DOptions{Window: geometry, Groups: int(group), Clamp: schema.NoClamp},
		trimAbsent(c.channelsLast(spatial), w, c.input(2))...)
	c.channelsFirst(y, spatial)
	return nil
}
