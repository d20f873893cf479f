package interpreter

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

// lateReshape is a model that reshapes 12 numbers by an operand, and adds 1.
func lateReshape(t *testing.T, opts ...Option) *Interpreter {
	t.Helper()
	b := newBuilder(t)
	b.open = true
	x, shape := b.input("x", schema.Float32, 12), b.input("shape", schema.Int64, 2)
	r := b.late(schema.Reshape, &schema.ReshapeOptions{}, 2, x, shape)
	b.output("y", b.late(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, 2, r, b.raw(schema.Float32, []float32{1})))
	in, err := New(b.load(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	fillInput(in.Input(0), 1)
	return in
}

func TestShapesThatARunDecides(t *testing.T) {
	in := lateReshape(t)
	if got, want := in.Output(0).Shape(), []int{0, 0}; !slices.Equal(got, want) {
		t.Errorf("before a run the output has shape %v, want %v", got, want)
	}
	for _, tt := range []struct {
		shape []int64
		want  []int
	}{{[]int64{3, 4}, []int{3, 4}}, {[]int64{3, 4}, []int{3, 4}}, {[]int64{-1, 2}, []int{6, 2}}, {[]int64{12, 1}, []int{12, 1}}, {[]int64{3, 4}, []int{3, 4}}} {
		copy(in.Input(1).Int64s(), tt.shape)
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		y := in.Output(0)
		if got := y.Shape(); !slices.Equal(got, tt.want) {
			t.Errorf("shape %v gives %v, want %v", tt.shape, got, tt.want)
		}
		for i, v := range y.Float32s() {
			if want := in.Input(0).Float32s()[i] + 1; v != want {
				t.Fatalf("shape %v: element %d is %v, want %v", tt.shape, i, v, want)
			}
		}
		if got := in.Memory().Late; got != 2*12*4 {
			t.Errorf("%d bytes counted for what a run decides, want %d", got, 2*12*4)
		}
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	in := lateReshape(t)
	copy(in.Input(1).Int64s(), []int64{5, 2})
	if err := in.Run(); err == nil || !strings.Contains(err.Error(), "12 elements do not fill shape [5 2]") {
		t.Errorf("error %v about a shape of another size", err)
	}
	copy(in.Input(1).Int64s(), []int64{4, 3})
	if err := in.Run(); err != nil {
		t.Errorf("error %v after one with another shape", err)
	}
}

func TestMemoryThatARunDecides(t *testing.T) {
	b := newBuilder(t)
	b.open = true
	b.output("y", b.late(schema.Expand, nil, 2, b.input("x", schema.Float32, 1), b.input("shape", schema.Int64, 2)))
	in, err := New(b.load(), WithMaxMemory(10<<10))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	copy(in.Input(1).Int64s(), []int64{100, 100})
	if err := in.Run(); !errors.Is(err, ErrMemory) {
		t.Errorf("error %v, want %v", err, ErrMemory)
	}
	copy(in.Input(1).Int64s(), []int64{10, 10})
	if err := in.Run(); err != nil {
		t.Error(err)
	}
}

func TestProfileOfLateSteps(t *testing.T) {
	var got []string
	in := lateReshape(t, WithProfile(func(x Timing) { got = append(got, x.Op+" "+x.Kernel) }))
	copy(in.Input(1).Int64s(), []int64{3, 4})
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	infos := in.Operators()
	if len(got) != 2 || len(infos) != 2 || got[0] != "Reshape copy" || !strings.HasPrefix(got[1], "Binary binary_add") {
		t.Errorf("timings of %q, %d operators", got, len(infos))
	}
	for i, info := range infos {
		if info.Outputs[0].Constant || !slices.Equal(info.Outputs[0].Shape, []int{3, 4}) {
			t.Errorf("operator %d: output %+v", i, info.Outputs[0])
		}
	}
}
