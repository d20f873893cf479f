package importer_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// run imports a model without any pass, and runs it.
func run(t *testing.T, data []byte, inputs []*onnx.Tensor) []*interpreter.Tensor {
	t.Helper()
	f, err := onnx.Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := importer.Import(f, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lowered, err := g.Lower(schema.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]*onnx.Tensor{}
	for i, x := range inputs {
		named[f.Graph.Inputs[i].Name] = x
	}
	in, err := onnxtest.Start(lowered, named)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	return in.Outputs()
}

func compare(t *testing.T, got *interpreter.Tensor, want *onnx.Tensor) {
	t.Helper()
	if err := onnxtest.Compare(got, want); err != nil {
		t.Fatal(err)
	}
}

// runCases runs all cases of an archive, of which there must be at least least.
func runCases(t *testing.T, file string, least int) {
	for _, c := range onnxtest.Cases(t, file, least) {
		t.Run(c.Name, func(t *testing.T) {
			outputs := run(t, c.Model, c.Inputs)
			if len(outputs) != len(c.Outputs) {
				t.Fatalf("%d outputs, want %d", len(outputs), len(c.Outputs))
			}
			for i, want := range c.Outputs {
				compare(t, outputs[i], want)
			}
		})
	}
}

// TestNodeTests runs ONNX's own tests of the operators.
func TestNodeTests(t *testing.T) {
	runCases(t, "../../testdata/nodetests/cases.zip", 310)
}

// TestONNXRuntime runs models whose results are ONNX Runtime's.
func TestONNXRuntime(t *testing.T) {
	runCases(t, "../../testdata/importer/cases.zip", 180)
}

// TestElementTypes runs operators on float16 and float64, with ONNX Runtime's results.
func TestElementTypes(t *testing.T) {
	runCases(t, "../../testdata/importer/types.zip", 200)
}

// TestNetworks runs whole networks, without any pass, on the images that ONNX
// Runtime's outputs are there for.
func TestNetworks(t *testing.T) {
	files, err := filepath.Glob("../../testdata/models/fashion_*.onnx")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d networks, error %v, want 8", len(files), err)
	}
	images := readFloats(t, "../../testdata/fashion/images_f32.npy")
	const count = 8
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".onnx")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			x := &onnx.Tensor{DType: schema.Float32, Shape: []int{count, 1, 28, 28}, Data: images[:count*28*28*4]}
			got := run(t, data, []*onnx.Tensor{x})[0].Float32s()
			logits := readFloats(t, "../../testdata/fashion/logits_"+name+".npy")
			want := ops.View[float32](&ops.Tensor{Data: logits})
			for i, g := range got {
				if w := want[i]; math.Abs(float64(g-w)) > 1e-4*(1+math.Abs(float64(w))) {
					t.Fatalf("image %d, class %d: %v, want %v", i/10, i%10, g, w)
				}
			}
			if len(got) != count*10 {
				t.Errorf("%d outputs, want %d", len(got), count*10)
			}
		})
	}
}

// readFloats reads the elements of a float32 array in numpy's format, version 1.
func readFloats(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), "\x93NUMPY\x01") || !strings.Contains(string(data[:64]), "<f4") {
		t.Fatalf("%s is not a float32 array", file)
	}
	body := data[10+binary.LittleEndian.Uint16(data[8:]):]
	return append(ops.AlignedBytes(len(body))[:0], body...)
}
