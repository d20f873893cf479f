package onnx

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// callNode is a node of a function's domain.
func callNode(name, function string, in, out []string, attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	n := testNode(name, function, in, out)
	n.Domain, n.Attribute = proto.String("local"), attrs
	return n
}

func define(name string, in, out []string, nodes ...*onnxpb.NodeProto) *onnxpb.FunctionProto {
	return &onnxpb.FunctionProto{
		Name: proto.String(name), Domain: proto.String("local"), Input: in, Output: out, Node: nodes,
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(9)}, {Domain: proto.String("local"), Version: proto.Int64(1)}},
	}
}

func intAttribute(name string, x int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: &x}
}

func reference(name, to string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), RefAttrName: proto.String(to)}
}

func graphAttribute(name string, g *onnxpb.GraphProto) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: g}
}

type (
	names = []string
	nodes = []*onnxpb.NodeProto
	funcs = []*onnxpb.FunctionProto
)

// describeNodes writes nodes with their opset, one a line.
func describeNodes(f *File, list []*Node, indent string) string {
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintf(&b, "%s%s@%d %s: %s -> %s", indent, n.OpType, f.OpsetOf(n), n.Name, strings.Join(n.Inputs, ","), strings.Join(n.Outputs, ","))
		for _, a := range n.Attributes {
			if a.Graph == nil {
				fmt.Fprintf(&b, " %s=%d", a.Name, a.Int)
			}
		}
		b.WriteString("\n")
		for _, a := range n.Attributes {
			if a.Graph != nil {
				fmt.Fprintf(&b, "%s  %s captures %s\n%s", indent, a.Name, strings.Join(a.Graph.Captured, ","), describeNodes(f, a.Graph.Nodes, indent+"  "))
			}
		}
	}
	return b.String()
}

// TestInlineFunctions reads models whose nodes call functions.
func TestInlineFunctions(t *testing.T) {
	twice := define("Twice", names{"a"}, names{"b"}, testNode("add", "Add", names{"a", "a"}, names{"t"}), testNode("", "Neg", names{"t"}, names{"b"}))
	branches := func(then, other *onnxpb.NodeProto) *onnxpb.NodeProto {
		n := testNode("if", "If", names{"x"}, names{"y"})
		n.Attribute = []*onnxpb.AttributeProto{
			graphAttribute("then_branch", &onnxpb.GraphProto{Node: nodes{then}, Output: outputs(then.Output...)}),
			graphAttribute("else_branch", &onnxpb.GraphProto{Node: nodes{other}, Output: outputs(other.Output...)}),
		}
		return n
	}
	defaults := define("Soft", names{"a"}, names{"b"},
		testNode("s", "Softmax", names{"a"}, names{"t"}), testNode("f", "Flatten", names{"t"}, names{"b"}))
	defaults.Node[0].Attribute = []*onnxpb.AttributeProto{reference("axis", "along")}
	defaults.Node[1].Attribute = []*onnxpb.AttributeProto{reference("axis", "flat")}
	defaults.AttributeProto = []*onnxpb.AttributeProto{intAttribute("flat", 3)}
	tests := []struct {
		name      string
		functions funcs
		nodes     nodes
		want      string
	}{
		{"two calls", funcs{twice}, nodes{callNode("p", "Twice", names{"x"}, names{"m"}), callNode("q", "Twice", names{"m"}, names{"y"})}, `
Add@9 p/add: x,x -> p/t
Neg@9 Neg_1: p/t -> m
Add@9 q/add: m,m -> q/t
Neg@9 Neg_3: q/t -> y
`},
		{"taken names", funcs{twice}, nodes{testNode("z", "Neg", names{"x"}, names{"p/t"}), callNode("p", "Twice", names{"p/t"}, names{"y"})}, `
Neg@13 z: x -> p/t
Add@9 p/add: p/t,p/t -> p/t.1
Neg@9 Neg_2: p/t.1 -> y
`},
		{"function of a function", funcs{twice, define("Four", names{"a"}, names{"b"}, callNode("u", "Twice", names{"a"}, names{"t"}), callNode("v", "Twice", names{"t"}, names{"b"}))},
			nodes{callNode("p", "Four", names{"x"}, names{"y"})}, `
Add@9 p/u/add: x,x -> p/u/t
Neg@9 Neg_1: p/u/t -> p/t
Add@9 p/v/add: p/t,p/t -> p/v/t
Neg@9 Neg_3: p/v/t -> y
`},
		{"attributes", funcs{defaults}, nodes{callNode("p", "Soft", names{"x"}, names{"m"}), callNode("q", "Soft", names{"m"}, names{"y"}, intAttribute("along", 2), intAttribute("flat", 1))}, `
Softmax@9 p/s: x -> p/t
Flatten@9 p/f: p/t -> m axis=3
Softmax@9 q/s: m -> q/t axis=2
Flatten@9 q/f: q/t -> y axis=1
`},
		{"absent input and unwanted output", funcs{define("Clamp", names{"a", "low", "high"}, names{"b", "other"}, testNode("c", "Clip", names{"a", "low", "high"}, names{"b"}), testNode("n", "Neg", names{"a"}, names{"other"}))},
			nodes{callNode("p", "Clamp", names{"x", ""}, names{"y"})}, `
Clip@9 p/c: x,, -> y
Neg@9 p/n: x -> p/other
`},
		{"output that is an input", funcs{define("Same", names{"a"}, names{"a"})}, nodes{callNode("p", "Same", names{"x"}, names{"y"})}, `
Identity@13 p/output_0: x -> y
`},
		{"within a branch", funcs{twice}, nodes{branches(callNode("p", "Twice", names{"x"}, names{"r"}), testNode("n", "Neg", names{"x"}, names{"s"}))}, `
If@13 if: x -> y
  then_branch captures x
  Add@9 p/add: x,x -> p/t
  Neg@9 Neg_1: p/t -> r
  else_branch captures x
  Neg@13 n: x -> s
`},
		{"branches of a function", funcs{twice, define("Choose", names{"x"}, names{"y"}, branches(callNode("p", "Twice", names{"x"}, names{"r"}), testNode("n", "Neg", names{"x"}, names{"r"})))},
			nodes{callNode("c", "Choose", names{"x"}, names{"y"})}, `
If@9 c/if: x -> y
  then_branch captures x
  Add@9 c/p/add: x,x -> c/p/t
  Neg@9 Neg_1: c/p/t -> c/r
  else_branch captures x
  Neg@9 c/n: x -> c/r
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := testModel(&onnxpb.GraphProto{Node: tt.nodes, Input: inputs("x"), Output: outputs("y")})
			m.Functions = tt.functions
			f, err := Parse(encode(t, m), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := describeNodes(f, f.Graph.Nodes, ""); got != tt.want[1:] {
				t.Errorf("nodes\n%swant\n%s", got, tt.want[1:])
			}
		})
	}
}

// TestInlineErrors reads models whose functions cannot be inlined.
func TestInlineErrors(t *testing.T) {
	double := funcs{define("F0", names{"a"}, names{"b"}, testNode("n", "Neg", names{"a"}, names{"b"}))}
	for i := range 30 {
		f := fmt.Sprintf("F%d", i)
		double = append(double, define(fmt.Sprintf("F%d", i+1), names{"a"}, names{"c"}, callNode("p", f, names{"a"}, names{"b"}), callNode("q", f, names{"b"}, names{"c"})))
	}
	chain := funcs{define("F0", names{"a"}, names{"b"}, testNode("n", "Neg", names{"a"}, names{"b"}))}
	for i := range 100 {
		chain = append(chain, define(fmt.Sprintf("F%d", i+1), names{"a"}, names{"b"}, callNode("p", fmt.Sprintf("F%d", i), names{"a"}, names{"b"})))
	}
	neg := define("F", names{"a"}, names{"b"}, testNode("n", "Neg", names{"a"}, names{"b"}))
	old := define("F", names{"a"}, names{"b"}, testNode("n", "Neg", names{"a"}, names{"b"}))
	old.OpsetImport[0].Version = proto.Int64(99)
	tests := []struct {
		name      string
		functions funcs
		call      *onnxpb.NodeProto
		want      string
	}{
		{"cycle of two", funcs{
			define("F", names{"a"}, names{"b"}, callNode("g", "G", names{"a"}, names{"b"})),
			define("G", names{"a"}, names{"b"}, callNode("f", "F", names{"a"}, names{"b"})),
		}, callNode("p", "F", names{"x"}, names{"y"}), `it calls itself, "local.F" calls "local.G" calls "local.F": no recursion is accepted`},
		{"twice", funcs{neg, neg}, callNode("p", "F", names{"x"}, names{"y"}), `function "local.F" is there twice`},
		{"too many inputs", funcs{neg}, callNode("p", "F", names{"x", "x"}, names{"y"}), `node "p" calls function "local.F": 2 inputs: at most 1 are expected`},
		{"too many outputs", funcs{neg}, callNode("p", "F", names{"x"}, names{"y", "z"}), `2 outputs: at most 1 are expected`},
		{"opset", funcs{old}, callNode("p", "F", names{"x"}, names{"y"}), `version 99 of the default operator set: 1 to 25 are accepted`},
		{"input twice", funcs{define("F", names{"a", "a"}, names{"b"})}, callNode("p", "F", names{"x"}, names{"y"}), `input 1 of it, "a", has no name or that of another one`},
		{"more and more nodes", double, callNode("p", "F30", names{"x"}, names{"y"}), "add more than 200000 nodes"},
		{"deep", chain, callNode("p", "F100", names{"x"}, names{"y"}), "it is called within 64 functions: at most 64 are accepted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := testModel(&onnxpb.GraphProto{Node: nodes{tt.call}, Input: inputs("x"), Output: outputs("y")})
			m.Functions = tt.functions
			_, err := Parse(encode(t, m), "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestGraphsWithin reads graphs that are attributes.
func TestGraphsWithin(t *testing.T) {
	nested := func(depth int) *onnxpb.GraphProto {
		g := &onnxpb.GraphProto{Node: nodes{testNode("n", "Neg", names{"x"}, names{"r"})}, Output: outputs("r")}
		for range depth {
			n := testNode("op", "Op", nil, names{"r"})
			n.Attribute = []*onnxpb.AttributeProto{graphAttribute("body", g)}
			g = &onnxpb.GraphProto{Node: nodes{n}, Output: outputs("r")}
		}
		return g
	}
	parse := func(g *onnxpb.GraphProto) (*File, error) {
		n := testNode("op", "Op", nil, names{"y"})
		n.Attribute = []*onnxpb.AttributeProto{graphAttribute("body", g)}
		late := testNode("z", "Neg", names{"x"}, names{"late"})
		return Parse(encode(t, testModel(&onnxpb.GraphProto{Node: nodes{n, late}, Input: inputs("x"), Output: outputs("y")})), "")
	}
	t.Run("order by what is captured", func(t *testing.T) {
		f, err := parse(&onnxpb.GraphProto{Output: outputs("late")})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Graph.Nodes[0].Name; got != "z" {
			t.Errorf("%q is first, want the node whose result is captured", got)
		}
	})
	t.Run("unknown name", func(t *testing.T) {
		_, err := parse(&onnxpb.GraphProto{Output: outputs("nowhere")})
		if want := `node "op" (Op): a graph of it reads "nowhere", which no node, input or initializer defines`; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
	t.Run("deep enough", func(t *testing.T) {
		if f, err := parse(nested(maxDepth - 1)); err != nil || f.Graph.Nodes[0].Attributes[0].Err != nil {
			t.Errorf("graphs in %d others: %v, %v", maxDepth, err, f)
		}
	})
	t.Run("too deep", func(t *testing.T) {
		f, err := parse(nested(maxDepth))
		if err != nil {
			t.Fatal(err)
		}
		a := &f.Graph.Nodes[0].Attributes[0]
		for a.Graph != nil {
			a = &a.Graph.Nodes[0].Attributes[0]
		}
		if want := "is within 8 others; at most 7 are accepted"; a.Err == nil || !strings.Contains(a.Err.Error(), want) {
			t.Errorf("error %v, want %q", a.Err, want)
		}
	})
}
