package passes

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// scaling says which parts of weights get a scale each. Weights are seen as
// [outer, summed, inner]: a layer sums over the axis in the middle, and
// an output channel is the rest.
type scaling struct {
	outer, summed, inner int
	shape                []int // of the scales: 1 for the axes that are summed
}

// saved is by how many bytes int8 and scales are less than float32.
func (c scaling) saved() int {
	count := c.outer * c.inner
	return 3*count*c.summed - 4*count
}

// minRow is the length from which on rows of a table get a scale each.
const minRow = 32

// scalingOf gives the scaling of weights, if all that read them are layers that sum
// over the same axes, or a Gather of rows.
func scalingOf(w *graph.Value) (scaling, bool) {
	var c scaling
	for i, n := range w.Users() {
		at, ok := scalingIn(n, w)
		if !ok || i > 0 && !slices.Equal(at.shape, c.shape) {
			return c, false
		}
		c = at
	}
	return c, len(w.Users()) > 0
}

// scalingIn is scalingOf for one reader.
func scalingIn(n *graph.Node, w *graph.Value) (scaling, bool) {
	operand := slices.Index(n.Inputs, w)
	if slices.Contains(n.Inputs[operand+1:], w) {
		return scaling{}, false
	}
	rank := len(w.Shape)
	first, last := rank-1, rank // the axes that are summed
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		if operand != 1 {
			return scaling{}, false
		}
		first = 1
	case *schema.MatMulOptions:
		if rank < 2 || operand > 1 {
			return scaling{}, false
		}
		if operand == 0 && o.TransposeA || operand == 1 && !o.TransposeB {
			first, last = rank-2, rank-1
		}
	case *schema.RecurrentOptions:
		if operand != 1 && operand != 2 {
			return scaling{}, false
		}
	case *schema.AxisOptions:
		rows := n.Code == schema.Gather && operand == 0 && rank == 2 && (o.Axis == 0 || o.Axis == -2)
		if !rows || w.Shape[1] < minRow {
			return scaling{}, false
		}
	default:
		return scaling{}, false
	}
	c := scaling{1, 1, 1, slices.Clone(w.Shape)}
	for i, d := range w.Shape {
		switch {
		case i < first:
			c.outer *= d
		case i < last:
			c.summed *= d
			c.shape[i] = 1
		default:
			c.inner *= d
		}
	}
	return c, true
}

// smallestScale keeps a scale from losing bits, or being 0.
const smallestScale = 0x1p-126

// asInt8 stores w as -127 to 127 with a scale for each channel, which is its largest
// magnitude / 127. It stays as it is, with a note, if a number is not finite.
func (s *storage) asInt8(w *graph.Value, c scaling) error {
	values := floats(w)
	if i := slices.IndexFunc(values, func(v float32) bool { return !isFinite(v) }); i >= 0 {
		s.log.KeptFloat = append(s.log.KeptFloat, fmt.Sprintf("%q stays Float32: it has %g, which Int8 has no scale for", w.Name, values[i]))
		return nil
	}
	channel := func(i int) int { return i/(c.summed*c.inner)*c.inner + i%c.inner }
	scales := make([]float32, c.outer*c.inner)
	for i, v := range values {
		if v < 0 {
			v = -v
		}
		scales[channel(i)] = max(scales[channel(i)], v)
	}
	for i := range scales {
		scales[i] = max(scales[i]/127, smallestScale)
	}
	data := ops.AlignedBytes(len(values))
	for i, v := range values {
		data[i] = byte(int8(math.RoundToEven(float64(v / scales[channel(i)]))))
	}
	stored := []*graph.Value{
		s.g.NewConst(w.Name+"/int8", schema.Int8, w.Shape, data),
		s.g.ConstFloat32s(w.Name+"/scales", c.shape, scales),
	}
	return s.store(w, stored, func(parts []*graph.Value) []*graph.Node {
		q := toFloat(parts[0])
		q.Outputs = []*graph.Value{s.g.NewValue(q.Name)}
		return []*graph.Node{q, {
			Name: parts[1].Name + "/scale", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Mul},
			Inputs: []*graph.Value{q.Outputs[0], parts[1]},
		}}
	})
}
