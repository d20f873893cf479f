package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/schema"
)

var bgemmOp = Def{Code: schema.BGEMM, MinInputs: 2, MaxInputs: 6, MinOutputs: 1, MaxOutputs: 3,
	Infer: inferBGEMM, Prepare: prepareBGEMM}

// bgemmShape checks the operands of a BGEMM and gives the parameters of its kernel
// and the shape of the outputs. b is [N, K], for all batches, or has the batch
// dimensions of a.
func bgemmShape(n *Node) (bgemm.Params, []int, error) {
	var p bgemm.Params
	if _, err := options[*schema.BGEMMOptions](n); err != nil {
		return p, nil, err
	}
	for i := range 2 {
		if err := n.wantType(i, schema.Bits); err != nil {
			return p, nil, err
		}
		if t := n.Inputs[i]; len(t.Shape) < 2 {
			return p, nil, fmt.Errorf("input %d, %v: rank %d, want at least 2", i, t, len(t.Shape))
		}
	}
	a, b := n.Inputs[0], n.Inputs[1]
	batch, bBatch := a.Shape[:len(a.Shape)-2], b.Shape[:len(b.Shape)-2]
	if a.Cols() != b.Cols() {
		return p, nil, fmt.Errorf("input 0, %v, and input 1, %v: the last dimensions %d and %d differ", a, b, a.Cols(), b.Cols())
	}
	shared := len(bBatch) == 0
	if !shared && !slices.Equal(batch, bBatch) {
		return p, nil, fmt.Errorf("input 0, %v, and input 1, %v: batch dimensions %v and %v, want them equal or input 1 of rank 2", a, b, batch, bBatch)
	}
	p = bgemm.Params{
		Batch: product(batch), M: a.Shape[len(batch)], N: b.Shape[len(bBatch)], K: a.Cols(), SharedB: shared,
	}
	return p, append(slices.Clone(a.Shape[:len(a.Shape)-1]), p.N), nil
}

func inferBGEMM(n *Node) error {
	_, shape, err := bgemmShape(n)
	if err != nil {
		return err
	}
	return n.binaryOutputs(shape)
}

func prepareBGEMM(n *Node) (Kernel, error) {
	p, _, err := bgemmShape(n)
	if err != nil {
		return Kernel{}, err
	}
	o := n.Options.(*schema.BGEMMOptions)
	if p.Epilogue, err = n.epilogue(o.PreClamp, o.Clamp); err != nil {
		return Kernel{}, err
	}
	p.Keep, p.Without, p.TwoPlanes = n.Inputs[1].Packs.keep, n.Without, n.Input(secondPlane) != nil
	g := bgemm.New(p, View[uint32](n.Inputs[1]), n.Features, n.Workers)
	if int64(g.ScratchWords())*8 > maxPackedBytes {
		return Kernel{}, fmt.Errorf("input 1, %v: takes %d bytes to pack, more than %d", n.Inputs[1], int64(g.ScratchWords())*8, maxPackedBytes)
	}
	return Kernel{
		Name: g.Name(), Packed: g.Packed(), Scratch: 8 * g.ScratchWords(),
		Run: func(n *Node) error {
			a, b, scratch := View[uint32](n.Inputs[0]), View[uint32](n.Inputs[1]), bgemm.Words64(n.Scratch)
			if second := n.otherPlane(); second != nil {
				g.RunTwo(n.Workers, a, View[uint32](second), b, n.binaryResults(), scratch)
			} else {
				g.Run(n.Workers, a, b, n.binaryResults(), scratch)
			}
			return nil
		},
	}, nil
}

// maxPackedBytes bounds the scratch memory of an operand that is packed at run time.
const maxPackedBytes = 1 << 30
