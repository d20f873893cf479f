package ops

import (
	"fmt"
	"unsafe"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/i8"
	"github.com/lce-go/lce/schema"
)

var pool2D = Def{Code: schema.Pool2D, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferPool2D, Prepare: preparePool2D}

// poolShape checks the operand of a Pool2D and gives the parameters of its kernel.
func poolShape(n *Node) (f32.PoolParams, error) {
	var p f32.PoolParams
	o, err := options[*schema.Pool2DOptions](n)
	if err != nil {
		return p, err
	}
	switch o.Kind {
	case schema.MaxPool:
		err = n.wantType(0, schema.Float32, schema.Float64, schema.Int8, schema.Uint8)
	case schema.AveragePool:
		err = n.wantType(0, schema.Float32)
	default:
		err = fmt.Errorf("pool kind %v, want Max or Average", o.Kind)
	}
	if err != nil {
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
	return f32.PoolParams{
		Batch: x.Shape[0], InH: x.Shape[1], InW: x.Shape[2], C: x.Shape[3], OutH: out.H, OutW: out.W,
		KernelH: o.Kernel.H, KernelW: o.Kernel.W, StrideH: o.Strides.H, StrideW: o.Strides.W,
		DilationH: o.Dilations.H, DilationW: o.Dilations.W,
		PadTop: o.Pads.Top, PadLeft: o.Pads.Left, PadBottom: o.Pads.Bottom, PadRight: o.Pads.Right,
		CountPad: o.CountIncludePad, Features: n.Features,
	}, nil
}

func inferPool2D(n *Node) error {
	p, err := poolShape(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].DType, []int{p.Batch, p.OutH, p.OutW, p.C})
}

func preparePool2D(n *Node) (Kernel, error) {
	p, err := poolShape(n)
	if err != nil {
		return Kernel{}, err
	}
	if n.Options.(*schema.Pool2DOptions).Kind == schema.AveragePool {
		a := f32.NewAveragePool(p, n.Workers.Threads())
		return Kernel{
			Name:  "pool2d_average" + f32.FunctionsFor(n.Features).Name,
			Bands: &averageBands{poolCut(p), a},
			Run: func(n *Node) error {
				a.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]))
				return nil
			},
		}, nil
	}
	switch n.Inputs[0].DType {
	case schema.Float64:
		return maxPool[float64](n, p)
	case schema.Int8, schema.Uint8:
		return byteMaxPool(n, p), nil
	}
	return maxPool[float32](n, p)
}

func maxPool[T f32.Number](n *Node, p f32.PoolParams) (Kernel, error) {
	m := f32.NewMaxPool[T](p, n.Workers.Threads())
	size := int64(m.ScratchLen(n.Workers.Threads())) * int64(unsafe.Sizeof(T(0)))
	if size > 4*MaxElements {
		return Kernel{}, fmt.Errorf("needs %d bytes of scratch memory, more than %d", size, int64(4*MaxElements))
	}
	k := Kernel{Name: "pool2d_max" + m.Name(), Scratch: int(size), Run: func(n *Node) error {
		m.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), View[T](&Tensor{Data: n.Scratch}))
		return nil
	}}
	if max, ok := any(m).(*f32.MaxPool[float32]); ok {
		k.Bands = &maxBands{poolCut(p), max}
	}
	return k, nil
}

// byteMaxPool is for 8-bit numbers.
func byteMaxPool(n *Node, p f32.PoolParams) Kernel {
	m := i8.NewMaxPool(i8.PoolParams{
		Batch: p.Batch, InH: p.InH, InW: p.InW, C: p.C, OutH: p.OutH, OutW: p.OutW, KernelH: p.KernelH, KernelW: p.KernelW,
		StrideH: p.StrideH, StrideW: p.StrideW, DilationH: p.DilationH, DilationW: p.DilationW, PadTop: p.PadTop, PadLeft: p.PadLeft,
		Signed: n.Inputs[0].DType == schema.Int8,
	}, n.Features, n.Workers.Threads())
	return Kernel{Name: "pool2d_max_bytes" + f32.FunctionsFor(n.Features).Name, Run: func(n *Node) error {
		m.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return nil
	}}
}

// poolBands cuts the result of a pool into bands of whole rows of maps.
type poolBands struct {
	cut
	width int
}

func poolCut(p f32.PoolParams) poolBands {
	return poolBands{cutRows(p.Batch*p.OutH*p.OutW, p.C, p.OutW), p.OutW}
}

// maps gives the rows [lo, hi) of maps of a band.
func (b *poolBands) maps(band int) (lo, hi int) {
	lo, hi = b.Rows(band)
	return lo / b.width, hi / b.width
}

// averageBands computes an average pool in bands.
type averageBands struct {
	poolBands
	pool *f32.AveragePool
}

func (b *averageBands) Begin(n *Node) {
	b.pool.Begin(View[float32](n.Outputs[0]), View[float32](n.Inputs[0]))
}

func (b *averageBands) Band(band, worker int, f32 []float32) {
	lo, hi := b.maps(band)
	b.pool.Rows(lo, hi, worker, f32)
}

func (b *averageBands) End() { b.pool.End() }

// maxBands computes a maximum pool of floats in bands.
type maxBands struct {
	poolBands
	pool *f32.MaxPool[float32]
}

func (b *maxBands) Begin(n *Node) {
	b.pool.Begin(View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), floats(n.Scratch))
}

func (b *maxBands) Band(band, worker int, f32 []float32) {
	lo, hi := b.maps(band)
	b.pool.Rows(lo, hi, worker, f32)
}

func (b *maxBands) End() { b.pool.End() }
