package graph

import "fmt"

// Sort puts the nodes into an order in which they can run, and keeps the present
// order where it can. A cycle is an error that names a node on it.
func (g *Graph) Sort() error {
	const (
		entered = 1
		done    = 2
	)
	state := make(map[*Node]int, len(g.Nodes))
	order := make([]*Node, 0, len(g.Nodes))
	type frame struct {
		n    *Node
		next int
	}
	var stack []frame
	for _, root := range g.Nodes {
		if state[root] != 0 {
			continue
		}
		state[root] = entered
		stack = append(stack[:0], frame{n: root})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.n.Inputs) {
				state[top.n] = done
				order = append(order, top.n)
				stack = stack[:len(stack)-1]
				continue
			}
			v := top.n.Inputs[top.next]
			top.next++
			if v == nil || v.Producer == nil || state[v.Producer] == done {
				continue
			}
			if state[v.Producer] == entered {
				return fmt.Errorf("node %q (%v): its result %q depends on itself", v.Producer.Name, v.Producer.Code, v.Name)
			}
			state[v.Producer] = entered
			stack = append(stack, frame{n: v.Producer})
		}
	}
	if len(order) != len(g.Nodes) {
		return fmt.Errorf("graph %q: a value is computed by a node outside the graph", g.Name)
	}
	g.Nodes = order
	return nil
}
