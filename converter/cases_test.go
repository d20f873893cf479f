package converter

import (
	"archive/zip"
	"io"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// decodeTensor reads a tensor in ONNX's format.
func decodeTensor(t testing.TB, data []byte) Array {
	t.Helper()
	var p onnxpb.TensorProto
	if err := proto.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	p.Name = proto.String("x")
	model, err := proto.Marshal(&onnxpb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(13)}},
		Graph: &onnxpb.GraphProto{
			Initializer: []*onnxpb.TensorProto{&p},
			Output:      []*onnxpb.ValueInfoProto{{Name: proto.String("x")}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Parse(model, "")
	if err != nil {
		t.Fatal(err)
	}
	x := f.Graph.Initializers["x"]
	return Array{DType: x.DType, Shape: x.Shape, Data: x.Data}
}

// TestPassesKeepResults converts the models of the operator tests and compares each
// with its unfused graph on the test's input. What the unfused graph computes is
// checked in package importer.
func TestPassesKeepResults(t *testing.T) {
	for _, name := range []string{"nodetests", "importer"} {
		archive, err := zip.OpenReader(filepath.Join("..", "testdata", name, "cases.zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		models, inputs := map[string][]byte{}, map[string][]Array{}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			switch dir, base := path.Dir(f.Name), path.Base(f.Name); {
			case base == "model.onnx":
				models[dir] = data
			case strings.HasPrefix(base, "input_"):
				inputs[dir] = append(inputs[dir], decodeTensor(t, data))
			}
		}
		if len(models) < 180 {
			t.Errorf("%d cases of %s, want at least 180", len(models), name)
		}
		for dir, data := range models {
			t.Run(name+"/"+dir, func(t *testing.T) {
				f, err := onnx.Parse(data, "")
				if err != nil {
					t.Fatal(err)
				}
				res := mustConvert(t, f, Options{})
				v, err := Verify(t.Context(), res, VerifyOptions{Inputs: [][]Array{inputs[dir]}})
				if err != nil {
					t.Fatal(err)
				}
				before, after := opCounts(res.Unfused), opCounts(res.Model)
				if after["Transpose"] > before["Transpose"] {
					t.Errorf("%d transposes, there were %d", after["Transpose"], before["Transpose"])
				}
				if v.Samples != 1 || v.Flipped != 0 {
					t.Errorf("verified: %+v", v)
				}
			})
		}
	}
}
