package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// seedValue transposes v at once if its readers do so further down, behind
// elementwise ops:
//
//	x -> Sign -> Transpose -> Conv2D     becomes     x -> Transpose -> Sign -> Conv2D
//
// so that graph inputs are transposed at the border and all else is NHWC.
func (m *mover) seedValue(v *graph.Value) error {
	if !m.seed || v.IsConst() || len(v.Shape) < 3 {
		return nil
	}
	direct := true
	for _, n := range v.Users() {
		direct = direct && n.Code == schema.Transpose
	}
	if direct {
		return nil
	}
	s := seeker{visited: map[*graph.Value]bool{}}
	perm := s.wanted(v)
	if s.conflict || perm == nil {
		return nil
	}
	t, err := m.transpose(v, perm)
	if err != nil || t == v {
		return err
	}
	back := inverse(perm)
	m.reps[v] = rep{base: t, perm: back}
	m.made[madeKey{t, transposeKey(back)}] = v
	return nil
}

// seeker looks for the transposes that a value meets first.
type seeker struct {
	visited  map[*graph.Value]bool
	conflict bool
}

// wanted is the one permutation that v meets, behind ops that can be computed in
// any order of axes. nil: it meets none.
func (s *seeker) wanted(v *graph.Value) []int {
	if s.visited[v] || s.conflict {
		return nil
	}
	s.visited[v] = true
	var found []int
	for _, n := range v.Users() {
		p := s.wantedBy(n, v)
		if p == nil {
			continue
		}
		if found != nil && !slices.Equal(found, p) {
			s.conflict = true
			return nil
		}
		found = p
	}
	return found
}

func (s *seeker) wantedBy(n *graph.Node, v *graph.Value) []int {
	rank := len(v.Shape)
	switch n.Code {
	case schema.Transpose:
		return normal(permOf(n))
	case schema.Unary, schema.Cast, schema.Binary, schema.Select, schema.Concat, schema.Pad, schema.Slice, schema.Split:
		var found []int
		for _, out := range n.Outputs {
			if out == nil || len(out.Shape) != rank || n.Inputs[0] != v && (n.Code == schema.Pad || n.Code == schema.Slice || n.Code == schema.Split) {
				continue
			}
			if p := s.wanted(out); p != nil {
				found = p
			}
		}
		return found
	case schema.Unsqueeze:
		axes, ok := axesOperand(n.Inputs[1], len(n.Outputs[0].Shape))
		p := s.wanted(n.Outputs[0])
		if !ok || p == nil || len(axes) != len(p)-rank {
			return nil
		}
		added := make([]bool, len(p))
		for _, a := range axes {
			added[a] = true
		}
		// What is added does not move; the others keep the order that p gives them.
		gone := make([]bool, len(p))
		for i, from := range p {
			gone[i] = added[from]
		}
		return normal(without(p, len(p), gone))
	}
	return nil
}
