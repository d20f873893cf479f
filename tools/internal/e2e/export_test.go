package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/exporter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/npy"
)

// again exports a model and converts the ONNX model again.
func again(t *testing.T, m *schema.Model) *schema.Model {
	t.Helper()
	var b bytes.Buffer
	if _, err := exporter.Export(&b, m); err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Parse(b.Bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := converter.Convert(context.Background(), f, converter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res.Model
}

// binaryLayers counts the layers of a model whose activations and weights are signs, and
// those whose activations are 0 or signs, which the converter does not always find again.
func binaryLayers(m *schema.Model) (signs, ternary int) {
	for _, op := range m.Subgraphs[0].Operators {
		switch {
		case op.Code != schema.BConv2D && op.Code != schema.BGEMM:
		case len(op.Inputs) > 5 && op.Inputs[5] != schema.Absent:
			ternary++
		default:
			signs++
		}
	}
	return signs, ternary
}

// keepsBinary checks that what was binary is binary again.
func keepsBinary(t *testing.T, after, before *schema.Model) {
	t.Helper()
	want, _ := binaryLayers(before)
	if signs, ternary := binaryLayers(after); signs+ternary < want {
		t.Errorf("exported and converted again: %d binary layers, there were %d", signs+ternary, want)
	}
}

// TestExportedModels converts, exports and converts the trained networks: what was binary
// is binary again, and the outputs are those that ONNX Runtime computed with the first.
func TestExportedModels(t *testing.T) {
	forEachModel(t, func(t *testing.T, _ network, model string) {
		before := convert(t, model).Model
		after := again(t, before)
		keepsBinary(t, after, before)
		runsAsTrained(t, after, model)
	})
}

// TestExportedBytes exports the models of testdata/exported.zip: the bytes are those that
// ONNX Runtime was given, and its outputs are the interpreter's.
func TestExportedBytes(t *testing.T) {
	z, err := zip.OpenReader(testdata + "/exported.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	members := topic{&z.Reader}
	var index map[string]struct {
		SHA256          string
		Inputs, Outputs []string
	}
	if err := json.Unmarshal(members.member(t, "index.json"), &index); err != nil {
		t.Fatal(err)
	}
	if len(index) < 20 {
		t.Errorf("%d models, want at least 20", len(index))
	}
	for name, want := range index {
		t.Run(name, func(t *testing.T) {
			model, err := schema.Open(members.member(t, name+".lce"))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if _, err := exporter.Export(&b, model); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%x", sha256.Sum256(b.Bytes())); got != want.SHA256 {
				t.Errorf("the exported model has the digest %s, want %s: check it by testdata/gen/exported.py", got, want.SHA256)
			}
			m, err := interpreter.FromSchema(model)
			if err != nil {
				t.Fatal(err)
			}
			arrays, shapes := map[string]*npy.Array{}, map[string][]int{}
			for i, input := range want.Inputs {
				arrays[input] = members.array(t, fmt.Sprintf("%s.in%d.npy", name, i))
				shapes[input] = arrays[input].Shape
			}
			in, err := interpreter.New(m, interpreter.WithInputShapes(shapes))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			for input, a := range arrays {
				if err := in.InputByName(input).SetBytes(a.DType, a.Shape, a.Data); err != nil {
					t.Fatal(err)
				}
			}
			if err := in.Run(); err != nil {
				t.Fatal(err)
			}
			for i, output := range want.Outputs {
				if err := differs(in.OutputByName(output), members.array(t, fmt.Sprintf("%s.out%d.npy", name, i)), 1e-5); err != nil {
					t.Errorf("output %q: %v", output, err)
				}
			}
		})
	}
}
