package importer

import (
	"fmt"
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
	domain, opset := u.Domain, fmt.Sprint(u.Opset)
	if domain == "" {
		domain = "ai.onnx"
	}
	if u.Opset == 0 {
		opset = "none imported"
	}
	return fmt.Sprintf("node %q: %s (domain %s, opset %s): %s", u.Node, u.Op, domain, opset, u.Reason)
}

// UnsupportedError lists all nodes of a model that are not supported, in the order
// of the graph.
type UnsupportedError struct{ Nodes []Unsupported }

// Error has a line for each node.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	if len(e.Nodes) == 1 {
		b.WriteString("1 node is not supported:")
	} else {
		fmt.Fprintf(&b, "%d nodes are not supported:", len(e.Nodes))
	}
	for i := range e.Nodes {
		b.WriteString("\n  ")
		b.WriteString(e.Nodes[i].Error())
	}
	return b.String()
}
