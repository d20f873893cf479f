package ops

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

func TestEveryOpHasARow(t *testing.T) {
	seen := map[schema.OpCode]bool{}
	for _, d := range table {
		if seen[d.Code] {
			t.Errorf("%v has two rows", d.Code)
		}
		seen[d.Code] = true
		if d.Infer == nil || d.Prepare == nil {
			t.Errorf("%v: Infer or Prepare is missing", d.Code)
		}
		if d.MaxInputs >= 0 && d.MaxInputs < d.MinInputs || d.MinOutputs < 1 || d.MaxOutputs >= 0 && d.MaxOutputs < d.MinOutputs {
			t.Errorf("%v: %d to %d inputs, %d to %d outputs", d.Code, d.MinInputs, d.MaxInputs, d.MinOutputs, d.MaxOutputs)
		}
		if Lookup(d.Code) != d {
			t.Errorf("Lookup(%v) gives another row", d.Code)
		}
	}
	if Lookup(schema.Custom) != nil {
		t.Error("Custom has a row")
	}
	// A code without a name in the schema prints as a number.
	for code := schema.Custom + 1; !strings.HasPrefix(code.String(), "OpCode("); code++ {
		if !seen[code] {
			t.Errorf("%v has no row", code)
		}
	}
}

func tensor(d schema.DType, shape ...int) *Tensor { return &Tensor{Name: "t", DType: d, Shape: shape} }

func ints[T int32 | int64](d schema.DType, values ...T) *Tensor {
	t := tensor(d, len(values))
	t.Data = AlignedBytes(t.Bytes())
	switch v := any(values).(type) {
	case []int32:
		copy(View[int32](t), v)
	case []int64:
		copy(View[int64](t), v)
	}
	return t
}

func TestKnown(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   *Tensor
		want []int64
		err  string
	}{
		{"int64", ints[int64](schema.Int64, 1, -2, 1<<40), []int64{1, -2, 1 << 40}, ""},
		{"int32", ints[int32](schema.Int32, 1, -2), []int64{1, -2}, ""},
		{"absent", nil, nil, ""},
		{"empty", tensor(schema.Int64, 0), nil, ""},
		{"unknown", tensor(schema.Int64, 2), nil, `input 0, "t" Int64 [2]: the value must be a constant`},
		{"float", &Tensor{Name: "t", DType: schema.Float32, Shape: []int{1}, Data: make([]byte, 4)}, nil, "want int64 or int32"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := (&Node{Inputs: []*Tensor{tt.in}}).Known(0)
			if tt.err == "" && (err != nil || !slices.Equal(got, tt.want)) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q in it", err, tt.err)
			}
		})
	}
}

func TestInferNodeChecks(t *testing.T) {
	f := tensor(schema.Float32, 2)
	as := func(d schema.DType, shape ...int) func(*Node) error {
		return func(n *Node) error {
			for _, t := range n.Outputs {
				if t != nil {
					t.DType, t.Shape = d, shape
				}
			}
			return nil
		}
	}
	def := func(minIn, maxIn, minOut, maxOut int, infer func(*Node) error) *Def {
		return &Def{Code: schema.Concat, MinInputs: minIn, MaxInputs: maxIn, MinOutputs: minOut, MaxOutputs: maxOut, Infer: infer}
	}
	ok := as(schema.Float32, 2)
	for _, tt := range []struct {
		name    string
		def     *Def
		in, out []*Tensor
		want    string
	}{
		{"good", def(1, 2, 1, 2, ok), []*Tensor{f, nil}, []*Tensor{{}, nil}, ""},
		{"no op", nil, nil, nil, `node "n" (unknown op): the op is unknown`},
		{"few inputs", def(2, 3, 1, 1, ok), []*Tensor{f}, []*Tensor{{}}, `node "n" (Concat): 1 inputs, want 2 to 3`},
		{"many inputs", def(1, 1, 1, 1, ok), []*Tensor{f, f}, []*Tensor{{}}, "2 inputs, want 1"},
		{"unbounded", def(2, -1, 1, 1, ok), []*Tensor{f}, []*Tensor{{}}, "1 inputs, want at least 2"},
		{"no outputs", def(1, 1, 1, -1, ok), []*Tensor{f}, nil, "0 outputs, want at least 1"},
		{"absent input", def(1, 2, 1, 1, ok), []*Tensor{nil, f}, []*Tensor{{}}, "input 0 is absent"},
		{"hole in a list", def(1, -1, 1, 1, ok), []*Tensor{f, f, nil}, []*Tensor{{}}, "input 2 is absent"},
		{"absent output", def(1, 1, 1, 1, ok), []*Tensor{f}, []*Tensor{nil}, "output 0 is absent"},
		{"input type", def(1, 1, 1, 1, ok), []*Tensor{tensor(schema.Invalid, 2)}, []*Tensor{{}}, `input 0, "t": element type Invalid`},
		{"input size", def(1, 1, 1, 1, ok), []*Tensor{tensor(schema.Int8, 1<<20, 1<<20)}, []*Tensor{{}}, `input 0, "t": shape [1048576 1048576]: more than`},
		{"infer", def(1, 1, 1, 1, func(*Node) error { return errors.New("no") }), []*Tensor{f}, []*Tensor{{}}, `node "n" (Concat): no`},
		{"output type", def(1, 1, 1, 1, as(schema.DType(99), 2)), []*Tensor{f}, []*Tensor{{Name: "y"}}, `output 0, "y": element type`},
		{"output size", def(1, 1, 1, 1, as(schema.Int8, -1)), []*Tensor{f}, []*Tensor{{Name: "y"}}, `output 0, "y": shape [-1]: negative`},
		{"scalar bits", def(1, 1, 1, 1, as(schema.Bits)), []*Tensor{f}, []*Tensor{{Name: "y"}}, "a scalar cannot be"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := InferNode(&Node{Def: tt.def, Name: "n", Inputs: tt.in, Outputs: tt.out})
			if tt.want == "" && err != nil {
				t.Error(err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestEvaluate(t *testing.T) {
	x := ints[int64](schema.Int64, 3, -4)
	n := &Node{Def: Lookup(schema.Unary), Name: "n", Options: &schema.UnaryOptions{Kind: schema.Neg}, Inputs: []*Tensor{x}, Outputs: []*Tensor{{}}}
	if err := Evaluate(n); err != nil {
		t.Fatal(err)
	}
	if got, want := View[int64](n.Outputs[0]), []int64{-3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	x.Data = nil
	if err := Evaluate(n); err == nil || !strings.Contains(err.Error(), "the value is not known") {
		t.Errorf("error %v", err)
	}
	// The shape is known where the values are not.
	n = &Node{Def: Lookup(schema.Shape), Options: &schema.ShapeOptions{End: 9}, Inputs: []*Tensor{tensor(schema.Float32, 7, 5)}, Outputs: []*Tensor{{}}}
	if err := Evaluate(n); err != nil {
		t.Fatal(err)
	}
	if got, want := View[int64](n.Outputs[0]), []int64{7, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Nothing to compute: a result without elements.
	n = &Node{Def: Lookup(schema.Unary), Options: &schema.UnaryOptions{Kind: schema.Abs}, Inputs: []*Tensor{tensor(schema.Float32, 0, 5)}, Outputs: []*Tensor{{}}}
	if err := Evaluate(n); err != nil {
		t.Fatal(err)
	}
	if y := n.Outputs[0]; y.Data == nil || !slices.Equal(y.Shape, []int{0, 5}) {
		t.Errorf("got %v with data %v", y, y.Data)
	}
}
