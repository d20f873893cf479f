package ops

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

// Ops that pick elements by indices, and those whose size follows from values.
var (
	gatherElements = Def{Code: schema.GatherElements, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferGatherElements, Prepare: prepareGatherElements}
	gatherND = Def{Code: schema.GatherND, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferGatherND, Prepare: prepareGatherND}
	oneHot = Def{Code: schema.OneHot, MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferOneHot, Late: lateOneHot, Prepare: prepareOneHot}
	nonZero = Def{Code: schema.NonZero, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferNonZero, Late: lateNonZero, Prepare: prepareNonZero}
	rangeOf = Def{Code: schema.Range, MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferRange, Late: lateRange, Prepare: prepareRange}
	tile = Def{Code: schema.Tile, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferTile, Late: lateSame, Prepare: prepareTile}
)

// elementsAxis checks operands of which input i has indices of elements of input 0.
func elementsAxis(n *Node, i int, axis int) (int, error) {
	x, indices := n.Inputs[0], n.Inputs[i]
	if err := n.refuseBits(0); err != nil {
		return 0, err
	}
	if err := n.wantType(i, schema.Int64); err != nil {
		return 0, err
	}
	if err := n.wantRank(i, len(x.Shape)); err != nil {
		return 0, err
	}
	axis, err := resolveAxis(int64(axis), len(x.Shape))
	if err != nil {
		return 0, err
	}
	for j, d := range indices.Shape {
		if j != axis && d > x.Shape[j] {
			return 0, fmt.Errorf("input %d, %v: axis %d has size %d, want at most %d as in %v", i, indices, j, d, x.Shape[j], x)
		}
	}
	return axis, nil
}

func inferGatherElements(n *Node) error {
	o, err := options[*schema.AxisOptions](n)
	if err != nil {
		return err
	}
	if _, err := elementsAxis(n, 1, o.Axis); err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].DType, n.Inputs[1].Shape)
}

func prepareGatherElements(n *Node) (Kernel, error) {
	x := n.Inputs[0]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return Kernel{}, err
	}
	e := move.NewElements(x.Shape, n.Inputs[1].Shape, axis, x.DType.Size())
	return Kernel{Name: "gather_elements", Run: func(n *Node) error {
		return e.Gather(n.Outputs[0].Data, n.Inputs[0].Data, View[int64](n.Inputs[1]))
	}}, nil
}

// tuples checks operands of which input 1 has, in its last axis, indices of the axes of
// input 0 behind the batch axes. It gives the kernel, and the shape of what they pick.
func tuples(n *Node, batch int) (*move.Slices, []int, error) {
	x, indices := n.Inputs[0], n.Inputs[1]
	if err := n.refuseBits(0); err != nil {
		return nil, nil, err
	}
	if err := n.wantType(1, schema.Int64); err != nil {
		return nil, nil, err
	}
	last := len(indices.Shape) - 1
	if batch < 0 || batch > last || batch > len(x.Shape) {
		return nil, nil, fmt.Errorf("%d batch axes of %v and indices %v, want at most %d", batch, x, indices, max(0, min(last, len(x.Shape))))
	}
	if !slices.Equal(x.Shape[:batch], indices.Shape[:batch]) {
		return nil, nil, fmt.Errorf("input 0, %v, and input 1, %v, differ in the first %d axes", x, indices, batch)
	}
	end := batch + indices.Shape[last]
	if end > len(x.Shape) {
		return nil, nil, fmt.Errorf("input 1, %v: %d indices for axes %d to %d of %v", indices, indices.Shape[last], batch, len(x.Shape)-1, x)
	}
	shape := slices.Concat(indices.Shape[:last], x.Shape[end:])
	if _, err := Count(shape); err != nil {
		return nil, nil, err
	}
	s := move.NewSlices(product(x.Shape[:batch]), product(indices.Shape[batch:last]), x.Shape[batch:end], product(x.Shape[end:])*x.DType.Size())
	return s, shape, nil
}

func inferGatherND(n *Node) error {
	o, err := options[*schema.AxisOptions](n)
	if err != nil {
		return err
	}
	_, shape, err := tuples(n, o.Axis)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].DType, shape)
}

func prepareGatherND(n *Node) (Kernel, error) {
	o, err := options[*schema.AxisOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	s, _, err := tuples(n, o.Axis)
	if err != nil {
		return Kernel{}, err
	}
	return Kernel{Name: "gather_nd", Run: func(n *Node) error {
		return s.Gather(n.Outputs[0].Data, n.Inputs[0].Data, View[int64](n.Inputs[1]))
	}}, nil
}

// oneHotAxis is the axis of the result that a OneHot adds.
func oneHotAxis(n *Node) (int, error) {
	if err := n.wantType(0, schema.Int64); err != nil {
		return 0, err
	}
	if err := n.refuseBits(2); err != nil {
		return 0, err
	}
	if v := n.Inputs[2]; !slices.Equal(v.Shape, []int{2}) {
		return 0, fmt.Errorf("input 2, %v: want two elements, for off and on", v)
	}
	return optionAxis(n, len(n.Inputs[0].Shape)+1)
}

func inferOneHot(n *Node) error {
	axis, err := oneHotAxis(n)
	if err != nil {
		return err
	}
	depth, err := n.Known(1)
	if err != nil {
		return err
	}
	if len(depth) != 1 || depth[0] < 0 || depth[0] > MaxElements {
		return fmt.Errorf("input 1, %v: depth %v, want one of 0 to %d", n.Inputs[1], depth, MaxElements)
	}
	return n.set(0, n.Inputs[2].DType, slices.Insert(slices.Clone(n.Inputs[0].Shape), axis, int(depth[0])))
}

func lateOneHot(n *Node) error {
	axis, err := oneHotAxis(n)
	if err != nil {
		return err
	}
	n.setLate(0, n.Inputs[2].DType, slices.Insert(slices.Clone(n.Inputs[0].Shape), axis, -1))
	return nil
}

func prepareOneHot(n *Node) (Kernel, error) {
	axis, err := oneHotAxis(n)
	if err != nil {
		return Kernel{}, err
	}
	out := n.Outputs[0]
	depth, inner, size := out.Shape[axis], product(out.Shape[axis+1:]), out.DType.Size()
	return Kernel{Name: "one_hot", Run: func(n *Node) error {
		move.OneHot(n.Outputs[0].Data, View[int64](n.Inputs[0]), depth, inner, n.Inputs[2].Data, size)
		return nil
	}}, nil
}

// nonZeros calls f for each element that is not 0; NaN is not.
func nonZeros(t *Tensor, f func(i int)) {
	switch t.DType {
	case schema.Float16:
		for i, v := range View[uint16](t) {
			if v&0x7fff != 0 {
				f(i)
			}
		}
	case schema.Float32:
		eachNonZero(View[float32](t), f)
	case schema.Float64:
		eachNonZero(View[float64](t), f)
	default:
		switch t.DType.Size() {
		case 1:
			eachNonZero(View[uint8](t), f)
		case 2:
			eachNonZero(View[uint16](t), f)
		case 4:
			eachNonZero(View[uint32](t), f)
		default:
			eachNonZero(View[uint64](t), f)
		}
	}
}

func eachNonZero[T Element](x []T, f func(i int)) {
	for i, v := range x {
		if v != 0 {
			f(i)
		}
	}
}

func inferNonZero(n *Node) error {
	if err := checkNonZero(n); err != nil {
		return err
	}
	x, err := n.Value(0)
	if err != nil {
		return err
	}
	count := 0
	nonZeros(x, func(int) { count++ })
	return n.set(0, schema.Int64, []int{len(x.Shape), count})
}

func checkNonZero(n *Node) error {
	if len(n.Inputs[0].Shape) == 0 {
		return fmt.Errorf("input 0, %v: NonZero of a scalar is not supported; want an axis at least", n.Inputs[0])
	}
	return n.refuseBits(0)
}

func lateNonZero(n *Node) error {
	n.setLate(0, schema.Int64, []int{len(n.Inputs[0].Shape), -1})
	return checkNonZero(n)
}

func prepareNonZero(n *Node) (Kernel, error) {
	strides := move.Strides(n.Inputs[0].Shape)
	dims := n.Inputs[0].Shape
	count := n.Outputs[0].Shape[1]
	return Kernel{Name: "non_zero", Run: func(n *Node) error {
		out := View[int64](n.Outputs[0])
		at := 0
		nonZeros(n.Inputs[0], func(i int) {
			if at < count {
				for d, s := range strides {
					out[d*count+at] = int64(i / s % dims[d])
				}
			}
			at++
		})
		if at != count {
			return errors.New("the number of elements that are not 0 has changed since it was counted")
		}
		return nil
	}}, nil
}

// rangeTypes are the element types of Range.
var rangeTypes = []schema.DType{schema.Float32, schema.Float64, schema.Int32, schema.Int64}

func checkRange(n *Node) error {
	for i, t := range n.Inputs {
		if err := n.wantType(i, rangeTypes...); err != nil {
			return err
		}
		if t.DType != n.Inputs[0].DType || t.Len() != 1 {
			return fmt.Errorf("input %d, %v: want one element of the type of input 0, %v", i, t, n.Inputs[0])
		}
	}
	return nil
}

func inferRange(n *Node) error {
	if err := checkRange(n); err != nil {
		return err
	}
	for i := range n.Inputs {
		if _, err := n.Value(i); err != nil {
			return err
		}
	}
	var count float64
	switch n.Inputs[0].DType {
	case schema.Int32:
		count = stepsInt(View[int32](n.Inputs[0])[0], View[int32](n.Inputs[1])[0], View[int32](n.Inputs[2])[0])
	case schema.Int64:
		count = stepsInt(View[int64](n.Inputs[0])[0], View[int64](n.Inputs[1])[0], View[int64](n.Inputs[2])[0])
	case schema.Float32:
		count = stepsFloat(View[float32](n.Inputs[0])[0], View[float32](n.Inputs[1])[0], View[float32](n.Inputs[2])[0])
	default:
		count = stepsFloat(View[float64](n.Inputs[0])[0], View[float64](n.Inputs[1])[0], View[float64](n.Inputs[2])[0])
	}
	if !(count <= MaxElements) {
		return fmt.Errorf("%v elements, want at most %d and a delta that is not 0", count, MaxElements)
	}
	return n.set(0, n.Inputs[0].DType, []int{int(count)})
}

// stepsInt is the number of values from start to before limit; infinite for a delta of 0.
func stepsInt[T int32 | int64](start, limit, delta T) float64 {
	if delta == 0 {
		return math.Inf(1)
	}
	if delta > 0 && start >= limit || delta < 0 && start <= limit {
		return 0
	}
	// The distance fits an unsigned number, whatever the signs.
	distance, step := uint64(limit)-uint64(start), uint64(delta)
	if delta < 0 {
		distance, step = uint64(start)-uint64(limit), -uint64(delta)
	}
	return float64((distance-1)/step + 1)
}

func stepsFloat[T float32 | float64](start, limit, delta T) float64 {
	count := math.Ceil((float64(limit) - float64(start)) / float64(delta))
	if delta == 0 || count != count {
		return math.Inf(1)
	}
	return math.Max(count, 0)
}

func lateRange(n *Node) error {
	n.setLate(0, n.Inputs[0].DType, []int{-1})
	return checkRange(n)
}

func prepareRange(n *Node) (Kernel, error) {
	run := rangeRun[float64]
	switch n.Inputs[0].DType {
	case schema.Float32:
		run = rangeRun[float32]
	case schema.Int32:
		run = rangeRun[int32]
	case schema.Int64:
		run = rangeRun[int64]
	}
	return Kernel{Name: "range", Run: run}, nil
}

func rangeRun[T Element](n *Node) error {
	start, delta := View[T](n.Inputs[0])[0], View[T](n.Inputs[2])[0]
	for i := range View[T](n.Outputs[0]) {
		View[T](n.Outputs[0])[i] = start + T(T(i)*delta)
	}
	return nil
}

func inferTile(n *Node) error {
	x := n.Inputs[0]
	if err := n.refuseBits(0); err != nil {
		return err
	}
	repeats, err := n.Known(1)
	if err != nil {
		return err
	}
	if len(repeats) != len(x.Shape) {
		return fmt.Errorf("input 1, %v: want one number for each axis of %v", n.Inputs[1], x)
	}
	shape := make([]int, len(x.Shape))
	for i, r := range repeats {
		if r < 0 || r > MaxElements || r*int64(x.Shape[i]) > MaxElements {
			return fmt.Errorf("repeats %v of %v, want 0 to %d and no larger sizes", repeats, x, MaxElements)
		}
		shape[i] = int(r) * x.Shape[i]
	}
	return n.set(0, x.DType, shape)
}

func prepareTile(n *Node) (Kernel, error) {
	x := n.Inputs[0]
	var shape, strides []int
	for i, s := range move.Strides(x.Shape) {
		// An axis of the result is one of repeats, and the one that is repeated.
		shape = append(shape, n.Outputs[0].Shape[i]/max(x.Shape[i], 1), x.Shape[i])
		strides = append(strides, 0, s)
	}
	s := move.NewStrided(shape, strides, 0, x.DType.Size(), n.Features)
	return Kernel{Name: "tile_" + s.Name(), Run: func(n *Node) error {
		s.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return nil
	}}, nil
}
