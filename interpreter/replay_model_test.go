package interpreter

import (
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
)

// replayVariable names the environment variable with a folder. TestRecordModel makes the
// file recording there, of model.lce and input, the raw bytes of its only input.
// TestReplayModel, on another processor, compares with it and writes the files output, the
// raw bytes of the first output, and report, a line.
const replayVariable = "LCE_REPLAY"

// replayFolder gives the folder, or skips the test.
func replayFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv(replayVariable)
	if folder == "" {
		t.Skipf("%s is not set to a folder with a model: make test-zoo-arm does that", replayVariable)
	}
	return folder
}

// loadReplay gives the model, its input and the shape of that, whose first dimension
// follows from the size.
func loadReplay(t *testing.T, folder string) (m *Model, inputs map[string][]byte, shapes map[string][]int) {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	m, err := Load(read("model.lce"))
	if err != nil {
		t.Fatal(err)
	}
	input := read("input")
	x := ops.Tensor{DType: m.Inputs()[0].DType, Shape: m.Inputs()[0].Shape}
	x.Shape[0] = 1
	x.Shape[0] = len(input) / x.Bytes()
	name := m.Inputs()[0].Name
	return m, map[string][]byte{name: input}, map[string][]int{name: x.Shape}
}

func TestRecordModel(t *testing.T) {
	folder := replayFolder(t)
	m, inputs, shapes := loadReplay(t, folder)
	f, err := os.Create(filepath.Join(folder, "recording"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	to := gob.NewEncoder(f)
	for i, data := range oneByOne(t, m, isa.Detect(), inputs, shapes) {
		if m.parts[0].constants[i] != nil {
			data = nil
		}
		if err := to.Encode(data); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplayModel runs a model twice: as it is, and, if it has bits or integers, with what
// was recorded as the input of each step. The second run holds each operator, in the
// kernels and passes that the processor has, against the recording. Floats that a binary
// layer makes of its integer sums show these: they must be the same to the last bit.
func TestReplayModel(t *testing.T) {
	folder := replayFolder(t)
	m, inputs, shapes := loadReplay(t, folder)
	f, err := os.Open(filepath.Join(folder, "recording"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	recorded, from := make([][]byte, len(m.graph.Tensors)), gob.NewDecoder(f)
	for i := range recorded {
		if err := from.Decode(&recorded[i]); err != nil {
			t.Fatal(err)
		}
	}
	r := newReplay(t, m, recorded, WithThreads(1), WithInputShapes(shapes))
	x := r.in.Input(0)
	if err := x.SetBytes(x.DType(), x.Shape(), inputs[x.Name()]); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r.run(t, false)
	report := fmt.Sprintf("%s %v, %.1f s: %d of %d bits and integers differ", runtime.GOARCH, isa.Detect(), time.Since(start).Seconds(), r.other, r.bits)
	if err := os.WriteFile(filepath.Join(folder, "output"), r.in.Output(0).Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if r.bits > 0 { // Floats alone are compared with ONNX Runtime's.
		r.run(t, true)
		for _, err := range r.errs {
			t.Error(err)
		}
		report += fmt.Sprintf(", with the recorded inputs %d, and floats by %.2g", r.other, r.rounded)
	}
	if err := os.WriteFile(filepath.Join(folder, "report"), []byte(report), 0o666); err != nil {
		t.Fatal(err)
	}
}
