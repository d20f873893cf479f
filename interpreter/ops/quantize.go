package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/i8"
	"github.com/lce-go/lce/schema"
)

var (
	quantize = Def{Code: schema.Quantize, MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferQuantize, Prepare: prepareQuantize}
	dequantize = Def{Code: schema.Dequantize, MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferDequantize, Prepare: prepareDequantize}
	lookup = Def{Code: schema.Lookup, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferLookup, Prepare: prepareLookup}
	qbinary = Def{Code: schema.QBinary, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferQBinary, Prepare: prepareQBinary}
)

// byteTypes are the types of kernels of 8 bits.
var byteTypes = map[schema.DType]i8.Type{schema.Int8: i8.Int8, schema.Uint8: i8.Uint8, schema.Int32: i8.Int32, schema.Float32: i8.Float32}

// quantInner checks scale and zero point of a Quantize or Dequantize and gives the number of
// elements that each scale is for.
func quantInner(n *Node) (int, error) {
	o, err := options[*schema.QuantizeOptions](n)
	if err != nil {
		return 0, err
	}
	if err := n.wantType(1, schema.Float32); err != nil {
		return 0, err
	}
	x, scale, zero := n.Inputs[0], n.Inputs[1], n.Input(2)
	if zero != nil && !slices.Equal(zero.Shape, scale.Shape) && (max(len(zero.Shape), len(scale.Shape)) > 1 || zero.Len()*scale.Len() != 1) {
		return 0, fmt.Errorf("input 2, %v: want the shape of input 1, %v", zero, scale)
	}
	if len(scale.Shape) > 1 {
		return 0, fmt.Errorf("input 1, %v: want a scalar or a list", scale)
	}
	if scale.Cols() == 1 {
		return max(x.Len(), 1), nil
	}
	axis, err := resolveAxis(int64(o.Axis), len(x.Shape))
	if err != nil {
		return 0, err
	}
	if scale.Cols() != x.Shape[axis] {
		return 0, fmt.Errorf("input 1, %v: want one element or %d, as axis %d of input 0, %v, has", scale, x.Shape[axis], axis, x)
	}
	return max(product(x.Shape[axis+1:]), 1), nil
}

func inferQuantize(n *Node) error {
	if err := n.wantType(0, schema.Float32); err != nil {
		return err
	}
	if err := n.wantType(2, schema.Int8, schema.Uint8); err != nil {
		return err
	}
	if _, err := quantInner(n); err != nil {
		return err
	}
	to := schema.Uint8
	if zero := n.Input(2); zero != nil {
		to = zero.DType
	}
	return n.set(0, to, n.Inputs[0].Shape)
}

func prepareQuantize(n *Node) (Kernel, error) {
	inner, err := quantInner(n)
	if err != nil {
		return Kernel{}, err
	}
	q := i8.NewQuantizer(byteTypes[n.Outputs[0].DType], inner, n.Features)
	zeros := make([]int32, n.Inputs[1].Len())
	return Kernel{Name: "quantize" + f32.FunctionsFor(n.Features).Name, Run: func(n *Node) error {
		zeroPoints(zeros, n.Input(2))
		q.Run(n.Workers, n.Outputs[0].Data, View[float32](n.Inputs[0]), View[float32](n.Inputs[1]), zeros)
		return nil
	}}, nil
}

// zeroPoints widens the elements of t, which may be absent.
func zeroPoints(dst []int32, t *Tensor) {
	switch {
	case t == nil:
		clear(dst)
	case t.DType == schema.Int8:
		widen[int8](dst, t)
	case t.DType == schema.Uint8:
		widen[uint8](dst, t)
	case t.DType == schema.Int32:
		copy(dst, View[int32](t))
	}
}

func widen[T int8 | uint8](dst []int32, t *Tensor) {
	for i, v := range View[T](t)[:len(dst)] {
		dst[i] = int32(v)
	}
}

func inferDequantize(n *Node) error {
	if err := n.wantType(0, schema.Int8, schema.Uint8, schema.Int32); err != nil {
		return err
	}
	if err := n.wantType(2, n.Inputs[0].DType); err != nil {
		return err
	}
	if _, err := quantInner(n); err != nil {
		return err
	}
	return n.set(0, schema.Float32, n.Inputs[0].Shape)
}

func prepareDequantize(n *Node) (Kernel, error) {
	inner, err := quantInner(n)
	if err != nil {
		return Kernel{}, err
	}
	zeros := make([]int32, n.Inputs[1].Len())
	k := Kernel{Name: "dequantize"}
	switch {
	case n.Inputs[0].DType == schema.Int32:
		d := i8.NewDequantizer[int32](inner)
		k.Run = func(n *Node) error { return runDequantizer(n, d, zeros) }
	case len(zeros) == 1:
		l := i8.NewLookup[float32](n.Inputs[0].DType == schema.Int8)
		table, least := make([]float32, 256), int32(0)
		if n.Inputs[0].DType == schema.Int8 {
			least = -128
		}
		k.Run = func(n *Node) error {
			zeroPoints(zeros, n.Input(2))
			scale := View[float32](n.Inputs[1])[0]
			for i := range table {
				table[i] = float32(int32(i)+least-zeros[0]) * scale
			}
			l.Run(n.Workers, View[float32](n.Outputs[0]), n.Inputs[0].Data, table)
			return nil
		}
	case n.Inputs[0].DType == schema.Int8:
		d := i8.NewDequantizer[int8](inner)
		k.Run = func(n *Node) error { return runDequantizer(n, d, zeros) }
	default:
		d := i8.NewDequantizer[uint8](inner)
		k.Run = func(n *Node) error { return runDequantizer(n, d, zeros) }
	}
	return k, nil
}

func runDequantizer[T interface {
	Element
	i8.Number
}](n *Node, d *i8.Dequantizer[T], zeros []int32) error {
	zeroPoints(zeros, n.Input(2))
	d.Run(n.Workers, View[float32](n.Outputs[0]), View[T](n.Inputs[0]), View[float32](n.Inputs[1]), zeros)
	return nil
}

func inferLookup(n *Node) error {
	if err := n.wantType(0, schema.Int8, schema.Uint8); err != nil {
		return err
	}
	if err := n.wantType(1, schema.Int8, schema.Uint8, schema.Float32); err != nil {
		return err
	}
	if t := n.Inputs[1]; !slices.Equal(t.Shape, []int{256}) {
		return fmt.Errorf("input 1, %v: want shape [256]", t)
	}
	return n.set(0, n.Inputs[1].DType, n.Inputs[0].Shape)
}

func prepareLookup(n *Node) (Kernel, error) {
	signed := n.Inputs[0].DType == schema.Int8
	if n.Inputs[1].DType == schema.Float32 {
		return lookupKernel(i8.NewLookup[float32](signed), false), nil
	}
	return lookupKernel(i8.NewLookup[uint8](signed), true), nil
}

func lookupKernel[T Element](l *i8.Lookup[T], inPlace bool) Kernel {
	return Kernel{Name: "lookup", InPlace: inPlace, Run: func(n *Node) error {
		l.Run(n.Workers, View[T](n.Outputs[0]), n.Inputs[0].Data, View[T](n.Inputs[1]))
		return nil
	}}
}

func inferQBinary(n *Node) error {
	o, err := options[*schema.QBinaryOptions](n)
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := n.wantType(i, schema.Int8, schema.Uint8); err != nil {
			return err
		}
	}
	if o.Kind != schema.Add && o.Kind != schema.Mul {
		return fmt.Errorf("binary kind %v of quantized operands, want Add or Mul", o.Kind)
	}
	if o.To != schema.Int8 && o.To != schema.Uint8 {
		return fmt.Errorf("result of type %v, want Int8 or Uint8", o.To)
	}
	a, b := n.Inputs[0].Shape, n.Inputs[1].Shape
	for len(b) > 0 && b[0] == 1 {
		b = b[1:]
	}
	if len(b) > len(a) || !slices.Equal(a[len(a)-len(b):], b) || len(n.Inputs[1].Shape) > len(a) {
		return fmt.Errorf("input 1, %v: want the last axes of input 0, %v", n.Inputs[1], n.Inputs[0])
	}
	return n.set(0, o.To, a)
}

func prepareQBinary(n *Node) (Kernel, error) {
	o, err := options[*schema.QBinaryOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	a := i8.Operand{Signed: n.Inputs[0].DType == schema.Int8, Zero: int32(o.AZero), Scale: o.AScale}
	b := i8.Operand{Signed: n.Inputs[1].DType == schema.Int8, Zero: int32(o.BZero), Scale: o.BScale}
	q := i8.NewBinary(a, b, o.Kind == schema.Mul, quantizedOutput(o.To, o.ZeroPoint, o.Clamp), n.Features)
	name := "q" + kernelName("binary", o.Kind) + f32.FunctionsFor(n.Features).Name
	return Kernel{Name: name, InPlace: true, Run: func(n *Node) error {
		q.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data, n.Inputs[1].Data)
		return nil
	}}, nil
}

// quantizedOutput is what becomes of sums; a clamp of 8-bit numbers is within the type.
func quantizedOutput(to schema.DType, zero int, c schema.Clamp) i8.Output {
	out := i8.Output{Type: byteTypes[to], Zero: int32(zero), Min: c.Min, Max: c.Max}
	if out.Type.Size() == 1 {
		lo, hi := out.Type.Limits()
		out.Min, out.Max = min(max(c.Min, lo), hi), max(min(c.Max, hi), lo)
	}
	return out
}
