package graph

import (
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

func TestValidateErrors(t *testing.T) {
	tests := []struct {
		name   string
		damage func(g *Graph)
		want   []string
	}{
		{"user missing", func(g *Graph) { g.Inputs[0].users = nil }, []string{`value "x"`, "0 users"}},
		{"user outside", func(g *Graph) {
			n := &Node{Name: "ghost"}
			g.Inputs[0].users = []*Node{n}
		}, []string{`value "x"`, `"ghost"`}},
		{"user that does not read", func(g *Graph) {
			g.Inputs[0].users = []*Node{g.Nodes[2]}
		}, []string{`value "x"`, `"sum"`, "does not read"}},
		{"producer", func(g *Graph) { g.Nodes[0].Outputs[0].Producer = g.Nodes[1] }, []string{`"relu"`, `"relu:0"`, "producer"}},
		{"order", func(g *Graph) { g.Nodes[0], g.Nodes[1] = g.Nodes[1], g.Nodes[0] }, []string{`"twice"`, `"relu:0"`, "not computed before"}},
		{"node twice", func(g *Graph) { g.Nodes = append(g.Nodes, g.Nodes[0]) }, []string{`"relu"`, "twice"}},
		{"value of two nodes", func(g *Graph) { g.Nodes[1].Outputs[0] = g.Nodes[0].Outputs[0] }, []string{`"twice"`, `"relu:0"`, "defined already"}},
		{"same name", func(g *Graph) { g.Nodes[1].Outputs[0].Name = "relu:0" }, []string{`"twice"`, `"relu:0"`, "name"}},
		{"no name", func(g *Graph) { g.Nodes[1].Outputs[0].Name = "" }, []string{`"twice"`, "no name"}},
		{"node without name", func(g *Graph) { g.Nodes[1].Name = "" }, []string{"node \"\"", "no name"}},
		{"too few operands", func(g *Graph) { g.SetInputs(g.Nodes[1], g.Nodes[1].Inputs[:1]) }, []string{`"twice"`, "1 operands, want 2"}},
		{"absent operand", func(g *Graph) { g.SetInput(g.Nodes[1], 1, nil) }, []string{`"twice"`, "absent"}},
		{"too many outputs", func(g *Graph) {
			n := g.Nodes[1]
			g.SetOutputs(n, []*Value{n.Outputs[0], g.NewValue("second")})
		}, []string{`"twice"`, "2 outputs"}},
		{"no dtype", func(g *Graph) { g.Nodes[1].Outputs[0].DType = schema.Invalid }, []string{`"twice"`, `"twice:0"`, "dtype"}},
		{"no shape", func(g *Graph) { g.Nodes[1].Outputs[0].Shape = nil }, []string{`"twice"`, `"twice:0"`, "shape"}},
		{"bad shape", func(g *Graph) { g.Nodes[1].Outputs[0].Shape = []int{-2} }, []string{`"twice:0"`, "[-2]"}},
		{"constant data", func(g *Graph) {
			c := *g.Nodes[2].Inputs[1].Const
			c.Data = c.Data[:12]
			g.Nodes[2].Inputs[1].Const = &c
		}, []string{`"sum"`, `"c"`, "12 bytes instead of 16"}},
		{"constant type", func(g *Graph) { g.Nodes[2].Inputs[1].DType = schema.Int32 }, []string{`"c"`, "Int32"}},
		{"constant that is computed", func(g *Graph) { g.Nodes[2].Inputs[1].Producer = g.Nodes[0] }, []string{`"c"`, "constant"}},
		{"output without value", func(g *Graph) { g.Outputs[0].Value = nil }, []string{`"y"`, "no value"}},
		{"output twice", func(g *Graph) { g.AddOutput("y", g.Inputs[0]) }, []string{`"y"`, "taken"}},
		{"output not computed", func(g *Graph) { g.Outputs[0].Value = &Value{Name: "z"} }, []string{`"y"`, `"z"`, "not computed"}},
		{"input twice", func(g *Graph) { g.Inputs = append(g.Inputs, g.Inputs[0]) }, []string{`"x"`, "twice"}},
		{"input that is constant", func(g *Graph) { g.Inputs[0].Const = g.Nodes[2].Inputs[1].Const }, []string{"input", "constant"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := small(t)
			tt.damage(g)
			err := g.Validate()
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
