package passes

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// simplifyControl takes out what nodes with bodies do not need:
//
//	y = If(true, x) {then, else}     becomes  the nodes of then
//	y = Loop(..., const) {body}      becomes  the constant in the body
//
// Inputs of bodies that nobody reads go, and so do results that nobody reads, but for the
// states of a Loop.
func simplifyControl(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		if len(n.Bodies) == 0 {
			continue
		}
		if cond := n.Inputs[0].Known(); n.Code == schema.If && cond != nil && len(cond.Data) == 1 {
			branch := 0
			if cond.Data[0] == 0 {
				branch = 1
			}
			g.Inline(n, branch)
			count++
			continue
		}
		count += dropResults(g, n) + dropCaptures(g, n)
	}
	return count, nil
}

// dropResults removes results that nobody reads, while there are others.
func dropResults(g *graph.Graph, n *graph.Node) int {
	first := 0
	if o, ok := n.Options.(*schema.LoopOptions); ok {
		first = o.States
	}
	count := 0
	for i := len(n.Outputs) - 1; i >= first && len(n.Outputs) > 1; i-- {
		if !used(g, n.Outputs[i]) {
			g.DropResult(n, i)
			count++
		}
	}
	return count
}

// dropCaptures puts constants into the bodies that read them.
func dropCaptures(g *graph.Graph, n *graph.Node) int {
	count := 0
	captures := n.Captures()
	for i := len(captures) - 1; i >= 0; i-- {
		c := captures[i]
		v, in := n.Inputs[c.Operand], c.Body.Inputs[c.Input]
		if used(c.Body, in) {
			if v.Const == nil {
				continue
			}
			c.Body.ReplaceUses(in, c.Body.NewConst(in.Name, v.DType, v.Shape, v.Const.Data))
		}
		g.DropCapture(n, c)
		count++
	}
	return count
}
