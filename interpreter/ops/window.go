package ops

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/schema"
)

// windowOutput is the output height and width of a convolution or pool over a map
// of size in: the shared arithmetic of Conv2D, Pool2D, BConv2D and BMaxPool2D.
// Along each axis, with p = in + pads and k = (kernel-1)*dilation + 1,
//
//	out = (p - k)/stride + 1, rounded down, or up with ceilMode.
//
// With ceilMode a last window that would start in the padding after the map, or
// beyond, is dropped, as ONNX wants it. The window and the map are checked: sizes,
// strides and dilations are positive, pads are not negative, the padded map has at
// most MaxElements rows and columns, and the window fits into it at least once.
func windowOutput(in, kernel schema.Size2D, w *schema.Window, ceilMode bool) (schema.Size2D, error) {
	h, err := windowAxis(in.H, kernel.H, w.Strides.H, w.Dilations.H, w.Pads.Top, w.Pads.Bottom, ceilMode)
	if err != nil {
		return schema.Size2D{}, fmt.Errorf("height: %w", err)
	}
	ww, err := windowAxis(in.W, kernel.W, w.Strides.W, w.Dilations.W, w.Pads.Left, w.Pads.Right, ceilMode)
	if err != nil {
		return schema.Size2D{}, fmt.Errorf("width: %w", err)
	}
	return schema.Size2D{H: h, W: ww}, nil
}

// windowAxis is windowOutput along one axis.
func windowAxis(in, kernel, stride, dilation, before, after int, ceilMode bool) (int, error) {
	for _, c := range []struct {
		name     string
		v, least int
	}{
		{"input size", in, 1}, {"kernel size", kernel, 1}, {"stride", stride, 1},
		{"dilation", dilation, 1}, {"pad before", before, 0}, {"pad after", after, 0},
	} {
		if c.v < c.least || int64(c.v) > math.MaxInt32 {
			return 0, fmt.Errorf("%s %d, want %d to %d", c.name, c.v, c.least, math.MaxInt32)
		}
	}
	padded := int64(in) + int64(before) + int64(after)
	if padded > MaxElements {
		return 0, fmt.Errorf("padded input of %d (%d + pads %d and %d), want at most %d", padded, in, before, after, MaxElements)
	}
	extent := int64(kernel-1)*int64(dilation) + 1
	if extent > padded {
		return 0, fmt.Errorf("window spans %d (kernel %d, dilation %d), more than the padded input of %d (%d + pads %d and %d)",
			extent, kernel, dilation, padded, in, before, after)
	}
	s := int64(stride)
	room := padded - extent
	out := room/s + 1
	if ceilMode {
		if room%s != 0 {
			out++
		}
		if (out-1)*s >= int64(in)+int64(before) {
			out--
		}
	}
	return int(out), nil
}
