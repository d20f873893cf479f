package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// zooVariable names the environment variable with the folder that make zoo wrote.
const zooVariable = "LCE_ZOO"

// zooNetwork is a network of testdata/gen/zoo and what its conversion must give. A layer
// that is binary in the literature must come out as BConv2D or BGEMM; the operators
// in float are the first and last layers, and those of shortcuts and transitions.
type zooNetwork struct {
	name    string
	bconv   int
	bgemm   int
	conv    int     // Conv2D and DepthwiseConv2D
	matmul  int     // MatMul
	maxMiB  float64 // size of the .lce file
	maxPeak int     // peak memory of the conversion in MiB, 0 for any
}

var zoo = []zooNetwork{
	{name: "quicknet_small", bconv: 16, conv: 9, matmul: 1, maxMiB: 4.02},
	{name: "quicknet", bconv: 16, conv: 9, matmul: 1, maxMiB: 4.20, maxPeak: 400},
	{name: "quicknet_large", bconv: 32, conv: 9, matmul: 1, maxMiB: 5.45},
	{name: "birealnet18", bconv: 16, conv: 4, matmul: 1, maxMiB: 4.05},
	{name: "birealnet18_authors", bconv: 16, conv: 4, matmul: 1, maxMiB: 4.05},
	{name: "resnet_e18", bconv: 16, conv: 4, matmul: 1, maxMiB: 4.05},
	{name: "binary_densenet28", bconv: 23, conv: 4, matmul: 1, maxMiB: 4.10},
	{name: "meliusnet22", bconv: 34, conv: 6, matmul: 1, maxMiB: 4.10},
	{name: "reactnet_a", bconv: 31, conv: 1, matmul: 1, maxMiB: 7.65},
	{name: "real_to_binary", bconv: 16, conv: 4, matmul: 33, maxMiB: 5.2},
	{name: "vgg_small", bconv: 5, conv: 1, matmul: 1, maxMiB: 0.90},
	{name: "vgg_small_bnn", bconv: 5, bgemm: 3, conv: 1, maxMiB: 1.70},
	{name: "vgg_small_irnet", bconv: 5, conv: 1, matmul: 1, maxMiB: 0.90},
	{name: "binary_alexnet", bconv: 4, bgemm: 3, conv: 1, maxMiB: 7.5},
	{name: "xnornet", bconv: 6, conv: 1, matmul: 1, maxMiB: 23},
	{name: "xnornet_k", bconv: 6, conv: 7, matmul: 1, maxMiB: 23},
	{name: "dorefanet", bconv: 4, bgemm: 2, conv: 1, matmul: 1, maxMiB: 23},
	{name: "resnet18", conv: 20, matmul: 1, maxMiB: 44.7},
	{name: "mobilenetv2", conv: 52, matmul: 1, maxMiB: 13.5},
}

// TestZoo converts the networks of make zoo with lce-convert and compares their outputs
// with ONNX Runtime's. make test-zoo runs it; otherwise it is skipped.
func TestZoo(t *testing.T) {
	folder := os.Getenv(zooVariable)
	if folder == "" {
		t.Skipf("%s is not set to the folder of the networks: run make test-zoo", zooVariable)
	}
	program := filepath.Join(t.TempDir(), "lce-convert")
	if out, err := exec.Command("go", "build", "-o", program, "../../lce-convert").CombinedOutput(); err != nil {
		t.Fatalf("go build lce-convert: %v\n%s", err, out)
	}
	for _, net := range zoo {
		t.Run(net.name, func(t *testing.T) {
			path := filepath.Join(folder, net.name)
			if _, err := os.Stat(path + ".onnx"); errors.Is(err, fs.ErrNotExist) {
				t.Skipf("%s.onnx is missing: run make zoo ZOO=%s", path, net.name)
			}
			data := net.convert(t, program, path+".onnx")
			m := load(t, data)
			net.checkOperators(t, data)
			net.checkOutputs(t, m, path)
		})
	}
}

// convert runs lce-convert and gives the bytes of the .lce file.
func (net *zooNetwork) convert(t *testing.T, program, model string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "model.lce")
	cmd := exec.Command(program, model, "-o", out)
	start := time.Now()
	text, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		t.Fatalf("lce-convert %s: %v\n%s", model, err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	peak := peakMiB(cmd.ProcessState)
	size := float64(len(data)) / (1 << 20)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("converted in %.2f s (processor: %.2f s) with %d MiB to %.3f MiB (%d bytes)",
		took.Seconds(), cpu.Seconds(), peak, size, len(data))
	if size > net.maxMiB {
		t.Errorf("file has %.3f MiB, want at most %g", size, net.maxMiB)
	}
	if net.maxPeak > 0 && peak > net.maxPeak {
		t.Errorf("conversion takes %d MiB, want at most %d", peak, net.maxPeak)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s", text)
		}
	})
	return data
}

// checkOperators fails unless exactly the layers that should be binary are.
func (net *zooNetwork) checkOperators(t *testing.T, data []byte) {
	t.Helper()
	m, err := schema.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	count := opCounts(m)
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"BConv2D", count["BConv2D"], net.bconv},
		{"BGEMM", count["BGEMM"], net.bgemm},
		{"Conv2D", count["Conv2D"], net.conv},
		{"MatMul", count["MatMul"], net.matmul},
	} {
		if c.got != c.want {
			t.Errorf("%d operators %s, want %d; all: %v", c.got, c.what, c.want, count)
		}
	}
}

// checkOutputs runs the network and fails unless ONNX Runtime's outputs come out.
func (net *zooNetwork) checkOutputs(t *testing.T, m *interpreter.Model, path string) {
	t.Helper()
	x, want := readArray(t, path+".x.npy"), readArray(t, path+".y.npy")
	in, err := interpreter.New(m, interpreter.WithThreads(2))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Resize(map[string][]int{"input": x.Shape}); err != nil {
		t.Fatal(err)
	}
	if err := in.Input(0).SetBytes(x.DType, x.Shape, x.Data); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	if got := in.Output(0).Shape(); !slices.Equal(got, want.Shape) {
		t.Fatalf("shape: got %v, want %v", got, want.Shape)
	}
	compare(t, in.Output(0).Float32s(), float32s(t, want))
}
