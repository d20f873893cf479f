package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// A quantized network has Quantize and Dequantize between its operators:
//
//	q -> Dequantize -> op -> Quantize -> p
//
// Behind the layout they are where the op is, and the op becomes one of 8-bit numbers. What is
// rearranged is so while it is quantized.

// turnQuantizedGroup brings Quantize and Dequantize next to the ops that compute.
func turnQuantizedGroup(name string) Group {
	return Group{Name: name, Rounds: simplifyRounds, Passes: []Pass{
		{"sink-dequantize", sinkDequantize},
		{"hoist-quantize", hoistQuantize},
		{"remove-dead", removeDead}, // what was moved has one reader again
	}}
}

// quantizeGroup makes ops of 8-bit numbers.
func quantizeGroup() Group {
	return Group{Name: "quantize", Rounds: simplifyRounds, Passes: []Pass{
		{"sink-dequantize", sinkDequantize},
		{"hoist-quantize", hoistQuantize},
		{"remove-dead", removeDead},
		{"fold-constants", foldConstants},
		{"fuse-quantized-product", fuseQuantizedProduct},
		{"fuse-integer-sums", fuseIntegerSums},
		{"fuse-quantized-binary", fuseQuantizedBinary},
		// Behind the others: what they leave between a Dequantize and a Quantize is a table.
		{"tabulate", tabulate},
		{"remove-dead", removeDead},
	}}
}

// quantized is a value that is known by its quantized form.
type quantized struct {
	node  *graph.Node // Quantize or Dequantize
	q     *graph.Value
	scale []float32
	zero  []int32
	axis  int
}

// quantizedBy reads the operands of a Quantize or Dequantize; false if they are not constant,
// or a scale is not a positive number.
func quantizedBy(n *graph.Node) (*quantized, bool) {
	scale := floats(n.Inputs[1])
	if len(scale) == 0 || slices.ContainsFunc(scale, func(s float32) bool { return !(s > 0) || !isFinite(s) }) {
		return nil, false
	}
	d := &quantized{node: n, scale: scale, zero: make([]int32, len(scale)), axis: n.Options.(*schema.QuantizeOptions).Axis}
	zero := n.Input(2)
	if zero == nil {
		return d, true
	}
	if !zero.IsConst() {
		return nil, false
	}
	for i := range d.zero {
		switch zero.DType {
		case schema.Int8:
			d.zero[i] = int32(ops.View[int8](zero.Const)[i])
		case schema.Uint8:
			d.zero[i] = int32(ops.View[uint8](zero.Const)[i])
		case schema.Int32:
			d.zero[i] = ops.View[int32](zero.Const)[i]
		}
	}
	return d, true
}

// dequantized finds what v is dequantized from.
func dequantized(v *graph.Value) (*quantized, bool) {
	n := producer(v, schema.Dequantize)
	if n == nil {
		return nil, false
	}
	d, ok := quantizedBy(n)
	if ok {
		d.q = n.Inputs[0]
		d.axis = axisOf(d.axis, max(len(d.q.Shape), 1))
	}
	return d, ok
}

// dequantizedByte finds what v is dequantized from: 8 bits with one scale.
func dequantizedByte(v *graph.Value) (*quantized, bool) {
	d, ok := dequantized(v)
	return d, ok && isByte(d.q) && len(d.scale) == 1
}

func isByte(v *graph.Value) bool { return v.DType == schema.Int8 || v.DType == schema.Uint8 }

// quantizer finds the Quantize with one scale that is the only reader of v.
func quantizer(g *graph.Graph, v *graph.Value) (*quantized, bool) {
	if len(v.Users()) != 1 || g.IsOutput(v) {
		return nil, false
	}
	n := v.Users()[0]
	if n.Code != schema.Quantize || n.Inputs[0] != v {
		return nil, false
	}
	d, ok := quantizedBy(n)
	if ok {
		d.q = n.Outputs[0]
	}
	return d, ok && len(d.scale) == 1
}

// movesElements reports whether n moves elements of its first operand about, or takes the
// largest: then it does so with quantized ones as well.
func movesElements(n *graph.Node) bool {
	if len(n.Outputs) != 1 {
		return false
	}
	return rearranges(n) || n.Code == schema.Slice || n.Code == schema.Gather || isMaxPool(n)
}

// sinkDequantize takes a Dequantize behind ops that move elements:
//
//	q -> Dequantize -> Transpose -> y     becomes     q -> Transpose -> Dequantize -> y
//
// Several scales go along where their axis stays one.
func sinkDequantize(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if !movesElements(n) {
			continue
		}
		d, ok := dequantized(n.Inputs[0])
		if !ok || !isByte(d.q) {
			continue
		}
		o := &schema.QuantizeOptions{}
		if len(d.scale) > 1 {
			axis, ok := d.movedAxis(n)
			if !ok {
				continue
			}
			o.Axis = axis
		}
		moved := &graph.Node{Name: n.Name, Code: n.Code, Options: n.Options, Inputs: append([]*graph.Value{d.q}, n.Inputs[1:]...), Origin: n.Origin}
		v, err := insert(g, n, moved)
		if err != nil {
			return count, err
		}
		y := &graph.Node{Name: d.node.Name, Code: schema.Dequantize, Options: o, Inputs: append([]*graph.Value{v}, d.node.Inputs[1:]...)}
		if err := replaceNode(g, n, y); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// movedAxis is the axis of several scales behind a node that rearranges constants: where a
// Transpose takes it, or the first one if that stays.
func (d *quantized) movedAxis(n *graph.Node) (int, bool) {
	if !d.q.IsConst() || !rearranges(n) {
		return 0, false
	}
	if t, ok := n.Options.(*schema.TransposeOptions); ok {
		return slices.Index(t.Perm, d.axis), true
	}
	out := n.Outputs[0].Shape
	return 0, d.axis == 0 && len(out) > 0 && out[0] == len(d.scale)
}

// hoistQuantize takes a Quantize in front of ops that move elements, and of a Concat:
//
//	x -> MaxPool -> Quantize -> q     becomes     x -> Quantize -> MaxPool -> q
//
// A Relu or Clip between them goes along.
func hoistQuantize(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Quantize {
			continue
		}
		if moved, err := hoistClamp(g, n); err != nil || moved {
			if err != nil {
				return count, err
			}
			count++
			continue
		}
		v := n.Inputs[0]
		from := v.Producer
		if from == nil || !onlyUser(g, v, n) || !movesElements(from) && from.Code != schema.Concat {
			continue
		}
		if d, ok := quantizedBy(n); !ok || len(d.scale) != 1 {
			continue
		}
		in := slices.Clone(from.Inputs)
		for i := range in {
			if i > 0 && from.Code != schema.Concat {
				break
			}
			q := &graph.Node{Name: n.Name, Code: schema.Quantize, Options: n.Options, Inputs: append([]*graph.Value{in[i]}, n.Inputs[1:]...)}
			var err error
			if in[i], err = insert(g, n, q); err != nil {
				return count, err
			}
		}
		if err := replaceNode(g, n, &graph.Node{Name: from.Name, Code: from.Code, Options: from.Options, Inputs: in, Origin: from.Origin}); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// hoistClamp takes a Relu or Clip in front of a Quantize before what rearranges its operand.
func hoistClamp(g *graph.Graph, n *graph.Node) (bool, error) {
	act := n.Inputs[0].Producer
	if act == nil || !onlyUser(g, n.Inputs[0], n) {
		return false, nil
	}
	if k, ok := unaryKind(act); !ok || k != schema.Relu && k != schema.Clip {
		return false, nil
	}
	from := act.Inputs[0].Producer
	if from == nil || !rearranges(from) || !onlyUser(g, act.Inputs[0], act) {
		return false, nil
	}
	v, err := insert(g, act, &graph.Node{Name: act.Name, Code: act.Code, Options: act.Options, Inputs: []*graph.Value{from.Inputs[0]}, Origin: act.Origin})
	if err != nil {
		return false, err
	}
	in := append([]*graph.Value{v}, from.Inputs[1:]...)
	return true, replaceNode(g, act, &graph.Node{Name: from.Name, Code: from.Code, Options: from.Options, Inputs: in, Origin: from.Origin})
}
