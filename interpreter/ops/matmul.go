package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var matMul = Def{Code: schema.MatMul, MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1, PackedInput: 1,
	Infer: inferMatMul, Prepare: prepareMatMul}

// matMulShape is what a MatMul computes: a batch of matrix products.
type matMulShape struct {
	out     []int // shape of the result
	m, k, n int
	// aBatch and bBatch are the leading axes of the operands, batch those of the result.
	aBatch, bBatch, batch []int
	options               *schema.MatMulOptions
}

func matMulOf(n *Node) (matMulShape, error) {
	var s matMulShape
	o, err := options[*schema.MatMulOptions](n)
	if err != nil {
		return s, err
	}
	a, err := matrixOf(n, 0, o.TransposeA)
	if err != nil {
		return s, err
	}
	b, err := matrixOf(n, 1, o.TransposeB)
	if err != nil {
		return s, err
	}
	if d := n.Inputs[0].DType; d != n.Inputs[1].DType {
		return s, fmt.Errorf("input 0, %v, and input 1, %v, differ in type", n.Inputs[0], n.Inputs[1])
	} else if d != schema.Float32 && (n.Input(2) != nil || o.Clamp != schema.NoClamp) {
		return s, fmt.Errorf("input 0, %v: a bias or clamp, which are for Float32", n.Inputs[0])
	}
	s, err = productShape(n, a, b)
	if err != nil {
		return s, err
	}
	s.options = o
	return s, n.wantVector(2, s.n)
}

// productShape is what numpy's matmul makes of operands of two shapes, which it may change.
func productShape(n *Node, a, b []int) (s matMulShape, err error) {
	if len(a) == 0 || len(b) == 0 {
		return s, fmt.Errorf("input 0, %v, and input 1, %v: want matrices or vectors", n.Inputs[0], n.Inputs[1])
	}
	// A vector is a row on the left and a column on the right; its axis is dropped.
	aVector, bVector := len(a) == 1, len(b) == 1
	if aVector {
		a = []int{1, a[0]}
	}
	if bVector {
		b = []int{b[0], 1}
	}
	s.m, s.k, s.n = a[len(a)-2], a[len(a)-1], b[len(b)-1]
	if inner := b[len(b)-2]; s.k != inner {
		return s, fmt.Errorf("input 0, %v, has %d columns, input 1, %v, has %d rows", n.Inputs[0], s.k, n.Inputs[1], inner)
	}
	s.aBatch, s.bBatch = a[:len(a)-2], b[:len(b)-2]
	if s.batch, err = broadcastShapes(s.aBatch, s.bBatch); err != nil {
		return s, err
	}
	s.out = slices.Clone(s.batch)
	if !aVector {
		s.out = append(s.out, s.m)
	}
	if !bVector {
		s.out = append(s.out, s.n)
	}
	_, err = Count(s.out)
	return s, err
}

// matrixOf is the shape of operand i, its last two axes swapped if asked for.
func matrixOf(n *Node, i int, swap bool) ([]int, error) {
	t := n.Inputs[i]
	if err := n.wantType(i, schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64); err != nil {
		return nil, err
	}
	shape := slices.Clone(t.Shape)
	r := len(shape)
	if r == 0 || swap && r < 2 {
		return nil, fmt.Errorf("input %d, %v: want a matrix, or a vector that is not transposed", i, t)
	}
	if swap {
		shape[r-1], shape[r-2] = shape[r-2], shape[r-1]
	}
	return shape, nil
}

func inferMatMul(n *Node) error {
	s, err := matMulOf(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].DType, s.out)
}

// batchIndex lists, for each matrix of the broadcast batch, the operand's matrix
// that takes part.
func batchIndex(operand, batch []int) []int {
	index := make([]int, product(batch))
	stride := make([]int, len(batch))
	for i, step := len(operand)-1, 1; i >= 0; i-- {
		if operand[i] > 1 {
			stride[len(batch)-len(operand)+i] = step
		}
		step *= operand[i]
	}
	for i := range index {
		rest := i
		for j := len(batch) - 1; j >= 0; j-- {
			index[i] += rest % batch[j] * stride[j]
			rest /= batch[j]
		}
	}
	return index
}

func prepareMatMul(n *Node) (Kernel, error) {
	s, err := matMulOf(n)
	if err != nil {
		return Kernel{}, err
	}
	p := f32.MatMulParams{
		M: s.m, K: s.k, N: s.n, TransposeA: s.options.TransposeA, TransposeB: s.options.TransposeB,
		CountA: product(s.aBatch), CountB: product(s.bBatch), Min: s.options.Clamp.Min, Max: s.options.Clamp.Max,
	}
	if p.CountB == 1 && !p.TransposeA && product(s.batch) == p.CountA {
		// One matrix on the right: the batch on the left is one tall matrix.
		p.M *= p.CountA
		p.CountA = 1
		p.IndexA, p.IndexB = []int{0}, []int{0}
	} else {
		p.IndexA, p.IndexB = batchIndex(s.aBatch, s.batch), batchIndex(s.bBatch, s.batch)
	}
	switch n.Inputs[0].DType {
	case schema.Float64:
		return plainMatMul[float64](p), nil
	case schema.Int32:
		return plainMatMul[int32](p), nil
	case schema.Int64:
		return plainMatMul[int64](p), nil
	case schema.Uint64:
		return plainMatMul[uint64](p), nil
	}
	m := f32.NewMatMul(p, n.Features, n.Workers.Threads())
	k, pack := Kernel{Name: m.Name()}, m.PackedLen()
	if pack > 2*MaxElements-16 {
		return Kernel{}, fmt.Errorf("input 1, %v: too large to pack", n.Inputs[1])
	}
	run := func(n *Node, packed, scratch []float32) error {
		m.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), packed, optional(n, 2), scratch)
		return nil
	}
	if n.Inputs[1].Constant() {
		packed, err := n.packed(1, m.PackedLayout(), int(pack), func(dst, b []float32) { m.Pack(n.Workers, dst, b) })
		if err != nil {
			return Kernel{}, err
		}
		k.Packed, k.Scratch = int(4*pack), 4*m.ScratchLen()
		k.Run = func(n *Node) error { return run(n, packed, floats(n.Scratch)) }
		return k, nil
	}
	if m.IsPacked() {
		k.Scratch = 4 * m.ScratchLen()
		k.Run = func(n *Node) error { return run(n, View[float32](n.Inputs[1]), floats(n.Scratch)) }
		return k, nil
	}
	at := (int(pack) + 15) &^ 15
	if k.Scratch, err = scratchBytes(at, m.ScratchLen()); err != nil {
		return Kernel{}, err
	}
	k.Run = func(n *Node) error {
		s := floats(n.Scratch)
		m.Pack(n.Workers, s[:at], View[float32](n.Inputs[1]))
		return run(n, s[:at], s[at:])
	}
	return k, nil
}

// plainMatMul is for other types than float32.
func plainMatMul[T interface {
	f32.Summable
	Element
}](p f32.MatMulParams) Kernel {
	m := f32.NewPlainMatMul[T](p)
	return Kernel{Name: "matmul_plain", Run: func(n *Node) error {
		m.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), View[T](n.Inputs[1]))
		return nil
	}}
}
