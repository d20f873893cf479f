package passes

import (
	"bytes"
	"fmt"
	"hash/maphash"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// shareNodes merges nodes that compute the same: the same op with the same options
// on the same operands.
func shareNodes(g *graph.Graph, _ *Log) (int, error) {
	first := map[string]*graph.Node{}
	number := map[*graph.Value]int{}
	id := func(v *graph.Value) int {
		if v == nil {
			return -1
		}
		if _, ok := number[v]; !ok {
			number[v] = len(number)
		}
		return number[v]
	}
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		if n.Code == schema.Custom || len(n.Bodies) > 0 {
			continue
		}
		key := fmt.Sprintf("%d %+v", n.Code, optionsOf(n))
		for _, v := range n.Inputs {
			key += fmt.Sprintf(" %d", id(v))
		}
		key += fmt.Sprintf(" > %d", len(n.Outputs))
		have := first[key]
		if have == nil || !sameOutputs(have, n) {
			first[key] = n
			continue
		}
		for i, v := range n.Outputs {
			if v != nil {
				g.ReplaceUses(v, have.Outputs[i])
			}
		}
		g.Remove(n)
		count++
	}
	return count, nil
}

// optionsOf is the options of n as a value that prints in full.
func optionsOf(n *graph.Node) string { return fmt.Sprintf("%T %+v", n.Options, n.Options) }

// sameOutputs reports whether n can be replaced by have: each of its outputs is
// there with the same type.
func sameOutputs(have, n *graph.Node) bool {
	for i, v := range n.Outputs {
		if v != nil && (have.Output(i) == nil || have.Outputs[i].DType != v.DType) {
			return false
		}
	}
	return true
}

// shareConstants makes equal constants one value.
func shareConstants(g *graph.Graph, _ *Log) (int, error) {
	type key struct {
		d     schema.DType
		shape string
		hash  uint64
	}
	seed := maphash.MakeSeed()
	first := map[key]*graph.Value{}
	done := map[*graph.Value]bool{}
	count := 0
	for _, n := range g.Nodes {
		for i, v := range n.Inputs {
			if v == nil || !v.IsConst() || done[v] {
				continue
			}
			k := key{v.DType, fmt.Sprint(v.Shape), maphash.Bytes(seed, v.Const.Data)}
			have := first[k]
			if have == nil {
				first[k], done[v] = v, true
				continue
			}
			if bytes.Equal(have.Const.Data, v.Const.Data) {
				g.SetInput(n, i, have)
				count++
			}
		}
	}
	return count, nil
}
