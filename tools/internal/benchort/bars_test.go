package benchort

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/layers"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		c    check
		want []string
	}{
		{"reached", check{"a", 80, 80, " %", false}, []string{"a", "80 %", "at least 80 %", "yes"}},
		{"too little", check{"b", 1.25, 1.6, "", false}, []string{"b", "1.25", "at least 1.6", "no"}},
		{"few enough", check{"c", 0, 0, "", true}, []string{"c", "0", "at most 0", "yes"}},
		{"too much", check{"d", 15.5, 15, " %", true}, []string{"d", "15.5 %", "at most 15 %", "no"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.c.cells(), tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestShare(t *testing.T) {
	p := parts{
		ops:  []interpreter.OpInfo{{Op: "Bsign"}, {Op: "BConv2D+Add"}, {Op: "BConv2D"}},
		best: []float64{1, 2, 4}, // milliseconds
	}
	l := layers.Layer{MACs: 1e6}
	if got, err := p.share(l, "BConv2D", 1e9); err != nil || got != 50 {
		t.Errorf("1e6 products in 2 ms of 1e9 a second: got %v %%, %v, want 50", got, err)
	}
	if _, err := p.share(l, "Conv2D", 1e9); err == nil {
		t.Error("found a Conv2D")
	}
	if got := layerNamed("3x3_56x56x64").MACs; got != 56*56*64*9*64 {
		t.Errorf("MACs of a layer: %d", got)
	}
}

// TestInspection runs what needs networks with a small one in their place.
func TestInspection(t *testing.T) {
	data, err := os.ReadFile(network17)
	if err != nil {
		t.Fatal(err)
	}
	i := inspection{zoo: t.TempDir(), time: 1, features: isa.Detect()}
	if err := i.outside(t.Context(), func(check) {}); err == nil || !strings.Contains(err.Error(), "quicknet.onnx") {
		t.Errorf("without networks: got error %v", err)
	}
	for _, name := range []string{"quicknet", "birealnet18"} {
		if err := os.WriteFile(filepath.Join(i.zoo, name+".onnx"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var checks []check
	add := func(c check) { checks = append(checks, c) }
	for _, part := range []func() error{
		func() error { return i.outside(t.Context(), add) },
		func() error { return i.allocations(t.Context(), add) },
	} {
		if err := part(); err != nil {
			t.Fatal(err)
		}
	}
	if len(checks) != 2 || !(0 < checks[0].got && checks[0].got < 100) {
		t.Fatalf("got %+v, want a share and a number of allocations", checks)
	}
	if c := checks[1]; !c.reached() || !strings.Contains(c.what, "most of 2 networks") {
		t.Errorf("%s: %v", c.what, c.got)
	}
	s, err := i.speedup(t.Context(), "quicknet")
	if err != nil || s.best <= 0 || s.median <= 0 {
		t.Errorf("speedup: %+v, %v", s, err)
	}
}

func TestMedian(t *testing.T) {
	if got := (&whole{times: []float64{5, 1, 3}}).median(); got != 3 {
		t.Errorf("got %v, want 3", got)
	}
}

func TestSpin(t *testing.T) {
	status := run(t.Context(), cli.Streams{In: strings.NewReader("x"), Out: io.Discard, Err: io.Discard}, []string{"spin"})
	if status != 0 {
		t.Errorf("exit status %d, want 0 once the input ends", status)
	}
}
