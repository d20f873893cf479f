package schema

import (
	"strings"
	"testing"
)

// controlModel has an If (operator 2) of subgraphs 1 and 2 and a Loop (operator 3) of
// subgraph 3.
func controlModel() *Model {
	m := tinyModel()
	addControl(m)
	return m
}

// TestCheckGraphs breaks what operators say about their graphs.
func TestCheckGraphs(t *testing.T) {
	branches := func(m *Model) *IfOptions { return m.Subgraphs[0].Operators[2].Options.(*IfOptions) }
	loop := func(m *Model) *LoopOptions { return m.Subgraphs[0].Operators[3].Options.(*LoopOptions) }
	tests := []struct {
		name   string
		change func(m *Model)
		want   string // "" for a model that is right
	}{
		{"unchanged", func(*Model) {}, ""},
		{"own subgraph", func(m *Model) { branches(m).Then = 0 }, `subgraph 0: operator 2 (If "if"): then_graph: subgraph 0, want 1..3`},
		{"negative", func(m *Model) { branches(m).Else = -1 }, `else_graph: subgraph -1, want 1..3`},
		{"past the end", func(m *Model) { loop(m).Body = 4 }, `operator 3 (Loop "loop"): body: subgraph 4, want 1..3`},
		{"both branches the same", func(m *Model) { branches(m).Else = 1 }, "else_graph: subgraph 1 belongs to another operator"},
		{"body of another", func(m *Model) { loop(m).Body = 2 }, "body: subgraph 2 belongs to another operator"},
		{"operands of then", func(m *Model) { branches(m).ThenInputs = 2 }, "then_graph: the graph has 1 inputs, want 2"},
		{"more operands than there are", func(m *Model) { branches(m).ThenInputs = 3 }, "then_inputs: 3 of 2 operands behind the condition"},
		{"negative operands", func(m *Model) { branches(m).ThenInputs = -1 }, "then_inputs: -1 of 2 operands behind the condition"},
		{"no condition", func(m *Model) { m.Subgraphs[0].Operators[2].Inputs = nil }, "then_inputs: 1 of -1 operands"},
		{"absent operand", func(m *Model) { m.Subgraphs[0].Operators[2].Inputs[1] = Absent }, "input 0: an operand of a graph is absent"},
		{"outputs", func(m *Model) { m.Subgraphs[1].Outputs = append(m.Subgraphs[1].Outputs, Port{"z", 0}) }, "then_graph: the graph has 2 outputs, want 1"},
		{"type of an input", func(m *Model) { m.Subgraphs[2].Tensors[0].DType = Int32 }, `else_graph: input 0 ("x"): Int32 of rank 1, want Float32 of rank 1`},
		{"rank of an input", func(m *Model) { m.Subgraphs[1].Tensors[0].Shape = []int{2, 1} }, `then_graph: input 0 ("x"): Float32 of rank 2, want Float32 of rank 1`},
		{"iteration", func(m *Model) { m.Subgraphs[3].Tensors[0].DType = Int32 }, `body: input 0 ("i"): Int32 of rank 0, want Int64`},
		{"condition", func(m *Model) { m.Subgraphs[3].Tensors[1].DType = Int64 }, `body: input 1 ("more"): Int64 of rank 0, want Bool`},
		{"slice", func(m *Model) { m.Subgraphs[3].Tensors[3].Shape = []int{2, 2} }, `body: input 3 ("slice"): Float32 of rank 2, want Float32 of rank 1`},
		{"slices of a scalar", func(m *Model) { m.Subgraphs[0].Operators[3].Inputs[3] = m.Subgraphs[0].Inputs[1].Tensor }, "input 3: a scalar has no slices"},
		{"states", func(m *Model) { loop(m).States = 4 }, "4 states and 1 scanned operands of 3 behind the condition, 4 states of 2 outputs"},
		{"negative states", func(m *Model) { loop(m).States = -1 }, "-1 states"},
		{"negative scanned", func(m *Model) { loop(m).Scanned = -1 }, "-1 scanned"},
		{"unwanted output", func(m *Model) {
			m.Subgraphs[0].Operators[3].Outputs[0] = Absent
			m.Subgraphs[0].Outputs = m.Subgraphs[0].Outputs[:1]
		}, ""},
		{"deep", func(m *Model) {
			for range maxDepth - 1 {
				nest(m)
			}
		}, "is within 9 others, want at most 8"},
		{"deep enough", func(m *Model) {
			for range maxDepth - 2 {
				nest(m)
			}
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := controlModel()
			tt.change(m)
			err := Check(m)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// nest puts a Loop around its own body into the last subgraph of m.
func nest(m *Model) {
	s := m.Subgraphs[len(m.Subgraphs)-1]
	body := *s
	body.Operators = nil
	body.Tensors = append([]Tensor{}, s.Tensors...)
	body.Outputs = []Port{{"more", 1}, {"state", 2}, {"slice", 3}}
	s.Tensors = append(s.Tensors, Tensor{Name: "again", DType: Float32, Shape: []int{2}}, Tensor{Name: "rows", DType: Float32, Shape: []int{-1, 2}})
	body.Inputs = append([]Port{}, s.Inputs...)
	n := len(s.Tensors)
	s.Tensors = append(s.Tensors, Tensor{Name: "matrix", DType: Float32, Shape: []int{1, 2}, Data: floats(1, 2)})
	s.Operators = append(append([]Operator{}, s.Operators...), Operator{
		Code: Loop, Version: 1, Name: "nested", Inputs: []int{0, 1, 2, n, 4}, Outputs: []int{n - 2, n - 1},
		Options: &LoopOptions{Body: len(m.Subgraphs), States: 1, Scanned: 1},
	})
	m.Subgraphs = append(m.Subgraphs, &body)
}
