package exporter

import (
	"fmt"
	"strconv"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// graph is the ONNX graph that is being made. Names are given at the end, when it is
// known which values the outputs are.
type graph struct {
	name            string
	inputs, outputs []port
	nodes           []*node
	constants       []*value // those that are read, after finish
}

// port is an input or an output.
type port struct {
	name  string
	value *value
	of    *tensor
}

// value is a named value: an input, a constant or the result of a node.
type value struct {
	name     string
	hint     string // what the name is made of
	constant *constant
	producer *node
}

// node is an ONNX operator.
type node struct {
	name, op string
	in, out  []*value // nil where absent
	attrs    []*onnxpb.AttributeProto
}

// finish names everything and collects the constants.
func (g *graph) finish() error {
	taken := map[string]bool{}
	for _, p := range g.inputs {
		taken[p.name] = true
	}
	for i := range g.outputs {
		p := &g.outputs[i]
		if p.value.name == p.name {
			continue
		}
		if taken[p.name] {
			return fmt.Errorf("output %q: an input has that name and another value; ONNX needs names of their own", p.name)
		}
		taken[p.name] = true
		if p.value.producer == nil || p.value.name != "" {
			n := &node{name: p.name, op: "Identity", in: []*value{p.value}}
			p.value = &value{producer: n}
			n.out = []*value{p.value}
			g.nodes = append(g.nodes, n)
		}
		p.value.name = p.name
	}
	names := map[string]bool{}
	for _, n := range g.nodes {
		n.name = unique(n.name, names)
		for _, v := range n.in {
			if v != nil && v.constant != nil && v.name == "" {
				v.name = unique(v.hint, taken)
				g.constants = append(g.constants, v)
			}
		}
		for _, v := range n.out {
			if v != nil && v.name == "" {
				v.name = unique(v.hint, taken)
			}
		}
	}
	return nil
}

// unique gives name, with a number behind it if it is taken, and takes it.
func unique(name string, taken map[string]bool) string {
	if name == "" {
		name = "value"
	}
	free := name
	for i := 1; taken[free]; i++ {
		free = name + "." + strconv.Itoa(i)
	}
	taken[free] = true
	return free
}
