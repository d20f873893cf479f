package onnx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// decoder turns the messages of a model into the types of this package.
type decoder struct {
	external *external
	problems problems
	depth    int // graphs around the one that is decoded

	opsets  map[*onnxpb.NodeProto][]schema.Opset // of nodes that come from functions
	tensors map[*onnxpb.TensorProto]*Tensor      // attributes, which calls of a function share
	// Names of nodes in the whole model, and those that are given to a node.
	taken, seen map[string]bool
}

// problems collects errors. A hostile file can have millions of them, so that only
// the first ones are kept.
type problems struct {
	errs []error
	more int
}

const maxProblems = 50

func (p *problems) add(format string, args ...any) {
	if len(p.errs) == maxProblems {
		p.more++
		return
	}
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

// err joins what was collected, nil if that is nothing.
func (p *problems) err() error {
	if p.more > 0 {
		return errors.Join(append(p.errs, fmt.Errorf("and %d more", p.more))...)
	}
	return errors.Join(p.errs...)
}

func (d *decoder) graph(p *onnxpb.GraphProto) (*Graph, error) {
	g := &Graph{Name: clean(p.GetName()), Initializers: map[string]*Tensor{}}
	d.nodes(g, p.GetNode())
	reads := map[string]bool{}
	for _, n := range g.Nodes {
		for _, name := range n.Reads() {
			reads[name] = true
		}
	}
	for i, v := range p.GetOutput() {
		g.Outputs = append(g.Outputs, d.valueInfo("output", i, v, false))
		reads[v.GetName()] = true
	}
	constants := map[string]bool{}
	for i, t := range p.GetInitializer() {
		name := t.GetName()
		switch {
		case name == "":
			d.problems.add("initializer %d has no name", i)
		case constants[name]:
			d.problems.add("initializer %q is there twice", name)
		case reads[name]:
			decoded, err := d.tensor(t)
			if err != nil {
				d.problems.add("initializer %q: %w", name, err)
			}
			g.Initializers[name] = decoded
			t.RawData = nil // decoded; do not hold large weights twice
		}
		constants[name] = true
	}
	for _, s := range p.GetSparseInitializer() {
		d.problems.add("initializer %q: sparse tensors are not supported; a dense one is", s.GetValues().GetName())
	}
	for i, v := range p.GetInput() {
		// Before IR version 4 every initializer is an input as well; later this makes it
		// the default value of an input. Both are constants here.
		if !constants[v.GetName()] {
			g.Inputs = append(g.Inputs, d.valueInfo("input", i, v, d.depth == 0))
		}
	}
	if len(g.Outputs) == 0 {
		d.problems.add("the graph has no outputs; at least one is expected")
	}
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	if err := order(g, constants, d.depth > 0); err != nil {
		return nil, err
	}
	return g, nil
}

// body decodes a graph that is an attribute.
func (d *decoder) body(p *onnxpb.GraphProto) (*Graph, error) {
	if d.depth == maxDepth {
		return nil, fmt.Errorf("graph %q is within %d others; at most %d are accepted", p.GetName(), d.depth, maxDepth-1)
	}
	inner := *d
	inner.depth, inner.problems = d.depth+1, problems{}
	return inner.graph(p)
}

// nodes decodes the nodes and gives each a name that is unique in the model: those of the
// main graph first, so that they keep theirs.
func (d *decoder) nodes(g *Graph, protos []*onnxpb.NodeProto) {
	taken, seen := d.taken, d.seen
	for _, p := range protos {
		taken[p.GetName()] = true
	}
	for i, p := range protos {
		n := &Node{
			Name:    p.GetName(),
			OpType:  p.GetOpType(),
			Domain:  domainName(p.GetDomain()),
			Inputs:  p.GetInput(),
			Outputs: p.GetOutput(),
			Opsets:  d.opsets[p],
		}
		if n.Name == "" || seen[n.Name] {
			base := n.Name
			if base == "" {
				base = clean(n.OpType)
			}
			if base == "" {
				base = "node"
			}
			n.Name = base + "_" + strconv.Itoa(i)
			for taken[n.Name] {
				n.Name += "_"
			}
			taken[n.Name] = true
		}
		seen[n.Name] = true
		d.validName(n.Name, "the name of node %d (%s)", i, n.OpType)
		if n.OpType == "" {
			d.problems.add("node %q has no operator", n.Name)
		}
		d.validName(n.OpType, "node %q: its operator", n.Name)
		d.validWord(n.OpType, "operator", n.Name)
		d.validWord(n.Domain, "domain", n.Name)
		for j, name := range n.Inputs {
			d.validName(name, "node %q (%s): input %d", n.Name, n.OpType, j)
		}
		for j, name := range n.Outputs {
			d.validName(name, "node %q (%s): output %d", n.Name, n.OpType, j)
		}
		g.Nodes = append(g.Nodes, n)
	}
	for i, p := range protos {
		for _, a := range p.GetAttribute() {
			g.Nodes[i].Attributes = append(g.Nodes[i].Attributes, d.attribute(a))
		}
	}
}

// validName reports a name that is not UTF-8, which ONNX asks for. Older protobuf
// libraries write such names without a complaint.
func (d *decoder) validName(name, format string, args ...any) {
	if !utf8.ValidString(name) {
		d.problems.add("%s is %q, which is not valid UTF-8", fmt.Sprintf(format, args...), name)
	}
}

// validWord reports an operator or a domain that does not go onto one line.
func (d *decoder) validWord(word, what, node string) {
	if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		d.problems.add("node %q: its %s is %q, which is not printable", node, what, word)
	}
}

// attribute decodes a parameter. What the operator cannot use is found out where
// the operator is known.
func (d *decoder) attribute(p *onnxpb.AttributeProto) Attribute {
	a := Attribute{
		Name:   clean(p.GetName()),
		Kind:   AttributeKind(p.GetType()),
		Float:  p.GetF(),
		Int:    p.GetI(),
		String: string(p.GetS()),
		Floats: p.GetFloats(),
		Ints:   p.GetInts(),
	}
	for _, s := range p.GetStrings() {
		a.Strings = append(a.Strings, string(s))
	}
	if a.Kind == 0 {
		a.Kind = kindByField(p)
	}
	if p.GetRefAttrName() != "" {
		a.Err = fmt.Errorf("refers to attribute %q of a function, which this node is not in", p.GetRefAttrName())
		return a
	}
	switch {
	case a.Kind == AttrTensor && p.T == nil:
		a.Err = errors.New("has no tensor")
	case a.Kind == AttrTensor:
		if a.Tensor = d.tensors[p.T]; a.Tensor == nil {
			a.Tensor, a.Err = d.tensor(p.T)
			d.tensors[p.T] = a.Tensor
		}
	case a.Kind == AttrGraph && p.G == nil:
		a.Err = errors.New("has no graph")
	case a.Kind == AttrGraph:
		a.Graph, a.Err = d.body(p.G)
	}
	return a
}

// kindByField finds the kind of an attribute without a type, as the oldest writers
// leave it, by the field that is there.
func kindByField(p *onnxpb.AttributeProto) AttributeKind {
	switch {
	case p.F != nil:
		return AttrFloat
	case p.I != nil:
		return AttrInt
	case p.S != nil:
		return AttrString
	case p.T != nil:
		return AttrTensor
	case p.G != nil:
		return AttrGraph
	case len(p.Floats) > 0:
		return AttrFloats
	case len(p.Ints) > 0:
		return AttrInts
	case len(p.Strings) > 0:
		return AttrStrings
	}
	return 0
}

// valueInfo decodes the declaration of graph input or output i. Only a typed one has to
// have an element type that is known here, and a rank.
func (d *decoder) valueInfo(what string, i int, p *onnxpb.ValueInfoProto, typed bool) ValueInfo {
	v := ValueInfo{Name: p.GetName()}
	if v.Name == "" {
		d.problems.add("graph %s %d has no name", what, i)
	}
	d.validName(v.Name, "the name of graph %s %d", what, i)
	t := p.GetType().GetTensorType()
	if t == nil {
		if p.GetType().GetValue() != nil {
			d.problems.add("graph %s %q is a sequence, a map, optional or sparse; only dense tensors are supported", what, v.Name)
		} else if typed {
			d.problems.add("graph %s %q has no type; a tensor of %s is accepted", what, v.Name, knownTypes)
		}
		return v
	}
	var err error
	if v.DType, err = dtype(t.GetElemType()); err != nil && (typed || t.GetElemType() != 0) {
		d.problems.add("graph %s %q: %w", what, v.Name, err)
	}
	if t.Shape == nil {
		if typed {
			d.problems.add("graph %s %q has no shape; at least its rank must be declared", what, v.Name)
		}
		return v
	}
	v.Dims = make([]Dim, len(t.Shape.Dim))
	for j, dim := range t.Shape.Dim {
		v.Dims[j] = Dim{Size: -1, Param: clean(dim.GetDimParam())}
		if _, known := dim.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue); !known {
			continue
		}
		if dim.GetDimValue() > ops.MaxElements {
			d.problems.add("graph %s %q: dimension %d is %d: at most %d is accepted", what, v.Name, j, dim.GetDimValue(), ops.MaxElements)
			continue
		}
		// Some exporters write a negative size for an unknown one.
		v.Dims[j].Size = max(-1, int(dim.GetDimValue()))
	}
	return v
}
