package e2e

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/npy"
)

// withSums adds an output to a converted model for each binary layer: its integer sums.
// Bits go in, so a layer's sums also show that all bits before it are right.
func withSums(m *schema.Model) *schema.Model {
	s := *m.Subgraphs[0]
	s.Tensors = slices.Clone(s.Tensors)
	s.Operators = slices.Clone(s.Operators)
	s.Outputs = slices.Clone(s.Outputs)
	for _, op := range m.Subgraphs[0].Operators {
		if op.Code != schema.BConv2D && op.Code != schema.BGEMM {
			continue
		}
		op.Name = "sums of " + op.Name
		op.Inputs = op.Inputs[:2]
		s.Tensors = append(s.Tensors, schema.Tensor{Name: op.Name, DType: schema.Int32, Shape: s.Tensors[op.Outputs[0]].Shape})
		op.Outputs = []int{len(s.Tensors) - 1}
		s.Operators = append(s.Operators, op)
		s.Outputs = append(s.Outputs, schema.Port{Name: op.Name, Tensor: op.Outputs[0]})
	}
	return &schema.Model{FormatVersion: m.FormatVersion, Subgraphs: []*schema.Subgraph{&s}, Metadata: m.Metadata}
}

// TestSumsMatchONNXRuntime compares the integer sums of every binary layer exactly.
// The converter flips the weights of a channel whose batch normalization has a negative
// factor, so the sums of a channel may all have the other sign.
func TestSumsMatchONNXRuntime(t *testing.T) {
	images := float32s(t, array(t, "images_f32.npy"))
	for _, net := range networks {
		t.Run(net.name, func(t *testing.T) {
			model := net.name + "_kept_op11"
			arrays, err := npy.ReadFile(filepath.Join(testdata, "fashion", "sums_"+model+".npz"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := interpreter.FromSchema(withSums(convert(t, model).Model))
			if err != nil {
				t.Fatal(err)
			}
			layer := 0
			for _, want := range arrays {
				if strings.HasSuffix(want.Name, ":scale") {
					continue
				}
				layer++
				in := runImages(t, m, images, want.Shape[0])
				t.Run(want.Name, func(t *testing.T) { compareSums(t, in.Output(layer), want.Array) })
			}
			if got := len(m.Outputs()) - 1; layer != got {
				t.Errorf("expected sums for %d layers, the model has %d binary layers", layer, got)
			}
		})
	}
}

// compareSums compares NHWC sums with the int16 NCHW ones of the ONNX model.
func compareSums(t *testing.T, got *interpreter.Tensor, want *npy.Array) {
	t.Helper()
	sums := got.Int32s()
	n, c := want.Shape[0], want.Shape[1]
	pixels := 1
	for _, d := range want.Shape[2:] {
		pixels *= d
	}
	if len(sums) != n*c*pixels {
		t.Fatalf("shape: got %v, want %v", got.Shape(), want.Shape)
	}
	for ch := range c {
		same, opposite, nonzero := true, true, false
		for b := range n {
			for p := range pixels {
				at := 2 * ((b*c+ch)*pixels + p)
				w := int32(int16(uint16(want.Data[at]) | uint16(want.Data[at+1])<<8))
				g := sums[(b*pixels+p)*c+ch]
				same = same && g == w
				opposite = opposite && g == -w
				nonzero = nonzero || w != 0
			}
		}
		if !same && !opposite {
			t.Errorf("channel %d: sums differ from ONNX Runtime's", ch)
		}
		if !nonzero {
			t.Errorf("channel %d: all sums are 0, so nothing is compared", ch)
		}
	}
}

// TestFashionMNIST runs all 10,000 test images through every variant. It needs the
// images: Debian's package dataset-fashion-mnist, or their folder in FASHION_MNIST.
func TestFashionMNIST(t *testing.T) {
	images, labels := testImages(t)
	forEachModel(t, func(t *testing.T, net network, model string) {
		arrays, err := npy.ReadFile(filepath.Join(testdata, "fashion", "all_"+net.name+".npz"))
		if err != nil {
			t.Fatal(err)
		}
		want := float32s(t, arrays[0].Array)
		in, err := interpreter.New(load(t, file(t, model)))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		got := runAll(t, in, images, 100)
		compare(t, got, want)
		gotRight, gotTies := accuracy(got, labels)
		wantRight, wantTies := accuracy(want, labels)
		t.Logf("accuracy %.2f %% (ONNX Runtime %.2f %%), images with ties %d (%d)", percent(gotRight, labels), percent(wantRight, labels), gotTies, wantTies)
		if d := gotRight - wantRight; d > wantTies || -d > wantTies {
			t.Errorf("%d images right, ONNX Runtime %d with %d ties", gotRight, wantRight, wantTies)
		}
		checkReference(t, model, percent(wantRight, labels))
	})
}

func percent(n int, labels []byte) float64 { return 100 * float64(n) / float64(len(labels)) }

// accuracy counts the images whose first largest score is that of the label, and those
// with several largest scores.
func accuracy(scores []float32, labels []byte) (right, ties int) {
	for i, label := range labels {
		row := scores[i*classes : (i+1)*classes]
		top := slices.Max(row)
		if slices.Index(row, top) == int(label) {
			right++
		}
		count := 0
		for _, s := range row {
			if s == top {
				count++
			}
		}
		if count > 1 {
			ties++
		}
	}
	return right, ties
}

// checkReference compares with the accuracy that was measured when the goldens were made.
func checkReference(t *testing.T, model string, got float64) {
	t.Helper()
	want, ok := referenceAccuracy(t)[model]
	if !ok {
		t.Fatalf("no accuracy for %s", model)
	}
	if math.Abs(got-100*want.Accuracy) > 0.0001+100*float64(want.Ties)/10000 {
		t.Errorf("accuracy %.4f %%, want %.4f %%", got, 100*want.Accuracy)
	}
}
