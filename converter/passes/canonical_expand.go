package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// dropExpand removes an Expand in front of an op that broadcasts anyway:
//
//	y = Add(x, Expand(c, Shape(x)))   becomes  y = Add(x, c)
//
// That is how expand_as of PyTorch comes where a dimension is open. The constant is
// then one again to those who look for biases and thresholds.
func dropExpand(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range g.Nodes {
		if n.Code != schema.Binary && n.Code != schema.Select {
			continue
		}
		for i, v := range n.Inputs {
			e := producer(v, schema.Expand)
			if e == nil {
				continue
			}
			operands := slices.Clone(n.Inputs)
			operands[i] = e.Inputs[0]
			if broadcastTo(operands, n.Outputs[0]) {
				g.SetInput(n, i, e.Inputs[0])
				count++
			}
		}
	}
	return count, nil
}

// broadcastTo reports whether the operands broadcast to the shape of out for all sizes
// of the inputs.
func broadcastTo(operands []*graph.Value, out *graph.Value) bool {
	for trial := range 2 {
		want := out.Trial(trial)
		got := slices.Repeat([]int{1}, len(want))
		for _, v := range operands {
			shape := v.Trial(trial)
			first := len(want) - len(shape)
			if first < 0 || v.Late() || out.Late() {
				return false
			}
			for axis, d := range shape {
				if d != 1 {
					got[first+axis] = d
				}
			}
		}
		if want == nil || !slices.Equal(got, want) {
			return false
		}
	}
	return true
}
