package e2e

import (
	"archive/zip"
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/npy"
)

// quantizedModels are those of quantized.py, with the number of products that must be computed
// on integers: all.
var quantizedModels = []struct {
	name     string
	products int
}{
	{"resnet18_qdq_u8s8", 21}, {"resnet18_qdq_s8s8", 21}, {"resnet18_qdq_tensor", 21}, {"resnet18_qlinear", 21},
	{"mobilenetv2_qdq_u8s8", 53},
}

func isQuantized(name string) bool {
	for _, m := range quantizedModels {
		if m.name == name {
			return true
		}
	}
	return false
}

// worse is by how many decibels the signal-to-noise ratio may be worse than ONNX Runtime's.
const worse = 1

// TestQuantizedModels converts the quantized models of make models: the outputs are as near to
// those of the float network as ONNX Runtime's.
func TestQuantizedModels(t *testing.T) {
	folder := modelsFolder(t)
	for _, m := range quantizedModels {
		t.Run(m.name, func(t *testing.T) {
			path := filepath.Join(folder, m.name)
			f := readModel(t, path)
			res, err := converter.Convert(context.Background(), f, converter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			count := opCounts(res.Model)
			if got := count["QConv2D"] + count["QMatMul"]; got != m.products {
				t.Errorf("%d products of integers, want %d; all: %v", got, m.products, count)
			}
			if count["Transpose"] > 1 {
				t.Errorf("%d operators Transpose, want one, of the input", count["Transpose"])
			}
			read := func(name string) []float32 {
				arrays, err := npy.ReadFile(path + name)
				if err != nil {
					t.Fatal(err)
				}
				return float32s(t, arrays[0].Array)
			}
			want, theirs, ours := read(".float.npy"), read(".optimized.npy"), runOnce(t, load(t, written(t, res.Model)), read(".x0.npy"))
			same := 0
			for i, v := range ours {
				if v == theirs[i] {
					same++
				}
			}
			a, o := signalToNoise(want, ours), signalToNoise(want, theirs)
			t.Logf("signal to noise %.2f dB, ONNX Runtime's %.2f dB; %.1f %% of the outputs are the same, %.2f dB between both",
				a, o, 100*float64(same)/float64(len(ours)), signalToNoise(theirs, ours))
			if a < o-worse {
				t.Errorf("signal to noise %.2f dB, want at least %.2f dB: ONNX Runtime's less %d", a, o-worse, worse)
			}
		})
	}
}

// signalToNoise is how much larger want is than the difference, in decibels.
func signalToNoise(want, got []float32) float64 {
	if len(want) != len(got) || slices.ContainsFunc(got, func(v float32) bool { return v != v }) {
		return math.Inf(-1)
	}
	signal, noise := 0.0, 0.0
	for i, v := range want {
		signal += float64(v) * float64(v)
		d := float64(v) - float64(got[i])
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}

// runOnce gives the only output for the only input.
func runOnce(t *testing.T, m *interpreter.Model, x []float32) []float32 {
	t.Helper()
	in, err := interpreter.New(m, interpreter.WithThreads(2))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Input(0).Set(x); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(in.Output(0).Float32s())
}

// TestVerifyQuantized compares with the limit that is for networks of 8-bit numbers.
func TestVerifyQuantized(t *testing.T) {
	z, err := zip.OpenReader(filepath.Join(testdata, "patterns", "integers.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, name := range []string{"residual", "operators"} {
		res, err := converter.Convert(t.Context(), topic{&z.Reader}.model(t, name), converter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := converter.Verify(t.Context(), res, converter.VerifyOptions{Samples: 2})
		if err != nil || v.Limit != converter.QuantizedLimit {
			t.Errorf("%s: limit %v, want %v; error %v", name, v.Limit, converter.QuantizedLimit, err)
		}
	}
}
