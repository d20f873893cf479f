package e2e

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/npy"
)

// TestInnerValuesMatchONNXRuntime adds the results of the binary layers to the outputs,
// or makes them the only ones, and compares them with ONNX Runtime's: they are in the
// order of the ONNX model (NCHW), though in the middle of what is fused otherwise.
func TestInnerValuesMatchONNXRuntime(t *testing.T) {
	images := float32s(t, array(t, "images_f32.npy"))
	for _, net := range networks {
		model := net.name + "_kept_op11"
		arrays, err := npy.ReadFile(filepath.Join(testdata, "fashion", "sums_"+model+".npz"))
		if err != nil {
			t.Fatal(err)
		}
		scales := map[string][]float32{}
		var names []string
		for _, a := range arrays {
			if name, ok := strings.CutSuffix(a.Name, ":scale"); ok {
				scales[name] = float32s(t, a.Array)
				continue
			}
			names = append(names, a.Name)
		}
		f, err := onnx.Read(filepath.Join(testdata, "models", model+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []struct {
			name  string
			opts  converter.Options
			first int // output that is the first of names
		}{
			{"keep", converter.Options{Keep: names}, 1},
			{"outputs", converter.Options{Outputs: names}, 0},
			{"one output", converter.Options{Outputs: names[1:2]}, -1},
		} {
			t.Run(model+"/"+mode.name, func(t *testing.T) {
				res, err := converter.Convert(context.Background(), f, mode.opts)
				if err != nil {
					t.Fatal(err)
				}
				m, err := interpreter.FromSchema(res.Model)
				if err != nil {
					t.Fatal(err)
				}
				in := runImages(t, m, images, arrays[0].Shape[0])
				compared := 0
				for _, out := range in.Outputs() {
					for _, a := range arrays {
						if a.Name == out.Name() {
							compareValues(t, out, a.Array, scales[a.Name])
							compared++
						}
					}
				}
				if want := len(in.Outputs()) - max(mode.first, 0); compared != want || mode.first < 0 && compared != 1 {
					t.Errorf("%d outputs compared, want %d", compared, want)
				}
			})
		}
	}
}

// compareValues compares values with integer sums times a scale per channel.
func compareValues(t *testing.T, got *interpreter.Tensor, want *npy.Array, scale []float32) {
	t.Helper()
	values := got.Float32s()
	pixels := 1
	for _, d := range want.Shape[2:] {
		pixels *= d
	}
	if len(values) != want.Shape[0]*want.Shape[1]*pixels || got.Shape()[1] != want.Shape[1] {
		t.Fatalf("%s: shape %v, want %v", got.Name(), got.Shape(), want.Shape)
	}
	for i, v := range values {
		w := float64(int16(uint16(want.Data[2*i]) | uint16(want.Data[2*i+1])<<8))
		if scale != nil {
			w *= float64(scale[i/pixels%want.Shape[1]])
		}
		if math.Abs(float64(v)-w) > 1e-5*math.Abs(w) {
			t.Fatalf("%s: element %d: got %v, want %v", got.Name(), i, v, w)
		}
	}
}
