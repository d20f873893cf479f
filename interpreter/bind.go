package interpreter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
)

// binder finds out how long each tensor and scratch needs its memory.
//
// Step -1 is before the run, where the caller sets the inputs, and step len(steps)
// after it, where the caller reads the outputs. Inputs are in use all the time, so
// that a second run finds them unchanged.
type binder struct {
	*preparer
	lives []lifetime
}

// bind plans the arena, allocates it and gives every tensor its part.
func (p *preparer) bind() error {
	p.place = map[*ops.Tensor]int{}
	b := &binder{preparer: p}
	end := len(p.steps)
	for _, t := range p.inputs {
		b.add(t, -1, end)
	}
	p.makeOutputs()
	last := b.lastReads()
	scratch := make([]int, end)
	for i, n := range p.steps {
		for j, t := range n.Outputs {
			if t == nil || t.Data != nil {
				continue
			}
			life := max(i, last[t])
			if j == 0 && b.inPlace(n, i, last) {
				at := b.place[n.Inputs[n.Kernel.InPlaceInput]]
				b.lives[at].last = life
				b.place[t] = at
				continue
			}
			b.add(t, i, life)
		}
		scratch[i] = len(b.lives)
		b.lives = append(b.lives, lifetime{size: int64(n.Kernel.Scratch), first: i, last: i})
	}
	for _, c := range p.copies {
		b.add(c.to, end, end)
	}

	offsets, size := plan(b.lives)
	if have := p.meter.used() + p.used; have+size > p.meter.limit {
		return fmt.Errorf("%w of %d bytes: %d are needed for activations and scratch, %d for packed weights and constants",
			ErrMemory, p.meter.limit, size, have)
	}
	p.memory.Arena, p.memory.Peak = int(size), int(peak(b.lives))
	arena := ops.AlignedBytes(int(size))
	piece := func(i, size int) []byte {
		off := int(offsets[i])
		return arena[off : off+size : off+size]
	}
	for t, i := range p.place {
		t.Data = piece(i, t.Bytes())
	}
	// A tensor without elements that no step computes.
	empty := func(list []*ops.Tensor) {
		for _, t := range list {
			if t != nil && !t.Constant() {
				t.Data = arena[:0:0]
			}
		}
	}
	for i, n := range p.steps {
		n.Scratch = piece(scratch[i], n.Kernel.Scratch)
		empty(n.Inputs)
	}
	for _, l := range p.late {
		empty(l.node.Inputs)
	}
	empty(p.outputs)
	return nil
}

// add gives a tensor memory of its own.
func (b *binder) add(t *ops.Tensor, first, last int) {
	b.place[t] = len(b.lives)
	b.lives = append(b.lives, lifetime{size: int64(t.Bytes()), first: first, last: last})
}

// makeOutputs lists the tensors of the outputs. An output that is a constant or an
// input gets a copy: what the caller does to it must not reach the original.
func (p *preparer) makeOutputs() {
	for _, port := range p.graph.Outputs {
		t := &p.tensors[port.Tensor]
		if !p.open[t] && (t.Data != nil || p.isInput(t)) {
			own := &ops.Tensor{Name: t.Name, DType: t.DType, Shape: t.Shape}
			p.copies = append(p.copies, copying{to: own, from: t})
			t = own
		}
		p.outputs = append(p.outputs, t)
	}
}

// lastReads is the last step that reads each tensor.
func (b *binder) lastReads() map[*ops.Tensor]int {
	last := map[*ops.Tensor]int{}
	for i, n := range b.steps {
		for _, t := range n.Inputs {
			if t != nil {
				last[t] = i
			}
		}
	}
	for _, l := range b.late {
		for _, t := range l.node.Inputs {
			last[t] = len(b.steps)
		}
	}
	for _, t := range b.outputs {
		last[t] = len(b.steps)
	}
	return last
}

// inPlace reports whether the first output of n, which is step i, may overwrite
// an input: the kernel allows it, nobody reads the input afterwards, it is neither a
// constant nor the caller's, and it is no other operand of n as well.
func (b *binder) inPlace(n *ops.Node, i int, last map[*ops.Tensor]int) bool {
	if !n.Kernel.InPlace || len(n.Inputs) == 0 {
		return false
	}
	at := n.Kernel.InPlaceInput
	x := n.Inputs[at]
	_, placed := b.place[x]
	return placed && last[x] == i &&
		x.Bytes() == n.Outputs[0].Bytes() &&
		!slices.Contains(n.Inputs[:at], x) && !slices.Contains(n.Inputs[at+1:], x) &&
		!b.isInput(x)
}

// isInput reports whether t is an input of the graph; these have the first places.
func (p *preparer) isInput(t *ops.Tensor) bool {
	at, ok := p.place[t]
	return ok && at < len(p.inputs)
}
