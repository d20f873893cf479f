package onnx

import (
	"fmt"
	"strings"
)

// order checks that every value is defined once and that every read finds it, and
// puts the nodes into an order in which they can run: the one of the file, as far
// as that is one. constants has the names of all initializers. What a graph within another
// does not define it captures.
func order(g *Graph, constants map[string]bool, within bool) error {
	var p problems
	defined := map[string]bool{}
	for _, v := range g.Inputs {
		if defined[v.Name] {
			p.add("graph input %q is there twice", v.Name)
		}
		defined[v.Name] = true
	}
	producer := map[string]int{}
	for i, n := range g.Nodes {
		for _, name := range n.Outputs {
			if name == "" {
				continue
			}
			switch j, made := producer[name]; {
			case made:
				p.add("node %q (%s): output %q is the output of node %q (%s) already", n.Name, n.OpType, name, g.Nodes[j].Name, g.Nodes[j].OpType)
			case constants[name]:
				p.add("node %q (%s): output %q is an initializer already", n.Name, n.OpType, name)
			case defined[name]:
				p.add("node %q (%s): output %q is a graph input already", n.Name, n.OpType, name)
			}
			producer[name] = i
		}
	}
	captured := map[string]bool{}
	known := func(name string) bool {
		_, made := producer[name]
		if made || defined[name] || constants[name] {
			return true
		}
		if within && !captured[name] {
			captured[name] = true
			g.Captured = append(g.Captured, name)
		}
		return within
	}
	for _, n := range g.Nodes {
		for i, name := range n.Reads() {
			switch {
			case name == "" || known(name):
			case i < len(n.Inputs):
				p.add("node %q (%s): input %d is %q, which no node, input or initializer defines", n.Name, n.OpType, i, name)
			default:
				p.add("node %q (%s): a graph of it reads %q, which no node, input or initializer defines", n.Name, n.OpType, name)
			}
		}
	}
	outputs := map[string]bool{}
	for _, v := range g.Outputs {
		if !known(v.Name) {
			p.add("graph output %q is not defined by any node, input or initializer", v.Name)
		}
		if outputs[v.Name] {
			p.add("graph output %q is there twice", v.Name)
		}
		outputs[v.Name] = true
	}
	if err := p.err(); err != nil {
		return err
	}
	return sortNodes(g, producer)
}

// visit is a node that sortNodes is at, with what it reads.
type visit struct {
	node  int
	reads []string
	next  int // index of the one to look at
}

// sortNodes visits the nodes depth first, in the order of the file, so that a file
// in order stays as it is.
func sortNodes(g *Graph, producer map[string]int) error {
	const (
		entered = 1
		done    = 2
	)
	state := make([]uint8, len(g.Nodes))
	sorted := make([]*Node, 0, len(g.Nodes))
	var stack []visit
	for root := range g.Nodes {
		if state[root] != 0 {
			continue
		}
		state[root] = entered
		stack = append(stack[:0], visit{node: root, reads: g.Nodes[root].Reads()})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.reads) {
				state[top.node] = done
				sorted = append(sorted, g.Nodes[top.node])
				stack = stack[:len(stack)-1]
				continue
			}
			i, made := producer[top.reads[top.next]]
			top.next++
			if !made || state[i] == done {
				continue
			}
			if state[i] == entered {
				return cycleError(g, stack, i)
			}
			state[i] = entered
			stack = append(stack, visit{node: i, reads: g.Nodes[i].Reads()})
		}
	}
	g.Nodes = sorted
	return nil
}

// cycleError names the nodes of the cycle that ends a stack at a node that it has: each reads the
// next.
func cycleError(g *Graph, stack []visit, node int) error {
	const most = 10
	var names []string
	for k := len(stack) - 1; k >= 0; k-- {
		names = append(names, fmt.Sprintf("%q", g.Nodes[stack[k].node].Name))
		if stack[k].node == node {
			break
		}
	}
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return fmt.Errorf("the graph has a cycle: node %s", strings.Join(names, " reads "))
}
