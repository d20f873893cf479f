package passes

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// Reasons collects, by node name, why operators stay as they are. The zero value is
// ready to use.
type Reasons struct {
	kept map[string]string
}

// keep records why a node stays, in place of what was recorded before.
func (r *Reasons) keep(n *graph.Node, format string, args ...any) {
	if r.kept == nil {
		r.kept = map[string]string{}
	}
	r.kept[n.Name] = fmt.Sprintf(format, args...)
}

// forget drops the reason recorded for a node.
func (r *Reasons) forget(n *graph.Node) { delete(r.kept, n.Name) }

// Reason says why the node of that name stays as it is, "" if nothing is recorded.
func (r *Reasons) Reason(name string) string { return r.kept[name] }

// describe names a node for messages: its function and its name.
func describe(n *graph.Node) string {
	kind := n.Code.String()
	switch o := n.Options.(type) {
	case *schema.UnaryOptions:
		kind = o.Kind.String()
	case *schema.BinaryOptions:
		kind = o.Kind.String()
	case *schema.Pool2DOptions:
		kind = o.Kind.String() + "Pool"
	case *schema.ReduceOptions:
		kind = "Reduce" + o.Kind.String()
	case *schema.SoftmaxOptions:
		if o.Log {
			kind = "LogSoftmax"
		}
	}
	return fmt.Sprintf("%s %q", kind, n.Name)
}
