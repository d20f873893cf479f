package passes

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// moveElementwise computes a broadcasting op on bases of one permutation: the one
// for which the least has to be transposed.
func moveElementwise(m *mover, n *graph.Node) (bool, error) {
	rank := len(n.Outputs[0].Shape)
	if flat := m.commonFlat(n, rank); flat != nil {
		for i, v := range n.Inputs {
			w, err := m.flatOperand(v, flat)
			if err != nil {
				return false, err
			}
			m.g.SetInput(n, i, w)
		}
		return true, m.result(n, nil, flat)
	}
	perm, ok := m.choosePerm(n.Inputs, rank)
	if !ok || perm == nil {
		return false, nil
	}
	if err := m.setOperands(n, n.Inputs, perm, rank); err != nil {
		return false, err
	}
	return true, m.result(n, perm, nil)
}

// extended is the permutation of a value that is extended to a rank by axes of
// size 1 in front.
func extended(perm []int, from, rank int) []int {
	if perm == nil {
		return nil
	}
	out := make([]int, rank)
	for i := range out {
		out[i] = i
		if j := i - (rank - from); j >= 0 {
			out[i] = rank - from + perm[j]
		}
	}
	return out
}

// choosePerm finds the permutation under which the operands of an op cost least to
// have, nil for their own order. It fails if an operand is flat.
func (m *mover) choosePerm(in []*graph.Value, rank int) ([]int, bool) {
	var candidates [][]int
	for _, v := range in {
		r := m.rep(v)
		if r.flat != nil {
			return nil, false
		}
		p := extended(r.perm, len(r.base.Shape), rank)
		if p != nil && !slices.ContainsFunc(candidates, func(c []int) bool { return slices.Equal(c, p) }) {
			candidates = append(candidates, p)
		}
	}
	candidates = append(candidates, nil)
	best, least := candidates[0], -1.0
	for _, p := range candidates {
		cost := 0.0
		for _, v := range in {
			cost += m.cost(m.rep(v), p, rank)
		}
		if least < 0 || cost < least {
			best, least = p, cost
		}
	}
	return best, true
}

// cost is the number of elements to move so that the value of r has the
// permutation perm.
func (m *mover) cost(r rep, perm []int, rank int) float64 {
	need := normal(compose(extended(r.perm, len(r.base.Shape), rank), inverse(perm)))
	if need == nil || r.base.IsConst() {
		return 0
	}
	s := trials(r.base)
	for p := range s {
		s[p] = append(slices.Repeat([]int{1}, rank-len(s[p])), s[p]...)
	}
	if movesOnesOnly(s, need) || m.made[madeKey{r.base, transposeKey(need)}] != nil {
		return 0
	}
	n := 1.0
	for _, d := range s[0] {
		n *= float64(d)
	}
	return n
}

// setOperands gives n the values in as bases of one permutation. A constant of a
// lower rank stays one: [C 1 1] becomes [C] for NHWC.
func (m *mover) setOperands(n *graph.Node, in []*graph.Value, perm []int, rank int) error {
	full := 0 // operands of the full rank that are not constants
	for _, v := range in {
		if r := m.rep(v); len(r.base.Shape) == rank && !r.base.IsConst() {
			full++
		}
	}
	for i, v := range slices.Clone(in) {
		w, err := m.operand(m.rep(v), perm, rank, full > 0)
		if err != nil {
			return err
		}
		m.g.SetInput(n, i, w)
	}
	return nil
}

// operand is the value of r as a base for perm.
func (m *mover) operand(r rep, perm []int, rank int, trim bool) (*graph.Value, error) {
	from := len(r.base.Shape)
	need := normal(compose(extended(r.perm, from, rank), inverse(perm)))
	if need == nil || r.base.Elements() == 1 && from < rank {
		return r.base, nil
	}
	if r.base.IsConst() {
		return m.constOperand(r.base, need, trim)
	}
	v, err := m.extend(r.base, rank)
	if err != nil {
		return nil, err
	}
	return m.transpose(v, need)
}

// constOperand extends a constant to the rank of perm, transposes it, and drops
// axes of size 1 in front, down to one axis, if they may go.
func (m *mover) constOperand(v *graph.Value, perm []int, trim bool) (*graph.Value, error) {
	key := madeKey{v, fmt.Sprint("constant", perm, trim)}
	if w := m.made[key]; w != nil {
		return w, nil
	}
	t := *v.Const
	t.Shape = append(slices.Repeat([]int{1}, len(perm)-len(v.Shape)), v.Shape...)
	w, err := evaluate(schema.Transpose, &schema.TransposeOptions{Perm: perm}, &t)
	if err != nil {
		return nil, err
	}
	for trim && len(w.Shape) > 1 && w.Shape[0] == 1 {
		w.Shape = w.Shape[1:]
	}
	m.made[key] = m.g.NewConst(v.Name, w.DType, w.Shape, w.Data)
	return m.made[key], nil
}

// extend adds axes of size 1 in front.
func (m *mover) extend(v *graph.Value, rank int) (*graph.Value, error) {
	k := rank - len(v.Shape)
	if k == 0 {
		return v, nil
	}
	key := madeKey{v, fmt.Sprint("extend", k)}
	if w := m.made[key]; w != nil {
		return w, nil
	}
	axes := make([]int64, k)
	for i := range axes {
		axes[i] = int64(i)
	}
	name := nodeName(v) + "/unsqueeze"
	w, err := m.add(&graph.Node{
		Name: name, Code: schema.Unsqueeze,
		Inputs: []*graph.Value{v, m.g.ConstInt64s(name+".axes", []int{k}, axes)},
	})
	if err == nil {
		m.made[key] = w
	}
	return w, err
}
