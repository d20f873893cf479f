// Package onnxtest reads what tests know of elsewhere: archives of ONNX models, and cases
// in the form of ONNX's node tests, a model with inputs and the outputs expected of it.
package onnxtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"iter"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/x448/float16"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Files gives the names and contents of the files of a zip archive whose names end with
// suffix, in its order.
func Files(t testing.TB, archive, suffix string) iter.Seq2[string, []byte] {
	t.Helper()
	return func(yield func(string, []byte) bool) {
		t.Helper()
		z, err := zip.OpenReader(archive)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, suffix) {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s: %s: %v", archive, f.Name, err)
			}
			if !yield(f.Name, data) {
				return
			}
		}
	}
}

// Case is a model with inputs and the outputs that are expected of it, in graph order.
type Case struct {
	Name            string
	Model           []byte
	Inputs, Outputs []*onnx.Tensor
}

// Cases reads an archive with a folder per case: model.onnx, input_N.pb and output_N.pb.
// It fails the test if there are fewer than least.
func Cases(t testing.TB, archive string, least int) []*Case {
	t.Helper()
	var cases []*Case
	for file, data := range Files(t, archive, "") {
		name := path.Dir(file)
		if len(cases) == 0 || cases[len(cases)-1].Name != name {
			cases = append(cases, &Case{Name: name})
		}
		c := cases[len(cases)-1]
		list := &c.Inputs
		switch base := path.Base(file); base {
		case "model.onnx":
			c.Model = data
			continue
		case fmt.Sprintf("input_%d.pb", len(c.Inputs)):
		case fmt.Sprintf("output_%d.pb", len(c.Outputs)):
			list = &c.Outputs
		default:
			t.Fatalf("%s: %s is out of place", archive, file)
		}
		x, err := Tensor(data)
		if err != nil {
			t.Fatalf("%s: %s: %v", archive, file, err)
		}
		*list = append(*list, x)
	}
	if len(cases) < least {
		t.Fatalf("%d cases in %s, want at least %d", len(cases), archive, least)
	}
	return cases
}

// Tensor decodes a tensor in ONNX's format.
func Tensor(data []byte) (*onnx.Tensor, error) {
	var p onnxpb.TensorProto
	if err := proto.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	// The reader takes whole models: one with the tensor as its constant.
	const name = "x"
	p.Name = proto.String(name)
	model, err := proto.Marshal(&onnxpb.ModelProto{
		IrVersion:   proto.Int64(onnx.MinIRVersion),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(onnx.MaxOpset)}},
		Graph: &onnxpb.GraphProto{
			Initializer: []*onnxpb.TensorProto{&p}, Output: []*onnxpb.ValueInfoProto{{Name: proto.String(name)}},
		},
	})
	if err != nil {
		return nil, err
	}
	f, err := onnx.Parse(model, "")
	if err != nil {
		return nil, err
	}
	return f.Graph.Initializers[name], nil
}

// Start makes an Interpreter of a model whose inputs, by name, are set.
func Start(m *schema.Model, inputs map[string]*onnx.Tensor) (*interpreter.Interpreter, error) {
	model, err := interpreter.FromSchema(m)
	if err != nil {
		return nil, err
	}
	shapes := map[string][]int{}
	for name, x := range inputs {
		shapes[name] = x.Shape
	}
	in, err := interpreter.New(model, interpreter.WithInputShapes(shapes))
	if err != nil {
		return nil, err
	}
	for _, t := range in.Inputs() {
		x := inputs[t.Name()]
		if x == nil {
			err = fmt.Errorf("input %q has no value", t.Name())
		} else {
			err = t.SetBytes(x.DType, x.Shape, x.Data)
		}
		if err != nil {
			in.Close()
			return nil, err
		}
	}
	return in, nil
}

// Compare says how a result differs from what is expected: floats by more than the
// tolerances of ONNX's own backend test, anything else at all.
func Compare(got *interpreter.Tensor, want *onnx.Tensor) error {
	const rtol, atol = 1e-3, 1e-7
	if got.DType() != want.DType || !slices.Equal(got.Shape(), want.Shape) {
		return fmt.Errorf("output %v, want %v %v", got, want.DType, want.Shape)
	}
	g, w := floats(got.DType(), got.Bytes()), floats(want.DType, want.Data)
	if w == nil && !bytes.Equal(got.Bytes(), want.Data) {
		return fmt.Errorf("output %v: elements differ", got)
	}
	for i := range w {
		if g[i] == w[i] || g[i] != g[i] && w[i] != w[i] {
			continue
		}
		if d := math.Abs(g[i] - w[i]); !(d <= atol+rtol*math.Abs(w[i])) || math.IsInf(d, 0) {
			return fmt.Errorf("output %v: element %d is %v, want %v", got, i, g[i], w[i])
		}
	}
	return nil
}

// floats gives floats of any size as float64, nil for other types.
func floats(d schema.DType, data []byte) []float64 {
	t := &ops.Tensor{Data: data}
	y := []float64{}
	switch d {
	case schema.Float16:
		for _, h := range ops.View[uint16](t) {
			y = append(y, float64(float16.Frombits(h).Float32()))
		}
	case schema.Float32:
		for _, v := range ops.View[float32](t) {
			y = append(y, float64(v))
		}
	case schema.Float64:
		y = append(y, ops.View[float64](t)...)
	default:
		return nil
	}
	return y
}
