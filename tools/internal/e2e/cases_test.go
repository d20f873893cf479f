package e2e

import (
	"archive/zip"
	"context"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/schema"
)

// importerCases has small models with ONNX Runtime's results.
const importerCases = "../../../testdata/importer/cases.zip"

// readImporterCases reads the cases as node tests.
func readImporterCases(t *testing.T) (cases []*nodeTest) {
	t.Helper()
	archive, err := zip.OpenReader(importerCases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { archive.Close() })
	for file, data := range onnxtest.Files(t, importerCases, "/model.onnx") {
		name := path.Dir(file)
		tensors, err := fs.Sub(archive, name)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, &nodeTest{name: name, tensors: tensors, data: data})
	}
	return cases
}

// TestImporterCases puts the cases of the importer through all passes.
func TestImporterCases(t *testing.T) {
	for _, c := range readImporterCases(t) {
		t.Run(c.name, func(t *testing.T) {
			if o, detail := c.run(); o != passed {
				t.Error(detail)
			}
		})
	}
}

// TestBinaryLayersInBranches converts a network whose binary layers are in the branches of an
// If: each is packed.
func TestBinaryLayersInBranches(t *testing.T) {
	found := 0
	for _, c := range readImporterCases(t) {
		if !strings.HasPrefix(c.name, "if_binary") {
			continue
		}
		found++
		f, err := onnx.Parse(c.data, "")
		if err != nil {
			t.Fatal(err)
		}
		res, err := converter.Convert(context.Background(), f, converter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Report.Totals.BinaryLayers; got != 2 {
			t.Errorf("%s: %d binary layers, want 2", c.name, got)
		}
		packed := 0
		for _, s := range res.Model.Subgraphs[1:] {
			for _, op := range s.Operators {
				if op.Code == schema.BConv2D {
					packed++
				}
			}
		}
		if packed != 2 {
			t.Errorf("%s: %d operators BConv2D in graphs of operators, want 2", c.name, packed)
		}
		if _, err := converter.Verify(context.Background(), res, converter.VerifyOptions{Samples: 4, Seed: 1}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if found != 2 {
		t.Errorf("%d cases, want 2", found)
	}
}
