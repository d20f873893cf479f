package interpreter

import (
	"bytes"
	"fmt"

	"pgregory.net/rapid"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
)

// builder makes small models for tests. Shapes of computed tensors follow from
// ops.InferNode.
type builder struct {
	t       rapid.TB
	graph   schema.Subgraph
	tensors []*ops.Tensor // as in the graph, with an unknown dimension as 1
	// open leaves the dimensions of computed tensors unknown in the file.
	open   bool
	bodies []*schema.Subgraph // behind the graph
}

func newBuilder(t rapid.TB) *builder { return &builder{t: t, graph: schema.Subgraph{Name: "test"}} }

func (b *builder) tensor(d schema.DType, shape []int, data []byte) int {
	name := fmt.Sprintf("t%d", len(b.tensors))
	known := make([]int, len(shape))
	for i, n := range shape {
		known[i] = max(n, 1)
		if n == 0 {
			known[i] = 0
		}
	}
	b.graph.Tensors = append(b.graph.Tensors, schema.Tensor{Name: name, DType: d, Shape: shape, Data: data})
	b.tensors = append(b.tensors, &ops.Tensor{Name: name, DType: d, Shape: known, Data: data})
	return len(b.tensors) - 1
}

func (b *builder) input(name string, d schema.DType, shape ...int) int {
	t := b.tensor(d, shape, nil)
	b.graph.Inputs = append(b.graph.Inputs, schema.Port{Name: name, Tensor: t})
	return t
}

func (b *builder) output(name string, t int) {
	b.graph.Outputs = append(b.graph.Outputs, schema.Port{Name: name, Tensor: t})
}

// raw makes a constant of any type from a slice.
func (b *builder) raw(d schema.DType, values any, shape ...int) int {
	data, _, _ := rawValues(values)
	return b.tensor(d, shape, append(ops.AlignedBytes(len(data))[:0], data...))
}

func (b *builder) ints(values ...int64) int { return b.raw(schema.Int64, values, len(values)) }

// floats makes a constant of made-up values that are not integers.
func (b *builder) floats(shape ...int) int {
	n, err := ops.Count(shape)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.raw(schema.Float32, ramp(n, len(b.tensors)), shape...)
}

// bits makes a constant of made-up bits.
func (b *builder) bits(shape ...int) int {
	t := ops.Tensor{DType: schema.Bits, Shape: shape}
	words := make([]uint32, t.Bytes()/4)
	fillWords(words, t.Cols(), uint32(len(b.tensors)))
	return b.raw(schema.Bits, words, shape...)
}

// fillWords writes made-up rows of cols bits.
func fillWords(words []uint32, cols int, seed uint32) {
	per := schema.WordsPerRow(cols)
	for i := range words {
		seed = seed*1664525 + 1013904223
		words[i] = seed ^ seed>>13
		if i%per == per-1 && cols%32 != 0 {
			words[i] &= 1<<(cols%32) - 1
		}
	}
}

// ramp is n values between about -2 and 2.
func ramp(n, seed int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32((i*37+seed*11+5)%83)/20 - 2.03
	}
	return v
}

// op adds an operator of one output per element type and returns the first output.
// An input of -1 is absent.
func (b *builder) op(code schema.OpCode, o schema.Options, inputs ...int) int {
	return b.multi(code, o, 1, inputs...)[0]
}

func (b *builder) multi(code schema.OpCode, o schema.Options, outputs int, inputs ...int) []int {
	b.t.Helper()
	n := &ops.Node{Def: ops.Lookup(code), Name: fmt.Sprintf("%v%d", code, len(b.graph.Operators)), Options: o}
	for _, i := range inputs {
		if i < 0 {
			n.Inputs = append(n.Inputs, nil)
			continue
		}
		n.Inputs = append(n.Inputs, b.tensors[i])
	}
	var made []int
	for range outputs {
		t := b.tensor(schema.Float32, nil, nil)
		made = append(made, t)
		n.Outputs = append(n.Outputs, b.tensors[t])
	}
	if code == schema.BConv2D || code == schema.BGEMM {
		b.outputTypes(n)
	}
	if err := ops.InferNode(n); err != nil {
		b.t.Fatal(err)
	}
	if n.Def.FromShapes {
		if err := ops.Evaluate(n); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, t := range made {
		b.graph.Tensors[t].DType = b.tensors[t].DType
		b.graph.Tensors[t].Shape = b.tensors[t].Shape
		if b.open {
			b.graph.Tensors[t].Shape = make([]int, len(b.tensors[t].Shape))
			for i := range b.graph.Tensors[t].Shape {
				b.graph.Tensors[t].Shape[i] = -1
			}
		}
	}
	b.graph.Operators = append(b.graph.Operators, schema.Operator{
		Code: code, Version: 1, Name: n.Name, Inputs: inputs, Outputs: made, Options: o,
	})
	return made
}

// late adds an operator of one output whose sizes a run decides.
func (b *builder) late(code schema.OpCode, o schema.Options, rank int, inputs ...int) int {
	shape := make([]int, rank)
	for i := range shape {
		shape[i] = -1
	}
	out := b.tensor(b.tensors[inputs[0]].DType, shape, nil)
	if code == schema.Shape {
		b.graph.Tensors[out].DType = schema.Int64
	}
	b.graph.Operators = append(b.graph.Operators, schema.Operator{
		Code: code, Version: 1, Name: fmt.Sprintf("%v%d", code, len(b.graph.Operators)), Inputs: inputs, Outputs: []int{out}, Options: o,
	})
	return out
}

// outputTypes sets the types that tell the outputs of binary products apart: Bits
// if there is a threshold, else Float32; the second one Float32.
func (b *builder) outputTypes(n *ops.Node) {
	if n.Input(4) != nil {
		n.Outputs[0].DType = schema.Bits
	}
}

func (b *builder) model() *schema.Model {
	return &schema.Model{Subgraphs: append([]*schema.Subgraph{&b.graph}, b.bodies...)}
}

// file is the model as bytes.
func (b *builder) file() []byte {
	b.t.Helper()
	var w bytes.Buffer
	if err := schema.Write(&w, b.model()); err != nil {
		b.t.Fatal(err)
	}
	return w.Bytes()
}

// load writes the model and reads it back.
func (b *builder) load() *Model {
	b.t.Helper()
	m, err := Load(b.file())
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// reference runs the model of in one operator after the other with ops.Evaluate, without
// an arena, and returns the data of the outputs.
func reference(t rapid.TB, in *Interpreter, inputs map[string][]byte, shapes map[string][]int) [][]byte {
	t.Helper()
	all := oneByOne(t, in.model, in.config.features, inputs, shapes)
	var out [][]byte
	for _, port := range in.model.graph.Outputs {
		out = append(out, all[port.Tensor])
	}
	return out
}

// oneByOne runs the operators of m one after the other and returns the data of all tensors.
func oneByOne(t rapid.TB, m *Model, features isa.Features, inputs map[string][]byte, shapes map[string][]int) [][]byte {
	t.Helper()
	g := m.graph
	tensors := make([]ops.Tensor, len(g.Tensors))
	for i := range tensors {
		tensors[i] = ops.Tensor{Name: g.Tensors[i].Name, DType: g.Tensors[i].DType, Shape: g.Tensors[i].Shape, Data: m.parts[0].constants[i]}
	}
	for _, port := range g.Inputs {
		tensors[port.Tensor].Shape = shapes[port.Name]
		tensors[port.Tensor].Data = append(ops.AlignedBytes(len(inputs[port.Name]))[:0], inputs[port.Name]...)
	}
	for i := range g.Operators {
		op := &g.Operators[i]
		n := &ops.Node{Def: ops.Lookup(op.Code), Name: op.Name, Options: op.Options, Features: features}
		for _, list := range []struct {
			from []int
			to   *[]*ops.Tensor
		}{{op.Inputs, &n.Inputs}, {op.Outputs, &n.Outputs}} {
			for _, j := range list.from {
				if j < 0 {
					*list.to = append(*list.to, nil)
					continue
				}
				*list.to = append(*list.to, &tensors[j])
			}
		}
		if err := ops.Evaluate(n); err != nil {
			t.Fatal(err)
		}
	}
	all := make([][]byte, len(tensors))
	for i := range tensors {
		all[i] = tensors[i].Data
	}
	return all
}

// fillInput writes made-up values into an input.
func fillInput(t *Tensor, seed int) {
	switch t.DType() {
	case schema.Float32:
		copy(t.Float32s(), ramp(t.Len(), seed))
	case schema.Bits:
		shape := t.Shape()
		fillWords(t.Words(), shape[len(shape)-1], uint32(seed))
	case schema.Bool:
		for i := range t.Bools() {
			t.Bools()[i] = (i+seed)%3 == 0
		}
	case schema.Int32:
		for i := range t.Int32s() {
			t.Int32s()[i] = int32(i+seed) % 3
		}
	case schema.Int64:
		for i := range t.Int64s() {
			t.Int64s()[i] = int64(i+seed) % 3
		}
	default:
		for i := range t.Bytes() {
			t.Bytes()[i] = byte(i+seed) % 3
		}
	}
}
