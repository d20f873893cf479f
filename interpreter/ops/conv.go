package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var conv2D = Def{Code: schema.Conv2D, MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1, PackedInput: 1,
	Infer: inferConv2D, Prepare: prepareConv2D}

// convShape checks the operands of a Conv2D and gives the parameters of its kernel.
func convShape(n *Node) (f32.ConvParams, error) {
	var p f32.ConvParams
	o, err := options[*schema.Conv2DOptions](n)
	if err != nil {
		return p, err
	}
	for i := range 2 {
		if err := n.wantType(i, schema.Float32, schema.Int32); err != nil {
			return p, err
		}
		if err := n.wantRank(i, 4); err != nil {
			return p, err
		}
	}
	x, w := n.Inputs[0], n.Inputs[1]
	if x.DType != w.DType {
		return p, fmt.Errorf("input 0, %v, and input 1, %v, differ in type", x, w)
	}
	if x.DType == schema.Int32 && (n.Input(2) != nil || o.Clamp != schema.NoClamp || o.ChannelsFirst) {
		return p, fmt.Errorf("input 0, %v: a bias, clamp or channels first, which are for Float32", x)
	}
	if err := n.wantVector(2, w.Shape[0]); err != nil {
		return p, err
	}
	in, c, outC := schema.Size2D{H: x.Shape[1], W: x.Shape[2]}, x.Shape[3], w.Shape[0]
	if o.ChannelsFirst {
		in, c = schema.Size2D{H: x.Shape[2], W: x.Shape[3]}, x.Shape[1]
		if o.Groups != 1 {
			return p, fmt.Errorf("groups %d of an input with channels first, want 1", o.Groups)
		}
	}
	if err := checkGroups(w, c, o.Groups); err != nil {
		return p, err
	}
	kernel := schema.Size2D{H: w.Shape[1], W: w.Shape[2]}
	out, err := windowOutput(in, kernel, &o.Window, false)
	if err != nil {
		return p, err
	}
	p = f32.ConvParams{
		Batch: x.Shape[0], InH: in.H, InW: in.W, InC: c, OutH: out.H, OutW: out.W, OutC: outC,
		KernelH: kernel.H, KernelW: kernel.W, StrideH: o.Strides.H, StrideW: o.Strides.W,
		DilationH: o.Dilations.H, DilationW: o.Dilations.W, PadTop: o.Pads.Top, PadLeft: o.Pads.Left,
		Groups: o.Groups, ChannelsFirst: o.ChannelsFirst, Min: o.Clamp.Min, Max: o.Clamp.Max,
	}
	return p, checkPadded(p.PaddedSize, c)
}

// checkGroups compares weights w with c input channels in so many groups.
func checkGroups(w *Tensor, c, groups int) error {
	outC := w.Shape[0]
	if groups < 1 || c%groups != 0 || outC%groups != 0 {
		return fmt.Errorf("groups %d, want a divisor of %d input and %d output channels", groups, c, outC)
	}
	if w.Shape[3] != c/groups {
		return fmt.Errorf("input 1, %v: %d channels, want %d (%d input channels in %d groups)", w, w.Shape[3], c/groups, c, groups)
	}
	return nil
}

// checkPadded bounds the part of a padded map of c channels that windows touch.
func checkPadded(size func() (h, w int64), c int) error {
	if h, w := size(); max(h, w) > MaxElements || h*w > MaxElements || h*w*int64(c) > MaxElements {
		return fmt.Errorf("padded to %d x %d x %d channels, input 0 has more than %d elements", h, w, c, MaxElements)
	}
	return nil
}

func inferConv2D(n *Node) error {
	p, err := convShape(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].DType, []int{p.Batch, p.OutH, p.OutW, p.OutC})
}

func prepareConv2D(n *Node) (Kernel, error) {
	p, err := convShape(n)
	if err != nil {
		return Kernel{}, err
	}
	if n.Inputs[0].DType == schema.Int32 {
		c := f32.NewIntConv(p)
		return Kernel{Name: "conv2d_int", Run: func(n *Node) error {
			c.Run(n.Workers, View[int32](n.Outputs[0]), View[int32](n.Inputs[0]), View[int32](n.Inputs[1]))
			return nil
		}}, nil
	}
	if p.Transformable() {
		if p.Constant, err = finiteConstant(n.Inputs[1]); err != nil {
			return Kernel{}, err
		}
	}
	c, err := f32.NewConv(p, n.Features, n.Workers.Threads())
	if err != nil {
		return Kernel{}, err
	}
	k, pack := Kernel{Name: c.Name()}, c.PackedLen()
	if n.Inputs[1].Constant() {
		packed, err := n.packed(1, c.PackedLayout(), pack, func(dst, w []float32) { c.Pack(n.Workers, dst, w) })
		if err != nil {
			return Kernel{}, err
		}
		k.Packed, k.Scratch = 4*pack, 4*c.ScratchLen()
		if c.Bands() > 0 {
			k.Bands = convBands{c, packed}
		}
		k.Run = func(n *Node) error {
			c.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), packed, optional(n, 2), floats(n.Scratch))
			return nil
		}
		return k, nil
	}
	pack = (pack + 15) &^ 15
	if k.Scratch, err = scratchBytes(pack, c.ScratchLen()); err != nil {
		return Kernel{}, err
	}
	k.Run = func(n *Node) error {
		s := floats(n.Scratch)
		c.Pack(n.Workers, s[:pack], View[float32](n.Inputs[1]))
		c.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), s[:pack], optional(n, 2), s[pack:])
		return nil
	}
	return k, nil
}

// finiteConstant reports whether t is constant and has only finite numbers.
func finiteConstant(t *Tensor) (bool, error) {
	if !t.Constant() {
		return false, nil
	}
	data := t.Data
	if data == nil {
		var err error
		if data, err = t.Expand(); err != nil {
			return false, err
		}
	}
	for _, v := range floats(data) {
		if v-v != 0 {
			return false, nil
		}
	}
	return true, nil
}

// convBands computes a Conv2D of constant weights in bands.
type convBands struct {
	*f32.Conv
	packed []float32
}

func (b convBands) Count() int { return b.Bands() }

func (b convBands) Rows(band int) (lo, hi int) { return b.BandPixels(band) }

func (b convBands) Begin(n *Node) {
	b.Conv.Begin(View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), b.packed, optional(n, 2), floats(n.Scratch))
}

// scratchBytes adds up parts of scratch memory that are counted in float32.
func scratchBytes(parts ...int) (int, error) {
	total := int64(0)
	for _, p := range parts {
		total += int64(p)
	}
	if total > 2*MaxElements-16 {
		return 0, fmt.Errorf("needs %d bytes of scratch memory, more than %d", 4*total, int64(4*(2*MaxElements-16)))
	}
	return int(4 * total), nil
}

// floats views bytes as float32.
func floats(b []byte) []float32 { return View[float32](&Tensor{Data: b}) }

// optional is the data of a float32 operand that may be absent.
func optional(n *Node, i int) []float32 {
	if t := n.Input(i); t != nil {
		return View[float32](t)
	}
	return nil
}
