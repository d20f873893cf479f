package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/npy"
)

// pattern is an entry of index.json: a model, its inputs, and what must come out.
type pattern struct {
	Inputs  []string `json:"inputs"`
	Outputs int      `json:"outputs"`
	Runs    int      `json:"runs"`
	// Ops are the numbers of operators; others than these may occur.
	Ops map[string]int `json:"ops"`
	// Tolerance is a part of the range of an output; 0 asks for equal values.
	Tolerance float64 `json:"tolerance"`
	// Reasons has, by layer, a part of what the report says why it stays float.
	Reasons map[string]string `json:"reasons"`
	Options patternOptions    `json:"options"`
	// Stored are the numbers of constants that are stored in fewer bits, by type.
	Stored map[string]int `json:"stored"`
}

// patternOptions are the conversion's options that a pattern may set.
type patternOptions struct {
	DropFinalSoftmax bool             `json:"drop_final_softmax"`
	InputShapes      map[string][]int `json:"input_shapes"`
	Float16          bool             `json:"float16"`
	Int8Weights      bool             `json:"int8_weights"`
}

func (o patternOptions) options() converter.Options {
	return converter.Options{
		DropFinalSoftmax: o.DropFinalSoftmax, InputShapes: o.InputShapes, Float16: o.Float16, Int8Weights: o.Int8Weights,
	}
}

// TestPatterns converts the small networks of testdata/patterns. What they compute must
// be ONNX Runtime's result, fused and unfused, and what should be binary must be; and again
// after they were exported.
func TestPatterns(t *testing.T) { testTopics(t, "patterns") }

// TestExports does the same with networks that exporters of PyTorch, Brevitas and Larq
// wrote.
func TestExports(t *testing.T) { testTopics(t, "exports") }

// testTopics tests the zips of a folder of testdata.
func testTopics(t *testing.T, folder string) {
	zips, err := filepath.Glob(filepath.Join(testdata, folder, "*.zip"))
	if err != nil || len(zips) == 0 {
		t.Fatalf("no zips in %s: %v", folder, err)
	}
	for _, path := range zips {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".zip"), func(t *testing.T) {
			z, err := zip.OpenReader(path)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			topic := topic{&z.Reader}
			dec := json.NewDecoder(bytes.NewReader(topic.member(t, "index.json")))
			dec.DisallowUnknownFields()
			var index map[string]pattern
			if err := dec.Decode(&index); err != nil {
				t.Fatalf("index.json: %v", err)
			}
			for _, name := range slices.Sorted(maps.Keys(index)) {
				t.Run(name, func(t *testing.T) { topic.test(t, name, index[name]) })
			}
		})
	}
}

// topic is a zip of patterns.
type topic struct{ *zip.Reader }

func (z topic) member(t *testing.T, name string) []byte {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// model decodes the model of a pattern. If it has external data, both are written to a
// folder and read from there.
func (z topic) model(t *testing.T, name string) *onnx.File {
	t.Helper()
	data := name + ".onnx.data"
	if !slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == data }) {
		f, err := onnx.Parse(z.member(t, name+".onnx"), "")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	dir := t.TempDir()
	for _, file := range []string{name + ".onnx", data} {
		if err := os.WriteFile(filepath.Join(dir, file), z.member(t, file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := onnx.Read(filepath.Join(dir, name+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (z topic) array(t *testing.T, name string) *npy.Array {
	t.Helper()
	a, err := npy.Read(bytes.NewReader(z.member(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

func (z topic) test(t *testing.T, name string, p pattern) {
	f := z.model(t, name)
	res, err := converter.Convert(context.Background(), f, p.Options.options())
	if err != nil {
		t.Fatal(err)
	}
	count := opCounts(res.Model)
	for op, want := range p.Ops {
		if count[op] != want {
			t.Errorf("%d operators %s, want %d; the report says: %s", count[op], op, want, strings.Join(reasons(res.Report), "; "))
		}
	}
	for layer, want := range p.Reasons {
		said := reasons(res.Report)
		if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, layer+": ") && strings.Contains(s, want) }) {
			t.Errorf("no reason %q for %s; the report says: %s", want, layer, strings.Join(said, "; "))
		}
	}
	if p.Options.Float16 || p.Options.Int8Weights {
		z.testStored(t, name, p, res)
		return
	}
	for threads := 1; threads <= 2; threads++ {
		z.run(t, fmt.Sprintf("%d threads", threads), name, p, res.Model, threads)
	}
	z.run(t, "unfused", name, p, res.Unfused, 1)
	after := again(t, res.Model)
	keepsBinary(t, after, res.Model)
	z.run(t, "exported and converted again", name, p, after, 1)
}

// reasons lists what the report says about operators that stay as they are.
func reasons(r *report.Report) []string {
	var out []string
	for _, l := range r.Layers {
		if l.Reason != "" {
			out = append(out, l.Name+": "+l.Reason)
		}
	}
	for _, k := range r.Kept {
		out = append(out, k.Name+": "+k.Reason)
	}
	return out
}

// run feeds the inputs of each run to a model and compares its outputs.
func (z topic) run(t *testing.T, how, name string, p pattern, model *schema.Model, threads int) {
	t.Helper()
	m, err := interpreter.FromSchema(model)
	if err != nil {
		t.Fatalf("%s: %v", how, err)
	}
	first := map[string][]int{} // open dimensions are 1 otherwise, which is too small for some windows
	for _, input := range p.Inputs {
		first[input] = z.array(t, fmt.Sprintf("%s.0.%s.npy", name, input)).Shape
	}
	in, err := interpreter.New(m, interpreter.WithThreads(threads), interpreter.WithInputShapes(first))
	if err != nil {
		t.Fatalf("%s: %v", how, err)
	}
	defer in.Close()
	if n := len(in.Outputs()); n != p.Outputs {
		t.Fatalf("%s: %d outputs, want %d", how, n, p.Outputs)
	}
	for r := range p.Runs {
		arrays, shapes := map[string]*npy.Array{}, map[string][]int{}
		for _, input := range p.Inputs {
			arrays[input] = z.array(t, fmt.Sprintf("%s.%d.%s.npy", name, r, input))
			shapes[input] = arrays[input].Shape
		}
		if err := in.Resize(shapes); err != nil {
			t.Fatalf("%s: run %d: %v", how, r, err)
		}
		for input, a := range arrays {
			if err := in.InputByName(input).SetBytes(a.DType, a.Shape, a.Data); err != nil {
				t.Fatalf("%s: run %d: input %s: %v", how, r, input, err)
			}
		}
		if err := in.Run(); err != nil {
			t.Fatalf("%s: run %d: %v", how, r, err)
		}
		for i := range p.Outputs {
			want := z.array(t, fmt.Sprintf("%s.%d.out%d.npy", name, r, i))
			if err := differs(in.Output(i), want, p.Tolerance); err != nil {
				t.Errorf("%s: run %d: output %d: %v", how, r, i, err)
			}
		}
	}
}

// wide gives floats of any size as float64.
func wide(d schema.DType, data []byte) ([]float64, bool) {
	size := d.Size()
	var element func(b []byte) float64
	le := binary.LittleEndian
	switch d {
	case schema.Float16:
		element = func(b []byte) float64 { return float64(interpreter.FromFloat16([]uint16{le.Uint16(b)})[0]) }
	case schema.Float32:
		element = func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case schema.Float64:
		element = func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	default:
		return nil, false
	}
	values := make([]float64, len(data)/size)
	for i := range values {
		values[i] = element(data[i*size:])
	}
	return values, true
}

// differs says how an output differs from what it should be: floats by more than a part
// of their range, other elements at all.
func differs(got *interpreter.Tensor, want *npy.Array, part float64) error {
	if got.DType() != want.DType || !slices.Equal(got.Shape(), want.Shape) {
		return fmt.Errorf("got %v, want %v %v", got, want.DType, want.Shape)
	}
	w, isFloat := wide(want.DType, want.Data)
	if !isFloat {
		if !bytes.Equal(got.Bytes(), want.Data) {
			return fmt.Errorf("%v values differ", want.DType)
		}
		return nil
	}
	limit := 0.0
	if part > 0 && len(w) > 0 {
		limit = part * (slices.Max(w) - slices.Min(w))
	}
	differ, most := 0, 0.0
	values, _ := wide(got.DType(), got.Bytes())
	for i, g := range values {
		if g == w[i] || g != g && w[i] != w[i] {
			continue
		}
		d := math.Abs(g - w[i])
		if !(d <= limit) || math.IsInf(d, 0) {
			differ++
			most = max(most, d)
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d values differ, by up to %g, allowed is %g", differ, len(w), most, limit)
	}
	return nil
}
