package e2e

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/exporter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// again exports a model and converts the ONNX model again.
func again(t *testing.T, m *schema.Model) *schema.Model {
	t.Helper()
	var b bytes.Buffer
	if _, err := exporter.Export(&b, m); err != nil {
		if strings.Contains(err.Error(), "has no form in ONNX") {
			t.Skip(err)
		}
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
	const few = 8
	images := float32s(t, array(t, "images_f32.npy"))[:few*28*28]
	forEachModel(t, func(t *testing.T, _ network, model string) {
		before := convert(t, model).Model
		after := again(t, before)
		keepsBinary(t, after, before)
		m, err := interpreter.FromSchema(after)
		if err != nil {
			t.Fatal(err)
		}
		in, err := interpreter.New(m)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		compare(t, runAll(t, in, images, few), float32s(t, array(t, "logits_"+model+".npy"))[:few*classes])
	})
}
