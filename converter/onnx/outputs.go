package onnx

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// WithOutputs gives the file with other graph outputs: those named instead of its own,
// or its own if none is named, and those of keep behind them. A name is that of a value
// that a node computes, or of a node with one output. Nodes and inputs that no output
// needs any longer are left out.
func (f *File) WithOutputs(outputs, keep []string) (*File, error) {
	if len(outputs)+len(keep) == 0 {
		return f, nil
	}
	graph := *f.Graph
	if len(outputs) > 0 {
		graph.Outputs = nil
	} else {
		graph.Outputs = slices.Clone(graph.Outputs)
	}
	for _, name := range slices.Concat(outputs, keep) {
		value, err := f.Graph.result(name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(graph.Outputs, func(o ValueInfo) bool { return o.Name == value }) {
			graph.Outputs = append(graph.Outputs, f.Graph.declared(value))
		}
	}
	if len(outputs) > 0 {
		graph.prune()
	}
	g := *f
	g.Graph = &graph
	return &g, nil
}

// result is the name of the value that name stands for.
func (g *Graph) result(name string) (string, error) {
	names := map[string]bool{}
	for _, n := range g.Nodes {
		for _, out := range n.Outputs {
			if out == name && name != "" {
				return out, nil
			}
			names[out] = true
		}
	}
	if n := g.Node(name); n != nil {
		results := slices.DeleteFunc(slices.Clone(n.Outputs), func(s string) bool { return s == "" })
		if len(results) == 1 {
			return results[0], nil
		}
		return "", fmt.Errorf("node %q (%s) has %d outputs; name one of them: %s", n.Name, n.OpType, len(results), strings.Join(results, ", "))
	}
	for _, in := range g.Inputs {
		if in.Name == name {
			return "", fmt.Errorf("%q is a graph input; want the name of a value that a node computes", name)
		}
	}
	if g.Initializers[name] != nil {
		return "", fmt.Errorf("%q is an initializer; want the name of a value that a node computes", name)
	}
	for _, n := range g.Nodes {
		names[n.Name] = true
	}
	delete(names, "")
	return "", fmt.Errorf("no node computes %q%s", name, DidYouMean(name, slices.Sorted(maps.Keys(names))))
}

// declared is what the graph says about an output, or else its name only.
func (g *Graph) declared(name string) ValueInfo {
	for _, o := range g.Outputs {
		if o.Name == name {
			return o
		}
	}
	return ValueInfo{Name: name}
}

// Node finds a node by its name, nil if there is none.
func (g *Graph) Node(name string) *Node {
	for _, n := range g.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// All lists the nodes of the graph and of the graphs of nodes, each before its graphs.
func (g *Graph) All() []*Node {
	var all []*Node
	for _, n := range g.Nodes {
		all = append(all, n)
		for i := range n.Attributes {
			if b := n.Attributes[i].Graph; b != nil {
				all = append(all, b.All()...)
			}
		}
	}
	return all
}

// Find finds the node of a name, or the one that computes the value of that name, also in
// the graphs of nodes. The error suggests the nearest name of the nodes for which suggest
// holds.
func (g *Graph) Find(name string, suggest func(*Node) bool) (*Node, error) {
	nodes := g.All()
	if i := slices.IndexFunc(nodes, func(n *Node) bool { return n.Name == name }); i >= 0 {
		return nodes[i], nil
	}
	var all []string
	for _, n := range nodes {
		if name != "" && slices.Contains(n.Outputs, name) {
			return n, nil
		}
		if suggest(n) {
			all = append(all, n.Name)
		}
	}
	return nil, fmt.Errorf("no node, and no output of one, is named %q%s", name, DidYouMean(name, all))
}

// prune removes the nodes that the outputs do not need, and the inputs that only those
// read.
func (g *Graph) prune() {
	read := map[string]bool{}
	for _, n := range g.Nodes {
		for _, in := range n.Reads() {
			read[in] = true
		}
	}
	needed := map[string]bool{}
	for _, o := range g.Outputs {
		needed[o.Name] = true
	}
	var nodes []*Node
	for _, n := range slices.Backward(g.Nodes) {
		if !slices.ContainsFunc(n.Outputs, func(out string) bool { return needed[out] }) {
			continue
		}
		nodes = append(nodes, n)
		for _, in := range n.Reads() {
			needed[in] = true
		}
	}
	slices.Reverse(nodes)
	g.Nodes = nodes
	g.Inputs = slices.DeleteFunc(slices.Clone(g.Inputs), func(in ValueInfo) bool { return read[in.Name] && !needed[in.Name] })
}

// DidYouMean is the end of a message about an unknown name: the most similar of the
// names there are, "" if there are none.
func DidYouMean(name string, names []string) string {
	const most = 3
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	var quoted []string
	for _, n := range names[:min(most, len(names))] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if len(quoted) == 0 {
		return ""
	}
	return "; there is " + strings.Join(quoted, ", ")
}

// distance is the number of characters to insert, remove or change to make b of a
// (Levenshtein). Only the last 100 characters count.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	x, y = x[max(0, len(x)-100):], y[max(0, len(y)-100):]
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range y {
			change := diagonal
			if c != d {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
