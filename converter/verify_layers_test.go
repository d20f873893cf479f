package converter

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
)

// TestLayersAgree compares all pairs of results of small networks of many kinds: a pair
// that does not belong together would be named as the first layer that differs.
func TestLayersAgree(t *testing.T) {
	zips, err := filepath.Glob("../testdata/patterns/*.zip")
	if err != nil || len(zips) == 0 {
		t.Fatalf("no networks: %v", err)
	}
	compared := 0
	for _, path := range zips {
		for file, data := range onnxtest.Files(t, path, ".onnx") {
			name := strings.TrimSuffix(file, ".onnx")
			model, err := onnx.Parse(data, "")
			if err != nil {
				continue // of custom operators and the like: other tests
			}
			res, err := Convert(t.Context(), model, Options{})
			if err != nil {
				continue
			}
			compared += len(pairs(res))
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				var in []Array
				random := newRandom(1)
				s := res.Unfused.Subgraphs[0]
				v := verifier{unfused: &runner{model: res.Unfused}}
				defer v.unfused.close()
				shapes, err := v.shapes()
				if err != nil {
					t.Fatal(err)
				}
				for i, port := range s.Inputs {
					in = append(in, random.array(port.Name, s.Tensors[port.Tensor].DType, shapes[i]))
				}
				d, err := firstDifference(res, in, 1e-4, 1)
				if err != nil {
					t.Fatal(err)
				}
				if d != nil {
					t.Errorf("%v", d)
				}
			})
		}
	}
	if compared < 500 {
		t.Errorf("%d pairs of results, want at least 500", compared)
	}
}

func TestIndex(t *testing.T) {
	got := index(3*4*5+2*5+1, []int{7, 4, 5})
	if got[0] != 3 || got[1] != 2 || got[2] != 1 {
		t.Errorf("got %v, want [3 2 1]", got)
	}
}
