package importer_test

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/x448/float16"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// testCase is a model with inputs and the outputs that are expected of it.
type testCase struct {
	name            string
	model           []byte
	inputs, outputs [][]byte // tensors in ONNX's format, in graph order
}

// readCases reads an archive with a folder per case: model.onnx, input_N.pb and
// output_N.pb.
func readCases(t testing.TB, file string) []*testCase {
	t.Helper()
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var cases []*testCase
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Dir(f.Name)
		if len(cases) == 0 || cases[len(cases)-1].name != name {
			cases = append(cases, &testCase{name: name})
		}
		c := cases[len(cases)-1]
		var i int
		switch base := path.Base(f.Name); {
		case base == "model.onnx":
			c.model = data
		case scan(base, "input_%d.pb", &i) && i == len(c.inputs):
			c.inputs = append(c.inputs, data)
		case scan(base, "output_%d.pb", &i) && i == len(c.outputs):
			c.outputs = append(c.outputs, data)
		default:
			t.Fatalf("%s: %s is out of place", file, f.Name)
		}
	}
	return cases
}

func scan(s, format string, i *int) bool {
	n, err := fmt.Sscanf(s, format, i)
	return n == 1 && err == nil
}

// decodeTensor reads a tensor in ONNX's format.
func decodeTensor(t *testing.T, data []byte) *onnx.Tensor {
	t.Helper()
	var p onnxpb.TensorProto
	if err := proto.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	p.Name = proto.String("x")
	f, err := onnx.Parse(marshal(t, model(13, &onnxpb.GraphProto{
		Initializer: []*onnxpb.TensorProto{&p}, Output: values("x"),
	})), "")
	if err != nil {
		t.Fatal(err)
	}
	return f.Graph.Initializers["x"]
}

// run imports a model without any pass, and runs it.
func run(t *testing.T, data []byte, inputs []*onnx.Tensor) []*interpreter.Tensor {
	t.Helper()
	f, err := onnx.Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := importer.Import(f, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lowered, err := g.Lower(schema.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := interpreter.FromSchema(lowered)
	if err != nil {
		t.Fatal(err)
	}
	shapes := map[string][]int{}
	for i, x := range inputs {
		shapes[f.Graph.Inputs[i].Name] = x.Shape
	}
	in, err := interpreter.New(m, interpreter.WithInputShapes(shapes))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if got, want := len(in.Inputs()), len(inputs); got != want {
		t.Fatalf("%d inputs, want %d", got, want)
	}
	for i, x := range inputs {
		if err := in.Input(i).SetBytes(x.DType, x.Shape, x.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	return in.Outputs()
}

// compare checks a result: floats within the tolerances that ONNX's own backend
// test has, anything else exactly.
func compare(t *testing.T, got *interpreter.Tensor, want *onnx.Tensor) {
	t.Helper()
	const rtol, atol = 1e-3, 1e-7
	if got.DType() != want.DType || !slices.Equal(got.Shape(), want.Shape) {
		t.Fatalf("output %v, want %v %v", got, want.DType, want.Shape)
	}
	a, b := numbers(got.DType(), got.Bytes()), numbers(want.DType, want.Data)
	float := slices.Contains([]schema.DType{schema.Float16, schema.Float32, schema.Float64}, want.DType)
	for i := range b {
		if a[i] == b[i] || a[i] != a[i] && b[i] != b[i] {
			continue
		}
		if !float || !(math.Abs(a[i]-b[i]) <= atol+rtol*math.Abs(b[i])) {
			t.Fatalf("output %v: element %d is %v, want %v", got, i, a[i], b[i])
		}
	}
}

// numbers views elements as float64; 64-bit integers of the tests are small enough.
func numbers(d schema.DType, data []byte) []float64 {
	t := &ops.Tensor{Data: data}
	switch d {
	case schema.Float32:
		return widen(ops.View[float32](t))
	case schema.Float64:
		return widen(ops.View[float64](t))
	case schema.Int8:
		return widen(ops.View[int8](t))
	case schema.Int16:
		return widen(ops.View[int16](t))
	case schema.Int32:
		return widen(ops.View[int32](t))
	case schema.Int64:
		return widen(ops.View[int64](t))
	case schema.Float16:
		var y []float64
		for _, h := range ops.View[uint16](t) {
			y = append(y, float64(float16.Frombits(h).Float32()))
		}
		return y
	case schema.Uint16:
		return widen(ops.View[uint16](t))
	case schema.Uint32:
		return widen(ops.View[uint32](t))
	case schema.Uint64:
		return widen(ops.View[uint64](t))
	default:
		return widen(ops.View[uint8](t))
	}
}

func widen[T ops.Element](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// runCases runs all cases of an archive, of which there must be at least least.
func runCases(t *testing.T, file string, least int) {
	cases := readCases(t, file)
	if len(cases) < least {
		t.Errorf("%d cases in %s, want at least %d", len(cases), file, least)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var inputs []*onnx.Tensor
			for _, data := range c.inputs {
				inputs = append(inputs, decodeTensor(t, data))
			}
			outputs := run(t, c.model, inputs)
			if len(outputs) != len(c.outputs) {
				t.Fatalf("%d outputs, want %d", len(outputs), len(c.outputs))
			}
			for i, data := range c.outputs {
				compare(t, outputs[i], decodeTensor(t, data))
			}
		})
	}
}

// TestNodeTests runs ONNX's own tests of the operators.
func TestNodeTests(t *testing.T) {
	runCases(t, "../../testdata/nodetests/cases.zip", 310)
}

// TestONNXRuntime runs models whose results are ONNX Runtime's.
func TestONNXRuntime(t *testing.T) {
	runCases(t, "../../testdata/importer/cases.zip", 180)
}

// TestElementTypes runs operators on float16 and float64, with ONNX Runtime's results.
func TestElementTypes(t *testing.T) {
	runCases(t, "../../testdata/importer/types.zip", 200)
}

// TestNetworks runs whole networks, without any pass, on the images that ONNX
// Runtime's outputs are there for.
func TestNetworks(t *testing.T) {
	files, err := filepath.Glob("../../testdata/models/fashion_*.onnx")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d networks, error %v, want 8", len(files), err)
	}
	images := readFloats(t, "../../testdata/fashion/images_f32.npy")
	const count = 8
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".onnx")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			x := &onnx.Tensor{DType: schema.Float32, Shape: []int{count, 1, 28, 28}, Data: images[:count*28*28*4]}
			got := run(t, data, []*onnx.Tensor{x})[0].Float32s()
			logits := readFloats(t, "../../testdata/fashion/logits_"+name+".npy")
			want := ops.View[float32](&ops.Tensor{Data: logits})
			for i, g := range got {
				if w := want[i]; math.Abs(float64(g-w)) > 1e-4*(1+math.Abs(float64(w))) {
					t.Fatalf("image %d, class %d: %v, want %v", i/10, i%10, g, w)
				}
			}
			if len(got) != count*10 {
				t.Errorf("%d outputs, want %d", len(got), count*10)
			}
		})
	}
}

// readFloats reads the elements of a float32 array in numpy's format, version 1.
func readFloats(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), "\x93NUMPY\x01") || !strings.Contains(string(data[:64]), "<f4") {
		t.Fatalf("%s is not a float32 array", file)
	}
	body := data[10+binary.LittleEndian.Uint16(data[8:]):]
	return append(ops.AlignedBytes(len(body))[:0], body...)
}
