package exporter_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// builder makes small .lce models. Shapes and types of results follow from ops.InferNode;
// values are made up.
type builder struct {
	t       testing.TB
	graph   *schema.Subgraph
	tensors []*ops.Tensor
	seed    uint32
}

func newBuilder(t testing.TB) *builder { return &builder{t: t, graph: &schema.Subgraph{Name: "test"}} }

func (b *builder) add(x *ops.Tensor) int {
	b.tensors = append(b.tensors, x)
	b.graph.Tensors = append(b.graph.Tensors, schema.Tensor{Name: x.Name, DType: x.DType, Shape: x.Shape, Data: x.Data})
	return len(b.tensors) - 1
}

func (b *builder) next() uint32 {
	b.seed = b.seed*1664525 + 1013904223
	return b.seed >> 8
}

func (b *builder) input(d schema.DType, shape ...int) int {
	i := b.add(&ops.Tensor{Name: fmt.Sprint("in", len(b.graph.Inputs)), DType: d, Shape: shape})
	b.graph.Inputs = append(b.graph.Inputs, schema.Port{Name: b.tensors[i].Name, Tensor: i})
	return i
}

func (b *builder) output(i int) {
	name := fmt.Sprint("out", len(b.graph.Outputs))
	b.graph.Outputs = append(b.graph.Outputs, schema.Port{Name: name, Tensor: i})
}

// constant makes a constant of the elements of a slice, or of made-up ones for nil.
func (b *builder) constant(d schema.DType, values any, shape ...int) int {
	x := &ops.Tensor{Name: fmt.Sprint("constant", len(b.tensors)), DType: d, Shape: shape}
	x.Data = b.data(x)
	if values != nil {
		var buf bytes.Buffer
		if err := binary.Write(&buf, binary.LittleEndian, values); err != nil || buf.Len() != len(x.Data) {
			b.t.Fatalf("%v: %d bytes, %v", x, buf.Len(), err)
		}
		copy(x.Data, buf.Bytes())
	}
	return b.add(x)
}

func (b *builder) ints(values ...int64) int { return b.constant(schema.Int64, values, len(values)) }

// data makes up elements: small numbers, some of them 0, or any bits.
func (b *builder) data(x *ops.Tensor) []byte {
	data := ops.AlignedBytes(x.Bytes())
	view := &ops.Tensor{Data: data}
	number := func() int { return int(b.next()%41) - 20 }
	switch x.DType {
	case schema.Bits:
		words := ops.View[uint32](view)
		for i := range words {
			words[i] = b.next() ^ b.next()<<16
			if per := schema.WordsPerRow(x.Cols()); i%per == per-1 && x.Cols()%32 != 0 {
				words[i] &= 1<<(x.Cols()%32) - 1
			}
		}
	case schema.Float32:
		for i := range ops.View[float32](view) {
			ops.View[float32](view)[i] = float32(number()) / 4
		}
	case schema.Int32:
		for i := range ops.View[int32](view) {
			ops.View[int32](view)[i] = int32(number())
		}
	case schema.Int64:
		for i := range ops.View[int64](view) {
			ops.View[int64](view)[i] = int64(number())
		}
	default:
		for i := range data {
			data[i] = byte(b.next())
		}
	}
	return data
}

// op adds an operator with one result.
func (b *builder) op(code schema.OpCode, o schema.Options, in ...int) int {
	return b.results(code, o, []schema.DType{schema.Invalid}, in...)[0]
}

// results adds an operator with results of the given types, which are Invalid where the
// operator decides.
func (b *builder) results(code schema.OpCode, o schema.Options, types []schema.DType, in ...int) []int {
	b.t.Helper()
	n := &ops.Node{Def: ops.Lookup(code), Name: fmt.Sprint(code, len(b.graph.Operators)), Options: o}
	for _, i := range in {
		var x *ops.Tensor
		if i != schema.Absent {
			x = b.tensors[i]
		}
		n.Inputs = append(n.Inputs, x)
	}
	for i, d := range types {
		n.Outputs = append(n.Outputs, &ops.Tensor{Name: fmt.Sprint(n.Name, ":", i), DType: d})
	}
	if err := ops.InferNode(n); err != nil {
		b.t.Fatal(err)
	}
	var out []int
	for _, y := range n.Outputs {
		out = append(out, b.add(y))
	}
	b.graph.Operators = append(b.graph.Operators, schema.Operator{Code: code, Version: 1, Name: n.Name, Inputs: in, Outputs: out, Options: o})
	return out
}

// model gives the model and made-up inputs.
func (b *builder) model() (*schema.Model, map[string]*onnx.Tensor) {
	b.t.Helper()
	m := &schema.Model{FormatVersion: schema.FormatVersion, Metadata: schema.Metadata{Producer: "test 1"}, Subgraphs: []*schema.Subgraph{b.graph}}
	if err := schema.Check(m); err != nil {
		b.t.Fatal(err)
	}
	inputs := map[string]*onnx.Tensor{}
	for _, p := range b.graph.Inputs {
		x := b.tensors[p.Tensor]
		inputs[p.Name] = &onnx.Tensor{DType: x.DType, Shape: slices.Clone(x.Shape), Data: b.data(x)}
	}
	return m, inputs
}
