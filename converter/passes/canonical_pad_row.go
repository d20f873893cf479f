package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// padBehindRow moves a Pad of sequences behind the op that makes maps of one row of them,
// where a convolution can take it over:
//
//	x [N,L,C] -> Pad -> Reshape [N,1,L,C] -> y     becomes     x -> Unsqueeze -> Pad -> y
func padBehindRow(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Reshape && n.Code != schema.Unsqueeze || len(n.Inputs) == 0 {
			continue
		}
		pad := producer(n.Inputs[0], schema.Pad)
		if pad == nil || !addsRow(n) || pad.Input(3) != nil || !onlyUser(g, n.Inputs[0], n) {
			continue
		}
		amounts, ok := constInts(pad.Input(1))
		if !ok || len(amounts) != 6 {
			continue
		}
		row, err := insert(g, n, &graph.Node{
			Name: n.Name + "/row", Code: schema.Unsqueeze, Origin: origins(n),
			Inputs: []*graph.Value{pad.Inputs[0], g.ConstInt64s(n.Name+"/axis", []int{1}, []int64{1})},
		})
		if err != nil {
			return count, err
		}
		amounts = slices.Insert(slices.Insert(amounts, 4, 0), 1, 0)
		in := slices.Clone(pad.Inputs)
		in[0], in[1] = row, g.ConstInt64s(pad.Name+"/pads", []int{8}, amounts)
		behind := &graph.Node{Name: pad.Name, Code: schema.Pad, Options: pad.Options, Origin: origins(pad), Inputs: in}
		if err := replaceNode(g, n, behind); err != nil {
			return count, err
		}
		g.Remove(pad)
		count++
	}
	return count, nil
}

// addsRow reports whether a node makes [N,1,L,C] of [N,L,C], for all sizes.
func addsRow(n *graph.Node) bool {
	for i := range 2 {
		from, to := n.Inputs[0].Trial(i), n.Outputs[0].Trial(i)
		if len(from) != 3 || n.Outputs[0].Late() || !slices.Equal(to, slices.Insert(slices.Clone(from), 1, 1)) {
			return false
		}
	}
	return true
}
