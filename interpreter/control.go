package interpreter

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// An operator that runs graphs waits for the run, as late.go says. Each of its graphs is
// prepared like the model itself, with an arena of its own, when it is run first and when
// the shapes of its inputs are others than before. A state whose shape changes from iteration
// to iteration is open from then on: what reads it waits for the run, so that the graph stays
// prepared. Inputs are copies of the operands; the results of a branch, and those of the last
// iteration of a loop, are read where the graph left them.

// body is a graph of an operator.
type body struct {
	part   *part
	p      *prepared
	inputs []ops.Tensor // what the next run gets
	states int          // inputs behind loopHead whose shapes may change
	open   []openInput
}

// openInput is an input whose shape is not known when a graph is prepared. It has two
// buffers, in turns: what the last run left in one may be another input of the next.
type openInput struct {
	is      bool
	buffers [2][]byte
}

// bodies makes the graphs of an operator, nil for one that has none.
func (in *Interpreter) bodies(n *ops.Node) []*body {
	var list []*body
	for _, i := range schema.Graphs(n.Options) {
		part := &in.model.parts[i]
		b := &body{part: part, inputs: make([]ops.Tensor, len(part.graph.Inputs)), open: make([]openInput, len(part.graph.Inputs))}
		if o, ok := n.Options.(*schema.LoopOptions); ok {
			b.states = o.States
		}
		for j, port := range part.graph.Inputs {
			b.inputs[j].Name, b.inputs[j].DType = port.Name, part.graph.Tensors[port.Tensor].DType
		}
		list = append(list, b)
	}
	return list
}

// set makes input i of the next run a view of t, or of another shape on its data.
func (b *body) set(i int, shape []int, data []byte) {
	b.inputs[i].Shape, b.inputs[i].Data = shape, data
}

// setOne makes input i a number of one element; data is little-endian.
func (b *body) setOne(i int, data []byte) {
	b.set(i, slices.Repeat([]int{1}, len(b.part.graph.Tensors[b.part.graph.Inputs[i].Tensor].Shape)), data)
}

// run runs the graph on its inputs. Those from index kept on are as in the run before,
// whose copies of them still stand if the shapes of all have not changed.
func (b *body) run(in *Interpreter, m *meter, kept int) error {
	if !b.fits() {
		if err := b.prepare(in, m); err != nil {
			return err
		}
		kept = len(b.inputs)
	}
	for i := range b.inputs[:kept] {
		t, from := b.p.inputs[i], &b.inputs[i]
		if b.open[i].is {
			if err := b.setOpen(i, m); err != nil {
				return err
			}
		}
		copy(t.Data, from.Data)
	}
	if err := b.p.run(); err != nil {
		return err
	}
	if err := b.p.runLate(in, nil); err != nil {
		return err
	}
	b.p.copy()
	return nil
}

// setOpen gives open input i its shape, and the buffer that the last run did not have.
func (b *body) setOpen(i int, m *meter) error {
	t, o := b.p.inputs[i], &b.open[i]
	port := b.part.graph.Inputs[i]
	if err := checkDeclared(&b.inputs[i], &b.part.graph.Tensors[port.Tensor]); err != nil {
		return fmt.Errorf("graph %q: input %d, %q: %w", b.part.graph.Name, i, port.Name, err)
	}
	size := b.inputs[i].Bytes()
	m.late += 2 * int64(size)
	m.most = max(m.most, m.used()-m.main)
	if m.used() > m.limit {
		return fmt.Errorf("graph %q: %w of %d bytes: %d are needed up to here", b.part.graph.Name, ErrMemory, m.limit, m.used())
	}
	o.buffers[0], o.buffers[1] = o.buffers[1], o.buffers[0]
	o.buffers[0] = grown(o.buffers[0], size)
	t.Shape, t.Data = b.inputs[i].Shape, o.buffers[0]
	return nil
}

// fits reports whether the graph is prepared for the shapes of the inputs.
func (b *body) fits() bool {
	if b.p == nil {
		return false
	}
	for i, t := range b.p.inputs {
		if !b.open[i].is && !slices.Equal(t.Shape, b.inputs[i].Shape) {
			return false
		}
	}
	return true
}

func (b *body) prepare(in *Interpreter, m *meter) error {
	if b.p != nil {
		for i := range b.states {
			o := &b.open[loopHead+i]
			o.is = o.is || !slices.Equal(b.p.inputs[loopHead+i].Shape, b.inputs[loopHead+i].Shape)
		}
		b.p.release()
		b.p = nil
	}
	shapes := make([][]int, len(b.inputs))
	for i, port := range b.part.graph.Inputs {
		t := &b.inputs[i]
		if err := checkDeclared(t, &b.part.graph.Tensors[port.Tensor]); err != nil {
			return fmt.Errorf("graph %q: input %d, %q: %w", b.part.graph.Name, i, t.Name, err)
		}
		shapes[i] = t.Shape
	}
	p, err := in.prepare(b.part, shapes, b.open, m)
	if err != nil {
		return fmt.Errorf("graph %q: %w", b.part.graph.Name, err)
	}
	b.p = p
	return nil
}

// release takes what a graph and those within it have fixed from the meter.
func (p *prepared) release() {
	p.meter.fixed -= p.fixed
	for _, l := range p.late {
		for _, b := range l.bodies {
			if b.p != nil {
				b.p.release()
				b.p = nil
			}
		}
	}
}

// runGraphs runs an If or a Loop.
func (l *lateStep) runGraphs(in *Interpreter, m *meter) error {
	var unknown *ops.UnknownValueError
	if err := ops.InferNode(l.node); !errors.As(err, &unknown) {
		return err
	}
	run := l.runIf
	if l.node.Def.Code == schema.Loop {
		run = l.runLoop
	}
	if err := run(in, m); err != nil {
		return err
	}
	return l.checkOutputs()
}

func (l *lateStep) runIf(in *Interpreter, m *meter) error {
	n := l.node
	o := n.Options.(*schema.IfOptions)
	b, operands := l.bodies[0], n.Inputs[1:1+o.ThenInputs]
	if n.Inputs[0].Data[0] == 0 {
		b, operands = l.bodies[1], n.Inputs[1+o.ThenInputs:]
	}
	for i, t := range operands {
		b.set(i, t.Shape, t.Data)
	}
	if err := b.run(in, m, len(operands)); err != nil {
		return n.Errorf("%w", err)
	}
	for i, t := range n.Outputs {
		if t != nil {
			t.Shape, t.Data = b.p.outputs[i].Shape, b.p.outputs[i].Data
		}
	}
	return m.take(n, 0)
}
