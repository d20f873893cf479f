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
// so that graph inputs are transposed at the border and all else is NHWC. With direct,
// a reader that is a Transpose itself counts, which else is put off until an op needs it.
func (m *mover) seedValue(v *graph.Value, direct bool) error {
	if v.IsConst() || len(v.Shape) < 3 {
		return nil
	}
	var w want
	for _, n := range v.Users() {
		if direct || n.Code != schema.Transpose { // which meets v itself
			w.add(m.wantedBy(n, v))
		}
	}
	if w.perm == nil || w.conflict {
		return nil
	}
	t, err := m.transpose(v, w.perm)
	if err != nil || t == v {
		return err
	}
	back := inverse(w.perm)
	m.reps[v] = rep{base: t, perm: back}
	m.made[madeKey{t, transposeKey(back)}] = v
	return nil
}

// want is the permutation by which a value is transposed behind ops that can work
// in any order of axes; nil for none.
type want struct {
	perm     []int
	conflict bool // there are several
}

func (w *want) add(o want) {
	switch {
	case o.conflict:
		w.conflict = true
	case o.perm == nil:
	case w.perm == nil:
		w.perm = o.perm
	case !slices.Equal(w.perm, o.perm):
		w.conflict = true
	}
}

// wanted finds what the readers of v want. The nodes from v on are not rewritten
// yet, so the answer stays.
func (m *mover) wanted(v *graph.Value) want {
	if w, ok := m.wants[v]; ok {
		return w
	}
	var w want
	for _, n := range v.Users() {
		w.add(m.wantedBy(n, v))
	}
	m.wants[v] = w
	return w
}

// wantedBy is what one reader of v wants.
func (m *mover) wantedBy(n *graph.Node, v *graph.Value) want {
	switch n.Code {
	case schema.Transpose:
		return want{perm: normal(permOf(n))}
	case schema.Pad, schema.Slice, schema.Split, schema.Resize, schema.Quantize, schema.Dequantize:
		if n.Inputs[0] != v {
			return want{}
		}
	case schema.Unary, schema.Cast, schema.Binary, schema.Select, schema.Concat:
	case schema.Unsqueeze:
		return m.wantedBehindUnsqueeze(n, v)
	default:
		return want{}
	}
	var w want
	for _, out := range n.Outputs {
		if out != nil && len(out.Shape) == len(v.Shape) {
			w.add(m.wanted(out))
		}
	}
	return w
}

// wantedBehindUnsqueeze takes the added axes out of what the result wants.
func (m *mover) wantedBehindUnsqueeze(n *graph.Node, v *graph.Value) want {
	w := m.wanted(n.Outputs[0])
	if n.Inputs[0] != v || w.perm == nil {
		return want{conflict: w.conflict}
	}
	axes, ok := axesOperand(n.Inputs[1], len(w.perm))
	if !ok || len(axes) != len(w.perm)-len(v.Shape) {
		return want{}
	}
	added := make([]bool, len(w.perm))
	for i, from := range w.perm {
		added[i] = slices.Contains(axes, from)
	}
	return want{perm: normal(without(w.perm, len(w.perm), added)), conflict: w.conflict}
}
