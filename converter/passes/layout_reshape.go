package passes

import (
	"cmp"
	"slices"

	"github.com/lce-go/lce/converter/graph"
)

// moveReshape gives the base another shape where the axes allow that: axes that
// are joined must be neighbours in the base, as C is split for a channel shuffle.
// Where a whole map is flattened into the last axis, the base is flattened in its
// own order, and the order of the elements is remembered.
func moveReshape(m *mover, n *graph.Node) (bool, error) {
	x, out := n.Inputs[0], n.Outputs[0]
	r := m.rep(x)
	if r.flat != nil {
		return m.reshapeFlat(n, r)
	}
	if r.perm == nil {
		return false, nil
	}
	in, to := trials(r.base).permuted(r.perm), trials(out)
	groups, ok := groupAxes(in, to)
	if !ok {
		return false, nil
	}
	if perm, ok := regroup(groups, in, r.perm, len(to[0])); ok {
		if shape, ok := shapeOperand(trials(r.base), to.permuted(inverse(perm))); ok {
			return true, m.setReshaped(n, r.base, shape, perm, nil)
		}
		return false, nil
	}
	if flat, ok := flattened(groups, in, to, r.perm); ok {
		if shape, ok := shapeOperand(trials(r.base), to); ok {
			return true, m.setReshaped(n, r.base, shape, nil, flat)
		}
	}
	return m.reshapeTransposed(n, r, groups, in)
}

// reshapeTransposed transposes the base as little as the reshape needs: within the
// groups. What lies between the groups stays as it is, NHWC.
func (m *mover) reshapeTransposed(n *graph.Node, r rep, groups []axisGroup, in shapes) (bool, error) {
	order := groupOrder(groups, in, r.perm)
	var need []int
	place := make([]int, len(in[0])) // of the input's axes in the new base
	for _, g := range order {
		for _, axis := range groups[g].in {
			place[axis] = len(need)
			need = append(need, r.perm[axis])
		}
	}
	to := trials(n.Outputs[0])
	perm, ok := regroup(groups, in, place, len(to[0]))
	if !ok || isIdentityPerm(place) {
		return false, nil
	}
	from := trials(r.base).permuted(need)
	shape, ok := shapeOperand(from, to.permuted(inverse(perm)))
	if !ok {
		return false, nil
	}
	base, err := m.transpose(r.base, need)
	if err != nil {
		return false, err
	}
	return true, m.setReshaped(n, base, shape, perm, nil)
}

func (m *mover) setReshaped(n *graph.Node, x *graph.Value, shape []int64, perm []int, flat *flatOrder) error {
	if err := setReshape(m.g, n, x, shape); err != nil {
		return err
	}
	return m.result(n, perm, flat)
}

// axisGroup is a run of input axes that becomes a run of output axes.
type axisGroup struct{ in, out []int }

// groupAxes divides the axes of a reshape into the smallest runs of equal size.
func groupAxes(in, out shapes) ([]axisGroup, bool) {
	var groups []axisGroup
	i, j := 0, 0
	for i < len(in[0]) && j < len(out[0]) {
		var g axisGroup
		a, b := [2]int{1, 1}, [2]int{1, 1}
		takeIn := func() {
			a[0], a[1] = a[0]*in[0][i], a[1]*in[1][i]
			g.in = append(g.in, i)
			i++
		}
		takeOut := func() {
			b[0], b[1] = b[0]*out[0][j], b[1]*out[1][j]
			g.out = append(g.out, j)
			j++
		}
		takeIn()
		takeOut()
		for a != b {
			switch {
			case a[0] == 0 || b[0] == 0:
				return nil, false
			case a[0] < b[0] && i < len(in[0]):
				takeIn()
			case a[0] > b[0] && j < len(out[0]):
				takeOut()
			default:
				return nil, false
			}
		}
		groups = append(groups, g)
	}
	if len(groups) == 0 {
		return nil, false
	}
	// What is left has size 1.
	last := &groups[len(groups)-1]
	for ; i < len(in[0]); i++ {
		last.in = append(last.in, i)
	}
	for ; j < len(out[0]); j++ {
		last.out = append(last.out, j)
	}
	return groups, true
}

// regroup finds the permutation behind a reshape of the base, whose output axes
// lie in the order of the groups in the base. It fails if the input axes of a
// group are not neighbours in the base, in their order; axes of size 1 are
// nowhere in the way.
func regroup(groups []axisGroup, in shapes, perm []int, outRank int) ([]int, bool) {
	type place struct{ base, axis, group int }
	var places []place
	for g, group := range groups {
		for _, axis := range group.in {
			if in[0][axis] != 1 || in[1][axis] != 1 {
				places = append(places, place{at(perm, axis), axis, g})
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.base, b.base) })
	seen := make([]bool, len(groups))
	for i, p := range places {
		if i > 0 && places[i-1].group == p.group {
			if places[i-1].axis > p.axis {
				return nil, false
			}
			continue
		}
		if seen[p.group] {
			return nil, false
		}
		seen[p.group] = true
	}
	out := make([]int, outRank)
	next := 0
	for _, g := range groupOrder(groups, in, perm) {
		for _, axis := range groups[g].out {
			out[axis] = next
			next++
		}
	}
	return out, true
}

// groupOrder lists the groups by where they begin in the base. Axes of size 1 count
// only in groups that have no others.
func groupOrder(groups []axisGroup, in shapes, perm []int) []int {
	first, order := make([]int, len(groups)), make([]int, len(groups))
	for g, group := range groups {
		order[g], first[g] = g, -1
		for _, axis := range group.in {
			if in[0][axis] == 1 && in[1][axis] == 1 {
				continue
			}
			if p := at(perm, axis); first[g] < 0 || p < first[g] {
				first[g] = p
			}
		}
		if first[g] < 0 {
			first[g] = at(perm, group.in[0])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	return order
}
