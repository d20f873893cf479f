package converter

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Explanation tells what became of one ONNX node.
type Explanation struct {
	Node, OpType    string
	Inputs, Outputs []string // of the ONNX node
	// Steps are the passes after which the node was represented otherwise than before;
	// the first is the import.
	Steps []ExplainedStep
	// Operators describe what computes the node in the .lce model, with their operands;
	// none if its value is a constant there, or nothing needs it.
	Operators []ExplainedOperator
	// Reason says why it stays float, "" if nothing is recorded.
	Reason string
}

// ExplainedStep is what represents the node after a pass.
type ExplainedStep struct {
	Pass  string
	Nodes []string
}

// ExplainedOperator is an operator of the .lce model.
type ExplainedOperator struct {
	Title    string   // op and name
	Operands []string // a line for each operand, option and result
	Others   []string // further ONNX nodes that it computes
}

// WriteText writes the explanation for a terminal.
func (e *Explanation) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "node %q: %s(%s) -> %s\n", e.Node, e.OpType, strings.Join(e.Inputs, ", "), strings.Join(e.Outputs, ", "))
	for _, s := range e.Steps {
		what := strings.Join(s.Nodes, "; ")
		if what == "" {
			what = "gone: its value is a constant, or nothing needs it"
		}
		fmt.Fprintf(&b, "  %s: %s\n", s.Pass, what)
	}
	for _, o := range e.Operators {
		fmt.Fprintf(&b, "in the .lce model: %s\n", o.Title)
		for _, line := range o.Operands {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		if len(o.Others) > 0 {
			fmt.Fprintf(&b, "  also computes %s\n", strings.Join(o.Others, ", "))
		}
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, "stays as it is: %s\n", e.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explainer follows a node through the passes. A nil explainer does nothing.
type explainer struct {
	Explanation
}

// newExplainer finds the node of a name, or the one that computes the value of that
// name; nil without a name.
func newExplainer(g *onnx.Graph, name string) (*explainer, error) {
	if name == "" {
		return nil, nil
	}
	n, err := g.Find(name, func(*onnx.Node) bool { return true })
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return &explainer{Explanation{Node: n.Name, OpType: n.OpType, Inputs: n.Inputs, Outputs: n.Outputs}}, nil
}

// concerns tells whether a node of the graph represents the ONNX node, alone or fused
// with others.
func (e *explainer) concerns(n *graph.Node) bool {
	return n.Name == e.Node || slices.Contains(n.Origin, e.Node) || strings.HasPrefix(n.Name, e.Node+"/")
}

// record adds a step if the nodes that represent the ONNX node are others than before.
func (e *explainer) record(pass string, g *graph.Graph) {
	if e == nil {
		return
	}
	var nodes []string
	for _, n := range g.All() {
		if e.concerns(n) {
			nodes = append(nodes, title(n)+" -> "+results(n))
		}
	}
	if last := len(e.Steps) - 1; last < 0 || !slices.Equal(e.Steps[last].Nodes, nodes) {
		e.Steps = append(e.Steps, ExplainedStep{pass, nodes})
	}
}

// finish describes the operators of the finished graph.
func (e *explainer) finish(g *graph.Graph, reason func(string) string) *Explanation {
	if e == nil {
		return nil
	}
	for _, n := range g.All() {
		if !e.concerns(n) {
			continue
		}
		o := ExplainedOperator{Title: title(n)}
		if s := graph.DescribeOptions(n.Options); s != "" {
			o.Operands = append(o.Operands, "options "+s)
		}
		for i, v := range n.Inputs {
			if v != nil {
				o.Operands = append(o.Operands, operandName(n.Code, i)+" "+operand(v))
			}
		}
		o.Operands = append(o.Operands, "result "+results(n))
		for _, name := range n.Origin {
			if name != e.Node {
				o.Others = append(o.Others, name)
			}
		}
		e.Operators = append(e.Operators, o)
		if e.Reason == "" {
			e.Reason = reason(n.Name)
		}
	}
	return &e.Explanation
}

func title(n *graph.Node) string { return fmt.Sprintf("%s %q", report.Kind(n), n.Name) }

// results lists the types of a node's results.
func results(n *graph.Node) string {
	var s []string
	for _, v := range n.Outputs {
		if v != nil {
			s = append(s, fmt.Sprintf("%v %s", v.DType, report.Dims(v.Shape)))
		}
	}
	return strings.Join(s, ", ")
}

// operandNames are those of lce.fbs; operands that are not listed have numbers.
var operandNames = map[schema.OpCode][]string{
	schema.Bsign:   {"x", "threshold", "negate"},
	schema.BConv2D: {"x", "weights", "mul", "bias", "threshold"},
	schema.BGEMM:   {"a", "weights", "mul", "bias", "threshold"},
	schema.Conv2D:  {"x", "weights", "bias"},
	schema.MatMul:  {"a", "weights", "bias"},
	schema.QConv2D: {"x", "weights", "zero point of x", "zero point of weights", "bias", "scale", "addend"},
	schema.QMatMul: {"a", "weights", "zero point of a", "zero point of weights", "bias", "scale", "addend"},
}

func operandName(code schema.OpCode, i int) string {
	if names := operandNames[code]; i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("input %d", i)
}

// operand describes a value; of a constant of numbers also their range.
func operand(v *graph.Value) string {
	s := fmt.Sprintf("%v %s", v.DType, report.Dims(v.Shape))
	switch {
	case v.Const == nil && v.Producer == nil:
		return fmt.Sprintf("%s, the graph input %q", s, v.Name)
	case v.Const == nil:
		return fmt.Sprintf("%s, from %s", s, title(v.Producer))
	case v.Const.Len() == 0:
		return s
	}
	switch v.DType {
	case schema.Float32:
		return s + span(ops.View[float32](v.Const))
	case schema.Int32:
		return s + span(ops.View[int32](v.Const))
	}
	return s
}

// span tells the range of numbers and how many are negative or 0.
func span[T float32 | int32](x []T) string {
	negative, zero := 0, 0
	for _, e := range x {
		switch {
		case e < 0:
			negative++
		case e == 0:
			zero++
		}
	}
	s := fmt.Sprintf(", %v to %v", slices.Min(x), slices.Max(x))
	if negative > 0 {
		s += fmt.Sprintf(", %d negative", negative)
	}
	if zero > 0 {
		s += fmt.Sprintf(", %d zero", zero)
	}
	return s
}
