package interpreter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// prepared is a model made ready for one set of input shapes.
type prepared struct {
	tensors []ops.Tensor // as in the subgraph; shapes of all that is reachable
	inputs  []*ops.Tensor
	outputs []*ops.Tensor // with memory of their own, see bindOutputs
	steps   []*ops.Node   // in the order of the run
	timings []Timing      // of the steps, without durations
	late    []*lateStep   // behind the steps, see late.go
	copies  []copying     // after the last step
	fixed   int64         // bytes of the arena, packed weights and constants
	memory  Memory
	// stored has the element type in the file of weights that are expanded.
	stored map[*ops.Tensor]schema.DType
	meter  *meter // of all graphs of the model
	// place has the tensors that are in the arena, with the index of their lifetime.
	place map[*ops.Tensor]int
}

// copying fills an output whose tensor lives elsewhere.
type copying struct{ to, from *ops.Tensor }

// preparer is what prepare works with.
type preparer struct {
	*prepared
	in      *Interpreter
	part    *part
	graph   *schema.Subgraph // of the part
	nodes   []*ops.Node      // of the operators; nil for one that no output needs
	waits   []bool           // operators whose shapes a run decides
	used    int64            // bytes for packed weights and constants so far
	weights *expander
	open    map[*ops.Tensor]bool // inputs whose shapes a run decides
}

// prepare makes a graph of the model ready for the given input shapes.
//
//  1. Find the operators that the outputs depend on.
//  2. In order, infer the shapes of each, and compute at once what depends on
//     constants and shapes only.
//     Operators whose shapes depend on values of the run are put off.
//  3. Find the operators whose results are not known then: the steps of a run.
//  4. Gather row-wise operators into passes.
//  5. Choose a kernel for each step; kernels pack their weights.
//  6. Join passes with the steps before them into chains.
//  7. Plan one arena for all that is not constant, allocate it, and hand it out.
//
// Of open inputs, which may be nil, the shapes are only examples.
func (in *Interpreter) prepare(of *part, shapes [][]int, open []openInput, m *meter) (*prepared, error) {
	g := of.graph
	p := &preparer{
		prepared: &prepared{tensors: make([]ops.Tensor, len(g.Tensors)), stored: map[*ops.Tensor]schema.DType{}, meter: m},
		in:       in,
		part:     of,
		graph:    g,
		open:     map[*ops.Tensor]bool{},
	}
	for i := range g.Tensors {
		t := &g.Tensors[i]
		p.tensors[i] = ops.Tensor{Name: t.Name, DType: t.DType, Shape: t.Shape, Data: of.constants[i]}
		if t.Data != nil {
			p.tensors[i].Packs = &of.packs[i]
		}
	}
	for i, port := range g.Inputs {
		t := &p.tensors[port.Tensor]
		t.Shape = slices.Clone(shapes[i])
		if err := p.checkInput(t); err != nil {
			return nil, fmt.Errorf("input %q: %w", port.Name, err)
		}
		p.inputs = append(p.inputs, t)
		p.open[t] = open != nil && open[i].is
	}
	if err := p.makeNodes(); err != nil {
		return nil, err
	}
	if err := p.inferAll(); err != nil {
		return nil, err
	}
	if err := p.prepareSteps(p.fuse(p.selectSteps())); err != nil {
		return nil, err
	}
	p.weights.drop()
	p.chain()
	p.describeSteps()
	if err := p.bind(); err != nil {
		return nil, err
	}
	p.fixed = p.used + int64(p.memory.Arena)
	m.fixed += p.fixed
	return p.prepared, nil
}

func (p *preparer) checkInput(t *ops.Tensor) error {
	if _, err := ops.Count(t.Shape); err != nil {
		return err
	}
	if t.DType == schema.Bits && len(t.Shape) == 0 {
		return errors.New("a scalar of packed bits")
	}
	return nil
}

// needed marks what the outputs depend on, from the last operator to the first.
// relevant says whether an operator that computes a wanted tensor counts.
func (p *preparer) needed(relevant func(op int) bool) []bool {
	wanted := make([]bool, len(p.tensors))
	for _, port := range p.graph.Outputs {
		wanted[port.Tensor] = true
	}
	ops := make([]bool, len(p.graph.Operators))
	for i, op := range slices.Backward(p.graph.Operators) {
		isWanted := func(t int) bool { return t != schema.Absent && wanted[t] }
		if !slices.ContainsFunc(op.Outputs, isWanted) || !relevant(i) {
			continue
		}
		ops[i] = true
		for _, t := range op.Inputs {
			if t != schema.Absent {
				wanted[t] = true
			}
		}
	}
	return ops
}

// makeNodes makes the nodes of all operators that the outputs depend on.
func (p *preparer) makeNodes() error {
	p.nodes = make([]*ops.Node, len(p.graph.Operators))
	var missing []string
	for i, need := range p.needed(func(int) bool { return true }) {
		if !need {
			continue
		}
		op := &p.graph.Operators[i]
		def := ops.Lookup(op.Code)
		if o, ok := op.Options.(*schema.CustomOptions); ok {
			def = p.in.config.custom[o.Name]
			if def == nil {
				if !slices.Contains(missing, o.Name) {
					missing = append(missing, o.Name)
				}
				continue
			}
		}
		p.nodes[i] = &ops.Node{
			Def: def, Name: op.Name, Options: op.Options,
			Inputs: p.operands(op.Inputs), Outputs: p.operands(op.Outputs),
			Features: p.in.config.features, Workers: p.in.pool, Without: p.in.config.without,
		}
	}
	if missing != nil {
		return fmt.Errorf("model needs custom ops that are not registered: %q", missing)
	}
	return nil
}

func (p *preparer) operands(indices []int) []*ops.Tensor {
	list := make([]*ops.Tensor, len(indices))
	for i, t := range indices {
		if t != schema.Absent {
			list[i] = &p.tensors[t]
		}
	}
	return list
}

// selectSteps lists the operators that a run executes: those that the outputs
// depend on and whose values are not known. An operator that only makes tensors
// without elements has nothing to do. Those that wait for the run are in p.late.
func (p *preparer) selectSteps() []*ops.Node {
	run := p.needed(func(op int) bool {
		n := p.nodes[op]
		if p.waits[op] {
			return true
		}
		for _, t := range n.Outputs {
			if t != nil && !t.Constant() && t.Bytes() > 0 {
				return true
			}
		}
		return false
	})
	var steps []*ops.Node
	for i, r := range run {
		switch {
		case r && p.waits[i]:
			p.late = append(p.late, p.newLateStep(i))
		case r:
			steps = append(steps, p.nodes[i])
		}
	}
	return steps
}

// prepareSteps chooses the kernels.
func (p *preparer) prepareSteps(steps []*ops.Node) error {
	for _, n := range steps {
		// What any plan must hold at once, before a kernel allocates anything.
		least, counted := p.used, map[*ops.Tensor]bool{}
		for _, t := range slices.Concat(n.Inputs, n.Outputs) {
			if t != nil && t.Data == nil && !counted[t] {
				counted[t] = true
				least += max(int64(t.Bytes()), p.weights.sizes[t])
			}
		}
		if err := p.checkMemory(n, least); err != nil {
			return err
		}
		if err := ops.PrepareNode(n); err != nil {
			return err
		}
		k := &n.Kernel
		if k.Run == nil || k.Scratch < 0 || k.Packed < 0 {
			return n.Errorf("kernel %q: Run is missing, or sizes are negative (scratch %d, packed %d)", k.Name, k.Scratch, k.Packed)
		}
		p.memory.Packed += k.Packed
		p.used += int64(k.Packed)
		if err := p.checkMemory(n, p.used+int64(k.Scratch)); err != nil {
			return err
		}
		p.steps = append(p.steps, n)
	}
	return nil
}

// describeSteps notes what does not change from run to run.
func (p *preparer) describeSteps() {
	for i, n := range p.steps {
		p.memory.Scratch = max(p.memory.Scratch, n.Kernel.Scratch)
		p.timings = append(p.timings, Timing{Index: i, Name: n.Name, Op: opName(n), Kernel: n.Kernel.Name})
	}
}

// checkMemory compares what is needed with the limit.
func (p *preparer) checkMemory(n *ops.Node, need int64) error {
	if need += p.meter.used(); need > p.meter.limit {
		return n.Errorf("%w of %d bytes: at least %d are needed", ErrMemory, p.meter.limit, need)
	}
	return nil
}

// opName is the op's name in the schema, or that of a custom op; of several ops that
// are one step it is what each of them does, as in "Add+PRelu+Bsign".
func opName(n *ops.Node) string {
	if len(n.Members) > 1 {
		var names []string
		for _, m := range n.Members {
			names = append(names, kindName(m))
		}
		return strings.Join(names, "+")
	}
	if o, ok := n.Options.(*schema.CustomOptions); ok {
		return o.Name
	}
	return n.Def.Code.String()
}

// kindName is opName of a member of a step: what an elementwise op computes.
func kindName(n *ops.Node) string {
	switch o := n.Options.(type) {
	case *schema.BinaryOptions:
		return o.Kind.String()
	case *schema.UnaryOptions:
		return o.Kind.String()
	}
	return opName(n)
}
