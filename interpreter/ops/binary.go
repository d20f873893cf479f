package ops

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/schema"
)

// The ops on packed bits.
var (
	bsign = Def{Code: schema.Bsign, MinInputs: 1, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferBsign, Prepare: prepareBsign, RowWise: rowWiseBsign}
	bunpack = Def{Code: schema.Bunpack, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferBunpack, Prepare: prepareBunpack}
)

func inferBsign(n *Node) error {
	o, err := options[*schema.BsignOptions](n)
	if err != nil {
		return err
	}
	if o.Compare != schema.SignGreaterOrEqual && o.Compare != schema.SignGreater {
		return fmt.Errorf("compare %v, want GreaterOrEqual or Greater", o.Compare)
	}
	if err := n.wantType(0, schema.Float32); err != nil {
		return err
	}
	x := n.Inputs[0]
	if len(x.Shape) == 0 {
		return fmt.Errorf("input 0, %v: a scalar cannot be packed", x)
	}
	if t := n.Input(1); t != nil && (t.DType != schema.Float32 || len(t.Shape) != 1 || t.Shape[0] != 1 && t.Shape[0] != x.Cols()) {
		return fmt.Errorf("threshold, %v: want Float32 [1] or [%d]", t, x.Cols())
	}
	if t := n.Input(2); t != nil && (t.DType != schema.Bits || !slices.Equal(t.Shape, []int{x.Cols()})) {
		return fmt.Errorf("negate, %v: want Bits [%d]", t, x.Cols())
	}
	return n.set(0, schema.Bits, x.Shape)
}

func prepareBsign(n *Node) (Kernel, error) {
	if n.Inputs[0].Len() == 0 {
		return Kernel{Name: "bsign_generic", Run: func(*Node) error { return nil }}, nil
	}
	s, err := n.sign()
	if err != nil {
		return Kernel{}, err
	}
	g := bits.NewSigner(n.Inputs[0].Cols(), s, n.Features, n.Workers.Threads())
	return Kernel{Name: g.Name(), Run: func(n *Node) error {
		g.Run(n.Workers, View[uint32](n.Outputs[0]), View[float32](n.Inputs[0]))
		return nil
	}}, nil
}

// wantConstant checks that an operand that Prepare reads has its value.
func wantConstant(name string, t *Tensor) error {
	if t.Data == nil && t.Bytes() > 0 {
		return fmt.Errorf("%s, %v: want a constant", name, t)
	}
	return nil
}

func inferBunpack(n *Node) error {
	if n.Options != nil {
		return fmt.Errorf("options are of type %T, want none", n.Options)
	}
	if err := n.wantType(0, schema.Bits); err != nil {
		return err
	}
	return n.set(0, schema.Float32, n.Inputs[0].Shape)
}

func prepareBunpack(n *Node) (Kernel, error) {
	u := bits.NewUnpacker(n.Inputs[0].Cols(), n.Features)
	return Kernel{Name: u.Name(), Run: func(n *Node) error {
		u.Run(n.Workers, View[float32](n.Outputs[0]), View[uint32](n.Inputs[0]))
		return nil
	}}, nil
}

// secondPlane is the operand of BConv2D and BGEMM that makes activations of -1, 0 and +1
// of signs: each is half the sum of what operand 0 and it hold.
const secondPlane = 5

// otherPlane gives the second plane if it differs from the first one in this run, that
// is if there is a 0.
func (n *Node) otherPlane() *Tensor {
	t := n.Input(secondPlane)
	if t == nil || bytes.Equal(t.Data, n.Inputs[0].Data) {
		return nil
	}
	return t
}

// binaryOutputs checks what BConv2D and BGEMM have in common behind their
// operands 0 and 1: the vectors of channels, the second plane and the outputs, which the
// types that they already have tell apart. It sets the shapes of the outputs.
func (n *Node) binaryOutputs(shape []int) error {
	channels := shape[len(shape)-1]
	for i, name := range []string{2: "mul", 3: "bias", 4: "threshold"} {
		t := n.Input(i)
		if i < 2 || t == nil {
			continue
		}
		want := schema.Float32
		if name == "threshold" {
			want = schema.Int32
		}
		if t.DType != want || !slices.Equal(t.Shape, []int{channels}) {
			return fmt.Errorf("%s, %v: want %v [%d]", name, t, want, channels)
		}
	}
	if t, x := n.Input(secondPlane), n.Inputs[0]; t != nil && (t.DType != schema.Bits || !slices.Equal(t.Shape, x.Shape)) {
		return fmt.Errorf("second plane, %v: want %v %v as input 0", t, x.DType, x.Shape)
	}
	seen := map[schema.DType]bool{}
	for i, t := range n.Outputs {
		if t == nil {
			continue
		}
		switch t.DType {
		case schema.Float32, schema.Int32, schema.Bits:
		default:
			return fmt.Errorf("output %d, %q: element type %v, want Float32, Int32 or Bits to be declared", i, t.Name, t.DType)
		}
		if seen[t.DType] {
			return fmt.Errorf("output %d, %q: a second output of type %v", i, t.Name, t.DType)
		}
		seen[t.DType] = true
		if err := n.set(i, t.DType, shape); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		return fmt.Errorf("no output is wanted")
	}
	if seen[schema.Bits] && n.Input(4) == nil {
		return fmt.Errorf("threshold is absent, but a Bits output needs it")
	}
	if !seen[schema.Bits] && n.Input(4) != nil {
		return fmt.Errorf("threshold, %v: is given, but no output is of type Bits", n.Input(4))
	}
	return nil
}

// epilogue collects the constants of BConv2D and BGEMM.
func (n *Node) epilogue(pre, clamp schema.Clamp) (bgemm.Epilogue, error) {
	e := bgemm.Epilogue{Pre: bgemm.Clamp(pre), Clamp: bgemm.Clamp(clamp)}
	for i, name := range []string{2: "mul", 3: "bias", 4: "threshold"} {
		t := n.Input(i)
		if i < 2 || t == nil {
			continue
		}
		if err := wantConstant(name, t); err != nil {
			return e, err
		}
		switch i {
		case 2:
			e.Mul = View[float32](t)
		case 3:
			e.Bias = View[float32](t)
		case 4:
			e.Threshold = View[int32](t)
		}
	}
	return e, nil
}

// binaryResults gives the memory of the wanted outputs.
func (n *Node) binaryResults() bgemm.Outputs {
	var out bgemm.Outputs
	for _, t := range n.Outputs {
		if t == nil {
			continue
		}
		switch t.DType {
		case schema.Float32:
			out.F32 = View[float32](t)
		case schema.Int32:
			out.I32 = View[int32](t)
		case schema.Bits:
			out.Bits = View[uint32](t)
		}
	}
	return out
}
