package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// The attributes that convolutions and pools share.
var (
	autoPadAttr   = stringAttr("auto_pad", "NOTSET")
	windowAttrs   = []attr{autoPadAttr, intsAttr("kernel_shape"), intsAttr("pads"), intsAttr("strides")}
	dilationsAttr = intsAttr("dilations")
)

// window is the geometry of a convolution or pool over one or two spatial axes.
type window struct {
	kernel, strides, dilations []int
	begin, end                 []int // pads
	auto                       bool  // the pads come from auto_pad, with an output size of its own
}

// spatialRank is the number of spatial axes of operand 0, which must be one or two.
func (c *call) spatialRank() (int, error) {
	rank := len(c.in[0].Shape)
	if rank < 3 {
		return 0, fmt.Errorf("input 0, %s, has rank %d: at least 3 is expected", c.describe(0), rank)
	}
	if rank > 4 {
		return 0, c.unsupported("%d spatial axes; 1 and 2 are supported", rank-2)
	}
	return rank - 2, nil
}

// window reads the attributes of a node whose kernel has the given size.
func (c *call) window(kernel []int, hasDilations bool) (*window, error) {
	n := len(kernel)
	w := &window{kernel: kernel, begin: make([]int, n), end: make([]int, n)}
	var err error
	if w.strides, err = c.sizes("strides", n, 1); err != nil {
		return nil, err
	}
	w.dilations = slices.Repeat([]int{1}, n)
	if hasDilations {
		if w.dilations, err = c.sizes("dilations", n, 1); err != nil {
			return nil, err
		}
	}
	pads := slices.Repeat([]int{0}, 2*n)
	if c.has("pads") {
		if pads, err = c.sizes("pads", 2*n, 0); err != nil {
			return nil, err
		}
	}
	w.begin, w.end = slices.Clone(pads[:n]), slices.Clone(pads[n:])
	mode := c.string("auto_pad")
	switch mode {
	case "NOTSET", "":
		return w, nil
	case "VALID":
		w.begin, w.end = make([]int, n), make([]int, n)
	case "SAME_UPPER", "SAME_LOWER":
		if err := w.same(c.in[0], mode == "SAME_LOWER"); err != nil {
			return nil, fmt.Errorf("auto_pad %s: %w", mode, err)
		}
	default:
		return nil, fmt.Errorf("attribute auto_pad is %q: NOTSET, VALID, SAME_UPPER or SAME_LOWER is accepted", mode)
	}
	w.auto = true
	// Pads of 0 beside auto_pad are what some exporters write for none.
	if found := slices.Concat(w.begin, w.end); slices.Max(pads) > 0 && !slices.Equal(pads, found) {
		return nil, fmt.Errorf("attribute pads is %v, but auto_pad %s gives %v; only one of them is accepted", pads, mode, found)
	}
	return w, nil
}

// same computes the pads that make the output of size ceil(input/stride). The odd
// one of an axis is at the end, or with lower at the beginning.
func (w *window) same(x *graph.Value, lower bool) error {
	for i, k := range w.kernel {
		extent := (k-1)*w.dilations[i] + 1
		stride := w.strides[i]
		total := extent - 1
		if stride > 1 {
			size := x.Shape[2+i]
			if size < 0 {
				return fmt.Errorf("the size of axis %d of %s is not known, and the pads depend on it; give it by --input-shape", 2+i, describeValue(x))
			}
			total = max(0, ((size+stride-1)/stride-1)*stride+extent-size)
		}
		w.begin[i] = total / 2
		if lower {
			w.begin[i] = total - total/2
		}
		w.end[i] = total - w.begin[i]
	}
	return nil
}

// sizes reads a list of n integers that are at least least; absent, all are least.
func (c *call) sizes(name string, n, least int) ([]int, error) {
	if !c.has(name) {
		return slices.Repeat([]int{least}, n), nil
	}
	const most = 1 << 24
	list := c.ints(name)
	if len(list) != n {
		return nil, fmt.Errorf("attribute %s is %v: a list of length %d is expected", name, list, n)
	}
	out := make([]int, n)
	for i, v := range list {
		if v < int64(least) || v > most {
			return nil, fmt.Errorf("attribute %s is %v: values from %d to %d are accepted", name, list, least, most)
		}
		out[i] = int(v)
	}
	return out, nil
}

// options2D gives the geometry of the operator in two dimensions. One spatial axis
// becomes the width, and the height is 1.
func (w *window) options2D() (kernel schema.Size2D, o schema.Window) {
	o.Strides, o.Dilations, o.Pads = size2D(w.strides), size2D(w.dilations), schema.Pads{}
	begin, end := w.begin, w.end
	if len(begin) == 1 {
		begin, end = []int{0, begin[0]}, []int{0, end[0]}
	}
	o.Pads = schema.Pads{Top: begin[0], Left: begin[1], Bottom: end[0], Right: end[1]}
	return size2D(w.kernel), o
}

func size2D(x []int) schema.Size2D {
	if len(x) == 1 {
		return schema.Size2D{H: 1, W: x[0]}
	}
	return schema.Size2D{H: x[0], W: x[1]}
}

// channelsLast brings operand 0, of one or two spatial axes, to NHWC.
func (c *call) channelsLast(spatial int) *graph.Value {
	x := c.in[0]
	if spatial == 1 {
		x = c.emit("to_2d", schema.Unsqueeze, nil, x, c.constInts("height", 2))
	}
	return c.transpose("to_nhwc", x, 0, 2, 3, 1)
}

// channelsFirst makes output 0 of an NHWC value.
func (c *call) channelsFirst(y *graph.Value, spatial int) {
	if spatial == 2 {
		c.result(0, "to_nchw", schema.Transpose, &schema.TransposeOptions{Perm: []int{0, 3, 1, 2}}, y)
		return
	}
	y = c.transpose("to_nchw", y, 0, 3, 1, 2)
	c.result(0, "to_1d", schema.Squeeze, nil, y, c.constInts("height", 2))
}

// describeValue writes a value for messages; ? is a size that is not known.
func describeValue(v *graph.Value) string {
	shape := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		shape[i] = fmt.Sprint(d)
		if d < 0 {
			shape[i] = "?"
		}
	}
	return fmt.Sprintf("%q %v %v", v.Name, v.DType, shape)
}
