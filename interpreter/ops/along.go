package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

// Ops that work along one axis.
var (
	argReduce = Def{Code: schema.ArgReduce, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferArgReduce, Prepare: prepareArgReduce}
	topK = Def{Code: schema.TopK, MinInputs: 2, MaxInputs: 2, MinOutputs: 2, MaxOutputs: 2,
		Infer: inferTopK, Late: lateTopK, Prepare: prepareTopK}
	cumSum = Def{Code: schema.CumSum, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferCumSum, Prepare: prepareCumSum}
	reverseSequence = Def{Code: schema.ReverseSequence, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferReverseSequence, Prepare: prepareReverseSequence}
	trilu = Def{Code: schema.Trilu, MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferTrilu, Prepare: prepareTrilu}
)

// sortedTypes are the element types that are compared along an axis, after widening.
var sortedTypes = []schema.DType{schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64}

func inferArgReduce(n *Node) error {
	o, err := options[*schema.ArgOptions](n)
	if err != nil {
		return err
	}
	if err := n.wantType(0, sortedTypes...); err != nil {
		return err
	}
	x := n.Inputs[0]
	axis, err := resolveAxis(int64(o.Axis), len(x.Shape))
	if err != nil {
		return err
	}
	if x.Shape[axis] == 0 {
		return fmt.Errorf("input 0, %v: axis %d has no element to find", x, axis)
	}
	shape := slices.Clone(x.Shape)
	if shape[axis] = 1; !o.KeepDims {
		shape = slices.Delete(shape, axis, axis+1)
	}
	return n.set(0, schema.Int64, shape)
}

func prepareArgReduce(n *Node) (Kernel, error) {
	switch n.Inputs[0].DType {
	case schema.Float64:
		return argKernel[float64](n)
	case schema.Int32:
		return argKernel[int32](n)
	case schema.Int64:
		return argKernel[int64](n)
	case schema.Uint64:
		return argKernel[uint64](n)
	}
	return argKernel[float32](n)
}

func argKernel[T f32.Number](n *Node) (Kernel, error) {
	o, err := options[*schema.ArgOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	shape := n.Inputs[0].Shape
	axis, err := resolveAxis(int64(o.Axis), len(shape))
	if err != nil {
		return Kernel{}, err
	}
	length, inner, smallest, last := shape[axis], product(shape[axis+1:]), o.Min, o.Last
	name := "arg_max"
	if smallest {
		name = "arg_min"
	}
	return Kernel{Name: name, Run: func(n *Node) error {
		f32.ArgReduce(View[int64](n.Outputs[0]), View[T](n.Inputs[0]), length, inner, smallest, last)
		return nil
	}}, nil
}

// topKAxis checks the operands of a TopK but for the value of k.
func topKAxis(n *Node) (int, error) {
	o, err := options[*schema.TopKOptions](n)
	if err != nil {
		return 0, err
	}
	if err := n.wantType(0, sortedTypes...); err != nil {
		return 0, err
	}
	if k := n.Inputs[1]; k.Len() != 1 {
		return 0, fmt.Errorf("input 1, %v: want one number", k)
	}
	return resolveAxis(int64(o.Axis), len(n.Inputs[0].Shape))
}

func inferTopK(n *Node) error {
	axis, err := topKAxis(n)
	if err != nil {
		return err
	}
	k, err := n.Known(1)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	if k[0] < 0 || k[0] > int64(x.Shape[axis]) {
		return fmt.Errorf("input 1, %v: k is %d, want 0 to %d, the size of axis %d of %v", n.Inputs[1], k[0], x.Shape[axis], axis, x)
	}
	shape := slices.Clone(x.Shape)
	shape[axis] = int(k[0])
	if err := n.set(0, x.DType, shape); err != nil {
		return err
	}
	return n.set(1, schema.Int64, shape)
}

func lateTopK(n *Node) error {
	axis, err := topKAxis(n)
	if err != nil {
		return err
	}
	shape := slices.Clone(n.Inputs[0].Shape)
	shape[axis] = -1
	n.setLate(0, n.Inputs[0].DType, shape)
	n.setLate(1, schema.Int64, shape)
	return nil
}

func prepareTopK(n *Node) (Kernel, error) {
	switch n.Inputs[0].DType {
	case schema.Float64:
		return topKKernel[float64](n)
	case schema.Int32:
		return topKKernel[int32](n)
	case schema.Int64:
		return topKKernel[int64](n)
	case schema.Uint64:
		return topKKernel[uint64](n)
	}
	return topKKernel[float32](n)
}

func topKKernel[T f32.Number](n *Node) (Kernel, error) {
	axis, err := topKAxis(n)
	if err != nil {
		return Kernel{}, err
	}
	shape := n.Inputs[0].Shape
	length, inner, k := shape[axis], product(shape[axis+1:]), n.Outputs[0].Shape[axis]
	smallest := n.Options.(*schema.TopKOptions).Smallest
	return Kernel{Name: "top_k", Scratch: 4 * k, Run: func(n *Node) error {
		f32.TopK(View[T](n.Outputs[0]), View[int64](n.Outputs[1]), View[T](n.Inputs[0]), length, inner, k, smallest,
			View[int32](&Tensor{Data: n.Scratch}))
		return nil
	}}, nil
}

func inferCumSum(n *Node) error {
	if _, err := options[*schema.CumSumOptions](n); err != nil {
		return err
	}
	if err := n.wantType(0, sortedTypes...); err != nil {
		return err
	}
	if err := n.wantType(1, schema.Int64, schema.Int32); err != nil {
		return err
	}
	if a := n.Inputs[1]; a.Len() != 1 {
		return fmt.Errorf("input 1, %v: want one axis", a)
	}
	return n.set(0, n.Inputs[0].DType, n.Inputs[0].Shape)
}

func prepareCumSum(n *Node) (Kernel, error) {
	switch n.Inputs[0].DType {
	case schema.Float64:
		return cumSumKernel[float64](n), nil
	case schema.Int32:
		return cumSumKernel[int32](n), nil
	case schema.Int64:
		return cumSumKernel[int64](n), nil
	case schema.Uint64:
		return cumSumKernel[uint64](n), nil
	}
	return cumSumKernel[float32](n), nil
}

func cumSumKernel[T f32.Reducible](n *Node) Kernel {
	o := *n.Options.(*schema.CumSumOptions)
	shape := slices.Clone(n.Inputs[0].Shape)
	return Kernel{Name: "cum_sum", Run: func(n *Node) error {
		axis, err := resolveAxis(oneInt(n.Inputs[1]), len(shape))
		if err != nil {
			return fmt.Errorf("input 1, %v: %w", n.Inputs[1], err)
		}
		f32.CumSum(View[T](n.Outputs[0]), View[T](n.Inputs[0]), shape[axis], product(shape[axis+1:]), o.Exclusive, o.Reverse)
		return nil
	}}
}

// oneInt is the value of an int64 or int32 tensor of one element.
func oneInt(t *Tensor) int64 {
	if t.DType == schema.Int32 {
		return int64(View[int32](t)[0])
	}
	return View[int64](t)[0]
}

func inferReverseSequence(n *Node) error {
	o, err := options[*schema.ReverseSequenceOptions](n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	if err := n.refuseBits(0); err != nil {
		return err
	}
	if err := n.wantType(1, schema.Int64); err != nil {
		return err
	}
	for _, axis := range []int{o.BatchAxis, o.TimeAxis} {
		if axis < 0 || axis >= len(x.Shape) || o.BatchAxis == o.TimeAxis {
			return fmt.Errorf("batch axis %d and time axis %d of %v, want two of its axes", o.BatchAxis, o.TimeAxis, x)
		}
	}
	if lengths := n.Inputs[1]; !slices.Equal(lengths.Shape, []int{x.Shape[o.BatchAxis]}) {
		return fmt.Errorf("input 1, %v: want %d lengths, the size of axis %d of %v", lengths, x.Shape[o.BatchAxis], o.BatchAxis, x)
	}
	return n.set(0, x.DType, x.Shape)
}

func prepareReverseSequence(n *Node) (Kernel, error) {
	o, err := options[*schema.ReverseSequenceOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	a, b := min(o.BatchAxis, o.TimeAxis), max(o.BatchAxis, o.TimeAxis)
	outer, first, middle, second := product(x.Shape[:a]), x.Shape[a], product(x.Shape[a+1:b]), x.Shape[b]
	size, timeFirst := product(x.Shape[b+1:])*x.DType.Size(), o.TimeAxis < o.BatchAxis
	return Kernel{Name: "reverse_sequence", Run: func(n *Node) error {
		return move.ReverseSequences(n.Outputs[0].Data, n.Inputs[0].Data, outer, first, middle, second, size, timeFirst, View[int64](n.Inputs[1]))
	}}, nil
}

func inferTrilu(n *Node) error {
	if _, err := options[*schema.TriluOptions](n); err != nil {
		return err
	}
	x := n.Inputs[0]
	if err := n.refuseBits(0); err != nil {
		return err
	}
	if len(x.Shape) < 2 {
		return fmt.Errorf("input 0, %v: rank %d, want at least 2", x, len(x.Shape))
	}
	if err := n.wantType(1, schema.Int64); err != nil {
		return err
	}
	if k := n.Input(1); k != nil && k.Len() != 1 {
		return fmt.Errorf("input 1, %v: want one number", k)
	}
	return n.set(0, x.DType, x.Shape)
}

func prepareTrilu(n *Node) (Kernel, error) {
	o, err := options[*schema.TriluOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	shape, size, lower := n.Inputs[0].Shape, n.Inputs[0].DType.Size(), o.Lower
	rows, cols := shape[len(shape)-2], shape[len(shape)-1]
	c := move.NewCopy(n.Outputs[0].Bytes())
	return Kernel{Name: "trilu", InPlace: true, Run: func(n *Node) error {
		out := n.Outputs[0].Data
		c.Run(n.Workers, out, n.Inputs[0].Data)
		k := int64(0)
		if t := n.Input(1); t != nil {
			k = min(max(oneInt(t), -int64(rows)-1), int64(cols)+1)
		}
		for row := 0; row*cols*size < len(out); row++ {
			// The first column of the diagonal, or the one behind it.
			from, to := 0, min(max(row%rows+int(k), 0), cols)
			if lower {
				from, to = min(max(row%rows+int(k)+1, 0), cols), cols
			}
			clear(out[(row*cols+from)*size : (row*cols+to)*size])
		}
		return nil
	}}, nil
}
