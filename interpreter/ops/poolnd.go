package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var poolND = Def{Code: schema.PoolND, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 2, Infer: inferPoolND, Prepare: preparePoolND}

func inferPoolND(n *Node) error {
	o, err := options[*schema.PoolNDOptions](n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	spatial := len(o.Kernel)
	if err := n.wantRank(0, spatial+2); err != nil {
		return err
	}
	if len(o.Strides) != spatial || len(o.Dilations) != spatial || len(o.Pads) != 2*spatial {
		return fmt.Errorf("%d strides, %d dilations and %d pads for %d axes", len(o.Strides), len(o.Dilations), len(o.Pads), spatial)
	}
	switch o.Kind {
	case schema.AveragePool:
		err = n.wantType(0, schema.Float32, schema.Float64)
		if n.Output(1) != nil {
			err = fmt.Errorf("output 1: an average has no indices")
		}
	case schema.MaxPool:
		err = n.wantType(0, schema.Float32, schema.Float64, schema.Int8, schema.Uint8)
	default:
		err = fmt.Errorf("pool kind %v, want Max or Average", o.Kind)
	}
	if err != nil {
		return err
	}
	shape := slices.Clone(x.Shape)
	for i := range spatial {
		if shape[i+2], err = windowAxis(x.Shape[i+2], o.Kernel[i], o.Strides[i], o.Dilations[i], o.Pads[i], o.Pads[i+spatial], o.CeilMode); err != nil {
			return fmt.Errorf("axis %d: %w", i+2, err)
		}
	}
	if err := n.set(0, x.DType, shape); err != nil {
		return err
	}
	return n.set(1, schema.Int64, shape)
}

func preparePoolND(n *Node) (Kernel, error) {
	switch n.Inputs[0].DType {
	case schema.Float64:
		return poolNDKernel[float64](n), nil
	case schema.Int8:
		return poolNDKernel[int8](n), nil
	case schema.Uint8:
		return poolNDKernel[uint8](n), nil
	}
	return poolNDKernel[float32](n), nil
}

func poolNDKernel[T f32.Number](n *Node) Kernel {
	o := n.Options.(*schema.PoolNDOptions)
	shape, spatial := n.Inputs[0].Shape, len(o.Kernel)
	k := f32.NewPoolND[T](f32.PoolNDParams{
		Maps: shape[0] * shape[1], In: shape[2:], Out: n.Outputs[0].Shape[2:],
		Kernel: o.Kernel, Strides: o.Strides, Dilations: o.Dilations, Before: o.Pads[:spatial], After: o.Pads[spatial:],
		CountPad: o.CountIncludePad, ColumnMajor: o.ColumnMajor,
	}, o.Kind == schema.AveragePool, n.Workers.Threads())
	name := "max_pool_nd"
	if o.Kind == schema.AveragePool {
		name = "average_pool_nd"
	}
	return Kernel{Name: name, Run: func(n *Node) error {
		var indices []int64
		if t := n.Output(1); t != nil {
			indices = View[int64](t)
		}
		k.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), indices)
		return nil
	}}
}
