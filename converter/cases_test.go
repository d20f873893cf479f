package converter

import (
	"path/filepath"
	"testing"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
)

// TestPassesKeepResults converts the models of the operator tests and compares each
// with its unfused graph on the test's input. What the unfused graph computes is
// checked in package importer.
func TestPassesKeepResults(t *testing.T) {
	for _, name := range []string{"nodetests", "importer"} {
		for _, c := range onnxtest.Cases(t, filepath.Join("..", "testdata", name, "cases.zip"), 180) {
			t.Run(name+"/"+c.Name, func(t *testing.T) {
				f, err := onnx.Parse(c.Model, "")
				if err != nil {
					t.Fatal(err)
				}
				var inputs []Array
				for _, x := range c.Inputs {
					inputs = append(inputs, Array{DType: x.DType, Shape: x.Shape, Data: x.Data})
				}
				res := mustConvert(t, f, Options{})
				v, err := Verify(t.Context(), res, VerifyOptions{Inputs: [][]Array{inputs}})
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
