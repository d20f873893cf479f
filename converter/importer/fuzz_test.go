package importer_test

import (
	"runtime/metrics"
	"testing"

	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// FuzzParse feeds damaged models to the reader and the importer. They may be
// refused, but must not crash, hang or make memory of nothing; and what is imported
// must be a model that the interpreter accepts.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"../../testdata/nodetests/cases.zip", "../../testdata/importer/cases.zip"} {
		for _, c := range onnxtest.Cases(f, file, 1) {
			if len(c.Model) <= 1024 {
				f.Add(c.Model)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		before := allocated()
		importBytes(t, data)
		// Constants that follow from shapes have up to 1024 elements each, twice; the rest
		// is structures. Both are bounded by the number of nodes, so by the file.
		if got, most := allocated()-before, uint64(64<<20+(64<<10)*len(data)); got > most {
			t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(data), most)
		}
	})
}

func importBytes(t *testing.T, data []byte) {
	file, err := onnx.Parse(data, "")
	if err != nil {
		return
	}
	g, err := importer.Import(file, importer.Options{})
	if err != nil {
		return
	}
	m, err := g.Lower(schema.Metadata{})
	if err != nil {
		t.Fatalf("lower: %v", err)
	}
	if _, err := interpreter.FromSchema(m); err != nil {
		t.Fatalf("the imported model is refused: %v", err)
	}
}

// allocated is the number of bytes that were allocated so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
