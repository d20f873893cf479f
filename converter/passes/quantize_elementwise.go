package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// fuseQuantizedBinary adds and multiplies 8-bit numbers:
//
//	Add(Dequantize(a), Dequantize(b)) -> Relu -> Quantize -> y     becomes     QBinary(a, b) -> y
func fuseQuantizedBinary(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		kind, ok := binaryKind(n)
		if !ok || kind != schema.Add && kind != schema.Mul {
			continue
		}
		a, ok := dequantizedByte(n.Inputs[0])
		b, ok2 := dequantizedByte(n.Inputs[1])
		if !ok || !ok2 {
			continue
		}
		if !endsWith(a.q.Shape, b.q.Shape) {
			a, b = b, a
		}
		if !endsWith(a.q.Shape, b.q.Shape) {
			continue
		}
		p := quantizedProduct{node: n, out: n.Outputs[0], clamp: schema.NoClamp, origin: []*graph.Node{n}, scale: []float32{a.scale[0], b.scale[0]}}
		p.followed(g)
		if p.to == schema.Invalid {
			continue // there is no Quantize
		}
		if kind == schema.Mul {
			p.scale[1] = b.scale[0] // the product is divided by the scale of the result once
		}
		o := &schema.QBinaryOptions{
			Kind: kind, To: p.to, AScale: p.scale[0], BScale: p.scale[1],
			AZero: int(a.zero[0]), BZero: int(b.zero[0]), ZeroPoint: p.zero, Clamp: p.clamp,
		}
		q := &graph.Node{Name: n.Name, Code: schema.QBinary, Options: o, Inputs: []*graph.Value{a.q, b.q}, Origin: origins(p.origin...)}
		if err := replaceNode(g, p.out.Producer, q); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// endsWith reports whether shape a ends with shape b, but for leading axes of 1. No dimension of
// b is unknown, or all are those of a.
func endsWith(a, b []int) bool {
	if len(b) > len(a) {
		return false
	}
	if len(a) == len(b) && slices.Equal(a, b) && !slices.Contains(a[min(1, len(a)):], -1) {
		return true
	}
	for len(b) > 0 && b[0] == 1 {
		b = b[1:]
	}
	return !slices.Contains(b, -1) && slices.Equal(a[len(a)-len(b):], b)
}

// tabulate makes a table of a function of 8-bit numbers:
//
//	q -> Dequantize -> Sigmoid -> Quantize -> p     becomes     q -> Lookup -> p
//
// Between them are functions of one operand and operations with one constant, or nothing.
func tabulate(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Quantize {
			continue
		}
		to, ok := quantizedBy(n)
		if !ok || len(to.scale) != 1 {
			continue
		}
		var chain []*graph.Node
		v := n.Inputs[0]
		for v.Producer != nil && len(v.Users()) == 1 && !g.IsOutput(v) {
			in, ok := tabulated(v.Producer)
			if !ok {
				break
			}
			chain = append(chain, v.Producer)
			v = in
		}
		from, ok := dequantizedByte(v)
		if !ok {
			continue
		}
		if len(chain) == 0 && from.q.DType == n.Outputs[0].DType && from.scale[0] == to.scale[0] && from.zero[0] == to.zero[0] {
			g.ReplaceUses(n.Outputs[0], from.q)
			count++
			continue
		}
		slices.Reverse(chain)
		table, err := tableOf(append(append([]*graph.Node{from.node}, chain...), n))
		if err != nil {
			return count, err
		}
		t := g.NewConst(n.Name+"/table", table.DType, table.Shape, table.Data)
		l := &graph.Node{Name: n.Name, Code: schema.Lookup, Inputs: []*graph.Value{from.q, t}, Origin: origins(append(chain, n)...)}
		if err := replaceNode(g, n, l); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// tabulated gives the operand of a function of one float32.
func tabulated(n *graph.Node) (*graph.Value, bool) {
	if n.Outputs[0].DType != schema.Float32 {
		return nil, false
	}
	if _, ok := unaryKind(n); ok {
		return n.Inputs[0], true
	}
	if _, ok := binaryKind(n); !ok {
		return nil, false
	}
	x, c, _, ok := constOperand(n)
	if !ok || !graph.SameShape(x, n.Outputs[0]) {
		return nil, false
	}
	_, one := uniform(c)
	return x, one
}

// tableOf evaluates a chain of nodes, that begins with a Dequantize, on all numbers in order.
func tableOf(chain []*graph.Node) (*ops.Tensor, error) {
	t := &ops.Tensor{Name: "table", DType: chain[0].Inputs[0].DType, Shape: []int{256}, Data: ops.AlignedBytes(256)}
	for i := range t.Data {
		t.Data[i] = byte(i)
		if t.DType == schema.Int8 {
			t.Data[i] ^= 0x80
		}
	}
	for _, n := range chain {
		in := make([]*ops.Tensor, 0, len(n.Inputs))
		for _, v := range n.Inputs {
			switch {
			case v == nil:
			case v.IsConst() && n.Code == schema.Binary:
				c, _ := uniform(v)
				s := &ops.Tensor{Name: v.Name, DType: schema.Float32, Shape: []int{}, Data: ops.AlignedBytes(4)}
				ops.View[float32](s)[0] = c
				in = append(in, s)
			case v.IsConst():
				in = append(in, v.Const)
			default:
				in = append(in, t)
			}
		}
		var err error
		if t, err = evaluate(n.Code, n.Options, in...); err != nil {
			return nil, err
		}
	}
	return t, nil
}
