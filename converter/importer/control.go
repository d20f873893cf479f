package importer

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// errReported is for a node of which a graph has errors that are noted already.
var errReported = errors.New("a graph of the node has errors")

// within makes the importer of a graph that is an attribute of a node.
func (im *importer) within(src *onnx.Graph, g *graph.Graph) *importer {
	sub := newImporter(im.state, src, g)
	sub.parent = im
	return sub
}

// importBody imports the nodes of a body, whose own inputs are there, and returns its outputs.
func (im *importer) importBody() ([]*graph.Value, error) {
	before := im.failed + len(im.unsupported)
	im.state.nodes(im)
	if im.failed+len(im.unsupported) > before {
		return nil, errReported
	}
	var out []*graph.Value
	for _, o := range im.src.Outputs {
		v := im.value(o.Name)
		if v == nil {
			return nil, errReported // the error is one of the graph around
		}
		if o.DType != 0 && v.DType != o.DType {
			return nil, fmt.Errorf("output %q of its graph %q is declared as %v, but %v is what the nodes compute", o.Name, im.src.Name, o.DType, v.DType)
		}
		out = append(out, v)
	}
	return out, nil
}

// branch imports a branch of an If, and returns the values that it captures.
func (c *call) branch(attr string) (*graph.Graph, []*graph.Value, error) {
	src := c.attribute(attr).Graph
	switch {
	case len(src.Inputs) > 0:
		return nil, nil, fmt.Errorf("attribute %s: the graph has %d inputs: none are expected", attr, len(src.Inputs))
	case len(src.Outputs) != len(c.Outputs):
		return nil, nil, fmt.Errorf("attribute %s: the graph has %d outputs: %d are expected, as the node has", attr, len(src.Outputs), len(c.Outputs))
	}
	sub := c.im.within(src, graph.NewBody(c.name(attr)))
	out, err := sub.importBody()
	if err != nil {
		return nil, nil, err
	}
	for i, v := range out {
		sub.g.AddOutput(src.Outputs[i].Name, v)
	}
	return sub.g, sub.captured, nil
}

// importIf imports both branches, or only that which a known condition chooses.
func importIf(c *call) error {
	if err := c.wantType(0, schema.Bool); err != nil {
		return err
	}
	if k := c.in[0].Known(); k != nil && len(k.Data) == 1 {
		attr := "then_branch"
		if k.Data[0] == 0 {
			attr = "else_branch"
		}
		b, captured, err := c.branch(attr)
		if err != nil {
			return err
		}
		copy(c.out, c.im.g.Splice(b, captured))
		return nil
	}
	then, thenInputs, err := c.branch("then_branch")
	if err != nil {
		return err
	}
	other, otherInputs, err := c.branch("else_branch")
	if err != nil {
		return err
	}
	c.results("", schema.If, &schema.IfOptions{ThenInputs: len(thenInputs)}, slices.Concat(c.in, thenInputs, otherInputs), 0, len(c.Outputs))
	c.im.g.Nodes[len(c.im.g.Nodes)-1].Bodies = []*graph.Graph{then, other}
	return nil
}

// loop is a Loop that is being made.
type loop struct {
	name            string
	count, cond     *graph.Value
	states, scanned []*graph.Value
	ranks           [2]int   // of the iteration and the condition in the body
	inputs          []string // names of the inputs of the body
	outputs         []string // names of the results
	// fill makes what the body computes of its inputs: the condition, states and elements.
	fill func(body *importer, in []*graph.Value) ([]*graph.Value, error)
}

// maxLoopRounds is how often a body is imported at most: what is made of a node depends on
// shapes, and those of states may grow.
const maxLoopRounds = 3

// addLoop adds a Loop to the graph and returns its results.
func (im *importer) addLoop(l *loop, src *onnx.Graph) ([]*graph.Value, error) {
	grows := make([][]bool, len(l.states))
	for round := 1; ; round++ {
		sub := im.within(src, graph.NewBody(l.name+"/body"))
		in := []*graph.Value{sub.g.AddScalar(l.inputs[0], schema.Int64, l.ranks[0]), sub.g.AddScalar(l.inputs[1], schema.Bool, l.ranks[1])}
		for i, v := range l.states {
			in = append(in, sub.g.AddState(l.inputs[len(in)], v, grows[i]))
		}
		for _, v := range l.scanned {
			in = append(in, sub.g.AddSlice(l.inputs[len(in)], v))
		}
		out, err := l.fill(sub, in)
		if err != nil {
			return nil, err
		}
		for i, v := range out {
			sub.g.AddOutput(fmt.Sprintf("output_%d", i), v)
		}
		var more bool
		if grows, more, err = sub.g.GrowStates(len(l.states), round == maxLoopRounds-1); err != nil {
			return nil, err
		}
		if more && round < maxLoopRounds {
			continue
		}
		n := &graph.Node{
			Name: l.name, Code: schema.Loop, Options: &schema.LoopOptions{States: len(l.states), Scanned: len(l.scanned)},
			Inputs: slices.Concat([]*graph.Value{l.count, l.cond}, l.states, l.scanned, sub.captured), Bodies: []*graph.Graph{sub.g},
		}
		for _, name := range l.outputs {
			n.Outputs = append(n.Outputs, im.g.NewValue(name))
		}
		im.g.Append(n)
		if err := im.g.InferNode(n); err != nil {
			return nil, inferError(n, err)
		}
		return n.Outputs, nil
	}
}

// outputNames are names for all results.
func (c *call) outputNames() []string {
	names := slices.Clone(c.Outputs)
	for i, name := range names {
		if name == "" {
			names[i] = fmt.Sprintf("%s:%d", c.Name, i)
		}
	}
	return names
}

// always is a true condition.
func (im *importer) always(name string) *graph.Value {
	return im.g.NewConst(name+"/always", schema.Bool, []int{}, []byte{1})
}

// importLoop gives a Loop without a count or a condition one that never ends it.
func importLoop(c *call) error {
	src := c.attribute("body").Graph
	states := c.in[min(2, len(c.in)):]
	if len(src.Inputs) != 2+len(states) {
		return fmt.Errorf("attribute body: the graph has %d inputs: %d are expected, the iteration, the condition and the %d states of the node",
			len(src.Inputs), 2+len(states), len(states))
	}
	if len(src.Outputs) != 1+len(c.Outputs) {
		return fmt.Errorf("attribute body: the graph has %d outputs: %d are expected, the condition and the outputs of the node", len(src.Outputs), 1+len(c.Outputs))
	}
	if len(c.Outputs) < len(states) {
		return fmt.Errorf("%d outputs: at least %d are expected, one for each state", len(c.Outputs), len(states))
	}
	for i, v := range states {
		if v == nil {
			return fmt.Errorf("input %d is absent: the operator needs it", 2+i)
		}
	}
	l := &loop{name: c.Name, count: c.input(0), cond: c.input(1), states: states, outputs: c.outputNames(), fill: fillBody}
	if l.count == nil {
		l.count = c.im.g.ConstInt64s(c.name("count"), []int{}, []int64{math.MaxInt64})
	}
	if l.cond == nil {
		l.cond = c.im.always(c.Name)
	}
	for i, v := range src.Inputs {
		l.inputs = append(l.inputs, v.Name)
		if i < 2 {
			l.ranks[i] = min(len(v.Dims), 1)
		}
	}
	out, err := c.im.addLoop(l, src)
	copy(c.out, out)
	return err
}

// fillBody imports the nodes of a body whose inputs are those declared, in order.
func fillBody(body *importer, in []*graph.Value) ([]*graph.Value, error) {
	for i, v := range body.src.Inputs {
		if v.DType != 0 && v.DType != in[i].DType {
			return nil, fmt.Errorf("input %q of its graph %q is declared as %v, but gets %v", v.Name, body.src.Name, v.DType, in[i].DType)
		}
		body.values[v.Name] = in[i]
	}
	return body.importBody()
}
