package interpreter

import (
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// OpInfo describes a step of Run: an operator, or several that are executed together.
type OpInfo struct {
	Name string
	// Members are the names of the operators, in order, if there are several. Code,
	// Options and Name are then those of the first one.
	Members []string
	// Op is the op's name in the schema, such as BConv2D; the registered name if the op
	// is a custom one. Of several it is what each does, such as BConv2D+Add+Bsign.
	Op      string
	Code    schema.OpCode
	Options schema.Options // must not be changed
	Kernel  string
	// Inputs and Outputs have no DType where an optional operand is absent.
	Inputs, Outputs []TensorInfo
	Scratch         int // bytes of scratch
	Packed          int // bytes of packed weights
}

// Memory counts the bytes that an Interpreter uses, besides bookkeeping.
type Memory struct {
	// Arena holds the inputs, the outputs, all tensors between them and the scratch.
	Arena int
	// Peak is the most of the Arena that is in use at the same step.
	Peak int
	// Scratch is the largest scratch of an operator, a part of Arena.
	Scratch int
	// Packed is for weights in the layout of the chosen kernels. Interpreters of a Model
	// share those that are alike; each counts them.
	Packed int
	// Constants is for tensors computed while preparing.
	Constants int
	// Late holds the tensors whose sizes the last Run decided and their scratch, and what
	// graphs within the model take.
	Late int
}

// Memory returns the memory use in the current shapes.
func (in *Interpreter) Memory() Memory { return in.prepared.memory }

// Operators lists the steps of Run, in order, with the current shapes; of those that wait
// for the run, with the shapes and kernels of the last one. Operators that no output needs,
// and those whose results are known already, are not in it.
func (in *Interpreter) Operators() []OpInfo {
	nodes := slices.Clone(in.prepared.steps)
	for _, l := range in.prepared.late {
		nodes = append(nodes, l.node)
	}
	list := make([]OpInfo, len(nodes))
	for i, n := range nodes {
		list[i] = OpInfo{
			Name: n.Name, Op: opName(n), Code: n.Def.Code, Options: n.Options, Kernel: n.Kernel.Name,
			Inputs: in.describe(n.Inputs), Outputs: in.describe(n.Outputs),
			Scratch: n.Kernel.Scratch, Packed: n.Kernel.Packed, Members: memberNames(n),
		}
	}
	return list
}

func memberNames(n *ops.Node) []string {
	if len(n.Members) < 2 {
		return nil
	}
	var names []string
	for _, m := range n.Members {
		names = append(names, m.Name)
	}
	return names
}

func (in *Interpreter) describe(tensors []*ops.Tensor) []TensorInfo {
	list := make([]TensorInfo, len(tensors))
	for i, t := range tensors {
		if t == nil {
			continue
		}
		list[i] = TensorInfo{
			Name: t.Name, DType: t.DType, Shape: slices.Clone(t.Shape), Bytes: t.Bytes(),
			Constant: in.prepared.constant(t), Stored: in.prepared.stored[t],
		}
	}
	return list
}

// constant reports whether the value of t is known before the run.
func (p *prepared) constant(t *ops.Tensor) bool {
	if _, ok := p.place[t]; ok {
		return false
	}
	for _, l := range p.late {
		if slices.Contains(l.node.Outputs, t) {
			return false
		}
	}
	return true
}
