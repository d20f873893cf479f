package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// moveRule lets an op work on permuted operands. It is called when an operand of n
// is had as a permuted base. It rewrites n and returns true, or returns false
// without a change: then n gets its operands in their own order, as do ops
// without a rule.
type moveRule func(m *mover, n *graph.Node) (bool, error)

var moveRules = map[schema.OpCode]moveRule{
	schema.Transpose:  moveTranspose,
	schema.Unary:      moveUnary,
	schema.Cast:       moveUnary,
	schema.Binary:     moveElementwise,
	schema.Select:     moveElementwise,
	schema.Concat:     moveConcat,
	schema.Split:      moveAxis,
	schema.Softmax:    moveSoftmax,
	schema.Gather:     moveGather,
	schema.Slice:      moveSlice,
	schema.Pad:        movePad,
	schema.Resize:     moveResize,
	schema.Reduce:     moveReduce,
	schema.Shape:      moveShape,
	schema.Reshape:    moveReshape,
	schema.Flatten:    moveReshape,
	schema.Squeeze:    moveReshape,
	schema.Unsqueeze:  moveReshape,
	schema.MatMul:     moveMatMul,
	schema.Quantize:   moveQuantize,
	schema.Dequantize: moveQuantize,
}

func moveTranspose(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.flat != nil {
		return false, nil
	}
	m.reps[n.Outputs[0]] = rep{base: r.base, perm: normal(compose(r.perm, permOf(n)))}
	return true, nil
}

func moveUnary(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, r.perm, r.flat)
}

// moveQuantize takes a list of scales along to the base's axis.
func moveQuantize(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if !m.plainFrom(n, 1) || r.flat != nil && channels(n.Inputs[1]) != 1 {
		return false, nil
	}
	if r.perm != nil {
		axis := axisOf(n.Options.(*schema.QuantizeOptions).Axis, len(r.perm))
		n.Options = &schema.QuantizeOptions{Axis: r.perm[axis]}
	}
	return moveUnary(m, n)
}

// axisOf is an axis that may count from the end.
func axisOf(axis, rank int) int {
	if axis < 0 {
		axis += rank
	}
	return axis
}

// moveConcat joins the bases, permuted alike, along the base's axis.
func moveConcat(m *mover, n *graph.Node) (bool, error) {
	rank := len(n.Outputs[0].Shape)
	perm, ok := m.choosePerm(n.Inputs, rank)
	if !ok || perm == nil {
		return false, nil
	}
	axis := perm[axisOf(n.Options.(*schema.AxisOptions).Axis, rank)]
	if err := m.setOperands(n, n.Inputs, perm, rank); err != nil {
		return false, err
	}
	n.Options = &schema.AxisOptions{Axis: axis}
	return true, m.result(n, perm, nil)
}

// moveAxis is for Split.
func moveAxis(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.perm == nil || !m.plainFrom(n, 1) {
		return false, nil
	}
	m.g.SetInput(n, 0, r.base)
	axis := axisOf(n.Options.(*schema.AxisOptions).Axis, len(r.perm))
	n.Options = &schema.AxisOptions{Axis: r.perm[axis]}
	return true, m.result(n, r.perm, nil)
}

// plainFrom reports whether the operands from i on are had as they were.
func (m *mover) plainFrom(n *graph.Node, i int) bool {
	return !slices.ContainsFunc(n.Inputs[min(i, len(n.Inputs)):], func(v *graph.Value) bool {
		return v != nil && (!m.rep(v).plain() || m.rep(v).base != v)
	})
}

func moveSoftmax(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.perm == nil {
		return false, nil
	}
	o := *n.Options.(*schema.SoftmaxOptions)
	o.Axis = r.perm[axisOf(o.Axis, len(r.perm))]
	n.Options = &o
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, r.perm, nil)
}

// moveGather takes from the base's axis. A scalar index drops the axis.
func moveGather(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	indexRank := len(n.Inputs[1].Shape)
	if r.perm == nil || indexRank > 1 || !m.plainFrom(n, 1) {
		return false, nil
	}
	axis := axisOf(n.Options.(*schema.AxisOptions).Axis, len(r.perm))
	perm := r.perm
	if indexRank == 0 {
		drop := make([]bool, len(perm))
		drop[axis] = true
		perm = without(perm, len(perm), drop)
	}
	n.Options = &schema.AxisOptions{Axis: r.perm[axis]}
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, perm, nil)
}

// axesOperand reads operand i as axes of 0 to rank-1.
func axesOperand(v *graph.Value, rank int) ([]int, bool) {
	x, ok := constInts(v)
	axes := make([]int, len(x))
	for i, a := range x {
		axes[i] = axisOf(int(a), rank)
		ok = ok && axes[i] >= 0 && axes[i] < rank
	}
	return axes, ok
}

// permutedAxes makes the operand that names the base's axes.
func (m *mover) permutedAxes(n *graph.Node, axes []int, perm []int) *graph.Value {
	out := make([]int64, len(axes))
	for i, a := range axes {
		out[i] = int64(perm[a])
	}
	return m.g.ConstInt64s(n.Name+".axes", []int{len(out)}, out)
}

func moveSlice(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.perm == nil || !m.plainFrom(n, 1) || len(n.Inputs[1].Shape) != 1 || n.Inputs[1].Shape[0] < 0 {
		return false, nil
	}
	axes := make([]int, n.Inputs[1].Shape[0])
	for i := range axes {
		axes[i] = i
	}
	if n.Input(3) != nil {
		var ok bool
		if axes, ok = axesOperand(n.Inputs[3], len(r.perm)); !ok {
			return false, nil
		}
	}
	m.g.SetInput(n, 0, r.base)
	m.g.SetInput(n, 3, m.permutedAxes(n, axes, r.perm))
	return true, m.result(n, r.perm, nil)
}

func movePad(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.perm == nil || !m.plainFrom(n, 1) {
		return false, nil
	}
	rank := len(r.perm)
	if n.Input(3) != nil {
		axes, ok := axesOperand(n.Inputs[3], rank)
		if !ok {
			return false, nil
		}
		m.g.SetInput(n, 3, m.permutedAxes(n, axes, r.perm))
	} else {
		pads, ok := constInts(n.Inputs[1])
		if !ok || len(pads) != 2*rank {
			return false, nil
		}
		out := make([]int64, 2*rank)
		for i, from := range r.perm {
			out[from], out[rank+from] = pads[i], pads[rank+i]
		}
		m.g.SetInput(n, 1, m.g.ConstInt64s(n.Name+".pads", []int{2 * rank}, out))
	}
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, r.perm, nil)
}

// moveResize resizes the base, by operands that are permuted like its axes.
func moveResize(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.perm == nil || !m.plainFrom(n, 1) {
		return false, nil
	}
	rank := len(r.perm)
	var order []int64
	for _, axis := range inverse(r.perm) {
		order = append(order, int64(axis))
	}
	twice := slices.Clone(order)
	for _, axis := range order {
		twice = append(twice, axis+int64(rank))
	}
	orders := [][]int64{1: twice, 2: order, 3: order}
	absent := func(v *graph.Value) bool { return v == nil || slices.Equal(v.Shape, []int{0}) }
	for i := 1; i < len(orders); i++ {
		if v := n.Input(i); !absent(v) && !slices.Equal(v.Shape, []int{len(orders[i])}) {
			return false, nil
		}
	}
	for i := 1; i < len(orders); i++ {
		if v := n.Input(i); !absent(v) {
			w, err := m.gather(v, orders[i])
			if err != nil {
				return false, err
			}
			m.g.SetInput(n, i, w)
		}
	}
	m.g.SetInput(n, 0, r.base)
	return true, m.result(n, r.perm, nil)
}

// gather takes elements of a list.
func (m *mover) gather(v *graph.Value, order []int64) (*graph.Value, error) {
	indices := m.g.ConstInt64s(v.Name+".order", []int{len(order)}, order)
	if v.IsConst() {
		t, err := evaluate(schema.Gather, &schema.AxisOptions{}, v.Const, indices.Const)
		if err != nil {
			return nil, err
		}
		return m.g.NewConst(v.Name, t.DType, t.Shape, t.Data), nil
	}
	return m.add(&graph.Node{
		Name: nodeName(v) + "/order", Code: schema.Gather, Options: &schema.AxisOptions{}, Inputs: []*graph.Value{v, indices},
	})
}

func moveReduce(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	o := n.Options.(*schema.ReduceOptions)
	rank := len(r.base.Shape)
	if r.plain() || !m.plainFrom(n, 1) {
		return false, nil
	}
	var axes []int
	if n.Input(1) != nil {
		var ok bool
		if axes, ok = axesOperand(n.Inputs[1], rank); !ok {
			return false, nil
		}
	}
	reduced := make([]bool, rank)
	for _, a := range axes {
		reduced[a] = true
	}
	if len(axes) == 0 && !o.NoopWithEmptyAxes {
		for i := range reduced {
			reduced[i] = true
		}
	}
	if r.flat != nil {
		// A sum does not care for the order of what it adds up.
		if !reduced[rank-1] {
			return false, nil
		}
		m.g.SetInput(n, 0, r.base)
		return true, m.result(n, nil, nil)
	}
	m.g.SetInput(n, 0, r.base)
	if len(axes) > 0 {
		m.g.SetInput(n, 1, m.permutedAxes(n, axes, r.perm))
	}
	if o.KeepDims {
		return true, m.result(n, r.perm, nil)
	}
	return true, m.result(n, without(r.perm, rank, reduced), nil)
}

// moveShape reports the base's dimensions in the order of the value's axes.
func moveShape(m *mover, n *graph.Node) (bool, error) {
	r := m.rep(n.Inputs[0])
	if r.flat != nil {
		m.g.SetInput(n, 0, r.base)
		return true, m.result(n, nil, nil)
	}
	o := n.Options.(*schema.ShapeOptions)
	rank := int64(len(r.perm))
	bound := func(v int64) int64 {
		if v < 0 {
			v += rank
		}
		return min(max(v, 0), rank)
	}
	from, to := bound(o.Start), bound(o.End)
	axes := []int64{}
	for i := from; i < to; i++ {
		axes = append(axes, int64(r.perm[i]))
	}
	all, err := m.add(&graph.Node{
		Name: n.Name + "/shape", Code: schema.Shape, Inputs: []*graph.Value{r.base},
		Options: &schema.ShapeOptions{End: 1<<63 - 1},
	})
	if err != nil {
		return false, err
	}
	n.Code, n.Options = schema.Gather, &schema.AxisOptions{}
	m.g.SetInputs(n, []*graph.Value{all, m.g.ConstInt64s(n.Name+".axes", []int{len(axes)}, axes)})
	return true, m.result(n, nil, nil)
}

// moveMatMul takes a second operand whose last two axes are swapped by the op's
// own option, and permutes constant weights behind a flattened map.
func moveMatMul(m *mover, n *graph.Node) (bool, error) {
	o := *n.Options.(*schema.MatMulOptions)
	a, b := m.rep(n.Inputs[0]), m.rep(n.Inputs[1])
	swapped := swapsLastTwo(b.perm)
	if swapped {
		o.TransposeB = !o.TransposeB
		b.perm = nil
	}
	weights := b.base
	absorbed := a.flat != nil && !o.TransposeA && b.plain() && b.base.IsConst() && len(b.base.Shape) == 2
	if absorbed {
		axis := 0
		if o.TransposeB {
			axis = 1
		}
		var err error
		if weights, err = m.reorder(b.base, axis, a.flat); err != nil {
			return false, err
		}
	}
	if !swapped && !absorbed {
		return false, nil
	}
	in := []*graph.Value{a.base, weights}
	for i, v := range n.Inputs {
		if v == nil || i == 0 && absorbed || i == 1 && b.plain() {
			continue
		}
		w, err := m.plainValue(v)
		if err != nil {
			return false, err
		}
		if i < 2 {
			in[i] = w
		} else {
			in = append(in, w)
		}
	}
	n.Options = &o
	m.g.SetInputs(n, in)
	return true, m.result(n, nil, nil)
}

// swapsLastTwo reports whether perm swaps the last two axes and nothing else.
func swapsLastTwo(perm []int) bool {
	r := len(perm)
	if r < 2 || perm[r-1] != r-2 || perm[r-2] != r-1 {
		return false
	}
	return isIdentityPerm(perm[:r-2])
}
