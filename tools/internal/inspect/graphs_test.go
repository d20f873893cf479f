package inspect

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/lce-go/lce/schema"
)

// TestGraphs describes a model with an If whose branches give the operand and its negative.
func TestGraphs(t *testing.T) {
	float := func(name string) schema.Tensor {
		return schema.Tensor{Name: name, DType: schema.Float32, Shape: []int{-1, 3}}
	}
	branch := func(name string, ops ...schema.Operator) *schema.Subgraph {
		return &schema.Subgraph{
			Name: name, Tensors: []schema.Tensor{float("a"), float("b")}, Operators: ops,
			Inputs: []schema.Port{{Name: "a", Tensor: 0}}, Outputs: []schema.Port{{Name: "r", Tensor: len(ops)}},
		}
	}
	neg := schema.Operator{Code: schema.Unary, Version: 1, Name: "turn", Inputs: []int{0}, Outputs: []int{1}, Options: &schema.UnaryOptions{Kind: schema.Neg}}
	m := &schema.Model{Subgraphs: []*schema.Subgraph{{
		Tensors: []schema.Tensor{{Name: "c", DType: schema.Bool}, float("x"), float("y")},
		Operators: []schema.Operator{{
			Code: schema.If, Version: 1, Name: "choose", Inputs: []int{0, 1, 1}, Outputs: []int{2},
			Options: &schema.IfOptions{Then: 1, Else: 2, ThenInputs: 1},
		}},
		Inputs: []schema.Port{{Name: "c", Tensor: 0}, {Name: "x", Tensor: 1}}, Outputs: []schema.Port{{Name: "y", Tensor: 2}},
	}, branch("same"), branch("negative", neg)}}
	path := filepath.Join(t.TempDir(), "m.lce")
	var file bytes.Buffer
	if err := schema.Write(&file, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := describe(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	writeGraphs(table, d.Graphs)
	table.Flush()
	want := `graph same of choose
input  a Float32 ?x3
output r Float32 ?x3
op     kernel inputs outputs name

graph negative of choose
input  a Float32 ?x3
output r Float32 ?x3
op     kernel inputs      outputs     name
Unary         ?x3 Float32 ?x3 Float32 turn
`
	if got := strings.TrimSpace(text.String()); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
