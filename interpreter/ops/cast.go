package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var cast = Def{Code: schema.Cast, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferCast, Prepare: prepareCast}

// castTypes are the element types that Cast converts between.
var castTypes = map[schema.DType]move.Type{
	schema.Float16: move.Float16, schema.Float32: move.Float32, schema.Float64: move.Float64,
	schema.Int8: move.Int8, schema.Int16: move.Int16, schema.Int32: move.Int32, schema.Int64: move.Int64,
	schema.Uint8: move.Uint8, schema.Uint16: move.Uint16, schema.Uint32: move.Uint32, schema.Uint64: move.Uint64,
	schema.Bool: move.Bool,
}

func inferCast(n *Node) error {
	o, err := options[*schema.CastOptions](n)
	if err != nil {
		return err
	}
	if err := n.refuseBits(0); err != nil {
		return err
	}
	if _, ok := castTypes[o.To]; !ok {
		return fmt.Errorf("cast to %v, want a float, an integer or Bool", o.To)
	}
	return n.set(0, o.To, n.Inputs[0].Shape)
}

func prepareCast(n *Node) (Kernel, error) {
	o, err := options[*schema.CastOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	from, to := n.Inputs[0].DType, o.To
	if from == to {
		return prepareSame(n)
	}
	c := move.NewCast(castTypes[to], castTypes[from], n.Inputs[0].Len())
	return Kernel{Name: "cast", InPlace: from.Size() == to.Size(), Run: func(n *Node) error {
		c.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return nil
	}}, nil
}
