package ops

import (
	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var softmax = Def{Code: schema.Softmax, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferSoftmax, Prepare: prepareSoftmax}

func inferSoftmax(n *Node) error {
	o, err := options[*schema.SoftmaxOptions](n)
	if err != nil {
		return err
	}
	if err := n.wantType(0, schema.Float32); err != nil {
		return err
	}
	x := n.Inputs[0]
	if _, err := softmaxAxis(o, x); err != nil {
		return err
	}
	return n.set(0, schema.Float32, x.Shape)
}

// softmaxAxis is the axis; a scalar counts as a vector of one.
func softmaxAxis(o *schema.SoftmaxOptions, x *Tensor) (int, error) {
	return resolveAxis(int64(o.Axis), max(len(x.Shape), 1))
}

func prepareSoftmax(n *Node) (Kernel, error) {
	o, err := options[*schema.SoftmaxOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	axis, err := softmaxAxis(o, x)
	if err != nil {
		return Kernel{}, err
	}
	outer, length, inner := 1, 1, 1
	if len(x.Shape) > 0 {
		outer, length, inner = product(x.Shape[:axis]), x.Shape[axis], product(x.Shape[axis+1:])
	}
	s := f32.NewSoftmax(outer, length, inner, o.Log, n.Features, n.Workers.Threads())
	name := "softmax"
	if inner == 1 {
		name += f32.FunctionsFor(n.Features).Name
	}
	if o.Log {
		name = "log_softmax"
	}
	return Kernel{Name: name, InPlace: true, Run: func(n *Node) error {
		s.Run(n.Workers, View[float32](n.Outputs[0]), View[float32](n.Inputs[0]))
		return nil
	}}, nil
}
