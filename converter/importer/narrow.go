package importer

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// The vocabulary computes in float32, int32 and int64. Operators on other types
// are computed in a type that holds all their values, between Casts. Integers come
// out the same, because a Cast wraps around. A float16 that one operator gives to another
// is not rounded between them, as in ONNX Runtime; only results, and what operators move
// as float16, are.
var (
	widerHalf = map[schema.DType]schema.DType{schema.Float16: schema.Float32}
	wider     = map[schema.DType]schema.DType{
		schema.Float16: schema.Float32, schema.Int8: schema.Int32, schema.Uint8: schema.Int32,
		schema.Int16: schema.Int32, schema.Uint16: schema.Int32, schema.Uint32: schema.Int64,
	}
)

// half is an operator on float16 done in float32.
func half(build func(*call) error) func(*call) error {
	return func(c *call) error { return c.widened(build, widerHalf, many) }
}

// halfFirst is half for operators of which only the first result has the type of operand 0.
func halfFirst(build func(*call) error) func(*call) error {
	return func(c *call) error { return c.widened(build, widerHalf, 1) }
}

// narrow is an operator on float16 or small integers done in a wider type.
func narrow(build func(*call) error) func(*call) error {
	return func(c *call) error { return c.widened(build, wider, many) }
}

// narrowFirst is narrow for operators of which only the first result has the type of
// operand 0.
func narrowFirst(build func(*call) error) func(*call) error {
	return func(c *call) error { return c.widened(build, wider, 1) }
}

// comparing is narrow for a result of a type of its own.
func comparing(build func(*call) error) func(*call) error {
	return func(c *call) error { return c.widened(build, wider, 0) }
}

// comparison is for a result of type Bool.
func comparison(kind schema.BinaryKind) func(*call) error { return comparing(importBinary(kind)) }

// widened casts the operands that have a wider type, and the first back results to the
// type of operand 0.
func (c *call) widened(build func(*call) error, wider map[schema.DType]schema.DType, back int) error {
	from := c.in[0].DType
	for i, v := range c.in {
		if v == nil || wider[v.DType] == 0 {
			continue
		}
		var err error
		if c.in[i], err = c.cast(v, wider[v.DType]); err != nil {
			return err
		}
	}
	if err := build(c); err != nil {
		return err
	}
	if wider[from] == 0 {
		return nil
	}
	for i, v := range c.out[:min(back, len(c.out))] {
		if v != nil {
			c.out[i] = c.emit("narrow", schema.Cast, &schema.CastOptions{To: from}, v)
			c.im.narrowed[c.out[i]] = true
		}
	}
	return nil
}

// moves lists the operators that leave the elements of operand 0 as they are.
var moves = map[schema.OpCode]bool{
	schema.Reshape: true, schema.Flatten: true, schema.Squeeze: true, schema.Unsqueeze: true, schema.Transpose: true, schema.Slice: true,
}

// notNarrowed gives what was rounded to the float16 v, behind the same moves; nil if v was
// not rounded by widened.
func (c *call) notNarrowed(v *graph.Value, to schema.DType) (*graph.Value, error) {
	p := v.Producer
	if p == nil || v.DType != schema.Float16 {
		return nil, nil
	}
	if c.im.narrowed[v] && p.Inputs[0].DType == to {
		return p.Inputs[0], nil
	}
	if !moves[p.Code] {
		return nil, nil
	}
	x, err := c.notNarrowed(p.Inputs[0], to)
	if x == nil || err != nil {
		return nil, err
	}
	n := &graph.Node{Name: p.Name, Code: p.Code, Options: p.Options, Inputs: append([]*graph.Value{x}, p.Inputs[1:]...)}
	w := c.im.g.Append(n)
	if err := c.im.g.InferNode(n); err != nil {
		return nil, inferError(n, err)
	}
	return w, nil
}

// cast converts a value, a constant at once, so that its elements can be read.
func (c *call) cast(v *graph.Value, to schema.DType) (*graph.Value, error) {
	if w, err := c.notNarrowed(v, to); w != nil || err != nil {
		return w, err
	}
	n := &graph.Node{Name: c.name("widen"), Code: schema.Cast, Options: &schema.CastOptions{To: to}, Inputs: []*graph.Value{v}}
	if v.Const != nil {
		n.Outputs = []*graph.Value{{Name: n.Name}}
		t, err := graph.Evaluate(n)
		if err != nil {
			return nil, inferError(n, err)
		}
		return c.im.g.NewConst(v.Name, to, t[0].Shape, t[0].Data), nil
	}
	w := c.im.g.Append(n)
	if err := c.im.g.InferNode(n); err != nil {
		return nil, inferError(n, err)
	}
	return w, nil
}
