package interpreter

import (
	"encoding/binary"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// The operands of a Loop and the inputs of its body begin with these two.
const (
	loopHead = 2 // count or iteration, condition
	bodyHead = 1 // condition: the outputs of the body
)

// runLoop runs the body of a Loop as often as the count and the condition say.
func (l *lateStep) runLoop(in *Interpreter, m *meter) error {
	n, b := l.node, l.bodies[0]
	o := n.Options.(*schema.LoopOptions)
	count, more := ops.View[int64](n.Inputs[0])[0], n.Inputs[1].Data[0] != 0
	captured := loopHead + o.States + o.Scanned
	for _, t := range n.Inputs[loopHead+o.States : captured] {
		if int64(t.Shape[0]) != count {
			return n.Errorf("%v is scanned in %d iterations; want as many slices", t, count)
		}
	}
	for i, t := range n.Inputs[loopHead:] {
		b.set(loopHead+i, t.Shape, t.Data)
	}
	stacks := l.stacks(o.States)
	iteration, condition := make([]byte, 8), []byte{1}
	base, ran := m.late, int64(0)
	for ; more && ran < count; ran++ {
		if m.iterations++; m.iterations > in.config.maxIterations {
			return n.Errorf("more than %d iterations", in.config.maxIterations)
		}
		binary.LittleEndian.PutUint64(iteration, uint64(ran))
		b.setOne(0, iteration)
		b.setOne(1, condition)
		for i, t := range n.Inputs[loopHead+o.States : captured] {
			size := len(t.Data) / t.Shape[0]
			b.set(loopHead+o.States+i, t.Shape[1:], t.Data[int(ran)*size:int(ran+1)*size])
		}
		kept := captured
		if ran == 0 {
			kept = len(b.inputs)
		}
		m.late = base // the body uses its memory again
		if err := b.run(in, m, kept); err != nil {
			return n.Errorf("iteration %d: %w", ran, err)
		}
		out := b.p.outputs
		if len(out[0].Data) != 1 {
			return n.Errorf("iteration %d: the condition %v: want one element", ran, out[0])
		}
		more = out[0].Data[0] != 0
		for i, t := range out[bodyHead : bodyHead+o.States] {
			b.set(loopHead+i, t.Shape, t.Data)
		}
		for i, s := range stacks {
			grown, err := s.add(n, m, out[bodyHead+o.States+i])
			if err != nil {
				return err
			}
			base += grown
		}
	}
	l.setStates(b, ran)
	for i, s := range stacks {
		t := n.Outputs[o.States+i]
		if t == nil {
			continue
		}
		if ran == 0 {
			s.shape = withoutUnknown(l.declared[o.States+i].Shape[1:])
		}
		t.Shape = append([]int{int(ran)}, s.shape...)
		if _, err := ops.Count(t.Shape); err != nil {
			return n.Errorf("output %d, %q: %w", o.States+i, t.Name, err)
		}
		t.Data, l.memory[o.States+i] = s.data, s.data
	}
	return m.take(n, 0)
}

// setStates makes the states that the next iteration would get the results. The operands
// themselves, which are those of no iteration, are copied.
func (l *lateStep) setStates(b *body, ran int64) {
	n := l.node
	for i := range n.Options.(*schema.LoopOptions).States {
		t, state := n.Outputs[i], &b.inputs[loopHead+i]
		if t == nil {
			continue
		}
		t.Shape, t.Data = state.Shape, state.Data
		if ran == 0 {
			l.memory[i] = grown(l.memory[i], len(state.Data))
			t.Data = l.memory[i]
			copy(t.Data, state.Data)
		}
	}
}

// stack collects an output of a body.
type stack struct {
	wanted  bool
	data    []byte
	shape   []int // of an element
	count   int
	counted int // bytes that the meter has
}

// stacks are for the outputs behind the states, in the memory of the last run.
func (l *lateStep) stacks(states int) []*stack {
	list := make([]*stack, len(l.node.Outputs)-states)
	for i := range list {
		list[i] = &stack{wanted: l.node.Outputs[states+i] != nil, data: l.memory[states+i][:0]}
	}
	return list
}

// add puts an element behind the others, which have its shape, and returns by how many
// bytes the stack grew.
func (s *stack) add(n *ops.Node, m *meter, t *ops.Tensor) (int64, error) {
	if !s.wanted {
		return 0, nil
	}
	if s.count == 0 {
		s.shape = slices.Clone(t.Shape)
	}
	if s.count++; !slices.Equal(t.Shape, s.shape) {
		return 0, n.Errorf("iteration %d: %v is stacked on elements of shape %v; want the same shape", s.count-1, t, s.shape)
	}
	need, room := len(s.data)+len(t.Data), cap(s.data)
	if need > room {
		room = max(need, min(2*room, room+int(m.limit-m.used())))
	}
	grown := int64(room - s.counted)
	if err := m.take(n, grown); err != nil {
		return 0, err
	}
	s.counted = room
	if room > cap(s.data) {
		s.data = append(ops.AlignedBytes(room)[:0], s.data...)
	}
	s.data = append(s.data, t.Data...)
	return grown, nil
}
