package interpreter

import (
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// expander knows the weights that are stored as bits and expanded while preparing,
// once and of any size. A step between the bits and the weights is released when
// what reads it is computed.
type expander struct {
	expanded map[*ops.Tensor]bool
	readers  map[*ops.Tensor]int // operators that are not computed yet; outputs count, too
}

func newExpander(p *preparer) *expander {
	e := &expander{expanded: map[*ops.Tensor]bool{}, readers: map[*ops.Tensor]int{}}
	for _, n := range p.nodes {
		if n == nil {
			continue
		}
		for _, t := range n.Inputs {
			if t != nil {
				e.readers[t]++
			}
		}
	}
	for _, port := range p.graph.Outputs {
		e.readers[&p.tensors[port.Tensor]]++
	}
	return e
}

// expands reports whether n makes floats of packed constants, or only scales or
// reshapes such floats.
func (e *expander) expands(n *ops.Node) bool {
	from := n.Def.Code == schema.Bunpack
	for _, t := range n.Inputs {
		if t == nil || t.Data == nil {
			return false
		}
		from = from || e.expanded[t]
	}
	switch n.Def.Code {
	case schema.Bunpack, schema.Binary, schema.Reshape:
		return from
	}
	return false
}

// computed notes that n is computed, and returns the bytes that it released.
func (e *expander) computed(n *ops.Node, expands bool) int {
	released := 0
	for _, t := range n.Inputs {
		if t == nil {
			continue
		}
		if e.readers[t]--; e.readers[t] == 0 && e.expanded[t] {
			released += t.Bytes()
			t.Data = nil
		}
	}
	if expands {
		e.expanded[n.Outputs[0]] = true
	}
	return released
}
