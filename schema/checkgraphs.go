package schema

import (
	"errors"
	"fmt"
)

// maxDepth bounds the graphs within each other, the model included.
const maxDepth = 9

// checkGraphs checks what operators say about their graphs. Each belongs to one operator at
// most, of a subgraph before it, so that no graph runs itself and the graphs of a model are
// run from few places.
func checkGraphs(m *Model) error {
	depth := make([]int, len(m.Subgraphs)) // 0 for one that belongs to no operator
	depth[0] = 1
	for i, s := range m.Subgraphs {
		for j := range s.Operators {
			op := &s.Operators[j]
			for _, use := range graphUses(op) {
				k := use.graph
				var err error
				switch {
				case k <= i || k >= len(m.Subgraphs):
					err = fmt.Errorf("subgraph %d, want %d..%d", k, i+1, len(m.Subgraphs)-1)
				case depth[k] != 0:
					err = fmt.Errorf("subgraph %d belongs to another operator", k)
				case max(depth[i], 1) >= maxDepth:
					err = fmt.Errorf("subgraph %d is within %d others, want at most %d", k, depth[i], maxDepth-1)
				default:
					depth[k] = max(depth[i], 1) + 1
					err = use.check(s, m.Subgraphs[k])
				}
				if err != nil {
					return fmt.Errorf("subgraph %d: operator %d (%v %q): %s: %w", i, j, op.Code, clip(op.Name), use.field, err)
				}
			}
		}
	}
	return nil
}

// graphUse is a graph of an operator and what it is given and asked for.
type graphUse struct {
	field   string
	graph   int
	inputs  []graphValue
	outputs []graphValue
	err     error
}

// graphValue is a tensor of the graph around, Absent for one that nobody there names; a
// slice of it has an axis less. dtype is for absent ones, rank -1 for any.
type graphValue struct {
	tensor int
	slice  bool
	dtype  DType
	rank   int
}

func whole(tensors []int) []graphValue {
	values := make([]graphValue, len(tensors))
	for i, t := range tensors {
		values[i] = graphValue{tensor: t, rank: -1}
	}
	return values
}

func sliced(tensors []int) []graphValue {
	values := whole(tensors)
	for i := range values {
		values[i].slice = true
	}
	return values
}

// graphUses lists the graphs of an operator.
func graphUses(op *Operator) []graphUse {
	switch o := op.Options.(type) {
	case *IfOptions:
		if n := len(op.Inputs); n < 1 || o.ThenInputs < 0 || o.ThenInputs > n-1 {
			return []graphUse{{field: "then_inputs", graph: o.Then, err: fmt.Errorf("%d of %d operands behind the condition", o.ThenInputs, n-1)}}
		}
		split := 1 + o.ThenInputs
		return []graphUse{
			{field: "then_graph", graph: o.Then, inputs: whole(op.Inputs[1:split]), outputs: whole(op.Outputs)},
			{field: "else_graph", graph: o.Else, inputs: whole(op.Inputs[split:]), outputs: whole(op.Outputs)},
		}
	case *LoopOptions:
		n := len(op.Inputs) - 2
		if n < 0 || o.States < 0 || o.Scanned < 0 || o.States > n-o.Scanned || o.States > len(op.Outputs) {
			return []graphUse{{field: "body", graph: o.Body, err: fmt.Errorf("%d states and %d scanned operands of %d behind the condition, %d states of %d outputs",
				o.States, o.Scanned, n, o.States, len(op.Outputs))}}
		}
		states, rest := op.Inputs[2:2+o.States], op.Inputs[2+o.States:]
		condition := graphValue{tensor: Absent, dtype: Bool, rank: -1}
		use := graphUse{field: "body", graph: o.Body}
		use.inputs = append(use.inputs, graphValue{tensor: Absent, dtype: Int64, rank: -1}, condition)
		use.inputs = append(append(append(use.inputs, whole(states)...), sliced(rest[:o.Scanned])...), whole(rest[o.Scanned:])...)
		use.outputs = append(append(append(use.outputs, condition), whole(op.Outputs[:o.States])...), sliced(op.Outputs[o.States:])...)
		return []graphUse{use}
	}
	return nil
}

// check compares the inputs and outputs of graph g with those of its operator in s: their
// number, element types and ranks.
func (u *graphUse) check(s, g *Subgraph) error {
	if u.err != nil {
		return u.err
	}
	if err := checkUses("input", s, u.inputs, g, g.Inputs); err != nil {
		return err
	}
	return checkUses("output", s, u.outputs, g, g.Outputs)
}

func checkUses(what string, s *Subgraph, values []graphValue, g *Subgraph, ports []Port) error {
	if len(values) != len(ports) {
		return fmt.Errorf("the graph has %d %ss, want %d", len(ports), what, len(values))
	}
	for i, v := range values {
		got := &g.Tensors[ports[i].Tensor]
		dtype, rank := v.dtype, v.rank
		if v.tensor != Absent {
			t := &s.Tensors[v.tensor]
			dtype, rank = t.DType, len(t.Shape)
			if v.slice {
				rank--
			}
			if rank < 0 {
				return fmt.Errorf("%s %d: %w", what, i, errors.New("a scalar has no slices"))
			}
		} else if v.dtype == Invalid {
			if what == "input" {
				return fmt.Errorf("%s %d: an operand of a graph is absent", what, i)
			}
			continue // an output that is not wanted
		}
		if got.DType != dtype || rank >= 0 && len(got.Shape) != rank {
			return fmt.Errorf("%s %d (%q): %v of rank %d, want %v of rank %d", what, i, clip(ports[i].Name), got.DType, len(got.Shape), dtype, rank)
		}
	}
	return nil
}

// Graphs lists the subgraphs that an operator with these options runs, as indices of
// Model.Subgraphs.
func Graphs(o Options) []int {
	switch o := o.(type) {
	case *IfOptions:
		return []int{o.Then, o.Else}
	case *LoopOptions:
		return []int{o.Body}
	}
	return nil
}
