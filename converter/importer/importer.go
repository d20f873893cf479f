// Package importer turns a decoded ONNX model into a graph of the .lce vocabulary,
// each node by the meaning its operator has at the model's opset. Layouts stay
// ONNX's (NCHW): an operator that the vocabulary has for NHWC only is put between
// two Transposes, which the layout pass moves away.
//
// An operator is a row of the table in table.go and a function in the file of its
// family.
package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
)

// Options are what the caller adds to the model.
type Options struct {
	// InputShapes gives shapes of graph inputs by name. A dimension that the model
	// declares must be the same; -1 leaves it as it is. Dimensions of the same name
	// in other inputs follow.
	InputShapes map[string][]int
}

// Import builds the graph of a model, validated and with all shapes inferred.
//
// The error lists everything that is wrong with any node, except where a node
// cannot be judged because one before it has an error. Nodes that are not
// supported are in an *UnsupportedError.
func Import(f *onnx.File, opts Options) (*graph.Graph, error) {
	im := newImporter(&state{file: f, nodes: (*importer).nodes}, f.Graph, graph.New(f.Graph.Name))
	if err := im.inputs(opts.InputShapes); err != nil {
		return nil, err
	}
	im.g.InferInputs()
	im.nodes()
	if err := im.err(); err != nil {
		return nil, err
	}
	for _, o := range f.Graph.Outputs {
		im.g.AddOutput(o.Name, im.value(o.Name))
	}
	if err := im.g.Infer(); err != nil {
		return nil, err
	}
	if err := im.checkOutputs(); err != nil {
		return nil, err
	}
	if err := im.g.Validate(); err != nil {
		return nil, err
	}
	return im.g, nil
}

// importer imports a graph: that of the model, or one within another.
type importer struct {
	*state
	src *onnx.Graph
	g   *graph.Graph
	// parent imports the graph around, and captured lists the values of that which are inputs
	// of g behind those of its own.
	parent   *importer
	captured []*graph.Value
	// values are the results so far by ONNX name. A nil value is that of a node that
	// has an error.
	values map[string]*graph.Value
	uses   map[string]int // how many node inputs and graph outputs read a name

	narrowed map[*graph.Value]bool // results of operators on float16, which were rounded last
}

// state is what the imports of all graphs of a model share.
type state struct {
	file *onnx.File
	// nodes is the method of importer: the table of operators leads to the import of bodies,
	// and may not lead back to itself.
	nodes   func(*importer)
	dynamic bool // an input has a dimension that is not known
	retries int  // how often the sizes tried for those were in doubt

	errs        []error // the first maxShown
	failed      int
	unsupported []Unsupported
}

func newImporter(s *state, src *onnx.Graph, g *graph.Graph) *importer {
	im := &importer{
		state: s, src: src, g: g, values: make(map[string]*graph.Value, len(src.Nodes)),
		uses: map[string]int{}, narrowed: map[*graph.Value]bool{},
	}
	for _, n := range src.Nodes {
		for _, name := range n.Reads() {
			im.uses[name]++
		}
	}
	for _, o := range src.Outputs {
		im.uses[o.Name]++
	}
	return im
}

// nodes imports the nodes in order. Errors are noted.
func (im *importer) nodes() {
	for _, n := range im.src.Nodes {
		if err := im.node(n); err != nil {
			im.fail(n, err)
		}
	}
}

// value returns the value of a name, nil if its node has an error. Initializers
// enter the graph when they are first read, and so do values of the graph around, which
// become inputs if they are not constants.
func (im *importer) value(name string) *graph.Value {
	if v, ok := im.values[name]; ok {
		return v
	}
	var v *graph.Value
	if t := im.src.Initializers[name]; t != nil {
		v = im.g.NewConst(name, t.DType, t.Shape, t.Data)
	} else if outer := im.parent.value(name); outer != nil && outer.Const != nil {
		v = im.g.NewConst(name, outer.DType, outer.Shape, outer.Const.Data)
	} else if outer != nil {
		v = im.g.AddBodyInput(name, outer)
		im.captured = append(im.captured, outer)
	}
	im.values[name] = v
	return v
}

// node imports one node.
func (im *importer) node(n *onnx.Node) error {
	c, err := im.check(n)
	if err != nil {
		return err
	}
	c.in = make([]*graph.Value, len(n.Inputs))
	for i, name := range n.Inputs {
		if name == "" {
			continue
		}
		if c.in[i] = im.value(name); c.in[i] == nil {
			// The error before this node is reported already.
			im.poison(n)
			return nil
		}
	}
	c.given = slices.Clone(c.in)
	first := len(im.g.Nodes)
	err = im.build(c, first)
	if errors.Is(err, errReported) {
		im.poison(n)
		return nil
	}
	if err != nil {
		// What the node made goes, so that the rest of the graph can be inferred.
		for last := len(im.g.Nodes); last > first; last-- {
			im.g.Remove(im.g.Nodes[last-1])
		}
		return err
	}
	for i, name := range n.Outputs {
		if name != "" && c.out[i] != nil {
			im.values[name] = c.out[i]
		}
	}
	return nil
}

// build adds what a node becomes, the nodes from index first on, and infers it.
func (im *importer) build(c *call, first int) error {
	if err := c.row.build(c); err != nil {
		return err
	}
	for i, name := range c.Outputs {
		if c.out[i] == nil && c.wanted(i) {
			return c.unsupported("output %d, %q, is used", i, name)
		}
	}
	for _, n := range im.g.Nodes[first:] {
		err := im.g.InferNode(n)
		if err == nil {
			continue
		}
		// The trial sizes of unknown dimensions may not suit; Infer tries others, for the
		// whole graph, so that it is not asked too often.
		late := slices.ContainsFunc(n.Inputs, func(v *graph.Value) bool { return v != nil && v.Late() })
		if (im.dynamic || late) && im.retries < maxRetries {
			im.retries++
			if err = im.g.Infer(); err == nil {
				return nil
			}
		}
		return c.inferError(n, err)
	}
	return nil
}

const maxRetries = 20

// inferError is what shape inference says of a node that was made of an ONNX node.
// The name of the latter is added later, so that its own is cut off.
func inferError(made *graph.Node, err error) error {
	text := strings.TrimPrefix(err.Error(), fmt.Sprintf("node %q (%v): ", made.Name, made.Code))
	return errors.New(text)
}

// inferError also cuts off the kind of an op, where it is the name of the operator.
func (c *call) inferError(made *graph.Node, err error) error {
	err = inferError(made, err)
	return errors.New(strings.TrimPrefix(err.Error(), c.OpType+": "))
}

// fail notes an error of a node.
func (im *importer) fail(n *onnx.Node, err error) {
	im.poison(n)
	var u *Unsupported
	if errors.As(err, &u) {
		im.unsupported = append(im.unsupported, *u)
		return
	}
	if im.failed++; im.failed > maxShown {
		return
	}
	im.errs = append(im.errs, fmt.Errorf("node %q (%s): %w", n.Name, n.OpType, err))
}

// poison marks the results of a node as not available.
func (im *importer) poison(n *onnx.Node) {
	for _, name := range n.Outputs {
		if name != "" {
			im.values[name] = nil
		}
	}
}

func (im *importer) err() error {
	errs := im.errs
	if im.failed > len(errs) {
		errs = append(errs, fmt.Errorf("and %d more nodes", im.failed-len(errs)))
	}
	if len(im.unsupported) > 0 {
		errs = append(errs, &UnsupportedError{Nodes: im.unsupported})
	}
	return errors.Join(errs...)
}

// checkOutputs compares the element types of the results with those that the model
// declares. Declared shapes are not compared: exporters write stale ones.
func (im *importer) checkOutputs() error {
	for i, o := range im.src.Outputs {
		got := im.g.Outputs[i].Value.DType
		if o.DType != 0 && got != o.DType {
			return fmt.Errorf("graph output %q is declared as %v, but %v is what the nodes compute", o.Name, o.DType, got)
		}
	}
	return nil
}
