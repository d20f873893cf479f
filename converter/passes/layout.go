package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// moveTransposes brings the graph into NHWC order:
//
//	x -> Transpose -> Conv2D -> Transpose -> Relu -> Transpose -> Conv2D -> Transpose
//	becomes
//	x -> Transpose -> Conv2D -> Relu -> Conv2D -> Transpose
//
// It walks the graph once and computes no Transpose before an op needs it: until
// then a value is known as another one, its base, and the permutation between
// them. An op that can work on permuted operands does, on their bases, with its
// axes and constants permuted. So inverse transposes meet and vanish, whatever
// lies between them.
//
// Transposing at the border what is transposed further down saves some and costs others,
// so that several ways are tried, and the one that leaves the fewest transposes is taken. Their
// number never grows. Where it would, because a value is read by several ops that need
// it as it was, only ops that lead to another Transpose work on permuted operands; if
// that does not help either, the graph stays as it was.
func moveTransposes(g *graph.Graph, log *Log) (int, error) {
	before := countTransposes(g)
	if before == 0 {
		return 0, nil
	}
	for _, onlyWanted := range []bool{false, true} {
		var best *graph.Graph
		least := before + 1
		for _, seed := range []seeding{seedDirect, seedAll, seedInputs, seedNone} {
			c, err := movedTransposes(g, seed, onlyWanted)
			if err != nil {
				return 0, err
			}
			if n := countTransposes(c); n < least {
				best, least = c, n
			}
		}
		if best != nil {
			*g = *best
			return before, nil
		}
	}
	return 0, nil
}

// seeding says which values are transposed at once if they are transposed further down.
type seeding int

const (
	seedNone   seeding = 0
	seedInputs seeding = 1
	seedAll    seeding = 2
	// seedDirect keeps the transposes of graph inputs where they are, too.
	seedDirect seeding = 3
)

// movedTransposes makes a copy of g with the transposes moved.
func movedTransposes(g *graph.Graph, seed seeding, onlyWanted bool) (*graph.Graph, error) {
	c := g.Clone()
	m := &mover{g: c, seed: seed, onlyWanted: onlyWanted, reps: map[*graph.Value]rep{}, wants: map[*graph.Value]want{}, made: map[madeKey]*graph.Value{}}
	if err := m.run(); err != nil {
		return nil, err
	}
	c.RemoveDead()
	return c, c.Infer()
}

// countTransposes counts those of values that are not constants.
func countTransposes(g *graph.Graph) int {
	count := 0
	for _, n := range g.Nodes {
		if n.Code == schema.Transpose && !n.Inputs[0].IsConst() {
			count++
		}
	}
	return count
}

// rep says how a value of the original graph is had: as its base transposed by
// perm (nil: the base itself), or with the elements of the last axis in another
// order.
type rep struct {
	base *graph.Value
	perm []int
	flat *flatOrder // excludes perm
}

// plain reports whether the value is the base itself.
func (r rep) plain() bool { return r.perm == nil && r.flat == nil }

// madeKey identifies a value that was computed from another.
type madeKey struct {
	from *graph.Value
	how  string
}

// mover is one walk. Nodes before cur are rewritten: they read bases. Nodes from
// cur on read values of the original graph.
type mover struct {
	g    *graph.Graph
	seed seeding
	// onlyWanted lets ops work on permuted operands only where a Transpose follows.
	onlyWanted bool

	reps  map[*graph.Value]rep
	wants map[*graph.Value]want
	made  map[madeKey]*graph.Value
	cur   *graph.Node
}

func (m *mover) run() error {
	nodes := slices.Clone(m.g.Nodes)
	if len(nodes) > 0 {
		m.cur = nodes[0]
	}
	for _, v := range m.g.Inputs {
		if m.seed == seedNone {
			break
		}
		if err := m.seedValue(v, m.seed == seedDirect); err != nil {
			return err
		}
	}
	for i, n := range nodes {
		m.cur = n
		if err := m.node(n); err != nil {
			return fmt.Errorf("node %q (%v): %w", n.Name, n.Code, err)
		}
		m.cur = nil
		if i+1 < len(nodes) {
			m.cur = nodes[i+1]
		}
		for _, v := range n.Outputs {
			if v != nil && m.seed >= seedAll && m.rep(v).plain() && m.rep(v).base == v {
				if err := m.seedValue(v, false); err != nil {
					return err
				}
			}
		}
	}
	m.cur = nil
	for _, o := range m.g.Outputs {
		v, err := m.plainValue(o.Value)
		if err != nil {
			return fmt.Errorf("output %q: %w", o.Name, err)
		}
		o.Value = v
	}
	return nil
}

// node rewrites one node.
func (m *mover) node(n *graph.Node) error {
	if slices.ContainsFunc(n.Inputs, func(v *graph.Value) bool { return v != nil && !m.rep(v).plain() }) ||
		n.Code == schema.Transpose {
		if rule := moveRules[n.Code]; rule != nil && !late(n) && m.worthwhile(n) {
			done, err := rule(m, n)
			if done || err != nil {
				return err
			}
		}
	}
	// The op works on the values as they were.
	for i, v := range n.Inputs {
		if v == nil {
			continue
		}
		w, err := m.plainValue(v)
		if err != nil {
			return err
		}
		if w != v {
			m.g.SetInput(n, i, w)
		}
	}
	return nil
}

// worthwhile reports whether n should work on permuted operands.
func (m *mover) worthwhile(n *graph.Node) bool {
	if !m.onlyWanted || n.Code == schema.Transpose || n.Code == schema.MatMul || reshapes(n) {
		return true
	}
	return slices.ContainsFunc(n.Outputs, func(v *graph.Value) bool { return v != nil && m.wanted(v).perm != nil })
}

// rep finds how v is had.
func (m *mover) rep(v *graph.Value) rep {
	if r, ok := m.reps[v]; ok {
		return r
	}
	return rep{base: v}
}

// result infers a rewritten node and notes how its outputs are had.
func (m *mover) result(n *graph.Node, perm []int, flat *flatOrder) error {
	if err := m.g.InferNode(n); err != nil {
		return err
	}
	for _, v := range n.Outputs {
		if v != nil {
			m.reps[v] = rep{base: v, perm: normal(perm), flat: flat}
		}
	}
	return nil
}

// plainValue computes v as the original graph had it, once.
func (m *mover) plainValue(v *graph.Value) (*graph.Value, error) {
	r := m.rep(v)
	if r.flat != nil {
		return m.unflatten(r)
	}
	return m.transpose(r.base, r.perm)
}

// transpose gives v transposed by perm: a constant is permuted, and where only
// axes of size 1 move, a Reshape does.
func (m *mover) transpose(v *graph.Value, perm []int) (*graph.Value, error) {
	if perm = normal(perm); perm == nil {
		return v, nil
	}
	key := madeKey{v, transposeKey(perm)}
	if w := m.made[key]; w != nil {
		return w, nil
	}
	w, err := m.newTranspose(v, perm)
	if err != nil {
		return nil, err
	}
	m.made[key] = w
	return w, nil
}

func (m *mover) newTranspose(v *graph.Value, perm []int) (*graph.Value, error) {
	o := &schema.TransposeOptions{Perm: perm}
	if v.IsConst() {
		t, err := evaluate(schema.Transpose, o, v.Const)
		if err != nil {
			return nil, err
		}
		return m.g.NewConst(v.Name, t.DType, t.Shape, t.Data), nil
	}
	if !v.Late() && movesOnesOnly(trials(v), perm) {
		if shape, ok := shapeOperand(trials(v), trials(v).permuted(perm)); ok {
			return m.reshape(v, shape)
		}
	}
	return m.add(&graph.Node{Name: nodeName(v) + "/transpose", Code: schema.Transpose, Options: o, Inputs: []*graph.Value{v}})
}

// late reports whether a run decides on the shape of an operand or result of n, so that
// no rule can know it.
func late(n *graph.Node) bool {
	unknown := func(v *graph.Value) bool { return v != nil && v.Late() }
	return slices.ContainsFunc(n.Inputs, unknown) || slices.ContainsFunc(n.Outputs, unknown)
}

func transposeKey(perm []int) string { return fmt.Sprint("transpose", perm) }

// reshape adds a Reshape of v by a constant.
func (m *mover) reshape(v *graph.Value, shape []int64) (*graph.Value, error) {
	key := madeKey{v, fmt.Sprint("reshape", shape)}
	if w := m.made[key]; w != nil {
		return w, nil
	}
	name := nodeName(v) + "/reshape"
	w, err := m.add(&graph.Node{
		Name: name, Code: schema.Reshape, Options: &schema.ReshapeOptions{},
		Inputs: []*graph.Value{v, m.g.ConstInt64s(name+".shape", []int{len(shape)}, shape)},
	})
	if err == nil {
		m.made[key] = w
	}
	return w, err
}

// nodeName names a node after its operand: after the node that computes it where
// the operand has no name of its own.
func nodeName(v *graph.Value) string { return strings.TrimSuffix(v.Name, ":0") }

// add puts a new node in front of the present one.
func (m *mover) add(n *graph.Node) (*graph.Value, error) { return insert(m.g, m.cur, n) }

// movesOnesOnly reports whether a transpose leaves the elements in place, because
// the axes that change their order have size 1.
func movesOnesOnly(s shapes, perm []int) bool {
	last := -1
	for _, from := range perm {
		if s[0][from] == 1 && s[1][from] == 1 {
			continue
		}
		if from < last {
			return false
		}
		last = from
	}
	return true
}

// normal is nil for the identity.
func normal(perm []int) []int {
	if isIdentityPerm(perm) {
		return nil
	}
	return perm
}

func isIdentityPerm(perm []int) bool {
	for i, p := range perm {
		if p != i {
			return false
		}
	}
	return true
}

// compose is the transpose by p, then by q; nil stands for the identity.
func compose(p, q []int) []int {
	if p == nil {
		return q
	}
	if q == nil {
		return p
	}
	out := make([]int, len(p))
	for i := range out {
		out[i] = p[q[i]]
	}
	return out
}

// inverse undoes a transpose.
func inverse(p []int) []int {
	if p == nil {
		return nil
	}
	out := make([]int, len(p))
	for i, from := range p {
		out[from] = i
	}
	return out
}

// at is p[i], also for the identity.
func at(p []int, i int) int {
	if p == nil {
		return i
	}
	return p[i]
}

// without removes axes (of the transposed value) from a permutation and numbers
// the others anew.
func without(p []int, rank int, axes []bool) []int {
	gone := make([]bool, rank) // base axes
	for i := range rank {
		gone[at(p, i)] = axes[i]
	}
	number, next := make([]int, rank), 0
	for i := range rank {
		number[i] = next
		if !gone[i] {
			next++
		}
	}
	out := []int{}
	for i := range rank {
		if !axes[i] {
			out = append(out, number[at(p, i)])
		}
	}
	return out
}
