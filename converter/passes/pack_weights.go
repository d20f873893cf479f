package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// minPacked is the number of weights from which on packing saves more than the ops
// that undo it take in the file.
const minPacked = 512

// packWeights stores the weights +-a of float layers in one bit each. The interpreter
// expands them once, when it prepares the model:
//
//	x -> Conv2D(w)     becomes     x -> Conv2D(Bunpack(bits) -> Reshape -> Mul(a))
//
// The expanded weights are the same to the bit, so magnitudes that differ by rounding
// stay float. All readers of the weights must be layers that scale the same axis.
func packWeights(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul {
			continue
		}
		w := n.Inputs[1]
		axis, ok := outputAxis(n)
		values := floats(w)
		if !ok || len(values) < minPacked {
			continue
		}
		same := true
		for _, r := range w.Users() {
			other, ok := outputAxis(r)
			same = same && ok && other == axis && r.Inputs[1] == w && r.Inputs[0] != w
		}
		if !same {
			continue
		}
		if a, ok := equalMagnitudes(values, w.Shape, axis); ok {
			if err := expandAtLoad(g, w, values, a, axis); err != nil {
				return count, err
			}
			count++
		}
	}
	return count, nil
}

// outputAxis gives the axis of the weights of a layer that counts its output channels.
func outputAxis(n *graph.Node) (int, bool) {
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		return 0, len(n.Inputs[1].Shape) == 4
	case *schema.MatMulOptions:
		if o.TransposeB {
			return 0, len(n.Inputs[1].Shape) == 2
		}
		return 1, len(n.Inputs[1].Shape) == 2
	}
	return 0, false
}

// equalMagnitudes gives the magnitude that all weights along an axis have. It fails if
// there are several.
func equalMagnitudes(w []float32, shape []int, axis int) ([]float32, bool) {
	stride := 1
	for _, d := range shape[axis+1:] {
		stride *= d
	}
	a := slices.Repeat([]float32{-1}, shape[axis])
	for i, v := range w {
		c := i / stride % shape[axis]
		if v < 0 {
			v = -v
		}
		if a[c] == -1 {
			a[c] = v
		}
		if a[c] != v || !isFinite(v) {
			return nil, false
		}
	}
	return a, true
}

// firstReader is the first node that reads v.
func firstReader(g *graph.Graph, v *graph.Value) *graph.Node {
	return g.Nodes[slices.IndexFunc(g.Nodes, func(n *graph.Node) bool { return slices.Contains(v.Users(), n) })]
}

// expandAtLoad makes the readers of w read what is computed from its signs.
func expandAtLoad(g *graph.Graph, w *graph.Value, values, a []float32, axis int) error {
	minus := make([]bool, len(values))
	for i, v := range values {
		minus[i] = v < 0
	}
	shape := make([]int64, len(w.Shape))
	for i, d := range w.Shape {
		shape[i] = int64(d)
	}
	first := firstReader(g, w)
	bits := constBits(g, w.Name+"/bits", []int{len(values)}, minus)
	v, err := insert(g, first, newUnpack(w.Name+"/unpack", bits, nil))
	if err != nil {
		return err
	}
	v, err = insert(g, first, &graph.Node{
		Name: w.Name + "/reshape", Code: schema.Reshape, Options: &schema.ReshapeOptions{},
		Inputs: []*graph.Value{v, g.ConstInt64s(w.Name+"/shape", []int{len(shape)}, shape)},
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(a, func(v float32) bool { return v != 1 }) {
		along := slices.Repeat([]int{1}, len(w.Shape))
		along[axis] = len(a)
		v, err = insert(g, first, &graph.Node{
			Name: w.Name + "/scale", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Mul},
			Inputs: []*graph.Value{v, g.ConstFloat32s(w.Name+"/magnitudes", along, a)},
		})
		if err != nil {
			return err
		}
	}
	g.ReplaceUses(w, v)
	return nil
}
