package ops

import (
	"slices"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/rowwise"
	"github.com/lce-go/lce/schema"
)

// RowStep is an op as a step of a pass over rows: it changes the elements of one input
// into those of the output, each by the elements of other inputs in the same place, or
// it packs them.
type RowStep struct {
	rowwise.Step
	// Other is the input that is the operand of the step; nil for none.
	Other *Tensor
}

const (
	// minBlock is how many rows a vector must be for; expanding one takes as long as some.
	minBlock = 16
	// minElements is how many elements a vector of one must be for.
	minElements = 128
)

// RowStep gives n, after Infer, as a step on input value; false if it is none.
func (n *Node) RowStep(value int) (RowStep, bool) {
	if n.Def.RowWise == nil || value >= len(n.Inputs) || n.Inputs[value] == nil || len(n.Outputs) != 1 {
		return RowStep{}, false
	}
	x, y := n.Inputs[value], n.Outputs[0]
	if y == nil || x.DType != schema.Float32 || len(x.Shape) == 0 || x.Len() == 0 ||
		x.Len() != y.Len() || x.Cols() != y.Cols() {
		return RowStep{}, false
	}
	s, ok := n.Def.RowWise(n, value)
	if !ok {
		return RowStep{}, false
	}
	if s.Other != nil {
		_, ok = rowOperand(s.Other, y)
	}
	return s, ok
}

// rowOperand is the form of a float32 operand that broadcasts to y; false if it is not one
// of a pass.
func rowOperand(t, y *Tensor) (rowwise.Operand, bool) {
	if t.Len() == y.Len() {
		return rowwise.Operand{}, true
	}
	shape := t.Shape
	if d := len(y.Shape) - len(shape); d > 0 {
		shape = slices.Concat(slices.Repeat([]int{1}, d), shape)
	}
	last := len(shape) - 1
	o := rowwise.Operand{Vectors: 1, Width: shape[last]}
	same := true // the axes so far are as in y
	for i, d := range shape[:last] {
		switch {
		case d != 1 && (d != y.Shape[i] || !same):
			return o, false
		case d == 1 && y.Shape[i] != 1:
			same = false
		}
		o.Vectors *= d
	}
	block := y.Rows() / o.Vectors
	if o.Width == 1 {
		return o, block*y.Cols() >= minElements
	}
	return o, block >= minBlock
}

// rowOps are the functions of two operands that steps of a pass compute.
var rowOps = map[schema.BinaryKind]rowwise.Op{
	schema.Add: rowwise.Add, schema.Sub: rowwise.Sub, schema.Mul: rowwise.Mul, schema.PRelu: rowwise.PRelu,
}

func rowWiseBinary(n *Node, value int) (RowStep, bool) {
	kind := n.Options.(*schema.BinaryOptions).Kind
	op, ok := rowOps[kind]
	commutes := kind == schema.Add || kind == schema.Mul
	return RowStep{rowwise.Step{Op: op}, n.Inputs[1-value]}, ok && (value == 0 || commutes)
}

func rowWiseUnary(n *Node, _ int) (RowStep, bool) {
	o := n.Options.(*schema.UnaryOptions)
	s := rowwise.Step{Op: rowwise.Clip, Min: o.Alpha, Max: o.Beta}
	switch o.Kind {
	case schema.Clip:
	case schema.Relu:
		s.Min, s.Max = 0, posInf
	case schema.Neg:
		s.Op = rowwise.Neg
	case schema.Abs:
		s.Op = rowwise.Abs
	case schema.LeakyRelu:
		s.Op = rowwise.LeakyRelu
	case schema.HardSigmoid:
		s.Op = rowwise.HardSigmoid
	case schema.HardSwish:
		s.Op, s.Min, s.Max = rowwise.HardSwish, hardSwishAlpha, hardSwishBeta
	case schema.Sigmoid:
		s.Op = rowwise.Sigmoid
	case schema.Swish:
		s.Op = rowwise.Swish
	case schema.Mish:
		s.Op = rowwise.Mish
	case schema.Tanh:
		s.Op = rowwise.Tanh
	case schema.Gelu:
		s.Op = rowwise.Gelu
	case schema.GeluTanh:
		s.Op = rowwise.GeluTanh
	default:
		return RowStep{}, false
	}
	return RowStep{Step: s}, true
}

func rowWiseBsign(n *Node, value int) (RowStep, bool) {
	s, err := n.sign()
	return RowStep{Step: rowwise.Step{Op: rowwise.Sign, Sign: s}}, err == nil && value == 0 && n.Inputs[0].Cols()%32 == 0
}

// sign gives the parameters of a Bsign.
func (n *Node) sign() (bits.Sign, error) {
	o := n.Options.(*schema.BsignOptions)
	s := bits.Sign{Greater: o.Compare == schema.SignGreater, Invert: o.Invert}
	if t := n.Input(1); t != nil {
		if err := wantConstant("threshold", t); err != nil {
			return s, err
		}
		s.Threshold = View[float32](t)
	}
	if t := n.Input(2); t != nil {
		if err := wantConstant("negate", t); err != nil {
			return s, err
		}
		s.Negate = View[uint32](t)
	}
	return s, nil
}

// pass is a sequence of row-wise ops as one node.
type pass struct {
	operands []*Tensor // of the program
	constant []bool
	params   rowwise.Params
	program  *rowwise.Program
}

// NewPass makes one node of row-wise ops. The value of the first member is its input
// values[0], that of each other member, input values[i], is the output of the last one
// before it that is no Bsign. Outputs that keep does not want are not written; another
// member may read only what is written.
func NewPass(members []*Node, values []int, keep func(*Tensor) bool) *Node {
	p := &pass{}
	first := members[0]
	value := first.Inputs[values[0]]
	p.params.Rows, p.params.Cols = first.Outputs[0].Rows(), first.Outputs[0].Cols()
	n := &Node{
		Def: &Def{Code: first.Def.Code, Prepare: p.prepare, pass: p}, Name: first.Name, Options: first.Options,
		Features: first.Features, Workers: first.Workers, Members: members,
	}
	p.params.Steps = []rowwise.Step{{Op: rowwise.Load, Operand: p.operand(value, first.Outputs[0])}}
	for i, m := range members {
		s, ok := m.RowStep(values[i])
		if !ok {
			panic("ops: " + m.Name + " is not row-wise")
		}
		y := m.Outputs[0]
		switch {
		case s.Op == rowwise.Sign:
			s.Operand = p.operand(y, y)
		case s.Other != nil:
			s.Operand = p.operand(s.Other, y)
		}
		p.params.Steps = append(p.params.Steps, s.Step)
		if s.Op != rowwise.Sign && keep(y) {
			p.params.Steps = append(p.params.Steps, rowwise.Step{Op: rowwise.Store, Operand: p.operand(y, y)})
		}
		if s.Op == rowwise.Sign || keep(y) {
			n.Outputs = append(n.Outputs, y)
		}
	}
	for _, t := range p.operands {
		if !slices.Contains(n.Outputs, t) {
			n.Inputs = append(n.Inputs, t)
		}
	}
	return n
}

// operand gives the number of an operand of ops with results like y.
func (p *pass) operand(t, y *Tensor) int {
	if i := slices.Index(p.operands, t); i >= 0 {
		return i
	}
	p.operands = append(p.operands, t)
	form := rowwise.Operand{}
	if t != y {
		form, _ = rowOperand(t, y)
	}
	p.params.Operands = append(p.params.Operands, form)
	return len(p.operands) - 1
}

func (p *pass) prepare(n *Node) (Kernel, error) {
	p.program = rowwise.New(p.params, n.Features, n.Workers.Threads())
	p.constant = make([]bool, len(p.operands))
	for i, t := range p.operands {
		if t.Data != nil {
			p.bind(i)
			p.constant[i] = true
		}
	}
	if m := n.Members[0]; len(n.Members) == 1 && (m.Def.Code == schema.Bsign || p.params.Steps[1].Op.Function()) {
		// By itself its own kernel does better.
		k, err := m.Def.Prepare(m)
		run := k.Run
		k.Run = func(*Node) error { return run(m) }
		return k, err
	}
	return Kernel{Name: p.program.Name(), Packed: p.program.Bytes(), InPlace: p.inPlace(n, n.Inputs[0]), Run: func(n *Node) error {
		p.begin()
		p.program.Run(n.Workers)
		return nil
	}}, nil
}

// begin gives the program the memory of its operands.
func (p *pass) begin() {
	for i := range p.operands {
		if !p.constant[i] {
			p.bind(i)
		}
	}
}

func (p *pass) bind(i int) {
	if t := p.operands[i]; t.DType == schema.Bits {
		p.program.BindBits(i, View[uint32](t))
	} else {
		p.program.Bind(i, View[float32](t))
	}
}

// inPlace reports whether the first output may use the memory of the given input: both
// are full, and no step reads that input after the output is written.
func (p *pass) inPlace(n *Node, input *Tensor) bool {
	x := slices.Index(p.operands, input)
	if len(n.Outputs) == 0 || p.params.Operands[x].Vectors > 0 {
		return false
	}
	y := slices.Index(p.operands, n.Outputs[0])
	written := slices.IndexFunc(p.params.Steps, func(s rowwise.Step) bool { return s.Op == rowwise.Store && s.Operand == y })
	if written < 0 {
		return false
	}
	return !slices.ContainsFunc(p.params.Steps[written:], func(s rowwise.Step) bool {
		return !s.Op.Unary() && s.Operand == x
	})
}
