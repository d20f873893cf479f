package layers

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
)

// large is a layer of 64 MB.
const large = "dense_4096"

// TestArchiveIsFresh compares the committed models with what the package writes.
func TestArchiveIsFresh(t *testing.T) {
	z, err := zip.OpenReader("../../../testdata/layers/layers.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	count := 0
	for name, build := range models() {
		count++
		if testing.Short() && strings.HasPrefix(name, large) {
			continue
		}
		want, err := encode(build())
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open(name)
		if err != nil {
			t.Fatalf("%v: run make layers", err)
		}
		got, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the package writes: run make layers", name)
		}
	}
	if len(z.File) != count {
		t.Errorf("%d files in the archive, want %d", len(z.File), count)
	}
}

// TestOperators checks which operators the models become.
func TestOperators(t *testing.T) {
	wants := map[Variant]map[string]int{
		Float:      {"Bsign": 0, "Conv2D": 1},
		FloatChain: {"Bsign": 0, "Conv2D": ChainLength},
		Binary:     {"Bsign": 1, "BConv2D": 1},
		Bits:       {"Bsign": 1, "BConv2D": 2},
	}
	for _, l := range All() {
		for _, m := range l.models {
			want, ok := wants[m.variant]
			if !ok { // 8 bits are for ONNX Runtime alone
				continue
			}
			t.Run(l.File(m.variant), func(t *testing.T) {
				if testing.Short() && l.Name == large {
					t.Skip("16 million weights take long under emulation and the race detector")
				}
				switch l.Name {
				case large:
					want = map[string]int{"Bsign": 1, "BGEMM": 1}
				case "matmul_1024":
					want = map[string]int{"MatMul": 1}
				}
				counts := operators(t, m)
				for op, n := range want {
					if counts[op] != n {
						t.Errorf("%d operators %s, want %d; all: %v", counts[op], op, n, counts)
					}
				}
			})
		}
	}
}

// operators counts the operators that a model becomes.
func operators(t *testing.T, m model) map[string]int {
	t.Helper()
	data, err := encode(m.build())
	if err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := converter.Convert(t.Context(), f, converter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, op := range res.Model.Subgraphs[0].Operators {
		counts[op.Code.String()]++
	}
	return counts
}
