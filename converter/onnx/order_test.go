package onnx

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// TestNodeOrder checks that nodes come out in an order in which they can run.
func TestNodeOrder(t *testing.T) {
	relu := func(name, in, out string) *onnxpb.NodeProto {
		return testNode(name, "Relu", []string{in}, []string{out})
	}
	tests := []struct {
		name  string
		nodes []*onnxpb.NodeProto
		want  string
	}{
		{"as in the file", []*onnxpb.NodeProto{relu("a", "x", "y"), relu("b", "x", "z"), relu("c", "y", "w")}, "a b c"},
		{"backwards", []*onnxpb.NodeProto{relu("c", "z", "y"), relu("b", "w", "z"), relu("a", "x", "w")}, "a b c"},
		{"names with any character", []*onnxpb.NodeProto{relu("/a:0 ü", "x", "y")}, "/a:0 ü"},
		{"names made up", []*onnxpb.NodeProto{relu("", "x", "y"), relu("", "y", "z"), relu("Relu_0", "z", "w")}, "Relu_0_ Relu_1 Relu_0"},
		{"names twice", []*onnxpb.NodeProto{relu("n", "x", "y"), relu("n", "y", "z")}, "n n_1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse(encode(t, testModel(&onnxpb.GraphProto{Node: tt.nodes, Input: inputs("x"), Output: outputs("y")})), "")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, n := range f.Graph.Nodes {
				names = append(names, n.Name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("order %s, want %s", got, tt.want)
			}
		})
	}
}

// TestGraphErrors reads graphs that do not hold together.
func TestGraphErrors(t *testing.T) {
	type G = onnxpb.GraphProto
	vector := func() *onnxpb.TensorProto {
		p := tensorProto(onnxpb.TensorProto_FLOAT, 0)
		p.Name = proto.String("c")
		return p
	}
	tests := []struct {
		name string
		g    *G
		want []string
	}{
		{"cycle", &G{
			Input: inputs("x"), Output: outputs("r"),
			Node: []*onnxpb.NodeProto{
				testNode("p", "Add", []string{"x", "r"}, []string{"q"}),
				testNode("s", "Neg", []string{"q"}, []string{"r"}),
				testNode("t", "Neg", []string{"r"}, []string{"u"}),
			},
		}, []string{`the graph has a cycle: node "s" reads "p"`}},
		{"own output", &G{
			Output: outputs("r"), Node: []*onnxpb.NodeProto{testNode("p", "Neg", []string{"r"}, []string{"r"})},
		}, []string{`cycle: node "p"`}},
		{"dangling inputs, both named", &G{
			Input: inputs("x"), Output: outputs("y"),
			Node: []*onnxpb.NodeProto{
				testNode("p", "Add", []string{"x", "lost"}, []string{"y"}),
				testNode("q", "Neg", []string{"gone"}, []string{"z"}),
			},
		}, []string{`node "p" (Add): input 1 is "lost"`, `node "q" (Neg): input 0 is "gone"`}},
		{"dangling output", &G{Input: inputs("x"), Output: outputs("y")}, []string{`graph output "y" is not defined`}},
		{"no outputs", &G{Input: inputs("x")}, []string{"no outputs"}},
		{"value made twice", &G{
			Input: inputs("x"), Output: outputs("y"),
			Node: []*onnxpb.NodeProto{testNode("p", "Neg", []string{"x"}, []string{"y"}), testNode("q", "Abs", []string{"x"}, []string{"y"})},
		}, []string{`node "q" (Abs): output "y" is the output of node "p" (Neg) already`}},
		{"output is an input", &G{
			Input: inputs("x"), Output: outputs("x"), Node: []*onnxpb.NodeProto{testNode("p", "Neg", []string{"x"}, []string{"x"})},
		}, []string{`output "x" is a graph input already`}},
		{"output is an initializer", &G{
			Input: inputs("x"), Output: outputs("c"), Initializer: []*onnxpb.TensorProto{vector()},
			Node: []*onnxpb.NodeProto{testNode("p", "Neg", []string{"x"}, []string{"c"})},
		}, []string{`output "c" is an initializer already`}},
		{"input twice", &G{Input: inputs("x", "x"), Output: outputs("x")}, []string{`graph input "x" is there twice`}},
		{"output twice", &G{Input: inputs("x"), Output: outputs("x", "x")}, []string{`graph output "x" is there twice`}},
		{"initializer twice", &G{Output: outputs("c"), Initializer: []*onnxpb.TensorProto{vector(), vector()}}, []string{`initializer "c" is there twice`}},
		{"initializer without a name", &G{Output: outputs("c"), Initializer: []*onnxpb.TensorProto{{}}}, []string{"initializer 0 has no name"}},
		{"sparse initializer", &G{Output: outputs("c"), SparseInitializer: []*onnxpb.SparseTensorProto{{Values: vector()}}}, []string{`initializer "c": sparse tensors`}},
		{"name that is not text", &G{
			Input: inputs("x"), Output: outputs("y"), Node: []*onnxpb.NodeProto{testNode("p", "Neg", []string{"x"}, []string{"\xff"})},
		}, []string{`node "p" (Neg): output 0 is "\xff", which is not valid UTF-8`}},
		{"input without a type", &G{Input: outputs("x"), Output: outputs("x")}, []string{`graph input "x" has no type`}},
		{"input without a rank", &G{
			Input: []*onnxpb.ValueInfoProto{{Name: proto.String("x"), Type: &onnxpb.TypeProto{
				Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(1)}},
			}}}, Output: outputs("x"),
		}, []string{`graph input "x" has no shape`}},
		{"sequence", &G{
			Input: []*onnxpb.ValueInfoProto{{Name: proto.String("x"), Type: &onnxpb.TypeProto{
				Value: &onnxpb.TypeProto_SequenceType{SequenceType: &onnxpb.Opaque{}},
			}}}, Output: outputs("x"),
		}, []string{`graph input "x" is a sequence, a map, optional or sparse`}},
		{"huge input", &G{
			Input: []*onnxpb.ValueInfoProto{{Name: proto.String("x"), Type: floatType(1 << 40)}}, Output: outputs("x"),
		}, []string{`graph input "x": dimension 0 is 1099511627776`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(encode(t, testModel(tt.g)), "")
			checkError(t, err, tt.want...)
		})
	}
}

// TestManyErrors checks that a file with countless errors gives a short list.
func TestManyErrors(t *testing.T) {
	g := &onnxpb.GraphProto{Output: outputs("y0")}
	for i := range 1000 {
		g.Node = append(g.Node, testNode("", "Neg", []string{"lost"}, []string{fmt.Sprint("y", i)}))
	}
	_, err := Parse(encode(t, testModel(g)), "")
	checkError(t, err, `node "Neg_0"`, "and 950 more")
	if n := strings.Count(err.Error(), "\n"); n != maxProblems {
		t.Errorf("%d lines, want %d", n+1, maxProblems+1)
	}
}

// TestInitializerInputs reads a model of IR version 3, which lists initializers as
// inputs too.
func TestInitializerInputs(t *testing.T) {
	p := tensorProto(onnxpb.TensorProto_FLOAT, 1)
	p.Name, p.FloatData = proto.String("c"), []float32{1}
	unused := tensorProto(onnxpb.TensorProto_STRING, 1)
	unused.Name = proto.String("unused")
	f, err := Parse(encode(t, testModel(&onnxpb.GraphProto{
		Input: inputs("c", "x", "unused"), Output: outputs("y"),
		Initializer: []*onnxpb.TensorProto{p, unused},
		Node:        []*onnxpb.NodeProto{testNode("n", "Add", []string{"x", "c"}, []string{"y"})},
	})), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Graph.Inputs) != 1 || f.Graph.Inputs[0].Name != "x" {
		t.Errorf("inputs %v, want x", f.Graph.Inputs)
	}
	if len(f.Graph.Initializers) != 1 || f.Graph.Initializers["c"] == nil {
		t.Errorf("initializers %v, want c", f.Graph.Initializers)
	}
}

// TestAttributes decodes one attribute of each kind.
func TestAttributes(t *testing.T) {
	n := testNode("n", "Op", []string{"outer"}, []string{"y"})
	scalar := tensorProto(onnxpb.TensorProto_FLOAT)
	scalar.FloatData = []float32{4}
	n.Attribute = []*onnxpb.AttributeProto{
		{Name: proto.String("f"), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(1.5)},
		{Name: proto.String("i"), I: proto.Int64(-3)}, // without a type
		{Name: proto.String("s"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("SAME")},
		{Name: proto.String("t"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: scalar},
		{Name: proto.String("fs"), Type: onnxpb.AttributeProto_FLOATS.Enum(), Floats: []float32{1, 2}},
		{Name: proto.String("is"), Ints: []int64{3, 4}},
		{Name: proto.String("ss"), Type: onnxpb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("a")}},
		{Name: proto.String("g"), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: &onnxpb.GraphProto{Output: outputs("outer")}},
		{Name: proto.String("bad"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: tensorProto(onnxpb.TensorProto_FLOAT, 9)},
		{Name: proto.String("none"), Type: onnxpb.AttributeProto_TENSOR.Enum()},
		{Name: proto.String("ref"), Type: onnxpb.AttributeProto_INT.Enum(), RefAttrName: proto.String("outer")},
	}
	f, err := Parse(encode(t, testModel(&onnxpb.GraphProto{Node: []*onnxpb.NodeProto{n}, Input: inputs("outer"), Output: outputs("y")})), "")
	if err != nil {
		t.Fatal(err)
	}
	a := f.Graph.Nodes[0].Attributes
	kinds := []AttributeKind{
		AttrFloat, AttrInt, AttrString, AttrTensor, AttrFloats, AttrInts, AttrStrings, AttrGraph, AttrTensor, AttrTensor, AttrInt,
	}
	for i, k := range kinds {
		if a[i].Kind != k {
			t.Errorf("attribute %s has kind %v, want %v", a[i].Name, a[i].Kind, k)
		}
	}
	if a[0].Float != 1.5 || a[1].Int != -3 || a[2].String != "SAME" || a[3].Tensor == nil || len(a[3].Tensor.Shape) != 0 {
		t.Errorf("values %+v", a[:4])
	}
	if !slices.Equal(a[4].Floats, []float32{1, 2}) || !slices.Equal(a[5].Ints, []int64{3, 4}) || !slices.Equal(a[6].Strings, []string{"a"}) {
		t.Errorf("lists %+v", a[4:7])
	}
	for i, want := range map[int]string{8: "float_data has 0 elements", 9: "has no tensor", 10: `refers to attribute "outer"`} {
		checkError(t, a[i].Err, want)
	}
}
