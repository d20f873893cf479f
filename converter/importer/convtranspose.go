package importer

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// importConvTranspose makes a transposed convolution of stride s out of plain ones. Pixel
// o of the result reads the taps k with o + pad = s*i + k*dilation only, so the pixels of
// one phase, (o+pad) mod s, are a convolution of x with every so-many-th tap, in
// reverse order. The phases are interleaved and cut to the size of the result:
//
//	x -> Conv2D for each phase -> Concat, Reshape along the width, then the height -> Slice
//
// No zeros are inserted and no product is wasted, and weights of one magnitude stay so.
func importConvTranspose(c *call) error {
	spatial, err := c.spatialRank()
	if err != nil {
		return err
	}
	w := c.in[1]
	if len(w.Shape) != spatial+2 {
		return fmt.Errorf("input 1, %s, has rank %d: the rank of input 0, %d, is expected", c.describe(1), len(w.Shape), spatial+2)
	}
	kernel := w.Shape[2:]
	if slices.Contains(w.Shape, -1) {
		return c.unsupported("the kernel size or the number of channels of input 1, %s, is not known", c.describe(1))
	}
	if err := c.convTransposeChannels(); err != nil {
		return err
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
	group := c.int("group")
	axes, err := c.upsampling(kernel)
	if err != nil {
		return err
	}
	if spatial == 1 {
		w = c.emit("weights_2d", schema.Unsqueeze, nil, w, c.constInts("height", 2))
		axes = slices.Insert(axes, 0, upsampled{kernel: 1, stride: 1, dilation: 1})
		axes[0].split()
	}
	t := &transposedConv{
		call: c, x: c.channelsLast(spatial), group: int(group), outC: c.in[1].Shape[1] * int(group), h: &axes[0], w: &axes[1],
		inH: 1, inW: c.in[0].Shape[1+spatial],
	}
	if spatial == 2 {
		t.inH = c.in[0].Shape[2]
	}
	if err := t.check(); err != nil {
		return err
	}
	t.weights = t.byOutput(w)
	c.channelsFirst(t.build(), spatial)
	return nil
}

// upsampled is the geometry along one axis.
type upsampled struct {
	kernel, stride, dilation int
	before, after, extra     int // pads, and output_padding
	phases                   []phase
	first, last              int // the result starts at s*first - before, and ends with s*(size-1+last)
}

// phase is the part of the taps that pixels of one phase read: start, start+step, ...
type phase struct {
	start, step, count int
	near, dilation     int // they read the pixels near, near+dilation, ... before their own
}

// split finds the phases.
func (u *upsampled) split() {
	u.phases = make([]phase, u.stride)
	for k := range u.kernel {
		p := &u.phases[k*u.dilation%u.stride]
		back := k * u.dilation / u.stride
		switch p.count {
		case 0:
			*p = phase{start: k, step: 1, near: back, dilation: 1}
		case 1:
			p.step, p.dilation = k-p.start, back-p.near
		}
		p.count++
	}
	u.first = floorDiv(u.before, u.stride)
	u.last = floorDiv((u.kernel-1)*u.dilation-u.after+u.extra, u.stride)
	for _, p := range u.phases {
		if p.count > 0 { // a convolution pads, and cannot cut
			u.first, u.last = min(u.first, p.far()), max(u.last, p.near)
		}
	}
}

// far is how far before its own the farthest pixel is that a phase reads.
func (p phase) far() int { return p.near + (p.count-1)*p.dilation }

// size is the size of the result for an axis of n pixels.
func (u *upsampled) size(n int) int {
	return (n-1)*u.stride + (u.kernel-1)*u.dilation + 1 + u.extra - u.before - u.after
}

// crop is what the phases together have too much at the two ends.
func (u *upsampled) crop() (front, back int) {
	return u.before - u.first*u.stride, (u.last+1)*u.stride - (u.kernel-1)*u.dilation - 1 - u.extra + u.after
}

// gaps tells how many phases without taps follow each phase.
func (u *upsampled) gaps() (list []int, any bool) {
	list = make([]int, u.stride)
	at := 0
	for i, p := range u.phases {
		if p.count > 0 {
			at = i
		} else {
			list[at]++
			any = true
		}
	}
	return list, any
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// upsampling reads the attributes.
func (c *call) upsampling(kernel []int) ([]upsampled, error) {
	n := len(kernel)
	strides, err := c.sizes("strides", n, 1)
	if err != nil {
		return nil, err
	}
	dilations, err := c.sizes("dilations", n, 1)
	if err != nil {
		return nil, err
	}
	extra, err := c.sizes("output_padding", n, 0)
	if err != nil {
		return nil, err
	}
	pads, err := c.sizes("pads", 2*n, 0)
	if err != nil {
		return nil, err
	}
	mode := c.string("auto_pad")
	switch mode {
	case "NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER":
	default:
		return nil, fmt.Errorf("attribute auto_pad is %q: NOTSET, VALID, SAME_UPPER or SAME_LOWER is accepted", mode)
	}
	var shape []int
	if c.has("output_shape") {
		if shape, err = c.sizes("output_shape", n, 1); err != nil {
			return nil, err
		}
	}
	axes := make([]upsampled, n)
	for i := range axes {
		u := &axes[i]
		*u = upsampled{kernel: kernel[i], stride: strides[i], dilation: dilations[i], extra: extra[i], before: pads[i], after: pads[n+i]}
		const most = 1 << 12
		if u.stride > most || (u.kernel-1)*u.dilation > 1<<24 {
			return nil, c.unsupported("stride %d of a kernel of %d taps with dilation %d; strides up to %d are supported", u.stride, u.kernel, u.dilation, most)
		}
		if mode == "VALID" {
			u.before, u.after = 0, 0
		}
		same := mode == "SAME_UPPER" || mode == "SAME_LOWER"
		if shape != nil || same {
			u.before, u.after = 0, 0
			size := c.in[0].Shape[2+i]
			if shape != nil && size < 0 {
				return nil, c.unsupported("attribute output_shape, while the size of axis %d of %s is not known; give it by --input-shape", 2+i, describeValue(c.in[0]))
			}
			surplus := u.size(size) - size*u.stride // the same for all sizes
			if shape != nil {
				surplus = u.size(size) - shape[i]
			}
			u.before = max(surplus, 0) / 2
			if mode != "SAME_UPPER" {
				u.before = max(surplus, 0) - u.before
			}
			u.after = surplus - u.before
		}
		u.split()
	}
	return axes, nil
}

// convTransposeChannels checks what has to do with channels, in the axes that ONNX gives
// them.
func (c *call) convTransposeChannels() error {
	if err := c.convTypes(); err != nil {
		return err
	}
	in, w, group := c.in[0].Shape[1], c.in[1].Shape, c.int("group")
	if in >= 0 && w[0] != in {
		return fmt.Errorf("input 1, %s, takes %d channels: the %d of input 0, %s, are expected", c.describe(1), w[0], in, c.describe(0))
	}
	if group < 1 || group > int64(w[0]) || int64(w[0])%group != 0 {
		return fmt.Errorf("attribute group is %d: a divisor of the %d channels of input 0, %s, is expected", group, w[0], c.describe(0))
	}
	return c.convBias(w[1] * int(group))
}

// transposedConv builds one.
type transposedConv struct {
	*call
	x, weights  *graph.Value
	group, outC int
	inH, inW    int // -1 if not known
	h, w        *upsampled
}

// check refuses results without pixels, and too many phases.
func (t *transposedConv) check() error {
	for _, a := range []struct {
		name string
		in   int
		*upsampled
	}{{"height", t.inH, t.h}, {"width", t.inW, t.w}} {
		if out := a.size(a.in); a.in >= 0 && (out < 1 || out > 1<<24) {
			return fmt.Errorf("%s %d of input 0 gives %d: 1 to %d is expected", a.name, a.in, out, 1<<24)
		}
	}
	if n := t.h.stride * t.w.stride; n > 1<<8 {
		return t.unsupported("strides of %d by %d; products up to %d are supported", t.h.stride, t.w.stride, 1<<8)
	}
	return nil
}

// byOutput brings weights from [C,O/groups,h,w] to OHWI.
func (t *transposedConv) byOutput(w *graph.Value) *graph.Value {
	if t.group == 1 {
		return t.transpose("weights_ohwi", w, 1, 2, 3, 0)
	}
	g, o, h, wide := int64(t.group), int64(t.outC/t.group), int64(t.h.kernel), int64(t.w.kernel)
	w = t.emit("weights_groups", schema.Reshape, &schema.ReshapeOptions{}, w, t.constInts("groups", g, -1, o, h, wide))
	w = t.transpose("weights_ohwi", w, 0, 2, 3, 4, 1)
	return t.emit("weights", schema.Reshape, &schema.ReshapeOptions{}, w, t.constInts("ohwi", g*o, h, wide, -1))
}

// build gives the result in NHWC.
func (t *transposedConv) build() *graph.Value {
	gapsH, anyH := t.h.gaps()
	gapsW, anyW := t.w.gaps()
	bias := t.input(2)
	inner := bias
	if anyH || anyW {
		inner = nil // the gaps get it too, afterwards
	}
	var rows []*graph.Value
	for y, py := range t.h.phases {
		if py.count == 0 {
			continue
		}
		var cols []*graph.Value
		for x, px := range t.w.phases {
			if px.count > 0 {
				v := t.conv(t.role("", y, x), py, px, inner)
				cols = append(cols, t.spread(t.role("columns", y, x), v, 3, t.w.stride, gapsW[x]))
			}
		}
		v := cols[0]
		if t.w.stride > 1 {
			v = t.join(t.role("columns", y), cols, 3)
			v = t.emit(t.role("width", y), schema.Reshape, &schema.ReshapeOptions{}, v, t.constInts(t.role("widened", y), 0, 0, -1, int64(t.outC)))
		}
		rows = append(rows, t.spread(t.role("rows", y), v, 2, t.h.stride, gapsH[y]))
	}
	v := rows[0]
	if t.h.stride > 1 {
		v = t.emit("height", schema.Reshape, &schema.ReshapeOptions{}, t.join("rows", rows, 2), t.heightened(rows[0]))
	}
	v = t.crop(v)
	if bias != nil && inner == nil {
		v = t.emit("bias", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, v, bias)
	}
	return v
}

// role names what belongs to a phase; the only one is the node itself.
func (t *transposedConv) role(what string, at ...int) string {
	if t.h.stride == 1 && t.w.stride == 1 {
		return what
	}
	name := "phase"
	for _, i := range at {
		name += fmt.Sprintf("_%d", i)
	}
	if what != "" {
		name += "/" + what
	}
	return name
}

// conv computes one phase.
func (t *transposedConv) conv(role string, y, x phase, bias *graph.Value) *graph.Value {
	w := t.weights
	if y.count > 1 || x.count > 1 || t.h.kernel > 1 || t.w.kernel > 1 {
		end := func(p phase) int64 {
			if p.start == 0 {
				return math.MinInt32
			}
			return int64(p.start - 1)
		}
		last := func(p phase) int64 { return int64(p.start + (p.count-1)*p.step) }
		named := func(s string) string {
			if role == "" {
				return s
			}
			return role + "/" + s
		}
		w = t.emit(named("taps"), schema.Slice, nil, w,
			t.constInts(named("starts"), last(y), last(x)), t.constInts(named("ends"), end(y), end(x)),
			t.constInts(named("axes"), 1, 2), t.constInts(named("steps"), -int64(y.step), -int64(x.step)))
	}
	return t.emit(role, schema.Conv2D, &schema.Conv2DOptions{
		Window: schema.Window{
			Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: y.dilation, W: x.dilation},
			Pads: schema.Pads{
				Top: y.far() - t.h.first, Left: x.far() - t.w.first,
				Bottom: t.h.last - y.near, Right: t.w.last - x.near,
			},
		},
		Groups: t.group, Clamp: schema.NoClamp,
	}, trimAbsent(t.x, w, bias)...)
}

// spread gives a phase an axis of its own, for interleaving, with zeros for the phases
// without taps behind it.
func (t *transposedConv) spread(role string, v *graph.Value, axis int64, stride, gap int) *graph.Value {
	if stride == 1 {
		return v
	}
	v = t.emit(role+"/axis", schema.Unsqueeze, nil, v, t.constInts(role+"/axes", axis))
	if gap == 0 {
		return v
	}
	return t.emit(role+"/gap", schema.Pad, &schema.PadOptions{Mode: schema.PadConstant}, v,
		t.constInts(role+"/pads", 0, int64(gap)), nil, t.constInts(role+"/axis_of_gap", axis))
}

func (t *transposedConv) join(role string, parts []*graph.Value, axis int) *graph.Value {
	if len(parts) == 1 {
		return parts[0]
	}
	return t.emit(role+"/join", schema.Concat, &schema.AxisOptions{Axis: axis}, parts...)
}

// heightened is the shape that interleaves rows [N,H,1,W,C]: one of H and W may be not
// known, or is read from a phase at run time.
func (t *transposedConv) heightened(row *graph.Value) *graph.Value {
	c := int64(t.outC)
	switch {
	case t.inW >= 0:
		return t.constInts("heightened", 0, -1, int64((t.inW+t.w.last-t.w.first)*t.w.stride), c)
	case t.inH >= 0:
		return t.constInts("heightened", 0, int64((t.inH+t.h.last-t.h.first)*t.h.stride), -1, c)
	}
	w := t.emit("row_width", schema.Shape, &schema.ShapeOptions{Start: 3, End: 5}, row)
	return t.emit("heightened", schema.Concat, &schema.AxisOptions{}, t.constInts("of_height", 0, -1), w)
}

// crop cuts the ends off.
func (t *transposedConv) crop(v *graph.Value) *graph.Value {
	top, bottom := t.h.crop()
	left, right := t.w.crop()
	if top == 0 && bottom == 0 && left == 0 && right == 0 {
		return v
	}
	end := func(n int) int64 {
		if n == 0 {
			return math.MaxInt32
		}
		return -int64(n)
	}
	return t.emit("crop", schema.Slice, nil, v, t.constInts("starts", int64(top), int64(left)),
		t.constInts("ends", end(bottom), end(right)), t.constInts("crop_axes", 1, 2))
}
