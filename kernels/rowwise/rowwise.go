// Package rowwise runs sequences of elementwise operations on float32 in one pass.
//
// A Program works on rows of equal length. For one tile of elements after the other it
// loads values, applies its steps to them and stores what is wanted, so that what lies
// between two steps never is in memory. Kernels of instruction sets keep the values of
// a tile in registers; the code of a step ends with a jump to that of the next one. Go
// does the elements after the last whole tile, and all of them where there is no
// kernel.
package rowwise

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// Op is what a step does with the value of an element.
type Op uint8

// The operations. x is the element of the step's operand.
const (
	Load        Op = iota // value = x
	Store                 // x = value
	Add                   // value += x
	Sub                   // value -= x
	Mul                   // value *= x
	PRelu                 // value *= x if value < 0
	Neg                   // value = -value
	Abs                   // value = |value|
	Clip                  // value limited to [Min, Max], to Max if Min > Max; NaN stays
	Sign                  // bit of x = whether value is -1 by the step's Sign
	LeakyRelu             // value *= Min if value < 0
	HardSigmoid           // value = value*Min + Max limited to [0, 1]; NaN stays
	HardSwish             // value *= value*Min + Max limited to [0, 1]
	Sigmoid               // value = the function of value, with the accuracy of f32.Functions
	Swish
	Mish
	Tanh
	Gelu
	GeluTanh
)

// Step is an operation of a Program.
type Step struct {
	Op       Op
	Operand  int     // of those with an operand
	Min, Max float32 // of Clip, LeakyRelu, HardSigmoid and HardSwish
	Sign     bits.Sign
}

// Unary reports whether a step has no operand.
func (o Op) Unary() bool { return o == Neg || o == Abs || o == Clip || o >= LeakyRelu }

// Function reports whether a step is a function with loops of its own: kernels have no code
// for it, and a program with one does a chunk after the other step by step.
func (o Op) Function() bool { return o >= Sigmoid }

// Operand is the form of an operand of a Program. It is full, with all elements of the
// rows, or it repeats vectors: each is added to, multiplied with, ... a number of rows.
// Of two such numbers one divides the other. The operand of a Sign is full, of bits.
type Operand struct {
	Vectors int // 0 if it is full; divides the rows
	Width   int // elements of a vector: one for each column, or 1
}

// Params describe a Program. The first step is a Load. Rows have to be whole words of
// bits if there is a Sign.
type Params struct {
	Rows, Cols int
	Operands   []Operand
	Steps      []Step
}

// Program is a prepared sequence. It belongs to one goroutine at a time.
type Program struct {
	p       Params
	kernel  *kernel // nil: Go only
	name    string
	block   int // rows that all vectors are for
	full    [][]float32
	words   [][]uint32
	vectors []vectors
	steps   []step
	works   []work
	spread  move.Spread
}

// vectors is an operand of vectors. Those of one element a column are repeated so that a
// tile can begin at any of them.
type vectors struct {
	data   []float32
	stride int // elements from one to the next
	rows   int // that a vector is for; 0 if the operand is full
	scalar bool
}

// step is a Step with what runs it in Go.
type step struct {
	Step
	apply  f32.BinaryFunc[float32, float32, float32]
	change f32.UnaryFunc[float32]
	signer *bits.Signer
}

// work is what one thread needs.
type work struct {
	value [chunk]float32
	same  [chunk]float32 // an operand of one element, as often as a function needs it
	code  []instruction
	args  arguments
	_     [64]byte
}

const (
	// chunk is how many elements Go does at a time, at least a tile of any kernel.
	chunk = 256
	// maxCall bounds the elements of a call of assembly.
	maxCall = 1 << 14
)

// New prepares a program for at most threads threads.
func New(p Params, f isa.Features, threads int) *Program {
	g := &Program{
		p: p, name: "rowwise", block: p.Rows, full: make([][]float32, len(p.Operands)), words: make([][]uint32, len(p.Operands)),
		vectors: make([]vectors, len(p.Operands)), works: make([]work, max(threads, 1)),
		spread: move.NewSpread(p.Rows, 1, p.Cols*len(p.Steps), 1),
	}
	fs := f32.FunctionsFor(f)
	functions := slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Op.Function() })
	if functions {
		g.name += "_functions" + fs.Name
	}
	for _, k := range kernels() {
		if f.Has(k.needs) && !functions {
			g.kernel, g.name = &k, g.name+k.suffix
			break
		}
	}
	for i, o := range p.Operands {
		if o.Vectors == 0 {
			continue
		}
		v := &g.vectors[i]
		v.rows, v.stride, v.scalar = p.Rows/o.Vectors, 1, o.Width == 1
		g.block = min(g.block, v.rows)
		if !v.scalar {
			v.stride = (p.Cols + chunk + 15) &^ 15
			v.data = make([]float32, o.Vectors*v.stride)
		}
	}
	for _, s := range p.Steps {
		g.steps = append(g.steps, newStep(s, p.Cols, f, fs))
	}
	if g.kernel != nil {
		code := g.compile()
		for i := range g.works {
			g.works[i].code = slices.Clone(code)
		}
	}
	return g
}

// newStep finds what runs a step in Go on rows of some columns.
func newStep(s Step, cols int, f isa.Features, fs *f32.Functions) step {
	st := step{Step: s}
	switch s.Op {
	case Add:
		st.apply = fs.Add
	case Sub:
		st.apply = fs.Sub
	case Mul:
		st.apply = fs.Mul
	case PRelu:
		st.apply = fs.PRelu
	case Neg:
		st.change = f32.Neg[float32]
	case Abs:
		st.change = f32.AbsFloat
	case Clip:
		st.change = fs.Clip(s.Min, s.Max)
	case LeakyRelu:
		st.change = fs.LeakyRelu(s.Min)
	case HardSigmoid:
		st.change = f32.HardSigmoid(s.Min, s.Max)
	case HardSwish:
		st.change = f32.HardSwish(s.Min, s.Max)
	case Sigmoid:
		st.change = fs.Sigmoid
	case Swish:
		st.change = fs.Swish
	case Mish:
		st.change = fs.Mish
	case Tanh:
		st.change = fs.Tanh
	case Gelu:
		st.change = fs.Gelu
	case GeluTanh:
		st.change = fs.GeluTanh
	case Sign:
		if cols%32 != 0 {
			panic(fmt.Sprintf("rowwise: bits of rows of %d", cols))
		}
		st.signer = bits.NewSigner(cols, s.Sign, f, 1)
	}
	return st
}

// Name is the name of the kernel.
func (g *Program) Name() string { return g.name }

// Bytes is the memory for what repeats along the rows.
func (g *Program) Bytes() int {
	n := 0
	for _, v := range g.vectors {
		if !v.scalar {
			n += 4 * len(v.data)
		}
	}
	for _, s := range g.steps {
		if s.Op == Sign && g.kernel != nil {
			n += 2 * 4 * (g.p.Cols + chunk)
		}
	}
	return n
}

// Bind sets the memory of an operand of floats for the next runs. That of vectors of more
// than one element is read at once.
func (g *Program) Bind(operand int, data []float32) {
	o := g.p.Operands[operand]
	if o.Vectors == 0 {
		g.full[operand] = data
		return
	}
	v := &g.vectors[operand]
	if v.scalar {
		v.data = data
		return
	}
	for i := range o.Vectors {
		from, to := data[i*o.Width:][:o.Width], v.data[i*v.stride:][:g.p.Cols+chunk]
		n := copy(to, from)
		for n < len(to) {
			n += copy(to[n:], to[:n])
		}
	}
}

// BindBits sets the memory that a Sign writes.
func (g *Program) BindBits(operand int, data []uint32) { g.words[operand] = data }

// Run does all rows.
func (g *Program) Run(pool *parallel.Pool) {
	pool.Run(g.spread.Tiles(), g)
}

// Tile does some rows; it is called by the pool.
func (g *Program) Tile(i, worker int) {
	row, end, _, _ := g.spread.Tile(i)
	g.RunRows(row, end, worker, -1, nil)
}

// RunRows does the rows [lo, hi). The memory of operand band, unless that is -1, is that of
// these rows only.
func (g *Program) RunRows(lo, hi, worker, band int, memory []float32) {
	for from := lo; from < hi; {
		to := min(hi, (from/g.block+1)*g.block)
		r := rows{g: g, w: &g.works[worker], row: from, first: from * g.p.Cols, band: band, memory: memory, origin: lo * g.p.Cols}
		r.run((to - from) * g.p.Cols)
		from = to
	}
}

// rows is a range of elements that share their vectors.
type rows struct {
	g      *Program
	w      *work
	row    int // the first one
	first  int // its first element
	band   int // operand with memory of its own, from element origin on
	memory []float32
	origin int
}

// run does n elements.
func (r *rows) run(n int) {
	done := 0
	if k := r.g.kernel; k != nil {
		for n-done >= k.tile {
			m := min(n-done, maxCall) / k.tile * k.tile
			r.assembly(done, m)
			done += m
		}
	}
	for ; done < n; done += chunk {
		r.steps(done, min(chunk, n-done))
	}
}

// at gives the n elements of an operand for the elements from the given one on.
func (r *rows) at(operand, from, n int) []float32 {
	if v := &r.g.vectors[operand]; v.scalar {
		same := r.w.same[:n]
		for i := range same {
			same[i] = v.data[r.row/v.rows]
		}
		return same
	} else if v.rows > 0 {
		return v.data[r.row/v.rows*v.stride+from%r.g.p.Cols:][:n]
	}
	if operand == r.band {
		return r.memory[r.first+from-r.origin:][:n]
	}
	return r.g.full[operand][r.first+from:][:n]
}

// bits gives the words of n elements from the given one on.
func (r *rows) bits(operand, from, n int) []uint32 {
	return r.g.words[operand][(r.first+from)/32:][:n/32]
}

// steps does n elements, at most a chunk, in Go.
func (r *rows) steps(from, n int) {
	value := r.w.value[:n]
	for i := range r.g.steps {
		switch s := &r.g.steps[i]; {
		case s.Op == Load:
			copy(value, r.at(s.Operand, from, n))
		case s.Op == Store:
			copy(r.at(s.Operand, from, n), value)
		case s.change != nil:
			s.change(value, value)
		case s.Op == Sign:
			r.pack(s, value, from)
		default:
			s.apply(value, value, r.at(s.Operand, from, n))
		}
	}
}

// pack writes the bits of values, which may go over the end of a row.
func (r *rows) pack(s *step, value []float32, from int) {
	dst := r.bits(s.Operand, from, len(value))
	for c := from % r.g.p.Cols; len(value) > 0; c = 0 {
		n := min(len(value), r.g.p.Cols-c)
		s.signer.Pack(dst[:n/32], value[:n], c)
		dst, value = dst[n/32:], value[n:]
	}
}
