// Package ops gives every operator of the .lce vocabulary its meaning: how the
// shapes of its outputs follow from its inputs, which kernel computes it, and
// the computation. The interpreter runs models with it; the converter infers
// shapes and folds constants with it. It must not import either.
package ops

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
	"github.com/lce-go/lce/schema"
)

// Def is the row of an operator in the table of ops.
type Def struct {
	Code schema.OpCode
	// MinInputs to MaxInputs operands; the first MinInputs may not be absent.
	// MaxInputs and MaxOutputs of -1 are unbounded.
	MinInputs, MaxInputs   int
	MinOutputs, MaxOutputs int

	// Infer sets DType and Shape of every output from the inputs and the options. It
	// must check everything that Run relies on: element types, ranks, sizes, ranges.
	// Inputs have DType and Shape; Data is nil unless the value is known already. An
	// Infer that needs the value of an operand (a shape, axes) gets it by Node.Known.
	Infer func(n *Node) error

	// Late sets DType and Shape of the outputs where Infer fails with an
	// UnknownValueError: a dimension that the value decides is -1. It is nil for an op
	// that cannot wait for the run.
	Late func(n *Node) error

	// Prepare chooses the kernel and packs constant weights, after Infer. Shapes are
	// final. Constants have Data; other tensors get theirs before the first Run.
	Prepare func(n *Node) (Kernel, error)

	// RowWise, if there is one, gives the op as a step on input value, whose shape is that
	// of the output; false if its options or types make it none. See Node.RowStep.
	RowWise func(n *Node, value int) (RowStep, bool)

	// PackedInput is the operand of which Prepare packs a constant, so that Run does not
	// read it, by Node.packed; 0 for none.
	PackedInput int

	// FromShapes marks an op whose outputs depend on the shapes of its inputs only, so
	// that they are known before any value is.
	FromShapes bool

	pass *pass // of a node that NewPass made
}

// Node is an operator in place: its operands and what Prepare made of it.
type Node struct {
	Def     *Def
	Name    string
	Options schema.Options
	Inputs  []*Tensor // nil where an optional operand is absent
	Outputs []*Tensor // nil where an optional output is not wanted

	// Members are the ops that a pass or a chain is made of, in the order in which they
	// take place; nil for an op of the table.
	Members []*Node

	inferred []int64 // what an Infer that computes the result leaves for Prepare

	Features isa.Features   // instruction sets that kernels may use
	Workers  *parallel.Pool // nil for one thread
	Without  []string       // names of kernels of binary products that are left out

	// Scratch has Kernel.Scratch bytes, aligned to 64, during Run. Its content is
	// undefined at the start of each Run.
	Scratch []byte
	Kernel  Kernel
}

// Kernel is a prepared operator.
type Kernel struct {
	// Name is the kernel's name as tools print it, such as "bconv2d_6x4_avx512".
	Name string
	// Run computes the outputs. It allocates nothing and keeps nothing between calls
	// but what Prepare made. An error is a value that only a run can show to be wrong,
	// such as an index out of range.
	Run func(n *Node) error
	// Scratch is the number of bytes Run needs in Node.Scratch.
	Scratch int
	// Packed is the number of bytes of weights that Prepare packed.
	Packed int
	// InPlace allows the first output to use the memory of input InPlaceInput (same size,
	// no other reader).
	InPlace      bool
	InPlaceInput int
	// Bands is another way to run, if there is one.
	Bands Bands
}

// Input returns input i, or nil if it is absent.
func (n *Node) Input(i int) *Tensor {
	if i < len(n.Inputs) {
		return n.Inputs[i]
	}
	return nil
}

// Output returns output i, or nil if it is not wanted.
func (n *Node) Output(i int) *Tensor {
	if i < len(n.Outputs) {
		return n.Outputs[i]
	}
	return nil
}
