package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/i8"
	"github.com/lce-go/lce/schema"
)

var (
	qconv2D = Def{Code: schema.QConv2D, MinInputs: 2, MaxInputs: 7, MinOutputs: 1, MaxOutputs: 1, Infer: inferQConv2D, Prepare: prepareQConv2D}
	qmatMul = Def{Code: schema.QMatMul, MinInputs: 2, MaxInputs: 7, MinOutputs: 1, MaxOutputs: 1, Infer: inferQMatMul, Prepare: prepareQMatMul}
)

// The operands of quantized products.
const (
	qXZero = iota + 2
	qWZero
	qBias
	qScale
	qAdd
)

// checkProduct checks the operands of a product with n output channels, and its result.
func checkProduct(n *Node, channels int, to schema.DType) error {
	if _, ok := byteTypes[to]; !ok {
		return fmt.Errorf("result of type %v, want Int32, Float32, Int8 or Uint8", to)
	}
	for i := range 2 {
		if err := n.wantType(i, schema.Int8, schema.Uint8); err != nil {
			return err
		}
		if err := n.wantType(qXZero+i, n.Inputs[i].DType); err != nil {
			return err
		}
	}
	if t := n.Input(qXZero); t != nil && (len(t.Shape) > 1 || t.Len() != 1) {
		return fmt.Errorf("input %d, %v: want one element", qXZero, t)
	}
	if err := n.wantType(qBias, schema.Int32); err != nil {
		return err
	}
	for _, i := range []int{qScale, qAdd} {
		if err := n.wantType(i, schema.Float32); err != nil {
			return err
		}
	}
	for i := qWZero; i <= qAdd; i++ {
		t := n.Input(i)
		one := i == qWZero || i == qScale
		if t == nil || slices.Equal(t.Shape, []int{channels}) || one && len(t.Shape) <= 1 && t.Len() == 1 {
			continue
		}
		if one {
			return fmt.Errorf("input %d, %v: want one element or [%d]", i, t, channels)
		}
		return fmt.Errorf("input %d, %v: want [%d]", i, t, channels)
	}
	return nil
}

func qconvShape(n *Node) (i8.ConvParams, error) {
	var p i8.ConvParams
	o, err := options[*schema.QConv2DOptions](n)
	if err != nil {
		return p, err
	}
	for i := range 2 {
		if err := n.wantRank(i, 4); err != nil {
			return p, err
		}
	}
	x, w := n.Inputs[0], n.Inputs[1]
	if err := checkProduct(n, w.Shape[0], o.To); err != nil {
		return p, err
	}
	c, outC := x.Shape[3], w.Shape[0]
	if err := checkGroups(w, c, o.Groups); err != nil {
		return p, err
	}
	kernel := schema.Size2D{H: w.Shape[1], W: w.Shape[2]}
	out, err := windowOutput(schema.Size2D{H: x.Shape[1], W: x.Shape[2]}, kernel, &o.Window, false)
	if err != nil {
		return p, err
	}
	p = i8.ConvParams{
		Batch: x.Shape[0], InH: x.Shape[1], InW: x.Shape[2], InC: c, OutH: out.H, OutW: out.W, OutC: outC,
		KernelH: kernel.H, KernelW: kernel.W, StrideH: o.Strides.H, StrideW: o.Strides.W,
		DilationH: o.Dilations.H, DilationW: o.Dilations.W, PadTop: o.Pads.Top, PadLeft: o.Pads.Left,
		Groups: o.Groups, Signed: x.DType == schema.Int8, SignedW: w.DType == schema.Int8,
		Output: quantizedOutput(o.To, o.ZeroPoint, o.Clamp),
	}
	return p, checkPadded(p.PaddedSize, c)
}

func inferQConv2D(n *Node) error {
	p, err := qconvShape(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Options.(*schema.QConv2DOptions).To, []int{p.Batch, p.OutH, p.OutW, p.OutC})
}

func prepareQConv2D(n *Node) (Kernel, error) {
	p, err := qconvShape(n)
	if err != nil {
		return Kernel{}, err
	}
	return productKernel(n, p, "qconv2d_", []int{0}, []int{0})
}

// qmatMulShape is the shape of a QMatMul, and of one matrix product in it as a convolution of
// a row of pixels.
func qmatMulShape(n *Node) (matMulShape, i8.ConvParams, error) {
	var p i8.ConvParams
	o, err := options[*schema.QMatMulOptions](n)
	if err != nil {
		return matMulShape{}, p, err
	}
	s, err := productShape(n, slices.Clone(n.Inputs[0].Shape), slices.Clone(n.Inputs[1].Shape))
	if err != nil {
		return s, p, err
	}
	if err := checkProduct(n, s.n, o.To); err != nil {
		return s, p, err
	}
	p = i8.ConvParams{
		Batch: 1, InH: 1, InW: s.m, InC: s.k, OutH: 1, OutW: s.m, OutC: s.n, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1,
		DilationH: 1, DilationW: 1, Groups: 1, Signed: n.Inputs[0].DType == schema.Int8, SignedW: n.Inputs[1].DType == schema.Int8,
		WeightsByK: true, Output: quantizedOutput(o.To, o.ZeroPoint, o.Clamp),
	}
	return s, p, nil
}

func inferQMatMul(n *Node) error {
	s, _, err := qmatMulShape(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Options.(*schema.QMatMulOptions).To, s.out)
}

func prepareQMatMul(n *Node) (Kernel, error) {
	s, p, err := qmatMulShape(n)
	if err != nil {
		return Kernel{}, err
	}
	if product(s.bBatch) == 1 && product(s.batch) == product(s.aBatch) {
		p.InW *= product(s.aBatch)
		p.OutW = p.InW
		return productKernel(n, p, "qmatmul_", []int{0}, []int{0})
	}
	return productKernel(n, p, "qmatmul_", batchIndex(s.aBatch, s.batch), batchIndex(s.bBatch, s.batch))
}

// productRun is products of one shape, of operands number a[i] and b[i].
type productRun struct {
	conv         *i8.Conv
	a, b         []int
	sizeA, sizeB int // of an operand
	sizeOut      int // of a result, in bytes
	xZero        [1]int32
	wZero        []int32
	packed       []byte // of constant weights
	at           int    // of the scratch memory of the convolution, behind that for weights
}

func productKernel(n *Node, p i8.ConvParams, name string, a, b []int) (Kernel, error) {
	c, err := i8.NewConv(p, n.Features, n.Workers.Threads())
	if err != nil {
		return Kernel{}, err
	}
	w := n.Inputs[1]
	r := &productRun{
		conv: c, a: a, b: b, sizeA: p.Batch * p.InH * p.InW * p.InC, sizeB: p.OutC * p.KernelH * p.KernelW * (p.InC / p.Groups),
		sizeOut: p.Batch * p.OutH * p.OutW * p.OutC * p.Output.Type.Size(),
	}
	if t := n.Input(qWZero); t != nil {
		r.wZero = make([]int32, t.Len())
	}
	k := Kernel{Name: name + c.Name(), Run: r.run, Scratch: c.ScratchLen()}
	if w.Data != nil && len(b) == 1 {
		r.packed, err = w.Packs.get(c.PackedLayout(), c.PackedLen(), func(dst []byte) error {
			c.Pack(n.Workers, dst, w.Data)
			return nil
		})
		k.Packed = len(r.packed)
		return k, err
	}
	r.at = (c.PackedLen() + align - 1) &^ (align - 1)
	k.Scratch, err = scratchBytes((r.at+3)/4, (c.ScratchLen()+3)/4)
	return k, err
}

func (r *productRun) run(n *Node) error {
	zeroPoints(r.xZero[:], n.Input(qXZero))
	zeroPoints(r.wZero, n.Input(qWZero))
	o := i8.Operands{
		Packed: r.packed, XZero: r.xZero[0], WZero: r.wZero, Scale: optional(n, qScale), Add: optional(n, qAdd),
		Scratch: n.Scratch[r.at:],
	}
	if t := n.Input(qBias); t != nil {
		o.Bias = View[int32](t)
	}
	last := -1
	for i := range r.a {
		if r.packed == nil {
			o.Packed = n.Scratch[:r.conv.PackedLen()]
			if r.b[i] != last {
				r.conv.Pack(n.Workers, o.Packed, n.Inputs[1].Data[r.b[i]*r.sizeB:][:r.sizeB])
				last = r.b[i]
			}
		}
		o.Src, o.Dst = n.Inputs[0].Data[r.a[i]*r.sizeA:][:r.sizeA], n.Outputs[0].Data[i*r.sizeOut:][:r.sizeOut]
		r.conv.Run(n.Workers, &o)
	}
	return nil
}
