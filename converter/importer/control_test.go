package importer_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// TestControlErrors imports nodes whose graphs are wrong: one clear error each.
func TestControlErrors(t *testing.T) {
	type G = onnxpb.GraphProto
	type N = []*onnxpb.NodeProto
	graph := func(in vi, out s, nodes ...*onnxpb.NodeProto) *G {
		return &G{Name: proto.String("g"), Input: in, Node: nodes, Output: values(out...)}
	}
	typed := func(name string, kind onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.ValueInfoProto {
		v := values(name)[0]
		shape := &onnxpb.TensorShapeProto{}
		for _, d := range dims {
			shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
		}
		v.Type = &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(kind)), Shape: shape}}}
		return v
	}
	const boolean, integer = onnxpb.TensorProto_BOOL, onnxpb.TensorProto_INT64
	x, cond := floats("x", 2, 3), typed("c", boolean)
	relu := graph(nil, s{"a"}, node("Relu", s{"x"}, s{"a"}))
	flat := graph(nil, s{"a"}, node("Flatten", s{"x"}, s{"a"}, attribute("axis", 0)), node("Squeeze", s{"a", "zero"}, s{"b"}))
	flat.Output = values("b")
	branches := func(then, other *G) *onnxpb.NodeProto {
		return node("If", s{"c"}, s{"y"}, attribute("then_branch", then), attribute("else_branch", other))
	}
	head := vi{typed("i", integer), typed("more", boolean)}
	state := func(nodes N, out ...string) *G {
		return graph(append(head[:2:2], values("state")...), out, nodes...)
	}
	loop := func(body *G) *onnxpb.NodeProto {
		return node("Loop", s{"n", "", "x"}, s{"y"}, attribute("body", body))
	}
	scan := func(body *G, attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
		return node("Scan", s{"x"}, s{"y"}, append(attrs, attribute("body", body))...)
	}
	same := graph(values("e"), s{"f"}, node("Relu", s{"e"}, s{"f"}))
	count := typed("n", integer)
	tests := []struct {
		name   string
		inputs vi
		node   *onnxpb.NodeProto
		want   string
	}{
		{"condition of another type", vi{x, count}, node("If", s{"n"}, s{"y"}, attribute("then_branch", relu), attribute("else_branch", relu)), `input 0, "n" Int64 []: element type Int64, want one of [Bool]`},
		{"condition of two elements", vi{x, typed("c", boolean, 2)}, branches(relu, relu), `the condition "c" is Bool [2]; want one element of Bool`},
		{"branch with inputs", vi{x, cond}, branches(graph(values("q"), s{"q"}), relu), "attribute then_branch: the graph has 1 inputs: none are expected"},
		{"branch with more outputs", vi{x, cond}, branches(relu, graph(nil, s{"a", "x"}, node("Relu", s{"x"}, s{"a"}))), "attribute else_branch: the graph has 2 outputs: 1 are expected"},
		{"branches of other ranks", vi{x, cond}, branches(relu, flat), "is Float32 of rank 2 in one branch and Float32 of rank 1 in the other"},
		{"operator that is not supported", vi{x, cond}, branches(graph(nil, s{"a"}, node("Det", s{"x"}, s{"a"})), relu), `node "a": Det (domain ai.onnx, opset 13): the operator is not supported`},
		{"node that is wrong", vi{x, cond}, branches(relu, graph(nil, s{"a"}, node("Flatten", s{"x"}, s{"a"}, attribute("axis", 5)))), "attribute axis is 5"},
		{"count of another type", vi{x, cond}, node("Loop", s{"c", "", "x"}, s{"y"}, attribute("body", state(nil, "more", "state"))), `the count "c" is Bool []; want one element of Int64`},
		{"body without states", vi{x, count}, loop(graph(head, s{"more", "x"})), "attribute body: the graph has 2 inputs: 3 are expected"},
		{"body with more outputs", vi{x, count}, loop(state(nil, "more", "state", "x")), "attribute body: the graph has 3 outputs: 2 are expected"},
		{"state of another type", vi{x, count}, loop(state(N{node("Cast", s{"state"}, s{"a"}, attribute("to", 7))}, "more", "a")), `state 0, "state", is Float32 of rank 2 and becomes Int64 of rank 2`},
		{"state of another rank", vi{x, count}, loop(state(N{node("ReduceMax", s{"state"}, s{"a"}, attribute("keepdims", 0))}, "more", "a")), `state 0, "state", is Float32 of rank 2 and becomes Float32 of rank 0`},
		{"state declared as another type", vi{x, count}, loop(graph(append(head[:2:2], typed("state", integer)), s{"more", "state"})), `input "state" of its graph "g" is declared as Int64, but gets Float32`},
		{"absent state", vi{x, count}, node("Loop", s{"n", "", ""}, s{"y"}, attribute("body", state(nil, "more", "state"))), "input 2 is absent"},
		{"fewer outputs than states", vi{x, count}, node("Loop", s{"n", "", "x", "x"}, s{"y"}, attribute("body", graph(append(head[:2:2], values("p", "q")...), s{"more", "p"}))), "1 outputs: at least 2 are expected, one for each state"},
		{"nothing scanned", vi{x}, scan(same, attribute("num_scan_inputs", 0)), "attribute num_scan_inputs is 0: 1 to the 1 of the inputs is accepted"},
		{"scalar scanned", vi{typed("x", onnxpb.TensorProto_FLOAT)}, scan(same, attribute("num_scan_inputs", 1)), `input 0, "x" Float32 []: an axis to scan is expected`},
		{"scan axis", vi{x}, scan(same, attribute("num_scan_inputs", 1), attribute("scan_input_axes", []int64{2})), "attribute scan_input_axes is [2]: axes of -2 to 1 are accepted for rank 2"},
		{"scan axes", vi{x}, scan(same, attribute("num_scan_inputs", 1), attribute("scan_output_axes", []int64{0, 0})), "attribute scan_output_axes is [0 0]: a list of length 1 is expected"},
		{"scan direction", vi{x}, scan(same, attribute("num_scan_inputs", 1), attribute("scan_input_directions", []int64{2})), "attribute scan_input_directions is [2]: values of 0 and 1 are accepted"},
		{"body of a scan", vi{x}, scan(graph(nil, s{"x"}), attribute("num_scan_inputs", 1)), "attribute body: the graph has 0 inputs and 1 outputs: 1 and 1 are expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			zero := int64s("zero", []int64{1}, 0)
			m := model(13, &G{Input: tt.inputs, Initializer: tp{zero}, Node: N{tt.node}, Output: values("y")})
			_, err := importModel(t, m, importer.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestFunctionOfAnotherOpset refuses a node that means something else at the opset of the model.
func TestFunctionOfAnotherOpset(t *testing.T) {
	call := node("F", s{"x"}, s{"y"})
	call.Domain = proto.String("local")
	m := model(13, &onnxpb.GraphProto{Input: vi{floats("x", 2, 3)}, Node: []*onnxpb.NodeProto{call}, Output: values("y")})
	m.Functions = []*onnxpb.FunctionProto{{
		Name: proto.String("F"), Domain: proto.String("local"), Input: s{"a"}, Output: s{"b"},
		Node: []*onnxpb.NodeProto{node("Softmax", s{"a"}, s{"b"})}, OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(11)}},
	}}
	_, err := importModel(t, m, importer.Options{})
	want := "the function that it comes from imports opset 11 with version 11 of the operator, the model opset 13 with version 13; the same version is expected"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
