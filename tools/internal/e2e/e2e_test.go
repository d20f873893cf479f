// Package e2e holds the converter and the interpreter together against ONNX Runtime:
// trained networks, real images, expected outputs from testdata.
package e2e

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/npy"
)

const testdata = "../../../testdata"

// tolerance is the difference allowed against ONNX Runtime, as a part of the range of
// the outputs.
const tolerance = 1e-4

// variants are the export variants of each network.
var variants = []string{"kept_op11", "kept_op17", "folded_op11", "folded_op17"}

// network describes a trained network and what its conversion must give.
type network struct {
	name string
	ops  map[string]int
}

var networks = []network{
	{"fashion_mlp", map[string]int{"Flatten": 1, "Bsign": 1, "BGEMM": 3, "Softmax": 1}},
	{"fashion_cnn", map[string]int{"Conv2D": 1, "Bsign": 1, "BMaxPool2D": 2, "BConv2D": 4, "BGEMM": 1, "Reshape": 2, "Softmax": 1}},
}

// forEachModel runs f as a subtest for each variant of each network.
func forEachModel(t *testing.T, f func(t *testing.T, net network, model string)) {
	for _, net := range networks {
		for _, v := range variants {
			model := net.name + "_" + v
			t.Run(model, func(t *testing.T) { f(t, net, model) })
		}
	}
}

func convert(t *testing.T, model string) *converter.Result {
	t.Helper()
	f, err := onnx.Read(filepath.Join(testdata, "models", model+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := converter.Convert(context.Background(), f, converter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// file converts a model and gives the bytes of the .lce file.
func file(t *testing.T, model string) []byte {
	t.Helper()
	return written(t, convert(t, model).Model)
}

// written is a model as a file has it.
func written(t *testing.T, m *schema.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := schema.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// opCounts counts the operators of a model, but for those of graphs within.
func opCounts(m *schema.Model) map[string]int {
	count := map[string]int{}
	for _, op := range m.Subgraphs[0].Operators {
		count[op.Code.String()]++
	}
	return count
}

func load(t *testing.T, data []byte) *interpreter.Model {
	t.Helper()
	m, err := interpreter.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// runImages runs a model on the first n images.
func runImages(t *testing.T, m *interpreter.Model, images []float32, n int) *interpreter.Interpreter {
	t.Helper()
	in, err := interpreter.New(m, interpreter.WithInputShapes(map[string][]int{"input": {n, 1, 28, 28}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.Input(0).Set(images[:n*28*28]); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	return in
}

func array(t *testing.T, name string) *npy.Array {
	t.Helper()
	return readArray(t, filepath.Join(testdata, "fashion", name))
}

// readArray reads an .npy file.
func readArray(t *testing.T, path string) *npy.Array {
	t.Helper()
	arrays, err := npy.ReadFile(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return arrays[0].Array
}

func float32s(t *testing.T, a *npy.Array) []float32 {
	t.Helper()
	values, err := floats(a)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// floats gives the elements of a Float32 array.
func floats(a *npy.Array) ([]float32, error) {
	if a.DType != schema.Float32 {
		return nil, fmt.Errorf("array is %v, want Float32", a.DType)
	}
	values := make([]float32, len(a.Data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.Data[4*i:]))
	}
	return values, nil
}

const classes = 10

// runAll runs images in batches, the last of which may be smaller, and gives all outputs.
func runAll(t *testing.T, in *interpreter.Interpreter, images []float32, batch int) []float32 {
	t.Helper()
	const pixels = 28 * 28
	var out []float32
	for len(images) > 0 {
		n := min(batch, len(images)/pixels)
		if in.Input(0).Shape()[0] != n {
			if err := in.Resize(map[string][]int{"input": {n, 1, 28, 28}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := in.Input(0).Set(images[:n*pixels]); err != nil {
			t.Fatal(err)
		}
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		out = append(out, in.Output(0).Float32s()...)
		images = images[n*pixels:]
	}
	return out
}

// compare fails unless got is within the tolerance of want.
func compare(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	low, high, worst := math.Inf(1), math.Inf(-1), 0.0
	for i, w := range want {
		low, high = min(low, float64(w)), max(high, float64(w))
		diff := math.Abs(float64(got[i]) - float64(w))
		if math.IsNaN(diff) {
			diff = math.Inf(1)
		}
		worst = max(worst, diff)
	}
	t.Logf("largest difference %.2g of the range %.3g", worst/(high-low), high-low)
	if worst > tolerance*(high-low) {
		t.Errorf("largest difference %g, want at most %g of the range %g", worst, tolerance, high-low)
	}
}

func TestOutputsMatchONNXRuntime(t *testing.T) {
	images := float32s(t, array(t, "images_f32.npy"))
	forEachModel(t, func(t *testing.T, _ network, model string) {
		m := load(t, file(t, model))
		want := float32s(t, array(t, "logits_"+model+".npy"))
		var first []float32
		for _, threads := range []int{1, 2, 5} {
			for _, batch := range []int{1, 7, 32} {
				in, err := interpreter.New(m, interpreter.WithThreads(threads))
				if err != nil {
					t.Fatal(err)
				}
				got := runAll(t, in, images, batch)
				in.Close()
				t.Run(fmt.Sprintf("threads=%d,batch=%d", threads, batch), func(t *testing.T) {
					compare(t, got, want)
					if first == nil {
						first = got
					}
					for i := range got {
						if got[i] != first[i] {
							t.Fatalf("value %d: got %g, but %g with one thread and batch 1", i, got[i], first[i])
						}
					}
				})
			}
		}
	})
}

// TestUnfusedMatchesONNXRuntime guards the operators that fusion replaces.
func TestUnfusedMatchesONNXRuntime(t *testing.T) {
	forEachModel(t, func(t *testing.T, _ network, model string) {
		runsAsTrained(t, convert(t, model).Unfused, model)
	})
}

// runsAsTrained compares the outputs for a few images with those of ONNX Runtime.
func runsAsTrained(t *testing.T, s *schema.Model, model string) {
	t.Helper()
	const few = 8
	m, err := interpreter.FromSchema(s)
	if err != nil {
		t.Fatal(err)
	}
	in, err := interpreter.New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	images := float32s(t, array(t, "images_f32.npy"))[:few*28*28]
	compare(t, runAll(t, in, images, few), float32s(t, array(t, "logits_"+model+".npy"))[:few*classes])
}

func TestEveryBinaryLayerIsFused(t *testing.T) {
	forEachModel(t, func(t *testing.T, net network, model string) {
		got := opCounts(convert(t, model).Model)
		if fmt.Sprint(got) != fmt.Sprint(net.ops) {
			t.Errorf("operators: got %v, want %v", got, net.ops)
		}
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	forEachModel(t, func(t *testing.T, _ network, model string) {
		m := load(t, file(t, model))
		for _, threads := range []int{1, 2} {
			in, err := interpreter.New(m, interpreter.WithThreads(threads))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			got := testing.AllocsPerRun(20, func() {
				if err := in.Run(); err != nil {
					t.Error(err)
				}
			})
			if got != 0 {
				t.Errorf("%d threads: %v allocations in a run, want none", threads, got)
			}
		}
	})
}

// TestFileSize holds that each binary weight takes one bit: 1.05 times what the
// parameters of the ONNX model need, with 4 KB for names and structure.
func TestFileSize(t *testing.T) {
	forEachModel(t, func(t *testing.T, _ network, model string) {
		f, err := onnx.Read(filepath.Join(testdata, "models", model+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := converter.Convert(context.Background(), f, converter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		totals := res.Report.Totals
		// Parameters of the .lce model: at most those of the ONNX model.
		limit := 1.05 * float64(totals.BinaryParameters/8+4*(totals.Parameters-totals.BinaryParameters)+4096)
		size := len(file(t, model))
		t.Logf("%d bytes, limit %.0f", size, limit)
		if float64(size) > limit {
			t.Errorf("file has %d bytes, want at most %.0f", size, limit)
		}
	})
}

func TestConversionIsDeterministic(t *testing.T) {
	forEachModel(t, func(t *testing.T, _ network, model string) {
		if !bytes.Equal(file(t, model), file(t, model)) {
			t.Error("two conversions give different files")
		}
	})
}

// TestEmbeddedModelIsFresh compares the model in examples/embed with a conversion. Only
// the producer, which holds the version of the program, may differ.
func TestEmbeddedModelIsFresh(t *testing.T) {
	committed, err := os.ReadFile("../../../examples/embed/fashion_cnn.lce")
	if err != nil {
		t.Fatal(err)
	}
	m, err := schema.Open(committed)
	if err != nil {
		t.Fatal(err)
	}
	fresh := convert(t, "fashion_cnn_folded_op17").Model
	fresh.Metadata.Producer = m.Metadata.Producer
	if !strings.HasPrefix(fresh.Metadata.Producer, "lce-go ") {
		t.Errorf("producer %q", fresh.Metadata.Producer)
	}
	if !bytes.Equal(written(t, fresh), committed) {
		t.Error("examples/embed/fashion_cnn.lce is not what lce-convert makes: run make generate")
	}
}
