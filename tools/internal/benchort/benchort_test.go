package benchort

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/npy"
)

func TestComplete(t *testing.T) {
	tests := []struct {
		name                    string
		l                       layer
		toFloat, toInt8, floats float64
	}{
		{"chain of ONNX Runtime is better", layer{ORTSign: 20, ORTFloat: 19, ORTChain: 10, ORTInt8: 4, ORTInt8Chain: 3, Binary: 1, Float: 8, FloatChain: 5}, 10, 3, 2},
		{"single layer of ONNX Runtime is better", layer{ORTSign: 9, ORTFloat: 8, ORTChain: 10, ORTInt8: 2, ORTInt8Chain: 3, Binary: 1, Float: 4, FloatChain: 5}, 9, 2, 2},
		{"no chain: whole models", layer{ORTFloat: 6, Float: 2, FloatWhole: 3}, 0, 0, 2},
		{"binary only", layer{ORTSign: 6, Binary: 2, BinaryWhole: 3}, 3, 0, 0},
		{"without float32 in ONNX Runtime", layer{Binary: 2}, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.l.complete()
			if tt.l.ToFloat != tt.toFloat || tt.l.ToInt8 != tt.toInt8 || tt.l.FloatRatio != tt.floats {
				t.Errorf("got %v, %v, %v, want %v, %v, %v", tt.l.ToFloat, tt.l.ToInt8, tt.l.FloatRatio, tt.toFloat, tt.toInt8, tt.floats)
			}
		})
	}
}

func TestMeans(t *testing.T) {
	r := results{
		Layers: []layer{{Name: "3x3_56x56x64", ToFloat: 10}, {Name: "3x3_7x7x512", ToFloat: 40}, {Name: "dense_4096", ToFloat: 1000}},
		Networks: []network{{Name: "a", Binary: true, Ratio: 4}, {Name: "b", Binary: true, Ratio: 9},
			{Name: "b", Other: "c", Binary: true, Ratio: 100}, {Name: "float", Ratio: 1}},
	}
	if got := r.layersMean(); math.Abs(got-20) > 1e-9 {
		t.Errorf("layers: got %v, want 20", got)
	}
	if got := r.networksMean(); math.Abs(got-6) > 1e-9 {
		t.Errorf("networks: got %v, want 6", got)
	}
	if got := mean(nil); got != 0 {
		t.Errorf("of nothing: got %v, want 0", got)
	}
	if got := chained(90, 10); got != 10 {
		t.Errorf("chain of 90, single 10: got %v, want 10", got)
	}
}

func TestMarkdown(t *testing.T) {
	r := results{
		Machine: "M", Date: "2026-01-02", ONNXRuntime: "1.2", GeoMean: 9.5,
		Layers: []layer{
			{Name: "3x3_56x56x64", ORTSign: 1, ORTFloat: 0.9, Binary: 0.0625, BinaryWhole: 0.1, ToFloat: 16, ToInt8: 4, Float: 0.5, FloatWhole: 0.6, FloatRatio: 1.5},
			{Name: "dense_4096", ORTSign: 2, Binary: 0.5, BinaryWhole: 0.5, ToFloat: 4},
		},
		Networks: []network{{Name: "quicknet", Binary: true, ORT: 20, Ours: 2.5, Ratio: 8}, {Name: "birealnet18", Other: "resnet18_int8", Binary: true, ORT: 6, Ours: 2, Ratio: 3}},
	}
	want := `M, 2026-01-02, ONNX Runtime 1.2, one thread.

Binary layers, microseconds

| layer        | ORT float32 | chained | ORT int8 | chained |  ours | whole model | to float32 | wanted | to int8 |      wanted |
|--------------|------------:|--------:|---------:|--------:|------:|------------:|-----------:|-------:|--------:|------------:|
| 3x3_56x56x64 |        1000 |         |          |         |  62.5 |       100.0 |      16.00 |     15 |    4.00 | 4.5, missed |
| dense_4096   |        2000 |         |          |         | 500.0 |       500.0 |       4.00 |        |         |             |

Geometric mean of the 3x3 layers, to float32: 16.00 (wanted: 17, missed).

Float layers, microseconds

| layer        | ORT | chained | ours | chained | whole model | ratio | wanted |
|--------------|----:|--------:|-----:|--------:|------------:|------:|-------:|
| 3x3_56x56x64 | 900 |         |  500 |         |         600 |  1.50 |      1 |

Networks

| network                           | ONNX Runtime ms | ours ms | ratio |     wanted |
|-----------------------------------|----------------:|--------:|------:|-----------:|
| quicknet                          |           20.00 |    2.50 |  8.00 | 10, missed |
| birealnet18 against resnet18_int8 |            6.00 |    2.00 |  3.00 |        2.2 |

Geometric mean of the binarized networks, to float32: 9.50 (wanted: 9).
`
	var got strings.Builder
	if err := r.writeMarkdown(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(got.String(), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	got.Reset()
	few := results{Machine: "M", Date: "D", ONNXRuntime: "V", Layers: r.Layers[1:]}
	if err := few.writeMarkdown(&got); err != nil || strings.Contains(got.String(), "mean") || strings.Contains(got.String(), "Networks") {
		t.Errorf("without 3x3 layers and networks: %s, %v", got.String(), err)
	}
	path := filepath.Join(t.TempDir(), "r.json")
	if err := cli.WriteFile(path, r.writeJSON); err != nil {
		t.Fatal(err)
	}
	back, err := readResults(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*back, r); diff != "" {
		t.Errorf("read again (-got +want):\n%s", diff)
	}
}

// fakeNode answers requests as the script does: each run takes less than the one before.
func fakeNode(t *testing.T) (n *node, asked *[]request) {
	t.Helper()
	requests, in := io.Pipe()
	answers, out := io.Pipe()
	asked = &[]request{}
	go func() {
		best := 9.0
		for lines := bufio.NewScanner(requests); lines.Scan(); {
			var r request
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Error(err)
			}
			*asked = append(*asked, r)
			a := answer{}
			switch {
			case strings.HasSuffix(r.Load, "missing.onnx"):
				a.Error = "no file"
			case r.Load != "":
				a.Version = "1.2.3"
				data, err := os.ReadFile(r.Inputs[0].File)
				if err != nil || !bytes.Equal(data, []byte{7, 8}) {
					t.Errorf("input: %v, %v", data, err)
				}
			case r.Run != "":
				best--
				a.BestMs = best
			}
			data, _ := json.Marshal(a)
			out.Write(append(data, '\n'))
		}
		out.Close()
	}()
	t.Cleanup(func() { in.Close() })
	return &node{in: in, out: bufio.NewReader(answers), folder: t.TempDir()}, asked
}

func TestNode(t *testing.T) {
	n, asked := fakeNode(t)
	t.Chdir(n.folder) // the process runs there
	inputs := []tensor{{"x", schema.Uint8, []int{1, 2}, []byte{7, 8}}}
	if _, err := n.load("missing.onnx", inputs); err == nil || err.Error() != "missing.onnx: ONNX Runtime: no file" {
		t.Errorf("missing file: got error %v", err)
	}
	ref, err := n.load("a.onnx", inputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := interleave(t.Context(), 8*time.Second, ref); err != nil {
		t.Fatal(err)
	}
	if ref.best != 1 || n.version != "1.2.3" {
		t.Errorf("best %v, version %q, want the last of 8 runs, 1, and 1.2.3", ref.best, n.version)
	}
	if err := ref.close(); err != nil {
		t.Fatal(err)
	}
	if got := (*asked)[2]; got.Run != ref.path || got.Seconds != 1 {
		t.Errorf("asked %+v, want runs of %s for 1 s", got, ref.path)
	}
	if got := (*asked)[1].Inputs[0]; got.Type != "uint8" || !cmp.Equal(got.Shape, []int{1, 2}) {
		t.Errorf("input %+v", got)
	}
}

const network17 = "../../../testdata/models/fashion_cnn_folded_op17.onnx"

// TestRunners measures a model for a moment, whole and in parts.
func TestRunners(t *testing.T) {
	f, err := onnx.Read(network17)
	if err != nil {
		t.Fatal(err)
	}
	m, err := convert(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := randomInputs(f)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWhole(m, inputs)
	if err != nil {
		t.Fatal(err)
	}
	defer w.in.Close()
	p, err := newParts(m, inputs, isa.Detect())
	if err != nil {
		t.Fatal(err)
	}
	defer p.in.Close()
	if err := interleave(t.Context(), 1, w, p); err != nil {
		t.Fatal(err)
	}
	if !isBinary(p.ops) {
		t.Error("the network counts as float")
	}
	all := p.sum(func(string) bool { return true })
	binary := p.sum(func(op string) bool { return strings.Contains(op, "BConv2D") })
	if w.best <= 0 || p.binary <= 0 || p.float <= 0 || !(0 < binary && binary < all) {
		t.Errorf("whole %v ms, peaks %v and %v, binary layers %v of %v ms", w.best, p.binary, p.float, binary, all)
	}
	if best, info, err := p.first("BConv2D"); err != nil || best <= 0 || info.Packed <= 0 {
		t.Errorf("first layer: %v ms, %+v, %v", best, info, err)
	}
	if _, _, err := p.first("LSTM"); err == nil {
		t.Error("found an LSTM")
	}
}

// TestImage checks that the first image of a file is taken, and random values without one.
func TestImage(t *testing.T) {
	f, err := onnx.Read(network17)
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{zoo: t.TempDir()}
	inputs, err := c.image("net", f)
	if err != nil || !cmp.Equal(inputs[0].shape, []int{1, 1, 28, 28}) || len(inputs[0].data) != 4*28*28 {
		t.Errorf("without a file: %v, %v", inputs, err)
	}
	a := npy.Array{DType: schema.Float32, Shape: []int{2, 1, 28, 28}, Data: make([]byte, 2*4*28*28)}
	a.Data[5], a.Data[4*28*28] = 1, 2
	write := func() {
		if err := cli.WriteFile(filepath.Join(c.zoo, "net.x.npy"), func(w io.Writer) error { return npy.Write(w, &a) }); err != nil {
			t.Fatal(err)
		}
	}
	write()
	inputs, err = c.image("net", f)
	if err != nil || !cmp.Equal(inputs[0].shape, []int{1, 1, 28, 28}) || !bytes.Equal(inputs[0].data, a.Data[:4*28*28]) {
		t.Errorf("with a file: %v, %v", inputs[0].shape, err)
	}
	a.Shape = []int{2, 784}
	write()
	if _, err := c.image("net", f); err == nil {
		t.Error("an array of rank 2 fits")
	}
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name, want string
		args       []string
		status     int
	}{
		{"no command", "want one of compare", nil, 2},
		{"unknown command", "want one of compare", []string{"run"}, 2},
		{"operands", "want no operands, got 1", []string{"compare", "x"}, 2},
		{"pattern", "--only:", []string{"compare", "--only", "("}, 2},
		{"time", "--time 0s: want more than 0", []string{"compare", "--time", "0s"}, 2},
		{"no archive", "missing.zip", []string{"compare", "--layers", "missing.zip"}, 1},
		{"no file", "want one file, got 0", []string{"layers"}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stderr strings.Builder
			got := run(t.Context(), cli.Streams{Out: io.Discard, Err: &stderr}, tt.args)
			if got != tt.status || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("exit status %d, %q, want %d, %q", got, stderr.String(), tt.status, tt.want)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	conv := func(op string, options schema.Options) interpreter.OpInfo {
		return interpreter.OpInfo{Op: op, Options: options,
			Inputs:  []interpreter.TensorInfo{{DType: schema.Float32, Shape: []int{1, 2, 2, 10}, Bytes: 1000}, {DType: schema.Float32, Shape: []int{5, 1, 1, 10}, Bytes: 100, Constant: true}},
			Outputs: []interpreter.TensorInfo{{DType: schema.Float32, Shape: []int{1, 2, 2, 5}, Bytes: 900}},
		}
	}
	p := parts{
		ops: []interpreter.OpInfo{
			{Op: "Relu", Inputs: []interpreter.TensorInfo{{Bytes: 500}}, Outputs: []interpreter.TensorInfo{{Bytes: 500}}},
			conv("BConv2D", &schema.BConv2DOptions{}),
			conv("Conv2D", &schema.Conv2DOptions{}), // 200 products
			conv("BConv2D", &schema.BConv2DOptions{}),
		},
		best:   []float64{0.001, 0.003, 0.007, 0.002}, // milliseconds
		binary: 1e9, float: 1e8,                       // products a second
	}
	// 2000 bytes of a convolution take 1 microsecond, its products 0.2 or 2.
	want := []kind{{"Conv2D", 1, 7, 2}, {"BConv2D", 2, 5, 2}, {"Relu", 1, 1, 0.5}}
	got := networkProfile{Network: "net", Kinds: p.kinds(2e9)}
	if diff := cmp.Diff(got.Kinds, want, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	wantTable := [][]string{
		{"Conv2D", "1", "7.0", "53.8 %", "2.0", "3.50"},
		{"BConv2D", "2", "5.0", "38.5 %", "2.0", "2.50"},
		{"Relu", "1", "1.0", "7.7 %", "0.5", "2.00"},
		{"all", "4", "13.0", "100.0 %", "4.5", "2.89"},
	}
	if diff := cmp.Diff(got.table().rows, wantTable); diff != "" {
		t.Errorf("table (-got +want):\n%s", diff)
	}
	got.Kinds = append(got.Kinds, kind{"Softmax", 2, 0.05, 0.01}, kind{"Pad", 1, 0.05, 0.01})
	rows := got.table().rows
	if diff := cmp.Diff(rows[3:], [][]string{
		{"others", "3", "0.1", "0.8 %", "0.0", "5.00"}, {"all", "7", "13.1", "100.0 %", "4.5", "2.90"},
	}); diff != "" {
		t.Errorf("short steps (-got +want):\n%s", diff)
	}
}
