package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

func binaryOp(g *Graph, name string, k schema.BinaryKind, a, b *Value) *Value {
	return g.Append(&Node{Name: name, Code: schema.Binary, Options: &schema.BinaryOptions{Kind: k}, Inputs: []*Value{a, b}})
}

func relu(g *Graph, name string, x *Value) *Value {
	return g.Append(&Node{Name: name, Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Relu}, Inputs: []*Value{x}})
}

func infer(t testing.TB, g *Graph) {
	t.Helper()
	if err := g.Infer(); err != nil {
		t.Fatal(err)
	}
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
}

// small is y = relu(x) + relu(x) + c.
func small(t testing.TB) *Graph {
	g := New("small")
	x := g.AddInput("x", schema.Float32, []int{-1, 4}, []string{"batch", ""})
	r := relu(g, "relu", x)
	s := binaryOp(g, "twice", schema.Add, r, r)
	y := binaryOp(g, "sum", schema.Add, s, g.ConstFloat32s("c", []int{4}, []float32{1, 2, 3, 4}))
	g.AddOutput("y", y)
	infer(t, g)
	return g
}

func TestNamesAreUnique(t *testing.T) {
	g := New("g")
	a := g.AddInput("a", schema.Float32, []int{1}, nil)
	b := g.ConstFloat32s("a", []int{1}, []float32{0})
	c := relu(g, "a", a)
	d := g.NewValue("a:0")
	names := []string{a.Name, b.Name, c.Name, d.Name}
	if want := []string{"a", "a.1", "a:0", "a:0.1"}; !cmp.Equal(names, want) {
		t.Errorf("names are %q, want %q", names, want)
	}
}

func TestUsersFollowEdits(t *testing.T) {
	g := small(t)
	sum, twice := g.Nodes[2], g.Nodes[1]
	r := twice.Inputs[0]
	if got := len(r.Users()); got != 2 {
		t.Errorf("%d users of an operand read twice, want 2", got)
	}
	n := &Node{Name: "neg", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Neg}, Inputs: []*Value{r}}
	v := g.Insert(sum, n)
	g.SetInput(sum, 0, v)
	if len(twice.Outputs[0].Users()) != 0 {
		t.Error("an operand that was replaced still has its user")
	}
	infer(t, g)
	g.Remove(twice)
	infer(t, g)
	g.ReplaceUses(sum.Outputs[0], v)
	if !g.IsOutput(v) || g.IsOutput(sum.Outputs[0]) {
		t.Error("ReplaceUses left a graph output behind")
	}
	if got := g.RemoveDead(); got != 1 {
		t.Errorf("RemoveDead removed %d nodes, want 1", got)
	}
	infer(t, g)
}

func TestRemoveOfUsedNodePanics(t *testing.T) {
	g := small(t)
	defer func() {
		if recover() == nil {
			t.Error("Remove of a node in use did not panic")
		}
	}()
	g.Remove(g.Nodes[0])
}

func TestSetOutputsHandsOver(t *testing.T) {
	g := small(t)
	old := g.Nodes[0]
	v := old.Outputs[0]
	n := &Node{Name: "abs", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Abs}, Inputs: []*Value{g.Inputs[0]}}
	g.Insert(old, n)
	g.SetOutputs(old, nil)
	g.SetOutputs(n, []*Value{v})
	g.Remove(old)
	infer(t, g)
	if v.Producer != n || v.Name != "relu:0" {
		t.Errorf("value %q has producer %v, want the new node and the old name", v.Name, v.Producer)
	}
}

func TestFold(t *testing.T) {
	g := New("g")
	c := g.ConstFloat32s("c", []int{2}, []float32{-1, 2})
	n := relu(g, "relu", c).Producer
	x := g.AddInput("x", schema.Float32, []int{2}, nil)
	g.AddOutput("y", binaryOp(g, "add", schema.Add, x, n.Outputs[0]))
	infer(t, g)
	values, err := Evaluate(n)
	if err != nil {
		t.Fatal(err)
	}
	v := n.Outputs[0]
	g.Fold(n, values)
	infer(t, g)
	if !v.IsConst() || len(g.Nodes) != 1 || v.Producer != nil {
		t.Errorf("after folding:\n%v", g)
	}
}

func TestSort(t *testing.T) {
	g := small(t)
	want := g.String()
	g.Nodes[0], g.Nodes[2] = g.Nodes[2], g.Nodes[0]
	if err := g.Validate(); err == nil {
		t.Error("Validate accepts nodes that run before their operands")
	}
	if err := g.Sort(); err != nil {
		t.Fatal(err)
	}
	infer(t, g)
	if diff := cmp.Diff(want, g.String()); diff != "" {
		t.Errorf("after Sort (-want +got):\n%s", diff)
	}
	g.SetInput(g.Nodes[0], 0, g.Nodes[2].Outputs[0])
	if err := g.Sort(); err == nil || !strings.Contains(err.Error(), "depends on itself") {
		t.Errorf("Sort of a cycle: %v", err)
	}
}

func TestDump(t *testing.T) {
	g := small(t)
	g.Nodes[2].Origin = []string{"a", "b"}
	want := `graph "small"
input %x Float32[-1 4] dims ["batch" ""]
%relu:0 Float32[-1 4] = Unary(%x) {Kind=Relu} # relu
%twice:0 Float32[-1 4] = Binary(%relu:0, %relu:0) {Kind=Add} # twice
const %c Float32[4] = [1 2 3 4]
%sum:0 Float32[-1 4] = Binary(%twice:0, %c) {Kind=Add} # sum from a, b
output "y" = %sum:0
`
	if diff := cmp.Diff(want, g.String()); diff != "" {
		t.Errorf("dump (-want +got):\n%s", diff)
	}
}

func TestDescribeOptions(t *testing.T) {
	tests := []struct {
		o    schema.Options
		want string
	}{
		{nil, ""},
		{&schema.Conv2DOptions{Window: schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}}, Groups: 1, Clamp: schema.NoClamp}, ""},
		{&schema.Conv2DOptions{
			Window: schema.Window{Strides: schema.Size2D{H: 2, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Right: 2}},
			Groups: 4, Clamp: schema.Clamp{Min: 0, Max: 6},
		}, "Strides=2x1 Pads=[1 0 0 2] Groups=4 Clamp=[0 6]"},
		{&schema.UnaryOptions{Kind: schema.LeakyRelu, Alpha: 0.5}, "Kind=LeakyRelu Alpha=0.5"},
		{&schema.TransposeOptions{Perm: []int{1, 0}}, "Perm=[1 0]"},
		{&schema.ShapeOptions{End: 1<<63 - 1}, "Start=0"},
		{&schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, "Kind=Max KeepDims"},
	}
	for _, tt := range tests {
		if got := DescribeOptions(tt.o); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.o, got, tt.want)
		}
	}
}

func TestCloneIsIndependent(t *testing.T) {
	g := small(t)
	want := g.String()
	c := g.Clone()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.String()); diff != "" {
		t.Errorf("clone (-want +got):\n%s", diff)
	}
	c.ReplaceUses(c.Nodes[0].Outputs[0], c.Inputs[0])
	c.RemoveDead()
	relu(c, "more", c.Inputs[0])
	if diff := cmp.Diff(want, g.String()); diff != "" {
		t.Errorf("an edit of the clone changed the graph (-want +got):\n%s", diff)
	}
	if err := g.Validate(); err != nil {
		t.Error(err)
	}
}

func TestLower(t *testing.T) {
	g := small(t)
	relu(g, "dead", g.Inputs[0])
	infer(t, g)
	m, err := g.Lower(schema.Metadata{Producer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s := m.Subgraphs[0]
	var ops, tensors []string
	for _, op := range s.Operators {
		ops = append(ops, op.Name)
	}
	for _, v := range s.Tensors {
		tensors = append(tensors, v.Name)
	}
	if want := []string{"relu", "twice", "sum"}; !cmp.Equal(ops, want) {
		t.Errorf("operators %q, want %q", ops, want)
	}
	if want := []string{"x", "relu:0", "twice:0", "c", "sum:0"}; !cmp.Equal(tensors, want) {
		t.Errorf("tensors %q, want %q", tensors, want)
	}
	if want := []schema.Port{{Name: "x", Tensor: 0}}; !cmp.Equal(s.Inputs, want) {
		t.Errorf("inputs %v, want %v", s.Inputs, want)
	}
	if want := []schema.Port{{Name: "y", Tensor: 4}}; !cmp.Equal(s.Outputs, want) {
		t.Errorf("outputs %v, want %v", s.Outputs, want)
	}
	if err := schema.Check(m); err != nil {
		t.Error(err)
	}
}

// TestRandomEdits checks that the users stay in step with the operands whatever is
// done.
func TestRandomEdits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := small(t)
		value := func(label string) *Value {
			list := []*Value{g.Inputs[0]}
			for _, n := range g.Nodes {
				list = append(list, n.Outputs[0])
			}
			return rapid.SampledFrom(list).Draw(rt, label)
		}
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "edit") {
			case 0:
				relu(g, "new", value("v"))
			case 1:
				g.ReplaceUses(value("old"), value("new"))
			case 2:
				if len(g.Nodes) > 0 {
					n := rapid.SampledFrom(g.Nodes).Draw(rt, "n")
					g.SetInput(n, rapid.IntRange(0, len(n.Inputs)-1).Draw(rt, "i"), value("v"))
				}
			case 3:
				v := value("v")
				g.Insert(v.Producer, &Node{Name: "ins", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Neg}, Inputs: []*Value{g.Inputs[0]}})
			case 4:
				g.RemoveDead()
			case 5:
				g = g.Clone()
			}
			if g.Sort() != nil {
				return // a cycle: nothing more to check
			}
			if err := g.Infer(); err != nil {
				rt.Fatal(err)
			}
			if err := g.Validate(); err != nil {
				rt.Fatalf("%v\n%v", err, g)
			}
		}
	})
}
