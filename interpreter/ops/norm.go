package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var layerNorm = Def{Code: schema.LayerNorm, MinInputs: 1, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1, Infer: inferLayerNorm, Prepare: prepareLayerNorm}

func inferLayerNorm(n *Node) error {
	o, err := options[*schema.LayerNormOptions](n)
	if err != nil {
		return err
	}
	if !(o.Epsilon >= 0) {
		return fmt.Errorf("epsilon %v, want a number that is not negative", o.Epsilon)
	}
	if err := n.wantType(0, schema.Float32); err != nil {
		return err
	}
	x := n.Inputs[0]
	if len(x.Shape) == 0 {
		return fmt.Errorf("input 0, %v: want rows", x)
	}
	for i := 1; i < 3; i++ {
		if err := n.wantVector(i, x.Cols()); err != nil {
			return err
		}
	}
	return n.set(0, schema.Float32, x.Shape)
}

func prepareLayerNorm(n *Node) (Kernel, error) {
	o, err := options[*schema.LayerNormOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	l := f32.NewLayerNorm(x.Rows(), x.Cols(), o.Epsilon, n.Features)
	return Kernel{Name: "layer_norm" + f32.FunctionsFor(n.Features).Name, InPlace: true, Run: func(n *Node) error {
		l.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]), optional(n, 1), optional(n, 2))
		return nil
	}}, nil
}
