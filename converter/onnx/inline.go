package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// What the calls of functions may add to a model: functions that call others several times
// could ask for any number of nodes.
const (
	maxInlined      = 200_000 // nodes
	maxInlinedBytes = 1 << 28 // of their names, and of initializers within them
	maxCalls        = 64      // of functions within functions
)

// inlineFunctions replaces each node that calls a function of the model by the function's
// nodes, also where functions call others and in graphs within the graph:
//
//   - a value of the function is renamed to NODE/NAME, and with a number if that is taken,
//     except for its inputs and outputs, which are those of the call;
//   - an attribute that refers to one of the function becomes that of the call, or else the
//     default of the function, or is left out if there is neither.
//
// It returns what operator sets the nodes that came from functions are of.
func inlineFunctions(m *onnxpb.ModelProto) (map[*onnxpb.NodeProto][]schema.Opset, error) {
	if len(m.Functions) == 0 {
		return nil, nil
	}
	in := &inliner{
		functions: map[string]*function{}, opsets: map[*onnxpb.NodeProto][]schema.Opset{},
		names: map[string]bool{}, nodes: maxInlined, bytes: maxInlinedBytes,
	}
	for _, p := range m.Functions {
		f := &function{FunctionProto: p, title: functionTitle(p.GetDomain(), p.GetName())}
		key := functionKey(p.GetDomain(), p.GetName(), p.GetOverload())
		if in.functions[key] != nil {
			return nil, fmt.Errorf("function %s is there twice", f.title)
		}
		in.functions[key] = f
	}
	in.collect(m.Graph)
	return in.opsets, in.graph(m.Graph, 0)
}

// function is a function of the model.
type function struct {
	*onnxpb.FunctionProto
	title  string
	active bool // it is being inlined
}

func functionKey(domain, name, overload string) string {
	return domainName(domain) + "\x00" + name + "\x00" + overload
}

func functionTitle(domain, name string) string {
	return strconv.Quote(shownDomain(domainName(domain)) + "." + name)
}

type inliner struct {
	functions map[string]*function
	opsets    map[*onnxpb.NodeProto][]schema.Opset
	names     map[string]bool // of all values
	calls     []string        // functions that are being inlined
	nodes     int             // how many may still be added
	bytes     int
}

// collect notes the names of all values of a graph.
func (in *inliner) collect(g *onnxpb.GraphProto) {
	for _, v := range g.GetInput() {
		in.names[v.GetName()] = true
	}
	for _, t := range g.GetInitializer() {
		in.names[t.GetName()] = true
	}
	for _, n := range g.GetNode() {
		for _, name := range n.GetOutput() {
			in.names[name] = true
		}
		for _, a := range n.GetAttribute() {
			in.collect(a.GetG())
		}
	}
}

// graph inlines the calls in a graph.
func (in *inliner) graph(g *onnxpb.GraphProto, depth int) error {
	if depth > maxDepth {
		return nil // refused by the decoder
	}
	var nodes []*onnxpb.NodeProto
	for i, n := range g.GetNode() {
		more, err := in.node(n, i, depth)
		if err != nil {
			return err
		}
		nodes = append(nodes, more...)
	}
	if g != nil {
		g.Node = nodes
	}
	return nil
}

// node gives what a node becomes: itself, or the nodes of the function that it calls.
func (in *inliner) node(n *onnxpb.NodeProto, index, depth int) ([]*onnxpb.NodeProto, error) {
	f := in.functions[functionKey(n.GetDomain(), n.GetOpType(), n.GetOverload())]
	if f == nil {
		for _, a := range n.GetAttribute() {
			if err := in.graph(a.GetG(), depth+1); err != nil {
				return nil, err
			}
		}
		return []*onnxpb.NodeProto{n}, nil
	}
	name := n.GetName()
	if name == "" {
		name = clean(n.GetOpType()) + "_" + strconv.Itoa(index)
	}
	nodes, err := in.call(f, n, name, depth)
	if within := (*callError)(nil); err != nil && !errors.As(err, &within) {
		err = &callError{name, f.title, err}
	}
	return nodes, err
}

// callError is about a call. Its node has the names of the calls around it.
type callError struct {
	node, function string
	err            error
}

func (e *callError) Error() string {
	return fmt.Sprintf("node %q calls function %s: %v", e.node, e.function, e.err)
}

// call gives the nodes of a call.
func (in *inliner) call(f *function, n *onnxpb.NodeProto, name string, depth int) ([]*onnxpb.NodeProto, error) {
	in.calls = append(in.calls, f.title)
	defer func() { in.calls = in.calls[:len(in.calls)-1] }()
	if f.active {
		return nil, fmt.Errorf("it calls itself, %s: no recursion is accepted", strings.Join(in.calls[slices.Index(in.calls, f.title):], " calls "))
	}
	if len(in.calls) > maxCalls {
		return nil, fmt.Errorf("it is called within %d functions: at most %d are accepted", len(in.calls)-1, maxCalls)
	}
	f.active = true
	defer func() { f.active = false }()
	opsets, err := readOpsets(f.OpsetImport)
	if err != nil {
		return nil, err
	}
	if opsets == nil {
		opsets = []schema.Opset{} // it imports none, which is not the same as the model's
	}
	c, err := in.bind(f, n, name)
	if err != nil {
		return nil, err
	}
	c.opsets = opsets
	var out []*onnxpb.NodeProto
	for i, p := range f.Node {
		q, err := c.node(p)
		if err != nil {
			return nil, err
		}
		more, err := in.node(q, i, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return append(out, c.results...), nil
}

// copier copies nodes of a function for one call.
type copier struct {
	*inliner
	prefix     string
	opsets     []schema.Opset
	names      map[string]string // in the function -> in the graph
	attributes map[string]*onnxpb.AttributeProto
	results    []*onnxpb.NodeProto // Identity nodes for outputs that are inputs, or there twice
}

// bind joins the inputs, outputs and attributes of a call with those of the function.
func (in *inliner) bind(f *function, n *onnxpb.NodeProto, name string) (*copier, error) {
	if len(n.Input) > len(f.Input) {
		return nil, fmt.Errorf("%d inputs: at most %d are expected", len(n.Input), len(f.Input))
	}
	if len(n.Output) > len(f.Output) {
		return nil, fmt.Errorf("%d outputs: at most %d are expected", len(n.Output), len(f.Output))
	}
	c := &copier{inliner: in, prefix: name + "/", names: map[string]string{"": ""}, attributes: map[string]*onnxpb.AttributeProto{}}
	for i, formal := range f.Input {
		if _, ok := c.names[formal]; ok {
			return nil, fmt.Errorf("input %d of it, %q, has no name or that of another one", i, formal)
		}
		c.names[formal] = ""
		if i < len(n.Input) {
			c.names[formal] = n.Input[i]
		}
	}
	for i, actual := range n.Output {
		if actual == "" {
			continue
		}
		if have, ok := c.names[f.Output[i]]; ok {
			c.results = append(c.results, &onnxpb.NodeProto{
				Name: proto.String(c.prefix + "output_" + strconv.Itoa(i)), OpType: proto.String("Identity"),
				Input: []string{have}, Output: []string{actual},
			})
			continue
		}
		c.names[f.Output[i]] = actual
	}
	for _, list := range [][]*onnxpb.AttributeProto{f.AttributeProto, n.Attribute} {
		for _, a := range list {
			c.attributes[a.GetName()] = a
		}
	}
	return c, nil
}

// rename gives the name in the graph of a value of the function.
func (c *copier) rename(name string) string {
	if have, ok := c.names[name]; ok {
		return have
	}
	fresh := c.prefix + name
	for i := 1; c.inliner.names[fresh]; i++ {
		fresh = c.prefix + name + "." + strconv.Itoa(i)
	}
	c.bytes -= len(fresh)
	c.inliner.names[fresh] = true
	c.names[name] = fresh
	return fresh
}

func (c *copier) renameAll(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = c.rename(name)
	}
	return out
}

func (c *copier) node(p *onnxpb.NodeProto) (*onnxpb.NodeProto, error) {
	if c.nodes--; c.nodes < 0 || c.bytes < 0 {
		return nil, fmt.Errorf("calls of functions add more than %d nodes or %d bytes to the model", maxInlined, maxInlinedBytes)
	}
	q := &onnxpb.NodeProto{
		Input: c.renameAll(p.Input), Output: c.renameAll(p.Output),
		OpType: p.OpType, Domain: p.Domain, Overload: p.Overload,
	}
	c.inliner.opsets[q] = c.opsets
	if name := p.GetName(); name != "" {
		q.Name = proto.String(c.prefix + name)
		c.bytes -= len(*q.Name)
	}
	for _, a := range p.Attribute {
		b, err := c.attribute(a)
		if err != nil {
			return nil, err
		}
		if b != nil {
			q.Attribute = append(q.Attribute, b)
		}
	}
	return q, nil
}

// attribute gives what an attribute is in this call, nil for one that is left out. Its
// tensor is not copied.
func (c *copier) attribute(a *onnxpb.AttributeProto) (*onnxpb.AttributeProto, error) {
	from := a
	if ref := a.GetRefAttrName(); ref != "" {
		if from = c.attributes[ref]; from == nil {
			return nil, nil
		}
	} else if a.G == nil {
		return a, nil
	}
	b := &onnxpb.AttributeProto{
		Name: a.Name, Type: from.Type, F: from.F, I: from.I, S: from.S, T: from.T, G: from.G,
		Floats: from.Floats, Ints: from.Ints, Strings: from.Strings, RefAttrName: from.RefAttrName,
	}
	if from != a || a.G == nil {
		return b, nil // a graph of the call has the names of the call
	}
	var err error
	b.G, err = c.graph(a.G)
	return b, err
}

// graph copies a graph that is an attribute within the function.
func (c *copier) graph(g *onnxpb.GraphProto) (*onnxpb.GraphProto, error) {
	out := &onnxpb.GraphProto{Name: g.Name, SparseInitializer: g.SparseInitializer}
	for _, t := range g.Initializer {
		if c.bytes -= proto.Size(t); c.bytes < 0 {
			return nil, fmt.Errorf("calls of functions add more than %d bytes to the model", maxInlinedBytes)
		}
		renamed := proto.CloneOf(t)
		renamed.Name = proto.String(c.rename(t.GetName()))
		out.Initializer = append(out.Initializer, renamed)
	}
	for _, v := range g.Input {
		out.Input = append(out.Input, &onnxpb.ValueInfoProto{Name: proto.String(c.rename(v.GetName())), Type: v.Type})
	}
	for _, p := range g.Node {
		q, err := c.node(p)
		if err != nil {
			return nil, err
		}
		out.Node = append(out.Node, q)
	}
	for _, v := range g.Output {
		out.Output = append(out.Output, &onnxpb.ValueInfoProto{Name: proto.String(c.rename(v.GetName())), Type: v.Type})
	}
	return out, nil
}
