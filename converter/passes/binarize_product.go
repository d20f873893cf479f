package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// product is an operand of a product of signs: a value, the permutation that brings the
// axis that is summed over to the end (nil for none), and the batches to repeat it for.
type product struct {
	v      *graph.Value
	perm   []int
	drop   int   // leading axes of size 1 to drop
	expand []int // the batch dimensions, 1 where they stay as they are; nil for none
}

// lastTwo is the permutation that swaps the last two axes.
func lastTwo(v *graph.Value, swap bool) []int {
	if !swap || len(v.Shape) < 2 {
		return nil
	}
	perm := make([]int, len(v.Shape))
	for i := range perm {
		perm[i] = i
	}
	swapEnds(perm)
	return perm
}

func swapEnds(x []int) { x[len(x)-1], x[len(x)-2] = x[len(x)-2], x[len(x)-1] }

// batches are the leading dimensions of an operand.
func (p *product) batches() []int { return p.v.Shape[:len(p.v.Shape)-2] }

// summed is the number of elements of the axis that is summed over, -1 if it is not known.
func (p *product) summed() int {
	if p.perm == nil {
		return channels(p.v)
	}
	return p.v.Shape[p.perm[len(p.perm)-1]]
}

// broadcast makes the batches of two operands equal, or b's none. It says why if that
// cannot be done.
func (p *product) broadcast(b *product) string {
	x, y := p.batches(), b.batches()
	ones := !slices.ContainsFunc(y, func(d int) bool { return d != 1 })
	switch {
	case ones && len(y) <= len(x):
		b.drop = len(y)
		return ""
	case slices.Equal(x, y) && sameTrials(p.v, b.v):
		return ""
	}
	if p.summed() < 0 || b.summed() < 0 {
		return "its operands are broadcast, and the number of products of a sum is not known"
	}
	rank := max(len(x), len(y))
	dim := func(s []int, i int) int {
		if i -= rank - len(s); i >= 0 {
			return s[i]
		}
		return 1
	}
	p.expand, b.expand = make([]int, rank), make([]int, rank)
	for i := range rank {
		p.expand[i], b.expand[i] = 1, 1
		switch m, n := dim(x, i), dim(y, i); {
		case m == n && m >= 0:
		case m < 0 || n < 0:
			return "its operands are broadcast along an axis whose size is not known"
		case m == 1:
			p.expand[i] = n
		case n == 1:
			b.expand[i] = m
		}
	}
	return ""
}

// sameTrials reports whether the batches of two values are the same for all sizes tried.
func sameTrials(a, b *graph.Value) bool {
	for i := range 2 {
		x, y := a.Trial(i), b.Trial(i)
		if len(x) < 2 || len(y) < 2 || a.Late() || b.Late() || !slices.Equal(x[:len(x)-2], y[:len(y)-2]) {
			return false
		}
	}
	return true
}

// bits gives the operand packed along the axis that is summed over.
func (p product) bits(g *graph.Graph, n *graph.Node) (*graph.Value, error) {
	v, err := p.v, error(nil)
	if v.DType != schema.Bits {
		if v, err = movedSigns(g, n, v, p.perm); err != nil {
			return nil, err
		}
	}
	move := func(role string, code schema.OpCode, list []int64) error {
		if v.IsConst() && code == schema.Squeeze {
			v = g.NewConst(v.Name+role, schema.Bits, v.Shape[len(list):], v.Const.Data)
			return nil
		}
		v, err = insert(g, n, &graph.Node{
			Name: p.v.Name + "/" + n.Name + role, Code: code, Origin: origins(n),
			Inputs: []*graph.Value{v, g.ConstInt64s(n.Name+role, []int{len(list)}, list)},
		})
		return err
	}
	if p.drop > 0 {
		axes := make([]int64, p.drop)
		for i := range axes {
			axes[i] = int64(i)
		}
		return v, move("/one_batch", schema.Squeeze, axes)
	}
	if len(p.expand) > len(v.Shape)-2 || slices.ContainsFunc(p.expand, func(d int) bool { return d != 1 }) {
		shape := make([]int64, 0, len(p.expand)+2)
		for _, d := range p.expand {
			shape = append(shape, int64(d))
		}
		// The rows stay: 1 is broadcast to what is there. Bits need the last axis itself.
		return v, move("/batches", schema.Expand, append(shape, 1, int64(channels(v))))
	}
	return v, nil
}

// movedSigns gives the bits of signs with their axes permuted. A Transpose before them is
// taken together with perm; if that leaves the last axis in its place, bits are moved,
// else floats, which are packed again.
func movedSigns(g *graph.Graph, n *graph.Node, v *graph.Value, perm []int) (*graph.Value, error) {
	if perm == nil {
		return packedSigns(g, n, v)
	}
	for t := producer(v, schema.Transpose); t != nil && isSigns(t.Inputs[0]); t = producer(v, schema.Transpose) {
		first := t.Options.(*schema.TransposeOptions).Perm
		if len(first) != len(perm) {
			break
		}
		both := make([]int, len(perm))
		for i, p := range perm {
			both[i] = first[p]
		}
		v, perm = t.Inputs[0], both
	}
	if slices.IsSorted(perm) {
		return packedSigns(g, n, v)
	}
	move := &graph.Node{
		Name: n.Name + "/" + v.Name + "/moved", Code: schema.Transpose, Options: &schema.TransposeOptions{Perm: perm},
		Origin: origins(n), Inputs: []*graph.Value{v},
	}
	if perm[len(perm)-1] == len(perm)-1 {
		bits, err := packedSigns(g, n, v)
		if err != nil {
			return nil, err
		}
		move.Inputs[0] = bits
		return insert(g, n, move)
	}
	moved, err := insert(g, n, move)
	if err != nil {
		return nil, err
	}
	return packedSigns(g, n, moved)
}
