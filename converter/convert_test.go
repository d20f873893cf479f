package converter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

func read(t testing.TB, name string) *onnx.File {
	t.Helper()
	f, err := onnx.Read(filepath.Join("..", "testdata", "models", name+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustConvert(t testing.TB, f *onnx.File, opts Options) *Result {
	t.Helper()
	res, err := Convert(t.Context(), f, opts)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func opCounts(m *schema.Model) map[string]int {
	out := map[string]int{}
	for _, op := range m.Subgraphs[0].Operators {
		out[op.Code.String()]++
	}
	return out
}

// floats makes a float32 initializer.
func floats(name string, shape []int, x ...float32) *onnx.Tensor {
	t := &ops.Tensor{DType: schema.Float32, Shape: shape}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[float32](t), x)
	return &onnx.Tensor{Name: name, DType: schema.Float32, Shape: shape, Data: t.Data}
}

func dims(sizes ...int) []onnx.Dim {
	var out []onnx.Dim
	for _, s := range sizes {
		out = append(out, onnx.Dim{Size: s})
	}
	return out
}

// file makes a model of one float input "x" and one output "y".
func file(in []onnx.Dim, nodes []*onnx.Node, initializers ...*onnx.Tensor) *onnx.File {
	g := &onnx.Graph{
		Name:         "test",
		Inputs:       []onnx.ValueInfo{{Name: "x", DType: schema.Float32, Dims: in}},
		Outputs:      []onnx.ValueInfo{{Name: "y", DType: schema.Float32}},
		Initializers: map[string]*onnx.Tensor{},
		Nodes:        nodes,
	}
	for _, t := range initializers {
		g.Initializers[t.Name] = t
	}
	return &onnx.File{IRVersion: 8, Opsets: []schema.Opset{{Version: 17}}, SHA256: strings.Repeat("0", 64), Graph: g}
}

func node(op string, out string, in ...string) *onnx.Node {
	return &onnx.Node{Name: out, OpType: op, Inputs: in, Outputs: []string{out}}
}

func TestConvertTrainedNetworks(t *testing.T) {
	want := map[string]map[string]int{
		"cnn": {"Conv2D": 1, "Bsign": 1, "BMaxPool2D": 2, "BConv2D": 4, "Reshape": 2, "BGEMM": 1, "Softmax": 1},
		"mlp": {"Flatten": 1, "Bsign": 1, "BGEMM": 3, "Softmax": 1},
	}
	for _, kind := range []string{"cnn", "mlp"} {
		for _, variant := range []string{"kept_op11", "kept_op17", "folded_op11", "folded_op17"} {
			name := fmt.Sprintf("fashion_%s_%s", kind, variant)
			t.Run(name, func(t *testing.T) {
				f := read(t, name)
				res := mustConvert(t, f, Options{})
				if diff := cmp.Diff(want[kind], opCounts(res.Model)); diff != "" {
					t.Errorf("operators (-want +got):\n%s", diff)
				}
				if len(res.Report.Transposes) != 0 {
					t.Errorf("transposes left: %q", res.Report.Transposes)
				}
				v, err := Verify(t.Context(), res, VerifyOptions{Samples: 3, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				if v.Flipped != 0 || v.Bits == 0 || v.Samples != 3 || v.Outputs[0].ArgmaxFlips != 0 {
					t.Errorf("verified: %+v", v)
				}
			})
		}
	}
}

func TestConvertIsDeterministic(t *testing.T) {
	f := read(t, "fashion_cnn_folded_op17")
	var first []byte
	for range 3 {
		res := mustConvert(t, f, Options{})
		var b bytes.Buffer
		if err := schema.Write(&b, res.Model); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Fatal("two conversions give different files")
		}
		if res.Report.Bytes != int64(b.Len()) {
			t.Errorf("the report says %d bytes, the file has %d", res.Report.Bytes, b.Len())
		}
	}
}

func TestMetadata(t *testing.T) {
	f := read(t, "fashion_mlp_kept_op11")
	res := mustConvert(t, f, Options{})
	m := res.Model.Metadata
	if !strings.HasPrefix(m.Producer, "lce-go ") || m.SourceSHA256 != f.SHA256 || len(m.SourceSHA256) != 64 {
		t.Errorf("metadata %+v", m)
	}
	if diff := cmp.Diff(f.Opsets, m.Opsets); diff != "" {
		t.Errorf("opsets (-want +got):\n%s", diff)
	}
	s := res.Model.Subgraphs[0]
	if s.Inputs[0].Name != "input" || s.Outputs[0].Name != "output" {
		t.Errorf("ports %v and %v", s.Inputs, s.Outputs)
	}
	if res.Report.SourceBytes != f.Bytes || len(res.Report.Before) == 0 {
		t.Errorf("report: %d bytes, ops %v", res.Report.SourceBytes, res.Report.Before)
	}
	if got := opCounts(res.Unfused); got["BGEMM"] != 0 || got["MatMul"] != 3 {
		t.Errorf("the unfused graph has %v", got)
	}
}

func TestDropFinalSoftmaxOption(t *testing.T) {
	f := read(t, "fashion_cnn_kept_op17")
	res := mustConvert(t, f, Options{DropFinalSoftmax: true})
	if got := opCounts(res.Model)["Softmax"]; got != 0 {
		t.Errorf("%d Softmax left", got)
	}
	if len(res.Report.Notes) != 1 {
		t.Errorf("notes %q, want one about the softmax", res.Report.Notes)
	}
	if _, err := Verify(t.Context(), res, VerifyOptions{Samples: 1}); err != nil {
		t.Error(err)
	}
}

func TestDumpAfter(t *testing.T) {
	f := read(t, "fashion_cnn_kept_op11")
	dump := func(name string) string {
		var b strings.Builder
		mustConvert(t, f, Options{DumpAfter: name, DumpTo: &b})
		return b.String()
	}
	tests := []struct {
		name        string
		has, hasNot string
	}{
		{"import", "/conv1/Conv/to_nhwc", "Bsign"},
		{"move-transposes", "Conv2D", "= Transpose(%/conv1"},
		{"cleanup", "Select", "Transpose"},
		{"binarize", "BConv2D", "= Select"},
		{"fuse-threshold", "/conv1/Conv/threshold", "= Sign"},
		{"pack", "BGEMM", "Bunpack"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := dump(tt.name)
			if !strings.HasPrefix(text, "graph ") || !strings.Contains(text, tt.has) {
				t.Errorf("the dump lacks %q:\n%s", tt.has, text)
			}
			if strings.Contains(text, tt.hasNot) {
				t.Errorf("the dump has %q:\n%s", tt.hasNot, text)
			}
		})
	}
	t.Run("no writer", func(t *testing.T) {
		if _, err := Convert(t.Context(), f, Options{DumpAfter: "import"}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := Convert(t.Context(), f, Options{DumpAfter: "fusion", DumpTo: &strings.Builder{}})
		if err == nil || !strings.Contains(err.Error(), `"fusion"`) || !strings.Contains(err.Error(), "fold-constants") {
			t.Errorf("error %v", err)
		}
	})
}

func TestProgressAndCancellation(t *testing.T) {
	f := read(t, "fashion_mlp_kept_op17")
	var stages []string
	mustConvert(t, f, Options{Progress: func(stage string, done, total int) {
		if done != len(stages) || total < done+1 {
			t.Errorf("stage %q: %d of %d", stage, done, total)
		}
		stages = append(stages, stage)
	}})
	if stages[0] != "import" || stages[len(stages)-1] != "finish" || !slices.Contains(stages, "binarize") {
		t.Errorf("stages %q", stages)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Convert(ctx, f, Options{Progress: func(stage string, _, _ int) {
		if stage == "binarize" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestConvertErrors(t *testing.T) {
	tests := []struct {
		name string
		file *onnx.File
		opts Options
		want []string
	}{
		{"all unsupported nodes", file(dims(2), []*onnx.Node{node("Foo", "a", "x"), node("Bar", "y", "a")}), Options{}, []string{"Foo", "Bar"}},
		{"shape of an input that is not there", file(dims(2), []*onnx.Node{node("Relu", "y", "x")}),
			Options{InputShapes: map[string][]int{"z": {1}}}, []string{`"z"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Convert(t.Context(), tt.file, tt.opts)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

// TestTrivialGraphs converts graphs of which the passes leave nothing.
func TestTrivialGraphs(t *testing.T) {
	tests := []struct {
		name string
		file *onnx.File
	}{
		{"identity", file(dims(2, 3), []*onnx.Node{node("Identity", "y", "x")})},
		{"constant", file(dims(2), []*onnx.Node{node("Abs", "y", "w")}, floats("w", []int{2}, -1, 2))},
		{"operators that cancel", file(dims(2, 3), []*onnx.Node{node("Neg", "a", "x"), node("Neg", "y", "a")})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := mustConvert(t, tt.file, Options{})
			if n := len(res.Model.Subgraphs[0].Operators); n != 0 {
				t.Errorf("%d operators left", n)
			}
			v, err := Verify(t.Context(), res, VerifyOptions{Samples: 2})
			if err != nil {
				t.Fatal(err)
			}
			if v.Outputs[0].MaxAbs != 0 {
				t.Errorf("verified: %+v", v)
			}
		})
	}
}

// TestSharedOutputs converts a graph whose results become one value, an input and a
// constant.
func TestSharedOutputs(t *testing.T) {
	f := file(dims(2, 3), []*onnx.Node{
		node("Relu", "a", "x"), node("Identity", "y", "a"), node("Relu", "b", "a"), node("Identity", "c", "x"), node("Abs", "d", "w"),
	}, floats("w", []int{2}, -1, 2))
	for _, name := range []string{"a", "b", "c", "d"} {
		f.Graph.Outputs = append(f.Graph.Outputs, onnx.ValueInfo{Name: name, DType: schema.Float32})
	}
	res := mustConvert(t, f, Options{})
	if n := len(res.Model.Subgraphs[0].Operators); n != 1 {
		t.Errorf("%d operators, want 1", n)
	}
	v, err := Verify(t.Context(), res, VerifyOptions{Samples: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Outputs) != 5 {
		t.Errorf("%d outputs, want 5", len(v.Outputs))
	}
}

// TestDynamicShapes converts a graph whose batch and map are unknown.
func TestDynamicShapes(t *testing.T) {
	w := floats("w", []int{3, 2, 3, 3}, make([]float32, 54)...)
	for i, x := range ops.View[float32](&ops.Tensor{DType: schema.Float32, Data: w.Data}) {
		ops.View[float32](&ops.Tensor{DType: schema.Float32, Data: w.Data})[i] = x + float32(i%5) - 2
	}
	f := file([]onnx.Dim{{Size: -1, Param: "n"}, {Size: 2}, {Size: -1}, {Size: -1}}, []*onnx.Node{
		node("Conv", "a", "x", "w"), node("Relu", "b", "a"), node("GlobalAveragePool", "c", "b"), node("Flatten", "y", "c"),
	}, w)
	res := mustConvert(t, f, Options{})
	if n := opCounts(res.Model)["Transpose"]; n != 0 {
		t.Errorf("%d transposes, want 0: the convolution reads the image as it is", n)
	}
	if _, err := Verify(t.Context(), res, VerifyOptions{Samples: 1}); err != nil {
		t.Error(err)
	}
	res = mustConvert(t, f, Options{InputShapes: map[string][]int{"x": {-1, 2, 9, 7}}})
	if got := res.Model.Subgraphs[0].Tensors[0].Shape; !slices.Equal(got, []int{-1, 2, 9, 7}) {
		t.Errorf("input shape %v", got)
	}
}

// TestSignZeroPlus checks that the report names the Signs of which the option changes the
// meaning.
func TestSignZeroPlus(t *testing.T) {
	f := file(dims(2, 3, 8, 8), []*onnx.Node{node("Sign", "s", "x"), with(node("Conv", "y", "s", "w"), "", pads())},
		floats("w", []int{2, 3, 1, 1}, 1, -1, 1, 1, 1, -1))
	for _, plus := range []bool{false, true} {
		res := mustConvert(t, f, Options{SignZeroPlus: plus})
		signs, notes := 2, 0
		if plus {
			signs, notes = 1, 1
		}
		if got := opCounts(res.Model); got["Bsign"] != signs || got["BConv2D"] != 1 {
			t.Errorf("plus %v: ops %v, want %d Bsign", plus, got, signs)
		}
		if got := res.Report.Notes; len(got) != notes || notes > 0 && !strings.Contains(got[0], "gives +1 for 0") {
			t.Errorf("plus %v: notes %q, want %d", plus, got, notes)
		}
	}
}

// TestOutputs cuts a graph before a node that is not supported.
func TestOutputs(t *testing.T) {
	f := file(dims(2, 3), []*onnx.Node{node("Relu", "a", "x"), node("Neg", "b", "a"), node("NoSuchOperator", "y", "b")})
	if _, err := Convert(t.Context(), f, Options{}); err == nil {
		t.Fatal("an operator that is not supported is converted")
	}
	if _, err := Convert(t.Context(), f, Options{Keep: []string{"b"}}); err == nil {
		t.Fatal("with an output more, an operator that is not supported is converted")
	}
	res := mustConvert(t, f, Options{Outputs: []string{"b", "a", "b"}})
	var names []string
	for _, o := range res.Model.Subgraphs[0].Outputs {
		names = append(names, o.Name)
	}
	if diff := cmp.Diff([]string{"b", "a"}, names); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if got := len(f.Graph.Outputs); got != 1 || len(f.Graph.Nodes) != 3 {
		t.Errorf("the file was changed: %d outputs, %d nodes", got, len(f.Graph.Nodes))
	}
}

// TestMagnitudeNote checks that the report tells where a Sign has another value than x/|x|.
func TestMagnitudeNote(t *testing.T) {
	f := file(dims(2, 3), []*onnx.Node{node("Add", "a", "x", "c"), node("Abs", "m", "a"), node("Div", "y", "a", "m")},
		floats("c", []int{3}, 0.1, 0.2, 0.3))
	res := mustConvert(t, f, Options{})
	want := []string{`"y", x/|x|, is computed as Sign: 0, -1 and +1 where ONNX has NaN, of 0/0 and of infinities`}
	if diff := cmp.Diff(want, res.Report.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}
