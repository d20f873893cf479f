package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

func (g *Graph) op(code schema.OpCode, o schema.Options, in ...*Value) *Value {
	return g.Append(&Node{Name: code.String(), Code: code, Options: o, Inputs: in})
}

func (g *Graph) ints(x ...int64) *Value { return g.ConstInt64s("ints", []int{len(x)}, x) }

func window(stride, pad int) schema.Window {
	return schema.Window{
		Strides: schema.Size2D{H: stride, W: stride}, Dilations: schema.Size2D{H: 1, W: 1},
		Pads: schema.Pads{Top: pad, Left: pad, Bottom: pad, Right: pad},
	}
}

func (g *Graph) pool(x *Value, kernel, stride int) *Value {
	return g.op(schema.Pool2D, &schema.Pool2DOptions{Window: window(stride, 0), Kernel: schema.Size2D{H: kernel, W: kernel}}, x)
}

const toEnd = 1<<63 - 1

func TestInferShapes(t *testing.T) {
	tests := []struct {
		name  string
		shape []int
		dims  []string
		make  func(g *Graph, x *Value) *Value
		want  []int
	}{
		{"static", []int{2, 8, 8, 3}, nil, func(g *Graph, x *Value) *Value { return g.pool(x, 2, 2) }, []int{2, 4, 4, 3}},
		{"unknown batch", []int{-1, 8, 8, 3}, nil, func(g *Graph, x *Value) *Value { return g.pool(x, 2, 2) }, []int{-1, 4, 4, 3}},
		{"unknown map", []int{1, -1, -1, 3}, nil, func(g *Graph, x *Value) *Value { return g.pool(x, 2, 2) }, []int{1, -1, -1, 3}},
		{"map too large for the first trial", []int{1, -1, -1, 3}, nil, func(g *Graph, x *Value) *Value { return g.pool(x, 100, 1) }, []int{1, -1, -1, 3}},
		{"map that must be tiny", []int{-1, -1}, nil, func(g *Graph, x *Value) *Value {
			return g.op(schema.Reshape, &schema.ReshapeOptions{}, x, g.ints(-1, 1))
		}, []int{-1, 1}},
		{"equal names", []int{-1, -1}, []string{"n", "n"}, func(g *Graph, x *Value) *Value {
			return binaryOp(g, "add", schema.Add, x, g.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, x))
		}, []int{-1, -1}},
		{"reduced to one", []int{-1, 8, 8, 3}, nil, func(g *Graph, x *Value) *Value {
			return g.op(schema.Reduce, &schema.ReduceOptions{KeepDims: true}, x, g.ints(0, 1))
		}, []int{1, 1, 8, 3}},
		{"shape arithmetic", []int{-1, 4, 6}, nil, func(g *Graph, x *Value) *Value {
			n := g.op(schema.Gather, &schema.AxisOptions{}, g.op(schema.Shape, &schema.ShapeOptions{End: toEnd}, x), g.ints(0))
			shape := g.op(schema.Concat, &schema.AxisOptions{}, n, g.ints(-1))
			return g.op(schema.Reshape, &schema.ReshapeOptions{}, x, shape)
		}, []int{-1, 24}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := New("g")
			y := tt.make(g, g.AddInput("x", schema.Float32, tt.shape, tt.dims))
			g.AddOutput("y", y)
			infer(t, g)
			if diff := cmp.Diff(tt.want, y.Shape); diff != "" {
				t.Errorf("shape (-want +got):\n%s", diff)
			}
			if y.DType != schema.Float32 {
				t.Errorf("dtype %v, want Float32", y.DType)
			}
		})
	}
}

func TestKnownValues(t *testing.T) {
	shapeOf := func(g *Graph, x *Value) *Value { return g.op(schema.Shape, &schema.ShapeOptions{End: toEnd}, x) }
	tests := []struct {
		name string
		make func(g *Graph, x *Value) *Value
		want []int64 // nil: unknown
	}{
		{"batch", func(g *Graph, x *Value) *Value {
			return g.op(schema.Gather, &schema.AxisOptions{}, shapeOf(g, x), g.ints(0))
		}, nil},
		{"channels", func(g *Graph, x *Value) *Value {
			return g.op(schema.Gather, &schema.AxisOptions{}, shapeOf(g, x), g.ints(1))
		}, []int64{5}},
		{"all dimensions", shapeOf, nil},
		{"sum of constants", func(g *Graph, x *Value) *Value { return binaryOp(g, "add", schema.Add, g.ints(1), g.ints(2)) }, []int64{3}},
		{"maximum that hides the batch", func(g *Graph, x *Value) *Value {
			n := g.op(schema.Gather, &schema.AxisOptions{}, shapeOf(g, x), g.ints(0))
			return g.op(schema.Concat, &schema.AxisOptions{}, binaryOp(g, "max", schema.Max, n, g.ints(1000)), g.ints(1))
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := New("g")
			y := tt.make(g, g.AddInput("x", schema.Float32, []int{-1, 5}, nil))
			g.AddOutput("y", y)
			infer(t, g)
			known := y.Known()
			if (known != nil) != (tt.want != nil) {
				t.Fatalf("known value %v, want %v", known, tt.want)
			}
			if known != nil && !slices.Equal(ops.View[int64](known), tt.want) {
				t.Errorf("value %v, want %v", ops.View[int64](known), tt.want)
			}
		})
	}
}

func TestInferErrors(t *testing.T) {
	tests := []struct {
		name  string
		shape []int
		make  func(g *Graph, x *Value) *Value
		want  []string
	}{
		{"static", []int{1, 2, 2, 1}, func(g *Graph, x *Value) *Value { return g.pool(x, 3, 1) }, []string{`node "Pool2D" (Pool2D)`}},
		{"no size fits", []int{1, -1, 7}, func(g *Graph, x *Value) *Value {
			return g.op(schema.Reshape, &schema.ReshapeOptions{}, x, g.ints(1, 77777))
		}, []string{`node "Reshape" (Reshape)`, "--input-shape x="}},
		{"unknown op", []int{1}, func(g *Graph, x *Value) *Value {
			return g.op(schema.Custom, &schema.CustomOptions{Name: "mine"}, x)
		}, []string{`node "Custom" (Custom)`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := New("g")
			g.AddOutput("y", tt.make(g, g.AddInput("x", schema.Float32, tt.shape, nil)))
			err := g.Infer()
			if err == nil {
				t.Fatalf("no error:\n%v", g)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

// TestInferNode checks that an inserted node is inferred alone, and its operands if
// they are not.
func TestInferNode(t *testing.T) {
	g := New("g")
	x := g.AddInput("x", schema.Float32, []int{-1, 3}, nil)
	a := relu(g, "a", x)
	b := relu(g, "b", a)
	g.AddOutput("y", b)
	if err := g.InferNode(b.Producer); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{-1, 3}, b.Shape); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
	if !SameShape(x, b) {
		t.Error("the shapes of input and output should be the same")
	}
	c := g.ConstFloat32s("c", []int{1, 3}, []float32{1, 2, 3})
	if SameShape(b, c) {
		t.Error("an unknown batch is not 1")
	}
}
