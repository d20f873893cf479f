package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/internal/golden"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/schema"
)

// build makes a small converted network: a float convolution, a binary one with two
// outputs, a binary and a float dense layer, and a Sign that stays.
func build(t *testing.T) *graph.Graph {
	t.Helper()
	g := graph.New("net")
	add := func(n *graph.Node, types ...schema.DType) []*graph.Value {
		for _, d := range types {
			v := g.NewValue(n.Name + "/" + d.String())
			v.DType = d
			n.Outputs = append(n.Outputs, v)
		}
		g.Append(n)
		if err := g.InferNode(n); err != nil {
			t.Fatal(err)
		}
		return n.Outputs
	}
	bits := func(name string, shape ...int) *graph.Value {
		words := schema.WordsPerRow(shape[len(shape)-1])
		for _, d := range shape[:len(shape)-1] {
			words *= d
		}
		return g.NewConst(name, schema.Bits, shape, make([]byte, 4*words))
	}
	unit := schema.Size2D{H: 1, W: 1}
	window := schema.Window{Strides: unit, Dilations: unit}
	x := g.AddInput("image", schema.Float32, []int{-1, 8, 6, 3}, nil)
	y := add(&graph.Node{
		Name: "conv1", Code: schema.Conv2D, Origin: []string{"conv1", "relu1"},
		Options: &schema.Conv2DOptions{Window: window, Groups: 1, Clamp: schema.NoClamp},
		Inputs:  []*graph.Value{x, g.ConstFloat32s("w1", []int{64, 1, 1, 3}, make([]float32, 192))},
	}, schema.Float32)[0]
	b := add(&graph.Node{
		Name: "sign1", Code: schema.Bsign, Options: &schema.BsignOptions{}, Inputs: []*graph.Value{y},
	}, schema.Bits)[0]
	threshold := g.NewConst("t2", schema.Int32, []int{64}, make([]byte, 256))
	two := add(&graph.Node{
		Name: "conv2", Code: schema.BConv2D, Origin: []string{"conv2", "bn2", "sign2"},
		Options: &schema.BConv2DOptions{
			Window: schema.Window{Strides: unit, Dilations: unit, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}},
			Groups: 2, PreClamp: schema.NoClamp, Clamp: schema.NoClamp,
		},
		Inputs: []*graph.Value{b, bits("w2", 64, 3, 3, 32), nil, nil, threshold},
	}, schema.Float32, schema.Bits)
	flat := add(&graph.Node{
		Name: "flatten", Code: schema.Flatten, Options: &schema.AxisOptions{Axis: 1}, Inputs: []*graph.Value{two[1]},
	}, schema.Bits)[0]
	z := add(&graph.Node{
		Name: "fc3", Code: schema.BGEMM, Options: &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.NoClamp},
		Inputs: []*graph.Value{flat, bits("w3", 10, 3072)},
	}, schema.Float32)[0]
	z = add(&graph.Node{
		Name: "fc4", Code: schema.MatMul, Options: &schema.MatMulOptions{Clamp: schema.NoClamp},
		Inputs: []*graph.Value{z, g.ConstFloat32s("w4", []int{10, 5}, make([]float32, 50))},
	}, schema.Float32)[0]
	z = add(&graph.Node{Name: "sign5", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Sign}, Inputs: []*graph.Value{z}}, schema.Float32)[0]
	z = add(&graph.Node{Name: "swap", Code: schema.Transpose, Options: &schema.TransposeOptions{Perm: []int{1, 0}}, Inputs: []*graph.Value{z}}, schema.Float32)[0]
	g.AddOutput("logits", z)
	g.AddOutput("features", two[0])
	return g
}

func newReport(t *testing.T) *report.Report {
	t.Helper()
	reasons := map[string]string{
		"conv1": `first layer: activation comes from the graph input "image"`,
		"conv2": "a reason that no longer holds",
		"fc4":   `activation is not a sign: BGEMM "fc3" feeds it`,
		"sign5": `its operand can be exactly 0: MatMul "fc4" has no constant bias`,
	}
	r := report.New(build(t), func(name string) string { return reasons[name] })
	r.Model = "net"
	r.SourceBytes, r.Bytes = 1234567, 8901
	r.Before = report.Counts(map[string]int{"Conv": 2, "Gemm": 2, "Sign": 3, "Flatten": 1})
	r.Notes = []string{"the final Softmax was removed"}
	r.Layers[1].FusedOps = []string{"BatchNormalization", "Sign"}
	return r
}

func TestLayers(t *testing.T) {
	r := newReport(t)
	want := []report.Layer{
		{
			Name: "conv1", Op: "Conv2D", Input: []int{-1, 8, 6, 3}, Weight: []int{64, 1, 1, 3}, Output: []int{-1, 8, 6, 64},
			Groups: 1, Reason: `first layer: activation comes from the graph input "image"`,
			ActivationBits: 32, WeightBits: 32, Results: []string{"Float32"}, MACs: 48 * 64 * 3, Bytes: 768, Fused: []string{"relu1"},
		},
		{
			Name: "conv2", Op: "BConv2D", Input: []int{-1, 8, 6, 64}, Weight: []int{64, 3, 3, 32}, Output: []int{-1, 8, 6, 64},
			Groups: 2, Binary: true, ActivationBits: 1, WeightBits: 1, Results: []string{"Float32", "Bits"},
			MACs: 48 * 64 * 9 * 32, Bytes: 64*9*4 + 256, Fused: []string{"bn2", "sign2"},
			FusedOps: []string{"BatchNormalization", "Sign"},
		},
		{
			Name: "fc3", Op: "BGEMM", Input: []int{-1, 3072}, Weight: []int{10, 3072}, Output: []int{-1, 10},
			Binary: true, ActivationBits: 1, WeightBits: 1, Results: []string{"Float32"}, MACs: 30720, Bytes: 3840,
		},
		{
			Name: "fc4", Op: "MatMul", Input: []int{-1, 10}, Weight: []int{10, 5}, Output: []int{-1, 5},
			Reason:         `activation is not a sign: BGEMM "fc3" feeds it`,
			ActivationBits: 32, WeightBits: 32, Results: []string{"Float32"}, MACs: 50, Bytes: 200,
		},
	}
	if diff := cmp.Diff(want, r.Layers); diff != "" {
		t.Errorf("layers differ (-want +got):\n%s", diff)
	}
}

func TestTotals(t *testing.T) {
	r := newReport(t)
	binary := int64(48*64*9*32 + 30720)
	all := binary + 48*64*3 + 50
	want := report.Totals{
		MACs: all, BinaryMACs: binary, BinaryShare: float64(binary) / float64(all), BinaryLayers: 2,
		Parameters: 192 + 64*9*32 + 64 + 30720 + 50, BinaryParameters: 64*9*32 + 30720,
		ConstantBytes: 768 + 64*9*4 + 256 + 3840 + 200,
	}
	if diff := cmp.Diff(want, r.Totals); diff != "" {
		t.Errorf("totals differ (-want +got):\n%s", diff)
	}
	if !slices.Equal(r.Transposes, []string{"swap"}) {
		t.Errorf("transposes are %v, want [swap]", r.Transposes)
	}
	kept := []report.Kept{{Name: "sign5", Op: "Sign", Reason: `its operand can be exactly 0: MatMul "fc4" has no constant bias`}}
	if diff := cmp.Diff(kept, r.Kept); diff != "" {
		t.Errorf("kept differ (-want +got):\n%s", diff)
	}
}

func TestWriteText(t *testing.T) {
	var b strings.Builder
	if err := newReport(t).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for i, c := range b.String() {
		if c > 126 {
			t.Fatalf("character %q at %d is not ASCII", c, i)
		}
	}
	golden.Compare(t, "testdata/report.txt", b.String())
}

func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	r := newReport(t)
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/report.json", b.String())
	var back report.Report
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, &back); diff != "" {
		t.Errorf("read back differs (-want +got):\n%s", diff)
	}
}

// TestEmpty checks that a graph without layers gives lists, not null, and no share.
func TestEmpty(t *testing.T) {
	g := graph.New("empty")
	g.AddOutput("y", g.AddInput("x", schema.Float32, []int{1}, nil))
	r := report.New(g, func(string) string { return "" })
	var b strings.Builder
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("the report has null in it:\n%s", b.String())
	}
	b.Reset()
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), ".lce: 0 operators\n"; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
}

// TestPackedFloatWeights checks a float layer whose weights are stored as bits.
func TestPackedFloatWeights(t *testing.T) {
	g := graph.New("net")
	add := func(name string, code schema.OpCode, o schema.Options, in ...*graph.Value) *graph.Value {
		n := &graph.Node{Name: name, Code: code, Options: o, Inputs: in}
		v := g.Append(n)
		if err := g.InferNode(n); err != nil {
			t.Fatal(err)
		}
		return v
	}
	x := g.AddInput("x", schema.Float32, []int{2, 40}, nil)
	w := add("unpack", schema.Bunpack, nil, g.NewConst("bits", schema.Bits, []int{400}, make([]byte, 52)))
	w = add("reshape", schema.Reshape, &schema.ReshapeOptions{}, w, g.ConstInt64s("shape", []int{2}, []int64{40, 10}))
	w = add("scale", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, g.ConstFloat32s("a", []int{10}, make([]float32, 10)))
	computed := add("abs", schema.Unary, &schema.UnaryOptions{Kind: schema.Abs}, w)
	o := &schema.MatMulOptions{Clamp: schema.NoClamp}
	g.AddOutput("y", add("dense", schema.MatMul, o, x, w))
	g.AddOutput("z", add("other", schema.MatMul, o, x, computed))
	r := report.New(g, func(string) string { return "" })
	if got, want := len(r.Layers), 2; got != want {
		t.Fatalf("%d layers, want %d", got, want)
	}
	if l := r.Layers[0]; l.WeightBits != 1 || l.ActivationBits != 32 || l.Binary || l.Bytes != 52+16+40 {
		t.Errorf("layer %+v, want 1 bit weights of 108 bytes", l)
	}
	if l := r.Layers[1]; l.WeightBits != 32 || l.Bytes != 0 {
		t.Errorf("layer %+v, want computed weights of 32 bits", l)
	}
}
