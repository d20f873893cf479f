package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/bconv"
	"github.com/lce-go/lce/kernels/bpool"
	"github.com/lce-go/lce/schema"
)

// The ops that move a window over packed bits.
var (
	bconv2D = Def{Code: schema.BConv2D, MinInputs: 2, MaxInputs: 6, MinOutputs: 1, MaxOutputs: 3,
		Infer: inferBConv2D, Prepare: prepareBConv2D}
	bmaxPool2D = Def{Code: schema.BMaxPool2D, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferBMaxPool2D, Prepare: prepareBMaxPool2D}
)

// bconvShape checks the operands of a BConv2D and gives the parameters of its kernel.
func bconvShape(n *Node) (bconv.Params, error) {
	var p bconv.Params
	o, err := options[*schema.BConv2DOptions](n)
	if err != nil {
		return p, err
	}
	for i := range 2 {
		if err := n.wantType(i, schema.Bits); err != nil {
			return p, err
		}
		if err := n.wantRank(i, 4); err != nil {
			return p, err
		}
	}
	x, w := n.Inputs[0], n.Inputs[1]
	c, outC := x.Shape[3], w.Shape[0]
	if c == 0 || outC == 0 {
		return p, fmt.Errorf("input 0, %v, and input 1, %v: want at least one channel", x, w)
	}
	if o.Groups < 1 || c%o.Groups != 0 || outC%o.Groups != 0 {
		return p, fmt.Errorf("groups %d, want a divisor of %d input and %d output channels", o.Groups, c, outC)
	}
	if w.Shape[3] != c/o.Groups {
		return p, fmt.Errorf("input 1, %v: %d channels, want %d (%d input channels in %d groups)", w, w.Shape[3], c/o.Groups, c, o.Groups)
	}
	if o.PadValue < -1 || o.PadValue > 1 {
		return p, fmt.Errorf("pad value %d, want -1, 0 or 1", o.PadValue)
	}
	kernel := schema.Size2D{H: w.Shape[1], W: w.Shape[2]}
	out, err := windowOutput(schema.Size2D{H: x.Shape[1], W: x.Shape[2]}, kernel, &o.Window, false)
	if err != nil {
		return p, err
	}
	return bconv.Params{
		Batch: x.Shape[0], H: x.Shape[1], W: x.Shape[2], C: c, OutH: out.H, OutW: out.W, O: outC,
		KernelH: kernel.H, KernelW: kernel.W, StrideH: o.Strides.H, StrideW: o.Strides.W,
		DilationH: step(o.Dilations.H, kernel.H), DilationW: step(o.Dilations.W, kernel.W),
		PadTop: o.Pads.Top, PadLeft: o.Pads.Left, PadBottom: o.Pads.Bottom, PadRight: o.Pads.Right,
		Groups: o.Groups, PadValue: o.PadValue,
	}, nil
}

// step is the dilation of a window; that of a single tap does not matter and may be
// too large to calculate with.
func step(dilation, kernel int) int {
	if kernel == 1 {
		return 1
	}
	return dilation
}

func inferBConv2D(n *Node) error {
	p, err := bconvShape(n)
	if err != nil {
		return err
	}
	return n.binaryOutputs([]int{p.Batch, p.OutH, p.OutW, p.O})
}

func prepareBConv2D(n *Node) (Kernel, error) {
	p, err := bconvShape(n)
	if err != nil {
		return Kernel{}, err
	}
	if err := wantConstant("input 1", n.Inputs[1]); err != nil {
		return Kernel{}, err
	}
	o := n.Options.(*schema.BConv2DOptions)
	if p.Epilogue, err = n.epilogue(o.PreClamp, o.Clamp); err != nil {
		return Kernel{}, err
	}
	p.Keep, p.Without, p.TwoPlanes = n.Inputs[1].Packs.keep, n.Without, n.Input(secondPlane) != nil
	c, err := bconv.New(p, View[uint32](n.Inputs[1]), n.Features, n.Workers)
	if err != nil {
		return Kernel{}, err
	}
	planes := 1
	if p.TwoPlanes {
		planes = 2
	}
	return Kernel{
		Name: c.Name(), Packed: c.Packed(), Scratch: planes * 4 * c.ScratchWords(), Bands: bconvBands{cutRows(p.Batch*p.OutH*p.OutW, p.O, c.BandPixels()), c},
		Run: func(n *Node) error {
			scratch := View[uint32](&Tensor{Data: n.Scratch})
			if second := n.otherPlane(); second != nil {
				c.RunTwo(n.Workers, View[uint32](n.Inputs[0]), View[uint32](second), n.binaryResults(), scratch)
			} else {
				c.Run(n.Workers, View[uint32](n.Inputs[0]), n.binaryResults(), scratch)
			}
			return nil
		},
	}, nil
}

// bconvBands computes a BConv2D in bands.
type bconvBands struct {
	cut
	conv *bconv.Conv
}

func (b bconvBands) Begin(n *Node) {
	var second []uint32
	if t := n.otherPlane(); t != nil {
		second = View[uint32](t)
	}
	b.conv.Begin(n.Workers, View[uint32](n.Inputs[0]), second, n.binaryResults(), View[uint32](&Tensor{Data: n.Scratch}))
}

func (b bconvBands) Band(band, worker int, f32 []float32) {
	lo, hi := b.Rows(band)
	b.conv.Band(lo, hi, worker, f32)
}

func (b bconvBands) End() { b.conv.End() }

// bpoolShape checks the operand of a BMaxPool2D and gives the parameters of its kernel.
func bpoolShape(n *Node) (bpool.Params, error) {
	var p bpool.Params
	o, err := options[*schema.Pool2DOptions](n)
	if err != nil {
		return p, err
	}
	if o.Kind != schema.MaxPool {
		return p, fmt.Errorf("pool kind %v, want Max", o.Kind)
	}
	if err := n.wantType(0, schema.Bits); err != nil {
		return p, err
	}
	if err := n.wantRank(0, 4); err != nil {
		return p, err
	}
	x := n.Inputs[0]
	out, err := windowOutput(schema.Size2D{H: x.Shape[1], W: x.Shape[2]}, o.Kernel, &o.Window, o.CeilMode)
	if err != nil {
		return p, err
	}
	return bpool.Params{
		Batch: x.Shape[0], H: x.Shape[1], W: x.Shape[2], C: x.Shape[3], OutH: out.H, OutW: out.W,
		KernelH: o.Kernel.H, KernelW: o.Kernel.W, StrideH: o.Strides.H, StrideW: o.Strides.W,
		DilationH: step(o.Dilations.H, o.Kernel.H), DilationW: step(o.Dilations.W, o.Kernel.W),
		PadTop: o.Pads.Top, PadLeft: o.Pads.Left,
	}, nil
}

// inferBMaxPool2D takes pads of any size: a window that sees only padding gives -1.
func inferBMaxPool2D(n *Node) error {
	p, err := bpoolShape(n)
	if err != nil {
		return err
	}
	return n.set(0, schema.Bits, []int{p.Batch, p.OutH, p.OutW, p.C})
}

func prepareBMaxPool2D(n *Node) (Kernel, error) {
	p, err := bpoolShape(n)
	if err != nil {
		return Kernel{}, err
	}
	m := bpool.NewMax(p, n.Features, n.Workers.Threads())
	return Kernel{Name: m.Name(), Run: func(n *Node) error {
		m.Run(n.Workers, View[uint32](n.Outputs[0]), View[uint32](n.Inputs[0]))
		return nil
	}}, nil
}
