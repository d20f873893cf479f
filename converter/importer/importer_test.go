package importer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
)

// importModel imports a model of the bindings.
func importModel(t *testing.T, m *onnxpb.ModelProto, opts importer.Options) (*graph.Graph, error) {
	t.Helper()
	f, err := onnx.Parse(marshal(t, m), "")
	if err != nil {
		t.Fatal(err)
	}
	return importer.Import(f, opts)
}

// single is a model of one node with the inputs x, and the initializers c.
func single(opset int64, x []*onnxpb.ValueInfoProto, c []*onnxpb.TensorProto, n *onnxpb.NodeProto) *onnxpb.ModelProto {
	return model(opset, &onnxpb.GraphProto{Input: x, Initializer: c, Node: []*onnxpb.NodeProto{n}, Output: values(n.Output[0])})
}

type (
	vi = []*onnxpb.ValueInfoProto
	tp = []*onnxpb.TensorProto
	s  = []string
)

// refused is a model that is not imported, and a part of the error.
type refused struct {
	name  string
	model *onnxpb.ModelProto
	want  string
}

func testRefused(t *testing.T, tests []refused) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := importModel(t, tt.model, importer.Options{})
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

// TestNodeErrors imports nodes that are wrong: one clear error each.
func TestNodeErrors(t *testing.T) {
	map4 := vi{floats("x", 1, 3, 8, 8)}
	weights := tp{float32s("w", []int64{2, 3, 1, 1}, 1, 2, 3, 4, 5, 6)}
	conv := func(attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
		return node("Conv", s{"x", "w"}, s{"y"}, attrs...)
	}
	testRefused(t, []refused{
		{"unknown attribute", single(13, map4, nil, node("Relu", s{"x"}, s{"y"}, attribute("alpha", 1.0))), `node "y" (Relu): attribute "alpha" is not known to version 13`},
		{"attribute of a later version", single(9, map4, nil, node("MaxPool", s{"x"}, s{"y"}, attribute("kernel_shape", []int64{2, 2}), attribute("ceil_mode", 1))), `node "y" (MaxPool): attribute "ceil_mode" is not known to version 8`},
		{"attribute that became an input", single(13, map4, nil, node("Squeeze", s{"x"}, s{"y"}, attribute("axes", []int64{0}))), `attribute "axes" is not known to version 13`},
		{"attribute of another type", single(13, map4, nil, node("Flatten", s{"x"}, s{"y"}, attribute("axis", 1.0))), "attribute axis has type FLOAT: INT is expected"},
		{"attribute twice", single(13, map4, nil, node("Flatten", s{"x"}, s{"y"}, attribute("axis", 1), attribute("axis", 1))), "attribute axis is there twice"},
		{"subgraph", single(13, map4, nil, node("Relu", s{"x"}, s{"y"}, attribute("body", onnxpb.AttributeProto_GRAPH))), `attribute "body" is not known`},
		{"attribute missing", single(13, map4, nil, node("Concat", s{"x"}, s{"y"})), "attribute axis is missing"},
		{"too few inputs", single(13, map4, nil, node("Add", s{"x"}, s{"y"})), `node "y" (Add): 1 input: 2 expected`},
		{"too many inputs", single(13, map4, nil, node("Clip", s{"x", "x", "x", "x"}, s{"y"})), "4 inputs: 1 to 3 expected"},
		{"absent input", single(13, map4, nil, node("Add", s{"", "x"}, s{"y"})), "input 0 is absent: the operator needs it"},
		{"no inputs of many", single(13, map4, nil, node("Max", nil, s{"y"})), "0 inputs: at least 1 expected"},
		{"too many outputs", single(13, map4, nil, node("Relu", s{"x"}, s{"y", "z"})), "2 outputs: 1 expected"},
		{"operator of a later opset", single(11, map4, nil, node("GreaterOrEqual", s{"x", "x"}, s{"y"})), `node "y": GreaterOrEqual (domain ai.onnx, opset 11): it is supported from opset 12 on`},
		{"unknown operator", single(13, map4, nil, node("Frobnicate", s{"x"}, s{"y"})), `node "y": Frobnicate (domain ai.onnx, opset 13): the operator is not supported`},
		{"negative strides", single(13, map4, weights, conv(attribute("strides", []int64{-1, 1}))), "attribute strides is [-1 1]: values from 1"},
		{"zero dilation", single(13, map4, weights, conv(attribute("dilations", []int64{0, 1}))), "attribute dilations is [0 1]: values from 1"},
		{"negative pads", single(13, map4, weights, conv(attribute("pads", []int64{0, 0, -1, 0}))), "attribute pads is [0 0 -1 0]: values from 0"},
		{"pads of another rank", single(13, map4, weights, conv(attribute("pads", []int64{0, 0}))), "attribute pads is [0 0]: a list of length 4 is expected"},
		{"kernel of another size", single(13, map4, weights, conv(attribute("kernel_shape", []int64{3, 3}))), "attribute kernel_shape is [3 3], but the weights"},
		{"group 0", single(13, map4, weights, conv(attribute("group", 0))), "attribute group is 0"},
		{"group that does not divide", single(13, map4, weights, conv(attribute("group", 2))), `node "y" (Conv): attribute group is 2: a divisor of the 3 channels`},
		{"auto_pad", single(13, map4, weights, conv(attribute("auto_pad", "SOME"))), `attribute auto_pad is "SOME": NOTSET, VALID, SAME_UPPER or SAME_LOWER`},
		{"auto_pad and pads", single(13, map4, weights, conv(attribute("auto_pad", "VALID"), attribute("pads", []int64{1, 1, 1, 1}))), "only one of them is accepted"},
		{"auto_pad of unknown size", single(13, vi{floats("x", 1, 3, "h", "w")}, weights, conv(attribute("auto_pad", "SAME_UPPER"), attribute("strides", []int64{2, 2}))), "give it by --input-shape"},
		{"3-D convolution", single(13, vi{floats("x", 1, 3, 8, 8, 8)}, weights, conv()), `Conv (domain ai.onnx, opset 13): 3 spatial axes; 1 and 2 are supported`},
		{"rank of the weights", single(13, vi{floats("x", 1, 3, 8)}, weights, conv()), `has rank 4: the rank of input 0, 3, is expected`},
		{"window larger than the map", single(13, map4, nil, node("MaxPool", s{"x"}, s{"y"}, attribute("kernel_shape", []int64{9, 9}))), `node "y" (MaxPool): height: window spans 9`},
		{"training", single(14, map4, tp{float32s("p", []int64{3}, 1, 1, 1)}, node("BatchNormalization", s{"x", "p", "p", "p", "p"}, s{"y"}, attribute("training_mode", 1))), "training_mode is 1; only inference"},
		{"channels of BatchNormalization", single(9, map4, tp{float32s("p", []int64{2}, 1, 1)}, node("BatchNormalization", s{"x", "p", "p", "p", "p"}, s{"y"})), `input 1, "p" Float32 [2]: a list of 3 values`},
		{"spatial 0", single(7, map4, tp{float32s("p", []int64{3}, 1, 1, 1)}, node("BatchNormalization", s{"x", "p", "p", "p", "p"}, s{"y"}, attribute("spatial", 0))), "spatial is 0"},
		{"boolean attribute", single(13, vi{floats("x", 2, 2)}, nil, node("Gemm", s{"x", "x"}, s{"y"}, attribute("transA", 2))), "attribute transA is 2: 0 or 1"},
		{"Gemm of another rank", single(13, map4, nil, node("Gemm", s{"x", "x"}, s{"y"})), "has rank 4: 2 is expected"},
		{"Gemm C too large", single(13, vi{floats("x", 2, 2)}, tp{float32s("c", []int64{3, 1}, 1, 1, 1)}, node("Gemm", s{"x", "x", "c"}, s{"y"})), `input 2, "c" Float32 [3 1], does not broadcast to [2 2]`},
		{"PRelu slope too large", single(13, vi{floats("x", 2)}, tp{float32s("c", []int64{2, 1}, 1, 1)}, node("PRelu", s{"x", "c"}, s{"y"})), "does not broadcast to [2]"},
		{"shapes that do not broadcast", single(13, vi{floats("x", 2), floats("z", 3)}, nil, node("Add", s{"x", "z"}, s{"y"})), `node "y" (Add): shapes`},
		{"types that differ", single(13, vi{floats("x", 2), input("z", onnxpb.TensorProto_INT64, 2)}, nil, node("Add", s{"x", "z"}, s{"y"})), "differ in type"},
		{"axis out of range", single(13, map4, nil, node("Concat", s{"x"}, s{"y"}, attribute("axis", 4))), "attribute axis is 4: -4 to 3 is accepted for rank 4"},
		{"perm", single(13, map4, nil, node("Transpose", s{"x"}, s{"y"}, attribute("perm", []int64{0, 1, 1, 2}))), "attribute perm is [0 1 1 2]: a permutation of the 4 axes"},
		{"perm too short", single(13, map4, nil, node("Transpose", s{"x"}, s{"y"}, attribute("perm", []int64{0}))), "attribute perm is [0]"},
		{"reshape to another size", single(13, map4, tp{int64s("s", []int64{1}, 7)}, node("Reshape", s{"x", "s"}, s{"y"})), `node "y" (Reshape): `},
		{"split without sizes", single(18, map4, nil, node("Split", s{"x"}, s{"y", "z"})), "either input 1, the sizes, or attribute num_outputs"},
		{"split of another number", single(18, map4, nil, node("Split", s{"x"}, s{"y", "z"}, attribute("num_outputs", 3))), "num_outputs is 3, but the node has 2 outputs"},
		{"slice bounds", single(9, map4, nil, node("Slice", s{"x"}, s{"y"}, attribute("starts", []int64{0}), attribute("ends", []int64{1, 2}))), "the same number is expected"},
		{"pad mode", single(13, map4, tp{int64s("p", []int64{8}, 0, 0, 0, 0, 0, 0, 0, 0)}, node("Pad", s{"x", "p"}, s{"y"}, attribute("mode", "wrap"))), `attribute mode is "wrap": constant, reflect or edge`},
		{"pad wrap", single(19, map4, tp{int64s("p", []int64{8}, 0, 0, 0, 0, 0, 0, 0, 0)}, node("Pad", s{"x", "p"}, s{"y"}, attribute("mode", "wrap"))), `Pad (domain ai.onnx, opset 19): mode "wrap" is not supported`},
		{"constant without a value", single(13, nil, nil, node("Constant", nil, s{"y"})), "0 values: one attribute of value, "},
		{"constant string", single(13, nil, nil, node("Constant", nil, s{"y"}, attribute("value_string", "a"))), "a constant by attribute value_string is not supported"},
		{"sparse constant", single(13, nil, nil, node("Constant", nil, s{"y"}, attribute("sparse_value", onnxpb.AttributeProto_SPARSE_TENSOR))), "a constant by attribute sparse_value is not supported"},
		{"constant that lies", single(13, nil, nil, node("Constant", nil, s{"y"}, attribute("value", float32s("", []int64{9}, 1)))), "attribute value: float_data has 1 elements"},
		{"fill value of two", single(13, nil, tp{int64s("s", []int64{1}, 2)}, node("ConstantOfShape", s{"s"}, s{"y"}, attribute("value", float32s("", []int64{2}, 1, 2)))), "attribute value has shape [2]: one element"},
		{"cast to string", single(13, map4, nil, node("Cast", s{"x"}, s{"y"}, attribute("to", 8))), "attribute to: element type STRING is not supported"},
		{"zero points of a scalar", single(13, vi{input("x", onnxpb.TensorProto_UINT8, 1, 1, 4, 4)}, tp{
			{Name: proto.String("w"), DataType: proto.Int32(2), RawData: []byte{1}},
			{Name: proto.String("z"), DataType: proto.Int32(2), Dims: []int64{2}, RawData: []byte{1, 2}},
		}, node("ConvInteger", s{"x", "w", "", "z"}, s{"y"})), `input 1, "w" Uint8 [], has rank 0`},
		{"dropout in training", single(13, map4, tp{{Name: proto.String("t"), DataType: proto.Int32(9), RawData: []byte{1}}}, node("Dropout", s{"x", "", "t"}, s{"y"})), "training_mode, must be a constant false"},
		{"clip bounds", single(13, map4, tp{float32s("b", []int64{2}, 1, 2)}, node("Clip", s{"x", "b"}, s{"y"})), `input 1, "b" Float32 [2]: a scalar is expected`},
	})
}

// TestAllErrors checks that everything wrong is reported at once, and nothing that
// only follows from it.
func TestAllErrors(t *testing.T) {
	custom := node("Sine", s{"a"}, s{"b"})
	custom.Domain = proto.String("com.example")
	function := node("Gelu", s{"x"}, s{"g"})
	function.Domain = proto.String("pkg")
	m := model(11, &onnxpb.GraphProto{
		Input: vi{floats("x", 2, 2)}, Output: values("d", "e", "g"),
		Node: []*onnxpb.NodeProto{
			node("Unique", s{"x"}, s{"a"}),
			custom,
			node("Gemm", s{"b", "b"}, s{"c"}),
			node("Det", s{"c"}, s{"d"}),
			node("Flatten", s{"x"}, s{"e"}, attribute("axis", 3)),
			function,
		},
	})
	m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("com.example"), Version: proto.Int64(2)})
	_, err := importModel(t, m, importer.Options{})
	var u *importer.UnsupportedError
	if !errors.As(err, &u) {
		t.Fatalf("error %v, want an UnsupportedError", err)
	}
	want := []importer.Unsupported{
		{Node: "a", Op: "Unique", Opset: 11, Reason: "the operator is not supported"},
		{Node: "b", Op: "Sine", Domain: "com.example", Opset: 2, Reason: "operators of this domain are not supported; those of ai.onnx, of QONNX and some of com.microsoft are"},
		{Node: "d", Op: "Det", Opset: 11, Reason: "the operator is not supported"},
		{Node: "g", Op: "Gelu", Domain: "pkg", Reason: "operators of this domain are not supported; those of ai.onnx, of QONNX and some of com.microsoft are"},
	}
	if diff := cmp.Diff(u.Nodes, want); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{
		`node "e" (Flatten): attribute axis is 3`,
		"4 nodes are not supported:",
		`node "b": Sine (domain com.example, opset 2): operators of this domain`,
		`node "g": Gelu (domain pkg, not imported)`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}

// TestInputShapes gives shapes to inputs.
func TestInputShapes(t *testing.T) {
	m := model(13, &onnxpb.GraphProto{
		Input:  vi{floats("x", "n", 3, ""), floats("z", "n", 1, "k")},
		Node:   []*onnxpb.NodeProto{node("Relu", s{"x"}, s{"y"}), node("Relu", s{"z"}, s{"w"})},
		Output: values("y", "w"),
	})
	tests := []struct {
		name   string
		shapes map[string][]int
		x, z   []int
		err    string
	}{
		{name: "none", x: []int{-1, 3, -1}, z: []int{-1, 1, -1}},
		{name: "all", shapes: map[string][]int{"x": {2, 3, 5}, "z": {2, 1, 5}}, x: []int{2, 3, 5}, z: []int{2, 1, 5}},
		{name: "names follow", shapes: map[string][]int{"x": {2, 3, 5}}, x: []int{2, 3, 5}, z: []int{2, 1, -1}},
		{name: "some stay unknown", shapes: map[string][]int{"x": {-1, -1, 5}}, x: []int{-1, 3, 5}, z: []int{-1, 1, -1}},
		{name: "unknown input", shapes: map[string][]int{"q": {1}}, err: `input shape for "q": there is no such input, only "x", "z"`},
		{name: "other rank", shapes: map[string][]int{"x": {1, 3}}, err: `input shape for "x": [1 3] has rank 2, the model declares [n 3 ?] of rank 3`},
		{name: "other size", shapes: map[string][]int{"x": {1, 4, 5}}, err: "dimension 1 is 4, the model declares [n 3 ?]"},
		{name: "two sizes of a name", shapes: map[string][]int{"x": {1, 3, 5}, "z": {2, 1, 5}}, err: "dimension 0 (n) is 2 here and 1 elsewhere"},
		{name: "negative", shapes: map[string][]int{"x": {-2, 3, 5}}, err: "dimension 0 is -2"},
		{name: "too large", shapes: map[string][]int{"x": {1 << 20, 3, 1 << 20}}, err: `input "x": shape`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := importModel(t, m, importer.Options{InputShapes: tt.shapes})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q in it", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := g.Inputs[0].Shape; !slices.Equal(got, tt.x) {
				t.Errorf("x %v, want %v", got, tt.x)
			}
			if got := g.Inputs[1].Shape; !slices.Equal(got, tt.z) {
				t.Errorf("z %v, want %v", got, tt.z)
			}
		})
	}
}

// codes lists the ops of a graph.
func codes(g *graph.Graph) string {
	var c []string
	for _, n := range g.Nodes {
		c = append(c, n.Code.String())
	}
	return strings.Join(c, " ")
}

// TestLowering checks what some nodes become.
func TestLowering(t *testing.T) {
	map4 := vi{floats("x", 1, 3, 8, 8)}
	params := tp{float32s("p", []int64{3}, 1, 2, 4)}
	tests := []struct {
		name  string
		model *onnxpb.ModelProto
		want  string
	}{
		{"Conv", single(13, map4, tp{float32s("w", []int64{1, 3, 1, 1}, 1, 2, 3)}, node("Conv", s{"x", "w"}, s{"y"})), "Transpose Transpose Conv2D Transpose"},
		{"BatchNormalization", single(15, map4, params, node("BatchNormalization", s{"x", "p", "p", "p", "p"}, s{"y"})), "Binary Binary"},
		{"BatchNormalization with unused outputs", single(9, map4, params, node("BatchNormalization", s{"x", "p", "p", "p", "p"}, s{"y", "a", "b", "c", "d"})), "Binary Binary"},
		{"MaxPool with unused indices", single(12, map4, nil, node("MaxPool", s{"x"}, s{"y", "i"}, attribute("kernel_shape", []int64{2, 2}), attribute("storage_order", 1))), "Transpose Pool2D Transpose"},
		{"Gemm", single(13, vi{floats("x", "n", 3)}, append(params, float32s("w", []int64{3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9)), node("Gemm", s{"x", "w", "p"}, s{"y"})), "MatMul"},
		{"Identity", single(13, map4, nil, node("Identity", s{"x"}, s{"y"})), ""},
		{"Dropout", single(13, map4, nil, node("Dropout", s{"x"}, s{"y"})), ""},
		{"Softmax of the last axis", single(11, map4, nil, node("Softmax", s{"x"}, s{"y"}, attribute("axis", 3))), "Softmax"},
		{"Clip", single(11, map4, tp{float32s("lo", nil, 0)}, node("Clip", s{"x", "lo"}, s{"y"})), "Unary"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := importModel(t, tt.model, importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := codes(g); got != tt.want {
				t.Errorf("ops %s, want %s", got, tt.want)
			}
			if len(g.Nodes) > 0 && !slices.ContainsFunc(g.Nodes, func(n *graph.Node) bool { return n.Name == "y" }) {
				t.Error("no op has the name of the node")
			}
		})
	}
}

// TestBatchNormConstants checks the order of the operations, which rounding shows.
func TestBatchNormConstants(t *testing.T) {
	g, err := importModel(t, single(9, vi{floats("x", 1, 1)}, tp{
		float32s("s", []int64{1}, 0.3), float32s("b", []int64{1}, 0.7), float32s("m", []int64{1}, 1.1), float32s("v", []int64{1}, 0.9),
	}, node("BatchNormalization", s{"x", "s", "b", "m", "v"}, s{"y"}, attribute("epsilon", 0.001))), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []float32
	for _, n := range g.Nodes {
		got = append(got, ops.View[float32](n.Inputs[1].Const)...)
	}
	// numpy: s = f(.3)/sqrt(f(.9)+f(.001)); b = f(.7) - f(1.1)*s, all of float32.
	want := []float32{0.31605226, 0.3523425}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}
