package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Unsupported is a node that cannot be imported.
type Unsupported struct {
	Node   string
	Op     string
	Domain string // "" is the default domain
	Opset  int64  // the version of the domain that the model imports, 0 for none
	Reason string
}

// Error describes the node on one line.
func (u *Unsupported) Error() string {
	domain, opset := u.Domain, fmt.Sprint("opset ", u.Opset)
	if domain == "" {
		domain = "ai.onnx"
	}
	if u.Opset == 0 {
		opset = "not imported"
	}
	return fmt.Sprintf("node %q: %s (domain %s, %s): %s", u.Node, u.Op, domain, opset, u.Reason)
}

// UnsupportedError lists all nodes of a model that are not supported, in the order
// of the graph.
type UnsupportedError struct{ Nodes []Unsupported }

// maxShown is how many nodes, and how many other operators, messages list.
const maxShown = 50

// Error has a line for each node, up to maxShown, and counts the operators of the others.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	if len(e.Nodes) == 1 {
		b.WriteString("1 node is not supported:")
	} else {
		fmt.Fprintf(&b, "%d nodes are not supported:", len(e.Nodes))
	}
	shown := e.Nodes[:min(len(e.Nodes), maxShown)]
	for i := range shown {
		b.WriteString("\n  ")
		b.WriteString(shown[i].Error())
	}
	if rest := e.Nodes[len(shown):]; len(rest) > 0 {
		fmt.Fprintf(&b, "\n  and %d more: %s", len(rest), countOps(rest))
	}
	return b.String()
}

// countOps lists the operators of nodes, as in "3 Erf, 1 Gelu".
func countOps(nodes []Unsupported) string {
	counts := map[string]int{}
	for _, n := range nodes {
		counts[n.Op]++
	}
	var s []string
	for _, op := range slices.Sorted(maps.Keys(counts)) {
		if len(s) == maxShown {
			s = append(s, fmt.Sprintf("and %d other operators", len(counts)-maxShown))
			break
		}
		s = append(s, fmt.Sprintf("%d %s", counts[op], op))
	}
	return strings.Join(s, ", ")
}

// unknown says why an operator of the default domain is not in the table.
func unknown(op string) string {
	for name := range rows {
		if strings.EqualFold(name, op) {
			return fmt.Sprintf("the operator is not supported; %s is", name)
		}
	}
	return "the operator is not supported"
}
