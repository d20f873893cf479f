package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var recurrent = Def{Code: schema.Recurrent, MinInputs: 3, MaxInputs: 8, MinOutputs: 1, MaxOutputs: 3, Infer: inferRecurrent, Prepare: prepareRecurrent}

// recurrentActivations are the functions of gates, out of a set if it has them.
var recurrentActivations = []func(f *f32.Functions) f32.UnaryFunc[float32]{
	schema.ActSigmoid:  func(f *f32.Functions) f32.UnaryFunc[float32] { return f.Sigmoid },
	schema.ActTanh:     func(f *f32.Functions) f32.UnaryFunc[float32] { return f.Tanh },
	schema.ActRelu:     func(f *f32.Functions) f32.UnaryFunc[float32] { return f.Clip(0, posInf) },
	schema.ActSoftsign: func(*f32.Functions) f32.UnaryFunc[float32] { return f32.Softsign },
	schema.ActSoftplus: func(*f32.Functions) f32.UnaryFunc[float32] { return f32.Math[float32](f32.Softplus) },
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
			q.Activations = append(q.Activations, recurrentActivations[a](f32.FunctionsFor(n.Features)))
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

// recurrentLayer is the directions of a layer and its weights.
type recurrentLayer struct {
	directions []*f32.Recurrent
	w, r       recurrentWeights
	operands   f32.RecurrentOperands
}

// recurrentWeights are weights of all directions, packed one direction after the other.
type recurrentWeights struct {
	input  int
	each   int       // elements of a direction
	packed []float32 // nil until the weights are known
	pack   func(direction int, dst, w []float32)
}

func prepareRecurrent(n *Node) (Kernel, error) {
	list, err := recurrentParams(n)
	if err != nil {
		return Kernel{}, err
	}
	l := &recurrentLayer{}
	need := int64(0)
	for _, p := range list {
		k := f32.NewRecurrent(p, n.Features, n.Workers.Threads())
		l.directions = append(l.directions, k)
		need = max(need, k.ScratchLen())
	}
	k := Kernel{Name: recurrentKinds[n.Options.(*schema.RecurrentOptions).Kind].name}
	w, r := l.directions[0].PackedLen()
	wLayout, rLayout := l.directions[0].PackedLayout()
	l.w = recurrentWeights{input: 1, pack: func(d int, dst, w []float32) { l.directions[d].PackW(n.Workers, dst, w) }}
	l.r = recurrentWeights{input: 2, pack: func(d int, dst, r []float32) { l.directions[d].PackR(n.Workers, dst, r) }}
	const most = 2*MaxElements - 16
	for _, c := range []struct {
		*recurrentWeights
		size   int64
		layout string
	}{{&l.w, w, wLayout}, {&l.r, r, rLayout}} {
		all := c.size * int64(len(list))
		if all > most {
			return Kernel{}, fmt.Errorf("input %d, %v: too large to pack", c.input, n.Inputs[c.input])
		}
		c.each = int(c.size)
		if !n.Inputs[c.input].Constant() {
			need += (all + 15) &^ 15
			continue
		}
		if c.packed, err = n.packed(c.input, c.layout, int(all), c.packAll); err != nil {
			return Kernel{}, err
		}
		k.Packed += int(4 * all)
	}
	if need > most {
		return Kernel{}, fmt.Errorf("input 0, %v: too large to keep the products of all steps", n.Inputs[0])
	}
	k.Scratch, k.Run = int(4*need), l.run
	return k, nil
}

// packAll packs the weights of all directions.
func (w *recurrentWeights) packAll(dst, from []float32) {
	directions := len(dst) / w.each
	each := len(from) / directions
	for d := range directions {
		w.pack(d, dst[d*w.each:][:w.each], from[d*each:][:each])
	}
}

// at gives the packed weights, which are made in scratch memory if they are no constant, and what
// is left of the memory.
func (w *recurrentWeights) at(n *Node, directions int, scratch []float32) (packed, rest []float32) {
	if w.packed != nil {
		return w.packed, scratch
	}
	size := w.each * directions
	w.packAll(scratch[:size], View[float32](n.Inputs[w.input]))
	return scratch[:size], scratch[(size+15)&^15:]
}

func (l *recurrentLayer) run(n *Node) error {
	x := n.Inputs[0]
	steps, batch, state := x.Shape[0], x.Shape[1], n.Inputs[2].Shape[2]
	var lengths []int32
	if t := n.Input(4); t != nil {
		lengths = View[int32](t)
		for i, v := range lengths {
			if v < 0 || int(v) > steps {
				return fmt.Errorf("input 4, %v: length %d at position %d, want 0 to %d", t, v, i, steps)
			}
		}
	}
	count := len(l.directions)
	w, scratch := l.w.at(n, count, floats(n.Scratch))
	r, scratch := l.r.at(n, count, scratch)
	for d, k := range l.directions {
		l.operands = f32.RecurrentOperands{
			X: View[float32](x), W: w[d*l.w.each:][:l.w.each], R: r[d*l.r.each:][:l.r.each], B: direction(n.Input(3), d),
			H0: direction(n.Input(5), d), C0: direction(n.Input(6), d), P: direction(n.Input(7), d), Lengths: lengths,
			YH: direction(n.Output(1), d), YC: direction(n.Output(2), d), YStep: count * batch * state,
		}
		if t := n.Output(0); t != nil && t.Len() > 0 {
			l.operands.Y = View[float32](t)[d*batch*state:]
		}
		k.Run(n.Workers, &l.operands, scratch)
	}
	l.operands = f32.RecurrentOperands{}
	return nil
}

// direction is the part of t, if it is there, of one direction along the first axis.
func direction(t *Tensor, d int) []float32 {
	if t == nil {
		return nil
	}
	each := product(t.Shape[1:])
	return View[float32](t)[d*each:][:each]
}
