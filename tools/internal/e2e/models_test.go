package e2e

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/npy"
)

// modelsVariable names the environment variable with the folder that make models wrote.
const modelsVariable = "LCE_MODELS"

// model is a model of testdata/gen/models and what its conversion must give.
type model struct {
	name       string
	transposes int // most operators Transpose that may be left
	// tolerance is the largest difference as a part of an output's range, 0 for the usual one.
	tolerance float64
}

// models has a list for each file of testdata/gen/models.
var models = slices.Concat(
	mobileModels,
	residualModels,
	plainModels,
	earlyModels,
	sequenceModels,
	controlModels,
	halfModels,
)

// TestModels converts the models of make models and compares their outputs with ONNX
// Runtime's, case after case in one interpreter. make test-models runs it; otherwise it
// is skipped.
func TestModels(t *testing.T) {
	folder := modelsFolder(t)
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			path := filepath.Join(folder, m.name)
			f := readModel(t, path)
			res, err := converter.Convert(context.Background(), f, converter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			m.checkOperators(t, res.Model)
			checkCases(t, load(t, written(t, res.Model)), path, cmp.Or(m.tolerance, tolerance))
		})
	}
}

// modelsFolder is the folder of the models; without one the test is skipped.
func modelsFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv(modelsVariable)
	if folder == "" {
		t.Skipf("%s is not set to the folder of the models: run make test-models", modelsVariable)
	}
	return folder
}

// readModel reads PATH.onnx; without one the test is skipped.
func readModel(t *testing.T, path string) *onnx.File {
	t.Helper()
	f, err := onnx.Read(path + ".onnx")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s.onnx is missing: run make models MODELS=%s", path, filepath.Base(path))
	} else if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEveryModelIsListed fails for a model in the folder that TestModels does not know.
func TestEveryModelIsListed(t *testing.T) {
	folder := modelsFolder(t)
	paths, err := filepath.Glob(filepath.Join(folder, "*.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".onnx")
		if !slices.ContainsFunc(models, func(m model) bool { return m.name == name }) && !isQuantized(name) {
			t.Errorf("%s has no row in models", name)
		}
	}
}

func (m *model) checkOperators(t *testing.T, converted *schema.Model) {
	t.Helper()
	count := opCounts(converted)
	if got := count["Transpose"]; got > m.transposes {
		t.Errorf("%d operators Transpose, want at most %d; all: %v", got, m.transposes, count)
	}
}

// checkCases runs the cases of a model: PATH.x0.npy and so on are the inputs and
// PATH.y0.npy and so on the outputs of the first, those of the others have a case1, case2
// and so on in front.
func checkCases(t *testing.T, m *interpreter.Model, path string, limit float64) {
	t.Helper()
	shapes := map[string][]int{}
	for i, x := range numbered(t, path+".x%d.npy") {
		shapes[m.Inputs()[i].Name] = x.Shape
	}
	in, err := interpreter.New(m, interpreter.WithThreads(2), interpreter.WithInputShapes(shapes))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for number := 0; ; number++ {
		prefix := path
		if number > 0 {
			prefix = fmt.Sprintf("%s.case%d", path, number)
		}
		xs, ys := numbered(t, prefix+".x%d.npy"), numbered(t, prefix+".y%d.npy")
		if number > 0 && len(ys) == 0 {
			return
		}
		t.Run(fmt.Sprintf("case%d", number), func(t *testing.T) { checkCase(t, in, xs, ys, limit) })
	}
}

// numbered reads the arrays of files that are numbered from 0.
func numbered(t *testing.T, pattern string) (list []*npy.Array) {
	t.Helper()
	for {
		path := fmt.Sprintf(pattern, len(list))
		arrays, err := npy.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return list
		} else if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		list = append(list, arrays[0].Array)
	}
}

func checkCase(t *testing.T, in *interpreter.Interpreter, xs, ys []*npy.Array, limit float64) {
	t.Helper()
	if len(xs) != len(in.Inputs()) || len(ys) != len(in.Outputs()) {
		t.Fatalf("%d inputs and %d outputs in files, want %d and %d", len(xs), len(ys), len(in.Inputs()), len(in.Outputs()))
	}
	shapes := map[string][]int{}
	for i, x := range xs {
		shapes[in.Input(i).Name()] = x.Shape
	}
	if err := in.Resize(shapes); err != nil {
		t.Fatal(err)
	}
	for i, x := range xs {
		if err := in.Input(i).SetBytes(x.DType, x.Shape, x.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range ys {
		out := in.Output(i)
		if got := out.Shape(); !slices.Equal(got, want.Shape) || out.DType() != want.DType {
			t.Fatalf("output %q: got %v %v, want %v %v", out.Name(), out.DType(), got, want.DType, want.Shape)
		}
		if err := differs(out, want, limit); err != nil {
			t.Errorf("output %q: %v", out.Name(), err)
		}
	}
}
