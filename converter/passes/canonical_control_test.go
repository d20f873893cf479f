package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// addIf puts an If of a condition into a graph: x plus a constant of the graph around, or -x,
// and in both branches exp(x) as a second result.
func addIf(g *graph.Graph, cond, x, c *graph.Value) *graph.Node {
	branch := func(name string, code func(b *graph.Graph, x *graph.Value) *graph.Value, captured ...*graph.Value) *graph.Graph {
		b := graph.NewBody(name)
		for _, v := range captured {
			b.AddBodyInput(v.Name, v)
		}
		first := code(b, b.Inputs[0])
		second := b.Append(&graph.Node{Name: name + "/exp", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Exp}, Inputs: []*graph.Value{b.Inputs[0]}})
		b.AddOutput("first", first)
		b.AddOutput("second", second)
		return b
	}
	then := branch("then", func(b *graph.Graph, x *graph.Value) *graph.Value {
		return b.Append(&graph.Node{Name: "sum", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Add}, Inputs: []*graph.Value{x, b.Inputs[1]}})
	}, x, c)
	other := branch("else", func(b *graph.Graph, x *graph.Value) *graph.Value {
		return b.Append(&graph.Node{Name: "minus", Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Neg}, Inputs: []*graph.Value{x}})
	}, x)
	n := &graph.Node{
		Name: "if", Code: schema.If, Options: &schema.IfOptions{ThenInputs: 2}, Inputs: []*graph.Value{cond, x, c, x},
		Outputs: []*graph.Value{g.NewValue("y"), g.NewValue("unused")}, Bodies: []*graph.Graph{then, other},
	}
	g.Append(n)
	g.AddOutput("y", n.Outputs[0])
	return n
}

func TestSimplifyControl(t *testing.T) {
	for _, tt := range []struct {
		name string
		cond func(g *graph.Graph) *graph.Value
		want map[schema.OpCode]int // operators of the graph afterwards
	}{
		{"then", func(g *graph.Graph) *graph.Value { return g.NewConst("c", schema.Bool, []int{}, []byte{1}) }, map[schema.OpCode]int{schema.Binary: 1, schema.Unary: 1}},
		{"else", func(g *graph.Graph) *graph.Value { return g.NewConst("c", schema.Bool, []int{1}, []byte{0}) }, map[schema.OpCode]int{schema.Unary: 2}},
		{"unknown", func(g *graph.Graph) *graph.Value { return g.AddInput("c", schema.Bool, []int{}, nil) }, map[schema.OpCode]int{schema.If: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := graph.New("test")
			x := g.AddInput("x", schema.Float32, []int{-1, 3}, []string{"n", ""})
			g.InferInputs()
			cond := tt.cond(g)
			n := addIf(g, cond, x, g.ConstFloat32s("k", []int{3}, []float32{1, 2, 3}))
			if err := prepare(g); err != nil {
				t.Fatal(err)
			}
			count, err := simplifyControl(g, &Log{})
			if err != nil || count == 0 {
				t.Fatalf("applied %d times, error %v", count, err)
			}
			if err := prepare(g); err != nil {
				t.Fatal(err)
			}
			got := map[schema.OpCode]int{}
			for _, m := range g.Nodes {
				got[m.Code]++
			}
			for code, want := range tt.want {
				if got[code] != want || len(got) != len(tt.want) {
					t.Errorf("operators %v, want %v", got, tt.want)
				}
			}
			if got[schema.If] == 0 {
				return
			}
			// The constant is in the branch, and the result that nobody reads is gone.
			if len(n.Inputs) != 3 || len(n.Outputs) != 1 || len(n.Bodies[0].Inputs) != 1 || len(n.Bodies[1].Outputs) != 1 {
				t.Errorf("%d operands, %d results, want 3 and 1:\n%v", len(n.Inputs), len(n.Outputs), g)
			}
			if again, err := simplifyControl(g, &Log{}); again != 0 || err != nil {
				t.Errorf("applied %d times more, error %v", again, err)
			}
		})
	}
}
