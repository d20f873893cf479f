package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// flatOrder is the order of the elements of a last axis that was flattened from a
// permuted map. The base's last axis has the dimensions dims; the value's has
// them transposed by perm.
type flatOrder struct {
	dims []int
	perm []int
}

func (f *flatOrder) equal(o *flatOrder) bool {
	return slices.Equal(f.dims, o.dims) && slices.Equal(f.perm, o.perm)
}

// size is the length of the axis.
func (f *flatOrder) size() int {
	n := 1
	for _, d := range f.dims {
		n *= d
	}
	return n
}

// flattened recognizes a reshape that keeps all axes but the last ones, which it
// joins to the last axis of the output, in an order that is not the base's.
func flattened(groups []axisGroup, in, out shapes, perm []int) (*flatOrder, bool) {
	last := groups[len(groups)-1]
	rank := len(out[0])
	for _, axis := range last.out {
		if axis != rank-1 && (out[0][axis] != 1 || out[1][axis] != 1) {
			return nil, false
		}
	}
	if len(last.out) == 0 || last.out[len(last.out)-1] != rank-1 {
		return nil, false
	}
	// The axes before stay in place in the base.
	before := len(in[0]) - len(last.in)
	for i := range before {
		if at(perm, i) != i {
			return nil, false
		}
	}
	f := &flatOrder{}
	for i := before; i < len(in[0]); i++ {
		if !in.known(i) {
			return nil, false
		}
		f.perm = append(f.perm, at(perm, i)-before)
	}
	f.dims = make([]int, len(f.perm))
	for i, p := range f.perm {
		f.dims[p] = in[0][before+i]
	}
	return f, true
}

// reshapeFlat lets a reshape that keeps the last axis work on a flat base.
func (m *mover) reshapeFlat(n *graph.Node, r rep) (bool, error) {
	out := trials(n.Outputs[0])
	last := len(out[0]) - 1
	if last < 0 || out[0][last] != r.flat.size() || out[1][last] != r.flat.size() || !m.plainFrom(n, 1) {
		return false, nil
	}
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, nil, r.flat)
}

// unflatten puts the elements of a flat base into the value's order, by a
// Transpose between two Reshapes.
func (m *mover) unflatten(r rep) (*graph.Value, error) {
	base, f := r.base, r.flat
	in := trials(base)
	lead := len(in[0]) - 1
	var split shapes
	for p := range split {
		split[p] = append(slices.Clone(in[p][:lead]), f.dims...)
	}
	perm := make([]int, lead+len(f.perm))
	for i := range perm {
		perm[i] = i
		if i >= lead {
			perm[i] = lead + f.perm[i-lead]
		}
	}
	shape, ok := shapeOperand(in, split)
	back, ok2 := shapeOperand(split.permuted(perm), in)
	if !ok || !ok2 {
		// Several dimensions in front are unknown.
		index := make([]int64, f.size())
		for i, from := range f.index() {
			index[i] = int64(from)
		}
		name := nodeName(base) + "/reorder"
		return m.add(&graph.Node{
			Name: name, Code: schema.Gather, Options: &schema.AxisOptions{Axis: -1},
			Inputs: []*graph.Value{base, m.g.ConstInt64s(name+".index", []int{len(index)}, index)},
		})
	}
	v, err := m.reshape(base, shape)
	if err != nil {
		return nil, err
	}
	if v, err = m.transpose(v, perm); err != nil {
		return nil, err
	}
	return m.reshape(v, back)
}

// index gives, for each element of the value's last axis, its place in the base's.
func (f *flatOrder) index() []int {
	stride := make([]int, len(f.dims)) // of each base axis
	n := 1
	for i := len(f.dims) - 1; i >= 0; i-- {
		stride[i] = n
		n *= f.dims[i]
	}
	out := make([]int, 0, n)
	var walk func(axis, at int)
	walk = func(axis, at int) {
		if axis == len(f.perm) {
			out = append(out, at)
			return
		}
		p := f.perm[axis]
		for i := range f.dims[p] {
			walk(axis+1, at+i*stride[p])
		}
	}
	walk(0, 0)
	return out
}

// reorder puts a constant, whose axis counts the value's elements, into the base's
// order.
func (m *mover) reorder(v *graph.Value, axis int, f *flatOrder) (*graph.Value, error) {
	index := make([]int64, f.size())
	for value, base := range f.index() {
		index[base] = int64(value)
	}
	t, err := evaluate(schema.Gather, &schema.AxisOptions{Axis: axis}, v.Const, int64Tensor(index))
	if err != nil {
		return nil, err
	}
	return m.g.NewConst(v.Name, t.DType, t.Shape, t.Data), nil
}

func int64Tensor(x []int64) *ops.Tensor {
	t := &ops.Tensor{Name: "constant", DType: schema.Int64, Shape: []int{len(x)}, Data: ops.AlignedBytes(8 * len(x))}
	copy(ops.View[int64](t), x)
	return t
}

// commonFlat finds the one order that all operands of an elementwise op can have:
// others are constants, or do not vary along the last axis.
func (m *mover) commonFlat(n *graph.Node, rank int) *flatOrder {
	var flat *flatOrder
	for _, v := range n.Inputs {
		r := m.rep(v)
		switch {
		case r.flat != nil:
			if flat != nil && !flat.equal(r.flat) {
				return nil
			}
			flat = r.flat
		case r.perm != nil:
			return nil
		case !r.base.IsConst() && len(v.Shape) > 0 && v.Shape[len(v.Shape)-1] != 1:
			return nil
		}
	}
	if flat == nil || rank == 0 {
		return nil
	}
	// The op must not widen the last axis.
	if out := trials(n.Outputs[0]); out[0][rank-1] != flat.size() || out[1][rank-1] != flat.size() {
		return nil
	}
	return flat
}

// flatOperand is operand v in the order of the base.
func (m *mover) flatOperand(v *graph.Value, f *flatOrder) (*graph.Value, error) {
	r := m.rep(v)
	if r.flat != nil || !r.base.IsConst() || len(r.base.Shape) == 0 || r.base.Shape[len(r.base.Shape)-1] == 1 {
		return r.base, nil
	}
	return m.reorder(r.base, len(r.base.Shape)-1, f)
}
