package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// shareSigns lets all readers of equal signs, and of equal unpacked signs, share one:
//
//	x -> Bsign -> y, x -> Bsign -> z     becomes     x -> Bsign -> y, z = y
func shareSigns(g *graph.Graph, log *Log) (int, error) {
	count := 0
	first := map[string]*graph.Node{}
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign && n.Code != schema.Bunpack {
			continue
		}
		key := identity(n)
		have := first[key]
		if have == nil {
			first[key] = n
			continue
		}
		have.Origin = origins(have, n)
		g.ReplaceUses(n.Outputs[0], have.Outputs[0])
		g.Remove(n)
		count++
	}
	return count, nil
}

// identity is equal for nodes that compute the same: by their op, options, and
// operands, constants by value.
func identity(n *graph.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %+v", n.Code, n.Options)
	for _, v := range n.Inputs {
		switch {
		case v == nil:
			b.WriteString(" -")
		case v.Const != nil:
			fmt.Fprintf(&b, " %v%v%x", v.DType, v.Shape, v.Const.Data)
		default:
			fmt.Fprintf(&b, " %p", v)
		}
	}
	return b.String()
}
