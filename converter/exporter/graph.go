package exporter

import (
	"fmt"
	"strconv"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// graph is an ONNX graph that is being made: the model's, or one that a node of another
// runs. Names are given at the end, when it is known which values the outputs are.
type graph struct {
	name            string
	inputs, outputs []port
	nodes           []*node
	constants       []*value // those that are read in the whole model, after finish
}

// port is an input or an output.
type port struct {
	name  string
	value *value
	of    *tensor
	open  bool // only its type is declared
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
	bodies   []body
	graph    *graph // that it is in
}

// body is an attribute that is a graph. It may read the values of the graphs around it.
type body struct {
	attr  string
	graph *graph
}

// finish names everything in the model and collects the constants.
func (g *graph) finish() error {
	f := &finisher{values: map[string]bool{}, nodes: map[string]bool{}}
	for _, p := range g.inputs {
		f.values[p.name] = true
	}
	for i := range g.outputs {
		p := &g.outputs[i]
		if p.value.name == p.name {
			continue
		}
		if f.values[p.name] {
			return fmt.Errorf("output %q: an input has that name and another value; ONNX needs names of their own", p.name)
		}
		f.values[p.name] = true
		if p.value.producer == nil || p.value.name != "" {
			p.value = g.copied(p.value)
		}
		p.value.name = p.name
	}
	f.graph(g)
	g.constants = f.constants
	return nil
}

// copied is a value that a node of g has made of another.
func (g *graph) copied(v *value) *value {
	n := &node{name: v.hint, op: "Identity", in: []*value{v}, graph: g}
	n.out = []*value{{hint: v.hint, producer: n}}
	g.nodes = append(g.nodes, n)
	return n.out[0]
}

// finisher names what has no name yet.
type finisher struct {
	values, nodes map[string]bool
	constants     []*value
}

func (f *finisher) value(v *value) {
	if v == nil || v.name != "" {
		return
	}
	v.name = unique(v.hint, f.values)
	if v.constant != nil {
		f.constants = append(f.constants, v)
	}
}

func (f *finisher) graph(g *graph) {
	for _, n := range g.nodes {
		n.name = unique(n.name, f.nodes)
		for _, v := range n.in {
			f.value(v)
		}
		for _, b := range n.bodies {
			f.body(b.graph)
		}
		for _, v := range n.out {
			f.value(v)
		}
	}
}

// body names a graph that a node runs. Its outputs must be results of nodes of its own, each
// of them once.
func (f *finisher) body(g *graph) {
	for i := range g.inputs {
		f.value(g.inputs[i].value)
		g.inputs[i].name = g.inputs[i].value.name
		g.inputs[i].open = i > 0 // the iteration has the rank that is declared; a condition that of the operand
	}
	seen := map[*value]bool{}
	for i := range g.outputs {
		p := &g.outputs[i]
		if p.value.producer == nil || p.value.producer.graph != g || seen[p.value] {
			p.value = g.copied(p.value)
		}
		seen[p.value] = true
	}
	f.graph(g)
	for i := range g.outputs {
		g.outputs[i].name = g.outputs[i].value.name
	}
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
