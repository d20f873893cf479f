package exporter_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/exporter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

func parse(t *testing.T, data []byte) *onnx.File {
	t.Helper()
	f, err := onnx.Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func convert(t *testing.T, f *onnx.File, o converter.Options) *converter.Result {
	t.Helper()
	res, err := converter.Convert(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// export writes a model twice and checks that the bytes are the same.
func export(t *testing.T, m *schema.Model) []byte {
	t.Helper()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if _, err := exporter.Export(w, m); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("two exports differ")
	}
	return a.Bytes()
}

// run gives the outputs of a model by name.
func run(t *testing.T, m *schema.Model, inputs map[string]*onnx.Tensor) map[string]*interpreter.Tensor {
	t.Helper()
	in, err := onnxtest.Start(m, inputs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string]*interpreter.Tensor{}
	for _, y := range in.Outputs() {
		out[y.Name()] = y
	}
	return out
}

// same compares all outputs: floats may differ by a part of their range, others not.
func same(t *testing.T, got, want map[string]*interpreter.Tensor, part float64) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("outputs %q, want %q", g, w)
	}
	for name, w := range want {
		if err := differ(got[name], w, part); err != nil {
			t.Errorf("output %q: %v", name, err)
		}
	}
}

func differ(got, want *interpreter.Tensor, part float64) error {
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	if got.DType() != schema.Float32 {
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			return fmt.Errorf("%v: the elements differ", got)
		}
		return nil
	}
	g, w := got.Float32s(), want.Float32s()
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range w {
		if !math.IsInf(float64(v), 0) {
			low, high = min(low, float64(v)), max(high, float64(v))
		}
	}
	for i := range w {
		if g[i] == w[i] || g[i] != g[i] && w[i] != w[i] {
			continue
		}
		if d := math.Abs(float64(g[i]) - float64(w[i])); !(d <= part*(high-low)) {
			return fmt.Errorf("element %d: got %v, want %v", i, g[i], w[i])
		}
	}
	return nil
}

// named gives the inputs of a model their names.
func named(m *schema.Model, list []*onnx.Tensor) map[string]*onnx.Tensor {
	inputs := map[string]*onnx.Tensor{}
	for i, p := range m.Subgraphs[0].Inputs {
		inputs[p.Name] = list[i]
	}
	return inputs
}

// TestOperatorsRoundTrip exports the converted models of the operator tests, as they are
// and without fusion, converts them again and compares the outputs. Together with models
// they have all operators of .lce.
func TestOperatorsRoundTrip(t *testing.T) {
	used := map[schema.OpCode]bool{}
	for _, m := range models {
		b := newBuilder(t)
		m.build(b)
		collect(used, []*schema.Subgraph{b.graph})
	}
	for _, name := range []string{"nodetests", "importer"} {
		for _, c := range onnxtest.Cases(t, filepath.Join("..", "..", "testdata", name, "cases.zip"), 180) {
			t.Run(name+"/"+c.Name, func(t *testing.T) {
				res := convert(t, parse(t, c.Model), converter.Options{})
				for how, m := range map[string]*schema.Model{"fused": res.Model, "unfused": res.Unfused} {
					collect(used, m.Subgraphs)
					t.Run(how, func(t *testing.T) {
						inputs := named(m, c.Inputs)
						want := run(t, m, inputs)
						again := convert(t, parse(t, export(t, m)), converter.Options{})
						same(t, run(t, again.Unfused, inputs), want, tolerance)
						same(t, run(t, again.Model, inputs), want, tolerance)
					})
				}
			})
		}
	}
	for code := schema.Custom + 1; !strings.HasPrefix(code.String(), "OpCode("); code++ {
		if !used[code] {
			t.Errorf("no case has %v", code)
		}
	}
}

// collect notes the operators of graphs.
func collect(used map[schema.OpCode]bool, graphs []*schema.Subgraph) {
	for _, g := range graphs {
		for _, op := range g.Operators {
			used[op.Code] = true
		}
	}
}

// tolerance is the difference allowed, as a part of the range of an output: sums of another
// layout may be rounded another way.
const tolerance = 1e-6
