package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var reduce = Def{Code: schema.Reduce, MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferReduce, Late: lateReduce, Prepare: prepareReduce}

// reducedAxes marks the axes that a Reduce takes away.
func reducedAxes(n *Node, o *schema.ReduceOptions) ([]bool, error) {
	rank := len(n.Inputs[0].Shape)
	axes, err := n.Known(1)
	if err != nil {
		return nil, err
	}
	set, err := axisSet(axes, rank)
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 && !o.NoopWithEmptyAxes {
		for i := range set {
			set[i] = true
		}
	}
	return set, nil
}

func inferReduce(n *Node) error {
	o, err := options[*schema.ReduceOptions](n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	switch o.Kind {
	case schema.ReduceMean:
		err = n.wantType(0, schema.Float32, schema.Float64)
	case schema.ReduceSum, schema.ReduceMax, schema.ReduceProd, schema.ReduceMin:
		err = n.wantType(0, schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64)
	default:
		err = fmt.Errorf("reduction %v, want Mean, Sum, Max, Min or Prod", o.Kind)
	}
	if err != nil {
		return err
	}
	set, err := reducedAxes(n, o)
	if err != nil {
		return err
	}
	shape := []int{}
	for i, d := range x.Shape {
		switch {
		case !set[i]:
			shape = append(shape, d)
		case o.KeepDims:
			shape = append(shape, 1)
		}
		extreme := o.Kind == schema.ReduceMax || o.Kind == schema.ReduceMin
		if set[i] && d == 0 && extreme && x.DType != schema.Float32 && x.DType != schema.Float64 {
			return fmt.Errorf("input 0, %v: no maximum or minimum over axis %d of size 0", x, i)
		}
	}
	return n.set(0, x.DType, shape)
}

func prepareReduce(n *Node) (Kernel, error) {
	o, err := options[*schema.ReduceOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	set, err := reducedAxes(n, o)
	if err != nil {
		return Kernel{}, err
	}
	kind, name := f32.ReduceSum, "reduce_sum"
	switch o.Kind {
	case schema.ReduceMean:
		kind, name = f32.ReduceMean, "reduce_mean"
	case schema.ReduceMax:
		kind, name = f32.ReduceMax, "reduce_max"
	case schema.ReduceProd:
		kind, name = f32.ReduceProd, "reduce_prod"
	case schema.ReduceMin:
		kind, name = f32.ReduceMin, "reduce_min"
	}
	switch n.Inputs[0].DType {
	case schema.Int32:
		return reduceKernel[int32](n, name, kind, set), nil
	case schema.Int64:
		return reduceKernel[int64](n, name, kind, set), nil
	case schema.Uint64:
		return reduceKernel[uint64](n, name, kind, set), nil
	case schema.Float64:
		return reduceKernel[float64](n, name, kind, set), nil
	}
	return reduceKernel[float32](n, name, kind, set), nil
}

func reduceKernel[T f32.Reducible](n *Node, name string, kind f32.ReduceKind, set []bool) Kernel {
	r := f32.NewReduce[T](kind, n.Inputs[0].Shape, set, n.Features, n.Workers.Threads())
	return Kernel{Name: name, Scratch: r.ScratchBytes(), Run: func(n *Node) error {
		r.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), View[T](&Tensor{Data: n.Scratch}))
		return nil
	}}
}
