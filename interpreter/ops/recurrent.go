package ops

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var recurrent = Def{Code: schema.Recurrent, MinInputs: 3, MaxInputs: 8, MinOutputs: 1, MaxOutputs: 3, Infer: inferRecurrent, Prepare: prepareRecurrent}

// recurrentActivations are the functions of gates.
var recurrentActivations = []func(float64) float64{
	schema.ActSigmoid: f32.MathSigmoid, schema.ActTanh: math.Tanh, schema.ActSoftsign: f32.Softsign, schema.ActSoftplus: f32.Softplus,
	schema.ActRelu: func(x float64) float64 {
		if x < 0 {
			return 0
		}
		return x
	},
}

// recurrentKinds has the gates and activations of each layer.
var recurrentKinds = map[schema.RecurrentKind]struct {
	kind               f32.RecurrentKind
	gates, activations int
	name               string
}{
	schema.RNN:  {f32.RecurrentRNN, 1, 1, "rnn"},
	schema.LSTM: {f32.RecurrentLSTM, 4, 3, "lstm"},
	schema.GRU:  {f32.RecurrentGRU, 3, 2, "gru"},
}

// recurrentParams checks the operands of a Recurrent and gives the parameters of each
// direction.
func recurrentParams(n *Node) ([]f32.RecurrentParams, error) {
	o, err := options[*schema.RecurrentOptions](n)
	if err != nil {
		return nil, err
	}
	kind, ok := recurrentKinds[o.Kind]
	if !ok {
		return nil, fmt.Errorf("recurrent kind %v, want RNN, LSTM or GRU", o.Kind)
	}
	for i := range 3 {
		if err := n.wantRank(i, 3); err != nil {
			return nil, err
		}
	}
	x, r := n.Inputs[0], n.Inputs[2]
	p := f32.RecurrentParams{
		Kind: kind.kind, Steps: x.Shape[0], Batch: x.Shape[1], Input: x.Shape[2], State: r.Shape[2],
		LinearBeforeReset: o.LinearBeforeReset, InputForget: o.InputForget,
	}
	directions := 1
	if o.Direction == schema.Bidirectional {
		directions = 2
	}
	rows := int64(kind.gates) * int64(p.State)
	if rows > MaxElements || p.State == 0 || p.Input == 0 {
		return nil, fmt.Errorf("input 2, %v: %d rows of the weights of %d inputs, want 1 to %d", r, rows, p.Input, MaxElements)
	}
	for i, want := range [][]int{
		{p.Steps, p.Batch, p.Input}, {directions, int(rows), p.Input}, {directions, int(rows), p.State}, {directions, 2 * int(rows)}, {p.Batch},
		{directions, p.Batch, p.State}, {directions, p.Batch, p.State}, {directions, 3 * p.State},
	} {
		t, d := n.Input(i), schema.Float32
		if i == 4 {
			d = schema.Int32
		}
		if t != nil && (t.DType != d || !slices.Equal(t.Shape, want)) {
			return nil, fmt.Errorf("input %d, %v: want %v %v", i, t, d, want)
		}
	}
	if o.Kind != schema.LSTM && (n.Input(6) != nil || n.Input(7) != nil || n.Output(2) != nil) {
		return nil, fmt.Errorf("%v with cells or peepholes, which an LSTM has", o.Kind)
	}
	if len(o.Activations) != directions*kind.activations {
		return nil, fmt.Errorf("activations %v, want %d", o.Activations, directions*kind.activations)
	}
	var list []f32.RecurrentParams
	for d := range directions {
		q := p
		q.Reverse = o.Direction == schema.Reverse || d == 1
		for _, a := range o.Activations[d*kind.activations:][:kind.activations] {
			if a < 0 || a >= len(recurrentActivations) {
				return nil, fmt.Errorf("activation %d, want 0 to %d", a, len(recurrentActivations)-1)
			}
			q.Activations = append(q.Activations, recurrentActivations[a])
		}
		list = append(list, q)
	}
	return list, nil
}

func inferRecurrent(n *Node) error {
	list, err := recurrentParams(n)
	if err != nil {
		return err
	}
	p := list[0]
	// Products of all steps are kept while it runs.
	if _, err := Count([]int{p.Steps, p.Batch, 4 * p.State}); err != nil {
		return err
	}
	if err := n.set(0, schema.Float32, []int{p.Steps, len(list), p.Batch, p.State}); err != nil {
		return err
	}
	for i := 1; i < 3; i++ {
		if err := n.set(i, schema.Float32, []int{len(list), p.Batch, p.State}); err != nil {
			return err
		}
	}
	return nil
}

func prepareRecurrent(n *Node) (Kernel, error) {
	list, err := recurrentParams(n)
	if err != nil {
		return Kernel{}, err
	}
	var layers []*f32.Recurrent
	need := int64(0)
	for _, p := range list {
		k := f32.NewRecurrent(p, n.Features, n.Workers.Threads())
		layers = append(layers, k)
		need = max(need, k.ScratchLen())
	}
	if need > 2*MaxElements-16 {
		return Kernel{}, fmt.Errorf("input 0, %v: too large to keep the products of all steps", n.Inputs[0])
	}
	name := recurrentKinds[n.Options.(*schema.RecurrentOptions).Kind].name
	operands := &f32.RecurrentOperands{}
	return Kernel{Name: name, Scratch: int(4 * need), Run: func(n *Node) error {
		steps := list[0].Steps
		if t := n.Input(4); t != nil {
			for i, v := range View[int32](t) {
				if v < 0 || int(v) > steps {
					return fmt.Errorf("input 4, %v: length %d at position %d, want 0 to %d", t, v, i, steps)
				}
			}
		}
		for d, k := range layers {
			*operands = f32.RecurrentOperands{
				X: View[float32](n.Inputs[0]), W: direction(n.Inputs[1], d), R: direction(n.Inputs[2], d), B: direction(n.Input(3), d),
				H0: direction(n.Input(5), d), C0: direction(n.Input(6), d), P: direction(n.Input(7), d),
				YH: direction(n.Output(1), d), YC: direction(n.Output(2), d), YStep: len(list) * list[d].Batch * list[d].State,
			}
			if t := n.Input(4); t != nil {
				operands.Lengths = View[int32](t)
			}
			if t := n.Output(0); t != nil {
				operands.Y = View[float32](t)[d*list[d].Batch*list[d].State:]
			}
			k.Run(n.Workers, operands, floats(n.Scratch))
		}
		*operands = f32.RecurrentOperands{}
		return nil
	}}, nil
}

// direction is the part of t, if it is there, of one direction along the first axis.
func direction(t *Tensor, d int) []float32 {
	if t == nil {
		return nil
	}
	each := product(t.Shape[1:])
	return View[float32](t)[d*each:][:each]
}
