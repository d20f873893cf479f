package inspect

import (
	"fmt"
	"io"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
)

// graph is a graph that an operator runs, as the file has it: its kernels are chosen when it
// is run first.
type graph struct {
	// Owner is the name of the operator.
	Owner     string     `json:"owner"`
	Name      string     `json:"name"`
	Inputs    []tensor   `json:"inputs"`
	Outputs   []tensor   `json:"outputs"`
	Operators []operator `json:"operators"`
}

// graphs describes all subgraphs that belong to operators.
func graphs(m *schema.Model) []graph {
	owners := map[int]string{}
	for _, s := range m.Subgraphs {
		for i := range s.Operators {
			for _, g := range schema.Graphs(s.Operators[i].Options) {
				owners[g] = s.Operators[i].Name
			}
		}
	}
	var list []graph
	for i, s := range m.Subgraphs {
		owner, ok := owners[i]
		if !ok {
			continue
		}
		g := graph{Owner: owner, Name: s.Name, Operators: []operator{}}
		g.Inputs, g.Outputs = newTensors(ports(s, s.Inputs)), newTensors(ports(s, s.Outputs))
		for _, op := range s.Operators {
			name := op.Code.String()
			if o, ok := op.Options.(*schema.CustomOptions); ok {
				name = o.Name
			}
			g.Operators = append(g.Operators, operator{
				Op: name, Name: op.Name, Inputs: newPorts(operands(s, op.Inputs)), Outputs: newPorts(operands(s, op.Outputs)), step: op.Name,
			})
		}
		list = append(list, g)
	}
	return list
}

func tensorInfo(t *schema.Tensor) interpreter.TensorInfo {
	return interpreter.TensorInfo{Name: t.Name, DType: t.DType, Shape: t.Shape, Bytes: len(t.Data), Constant: t.Data != nil}
}

func ports(s *schema.Subgraph, list []schema.Port) []interpreter.TensorInfo {
	var infos []interpreter.TensorInfo
	for _, p := range list {
		info := tensorInfo(&s.Tensors[p.Tensor])
		info.Name = p.Name
		infos = append(infos, info)
	}
	return infos
}

func operands(s *schema.Subgraph, list []int) []interpreter.TensorInfo {
	infos := make([]interpreter.TensorInfo, len(list))
	for i, t := range list {
		if t != schema.Absent {
			infos[i] = tensorInfo(&s.Tensors[t])
		}
	}
	return infos
}

// writeGraphs writes a table for each graph.
func writeGraphs(w io.Writer, list []graph) {
	for _, g := range list {
		fmt.Fprintf(w, "graph %s of %s\n", g.Name, g.Owner)
		for _, t := range g.Inputs {
			fmt.Fprintf(w, "input\t%s %s %s\n", t.Name, t.DType, cli.FormatShape(t.Shape))
		}
		for _, t := range g.Outputs {
			fmt.Fprintf(w, "output\t%s %s %s\n", t.Name, t.DType, cli.FormatShape(t.Shape))
		}
		writeOperators(w, g.Operators)
		fmt.Fprintln(w)
	}
}

// writeOperators writes a line for each operator.
func writeOperators(w io.Writer, list []operator) {
	fmt.Fprintln(w, "op\tkernel\tinputs\toutputs\tname")
	for _, op := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", op.Op, op.Kernel, portShapes(op.Inputs), portShapes(op.Outputs), op.step)
	}
}
