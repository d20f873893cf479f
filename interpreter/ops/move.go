package ops

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	transpose = Def{Code: schema.Transpose, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferTranspose, Prepare: prepareTranspose}
	slice     = Def{Code: schema.Slice, MinInputs: 3, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1, Infer: inferSlice, Late: lateSame, Prepare: prepareSlice}
	expand    = Def{Code: schema.Expand, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferExpand, Late: lateExpand, Prepare: prepareExpand}
)

// units describes a tensor to the kernels of package move: a shape of units of
// size bytes. A unit is an element, or a 32-bit word of packed bits, whose last
// axis counts words.
func units(t *Tensor) (shape []int, size int) {
	if t.DType != schema.Bits {
		return t.Shape, t.DType.Size()
	}
	shape = slices.Clone(t.Shape)
	shape[len(shape)-1] = schema.WordsPerRow(t.Cols())
	return shape, 4
}

// strided makes the kernel of an op whose output is a view of input 0: strides and
// offset count units.
func strided(name string, n *Node, strides []int, offset int) Kernel {
	shape, size := units(n.Outputs[0])
	s := move.NewStrided(shape, strides, offset, size, n.Features)
	return Kernel{Name: name + "_" + s.Name(), Run: func(n *Node) error {
		s.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return nil
	}}
}

// permutation is the perm of a Transpose of the given rank; none reverses the axes.
func permutation(n *Node, rank int) ([]int, error) {
	o, err := options[*schema.TransposeOptions](n)
	if err != nil {
		return nil, err
	}
	perm := slices.Clone(o.Perm)
	if len(perm) == 0 {
		for i := range rank {
			perm = append(perm, rank-1-i)
		}
	}
	seen := make([]bool, rank)
	for _, p := range perm {
		if len(perm) != rank || p < 0 || p >= rank || seen[p] {
			return nil, fmt.Errorf("perm %v, want a permutation of 0 to %d", o.Perm, rank-1)
		}
		seen[p] = true
	}
	return perm, nil
}

func inferTranspose(n *Node) error {
	x := n.Inputs[0]
	perm, err := permutation(n, len(x.Shape))
	if err != nil {
		return err
	}
	if last := len(perm) - 1; x.DType == schema.Bits && perm[last] != last {
		return fmt.Errorf("input 0, %v: perm %v moves the last axis, which holds packed bits", x, perm)
	}
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = x.Shape[p]
	}
	return n.set(0, x.DType, shape)
}

func prepareTranspose(n *Node) (Kernel, error) {
	perm, err := permutation(n, len(n.Inputs[0].Shape))
	if err != nil {
		return Kernel{}, err
	}
	shape, _ := units(n.Inputs[0])
	from := move.Strides(shape)
	strides := make([]int, len(perm))
	for i, p := range perm {
		strides[i] = from[p]
	}
	return strided("transpose", n, strides, 0), nil
}

// bounds is what a Slice takes of one axis: start, start+step, ... in all count.
type bounds struct{ start, step, count int }

// sliceBounds reads the operands of a Slice, for each axis of x.
func sliceBounds(n *Node) ([]bounds, error) {
	x := n.Inputs[0]
	rank := len(x.Shape)
	all := make([]bounds, rank)
	for i, d := range x.Shape {
		all[i] = bounds{0, 1, d}
	}
	var list [4][]int64 // starts, ends, axes, steps
	for i := range list {
		v, err := n.Known(i + 1)
		if err != nil {
			return nil, err
		}
		if n.Input(i+1) != nil && i > 0 && len(v) != len(list[0]) {
			return nil, fmt.Errorf("input %d, %v: %d values, want as many as starts, %d", i+1, n.Inputs[i+1], len(v), len(list[0]))
		}
		list[i] = v
	}
	starts, ends, axes, steps := list[0], list[1], list[2], list[3]
	if n.Input(3) == nil {
		if len(starts) > rank {
			return nil, fmt.Errorf("%d starts for %v", len(starts), x)
		}
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	if _, err := axisSet(axes, rank); err != nil {
		return nil, err
	}
	for i, a := range axes {
		axis, err := resolveAxis(a, rank)
		if err != nil {
			return nil, err
		}
		step := int64(1)
		if n.Input(4) != nil {
			step = steps[i]
		}
		if step == 0 {
			return nil, fmt.Errorf("axis %d: step 0, want any other", axis)
		}
		all[axis] = sliceAxis(int64(x.Shape[axis]), starts[i], ends[i], step)
		if x.DType == schema.Bits && axis == rank-1 && all[axis] != (bounds{0, 1, x.Shape[axis]}) {
			return nil, fmt.Errorf("input 0, %v: axis %d holds packed bits and cannot be cut", x, axis)
		}
	}
	return all, nil
}

// sliceAxis clamps a slice as numpy does.
func sliceAxis(d, start, end, step int64) bounds {
	lowest, highest := int64(0), d // where start and end may lie
	if step < 0 {
		lowest, highest = -1, d-1
	}
	bound := func(v int64) int64 {
		if v < 0 {
			v += d // cannot overflow: v is negative, d is not
		}
		return min(max(v, lowest), highest)
	}
	start, end = bound(start), bound(end)
	// Steps longer than the axis take one element; clamping them keeps the sums small.
	step = min(max(step, -d-1), d+1)
	distance, pace := end-start, step
	if step < 0 {
		distance, pace = -distance, -pace
	}
	count := (distance + pace - 1) / pace
	if count <= 0 {
		return bounds{0, 1, 0}
	}
	return bounds{int(start), int(step), int(count)}
}

func inferSlice(n *Node) error {
	cut, err := sliceBounds(n)
	if err != nil {
		return err
	}
	shape := make([]int, len(cut))
	for i, b := range cut {
		shape[i] = b.count
	}
	return n.set(0, n.Inputs[0].DType, shape)
}

func prepareSlice(n *Node) (Kernel, error) {
	cut, err := sliceBounds(n)
	if err != nil {
		return Kernel{}, err
	}
	shape, _ := units(n.Inputs[0])
	strides := move.Strides(shape)
	offset := 0
	for i, b := range cut {
		offset += b.start * strides[i]
		strides[i] *= b.step
	}
	return strided("slice", n, strides, offset), nil
}

func inferExpand(n *Node) error {
	want, err := n.Known(1)
	if err != nil {
		return err
	}
	if err := n.wantRank(1, 1); err != nil {
		return err
	}
	for _, d := range want {
		if d < 0 || d > MaxElements {
			return fmt.Errorf("shape %v: dimension %d, want 0 to %d", want, d, MaxElements)
		}
	}
	x := n.Inputs[0]
	shape, err := broadcastShapes(x.Shape, toInts(want))
	if err != nil {
		return err
	}
	if x.DType == schema.Bits && shape[len(shape)-1] != x.Cols() {
		return fmt.Errorf("input 0, %v: shape %v repeats the last axis, which holds packed bits", x, shape)
	}
	return n.set(0, x.DType, shape)
}

func prepareExpand(n *Node) (Kernel, error) {
	if n.Outputs[0] == nil {
		return Kernel{}, errors.New("output 0 is absent")
	}
	from, _ := units(n.Inputs[0])
	to, _ := units(n.Outputs[0])
	return strided("expand", n, move.BroadcastStrides(from, to), 0), nil
}
