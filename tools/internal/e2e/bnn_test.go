package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/npy"
)

// bnnCase is an entry of index.json: how many of some operators must come out.
type bnnCase struct {
	Ops map[string]int `json:"ops"`
}

// TestBinarizedNetworks converts the small networks of testdata/bnn. All their arithmetic
// is exact, so that the results must be equal to ONNX Runtime's, ties included; and
// what should be binary must be.
func TestBinarizedNetworks(t *testing.T) {
	z, err := zip.OpenReader(filepath.Join(testdata, "bnn", "cases.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	member := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var index map[string]bnnCase
	if err := json.Unmarshal(member("index.json"), &index); err != nil {
		t.Fatal(err)
	}
	array := func(t *testing.T, name string) *npy.Array {
		a, err := npy.Read(bytes.NewReader(member(name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return a
	}
	for _, name := range slices.Sorted(maps.Keys(index)) {
		t.Run(name, func(t *testing.T) {
			f, err := onnx.Parse(member(name+".onnx"), "")
			if err != nil {
				t.Fatal(err)
			}
			res, err := converter.Convert(context.Background(), f, converter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			count := map[string]int{}
			for _, op := range res.Model.Subgraphs[0].Operators {
				count[op.Code.String()]++
			}
			for op, want := range index[name].Ops {
				if count[op] != want {
					t.Errorf("%d operators %s, want %d; kept: %v", count[op], op, want, res.Report.Kept)
				}
			}
			m, err := interpreter.FromSchema(res.Model)
			if err != nil {
				t.Fatal(err)
			}
			in, err := interpreter.New(m, interpreter.WithThreads(2))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			x := array(t, name+".x.npy")
			if err := in.Input(0).SetBytes(x.DType, x.Shape, x.Data); err != nil {
				t.Fatal(err)
			}
			if err := in.Run(); err != nil {
				t.Fatal(err)
			}
			want := array(t, name+".y.npy")
			if got := in.Output(0).Shape(); !slices.Equal(got, want.Shape) {
				t.Fatalf("shape: got %v, want %v", got, want.Shape)
			}
			differ := 0
			for i, w := range float32s(t, want) {
				if in.Output(0).Float32s()[i] != w {
					differ++
				}
			}
			if differ > 0 {
				t.Errorf("%d of %d values differ", differ, in.Output(0).Len())
			}
		})
	}
}
