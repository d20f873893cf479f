package ops

import (
	"fmt"
	"unsafe"

	"github.com/lce-go/lce/kernels/f32"
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
		return Kernel{Name: "pool2d_average" + f32.FunctionsFor(n.Features).Name, Run: func(n *Node) error {
			a.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]))
			return nil
		}}, nil
	}
	switch n.Inputs[0].DType {
	case schema.Float64:
		return maxPool[float64](n, p)
	case schema.Int8:
		return maxPool[int8](n, p)
	case schema.Uint8:
		return maxPool[uint8](n, p)
	}
	return maxPool[float32](n, p)
}

func maxPool[T f32.Number](n *Node, p f32.PoolParams) (Kernel, error) {
	m := f32.NewMaxPool[T](p, n.Workers.Threads())
	size := int64(m.ScratchLen(n.Workers.Threads())) * int64(unsafe.Sizeof(T(0)))
	if size > 4*MaxElements {
		return Kernel{}, fmt.Errorf("needs %d bytes of scratch memory, more than %d", size, int64(4*MaxElements))
	}
	return Kernel{Name: "pool2d_max" + m.Name(), Scratch: int(size), Run: func(n *Node) error {
		m.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), View[T](&Tensor{Data: n.Scratch}))
		return nil
	}}, nil
}
