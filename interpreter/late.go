package interpreter

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Some shapes depend on values that only a run computes: how many elements NonZero
// finds, or a Reshape by an operand. Such an operator, and all behind it, waits until
// the other steps are done. Then each infers its shapes, takes memory of its own and
// prepares its kernel, in order; it keeps them as long as the shapes and the values
// that decided them stay the same.

// lateStep is an operator that waits for the run.
type lateStep struct {
	node     *ops.Node
	declared []*schema.Tensor // of the outputs, nil where not wanted
	fixed    []bool           // inputs that are constants
	memory   [][]byte         // of the outputs
	bodies   []*body          // of an operator that runs graphs, see control.go

	prepared bool // for these shapes and values:
	shapes   [][]int
	values   [][]byte // of the inputs that decide on shapes, nil for others
}

// maxCompared bounds the values that are kept for telling whether they are the same
// in the next run.
const maxCompared = 4 << 10

// withoutUnknown is a shape before the run decides on it.
func withoutUnknown(shape []int) []int {
	s := slices.Clone(shape)
	for i, d := range s {
		s[i] = max(d, 0)
	}
	return s
}

// newLateStep is for an operator that waits, before anything has memory but constants.
func (p *preparer) newLateStep(op int) *lateStep {
	n := p.nodes[op]
	l := &lateStep{
		node: n, declared: make([]*schema.Tensor, len(n.Outputs)), fixed: make([]bool, len(n.Inputs)),
		memory: make([][]byte, len(n.Outputs)), shapes: make([][]int, len(n.Inputs)), values: make([][]byte, len(n.Inputs)),
	}
	for i, t := range n.Inputs {
		l.fixed[i] = t != nil && t.Constant()
	}
	for i, t := range p.graph.Operators[op].Outputs {
		if t != schema.Absent {
			l.declared[i] = &p.graph.Tensors[t]
		}
	}
	if l.bodies = p.in.bodies(n); l.bodies != nil {
		n.Kernel.Name = "graphs"
	}
	return l
}

// runLate runs the operators that waited. The hook may be nil.
func (p *prepared) runLate(in *Interpreter, hook func(Timing)) error {
	for i, l := range p.late {
		start := time.Now()
		run := l.run
		if l.bodies != nil {
			run = l.runGraphs
		}
		if err := run(in, p.meter); err != nil {
			return err
		}
		if hook != nil {
			hook(Timing{
				Index: len(p.steps) + i, Name: l.node.Name, Op: opName(l.node), Kernel: l.node.Kernel.Name, Duration: time.Since(start),
			})
		}
	}
	return nil
}

// run runs an operator of the table.
func (l *lateStep) run(_ *Interpreter, m *meter) error {
	if !l.same() {
		if err := l.prepare(); err != nil {
			return err
		}
	}
	if err := l.bind(m); err != nil {
		return err
	}
	if l.empty() {
		return nil
	}
	return ops.RunNode(l.node)
}

// empty reports whether the outputs have no elements.
func (l *lateStep) empty() bool {
	return !slices.ContainsFunc(l.node.Outputs, func(t *ops.Tensor) bool { return t != nil && t.Bytes() > 0 })
}

// same reports whether the kernel is prepared for the inputs as they are now.
func (l *lateStep) same() bool {
	if !l.prepared {
		return false
	}
	for i, t := range l.node.Inputs {
		if t != nil && (!slices.Equal(t.Shape, l.shapes[i]) || l.values[i] != nil && !bytes.Equal(t.Data, l.values[i])) {
			return false
		}
	}
	return true
}

// prepare infers the shapes of the outputs and chooses the kernel. Values that do not
// decide on shapes are hidden, as they are from an operator that does not wait: no
// kernel may take them for constants.
func (l *lateStep) prepare() error {
	n := l.node
	inputs := n.Inputs
	defer func() { n.Inputs = inputs }()
	n.Inputs = slices.Clone(inputs)
	l.prepared = true
	for i, t := range inputs {
		l.values[i] = nil
		if t == nil {
			continue
		}
		l.shapes[i] = append(l.shapes[i][:0], t.Shape...)
		if !l.fixed[i] {
			hidden := *t
			hidden.Data = nil
			n.Inputs[i] = &hidden
		}
	}
	for {
		err := ops.InferNode(n)
		var unknown *ops.UnknownValueError
		if errors.As(err, &unknown) && n.Inputs[unknown.Input] != inputs[unknown.Input] {
			i := unknown.Input
			n.Inputs[i] = inputs[i]
			if len(inputs[i].Data) > maxCompared {
				l.prepared = false
			}
			l.values[i] = bytes.Clone(inputs[i].Data)
			continue
		}
		if err != nil {
			l.prepared = false
			return err
		}
		break
	}
	if err := l.checkOutputs(); err != nil {
		l.prepared = false
		return err
	}
	if l.empty() {
		n.Kernel = ops.Kernel{}
		return nil
	}
	if err := ops.PrepareNode(n); err != nil {
		l.prepared = false
		return err
	}
	return nil
}

// checkOutputs compares the shapes of the outputs with those that the file says.
func (l *lateStep) checkOutputs() error {
	for i, t := range l.node.Outputs {
		if t == nil {
			continue
		}
		if err := checkDeclared(t, l.declared[i]); err != nil {
			return l.node.Errorf("output %d, %q: %w", i, t.Name, err)
		}
	}
	return nil
}

// bind gives the outputs and the scratch memory, more if what they have is too small.
func (l *lateStep) bind(m *meter) error {
	n := l.node
	need := n.Kernel.Scratch + n.Kernel.Packed
	for _, t := range n.Outputs {
		if t != nil {
			need += t.Bytes()
		}
	}
	if err := m.take(n, int64(need)); err != nil {
		return err
	}
	for i, t := range n.Outputs {
		if t != nil {
			l.memory[i] = grown(l.memory[i], t.Bytes())
			t.Data = l.memory[i]
		}
	}
	n.Scratch = grown(n.Scratch, n.Kernel.Scratch)
	return nil
}

// grown is memory of a size, the same if it has room for that and is not much too large.
func grown(have []byte, size int) []byte {
	if cap(have) >= size && cap(have)/4 <= size {
		return have[:size]
	}
	return ops.AlignedBytes(size)
}
