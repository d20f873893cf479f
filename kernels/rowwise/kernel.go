package rowwise

import (
	"math"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// kernel runs programs on an instruction set.
type kernel struct {
	suffix string
	needs  isa.Features
	tile   int             // elements
	keys   bool            // compares integers, which limits and threshold give
	code   *[codes]uintptr // addresses of the pieces of code of run

	// run jumps for each tile to the code of the instructions of a.program, in order.
	// With x and y the elements of base for the tile, of a vector from byte a.at on, the same
	// one for all if it is a scalar, they do
	//
	//	Load    value = x
	//	Store   y = value
	//	Add     value += x; so do Sub and Mul
	//	PRelu   value *= x where value < 0
	//	Neg     value = -value
	//	Abs     value = |value|
	//	Clip    value = min(max(value, min), max) unless it is NaN; of equals the bound
	//	LeakyRelu, HardSigmoid, HardSwish as their Ops say, each product rounded
	//	Sign    bit of y = !(frombits(bits(value) ^ flip) >= t), or its inverse; flip only if negated
	//	End     a.at += a.step, less a.period if that is reached; the next tile, or return
	run func(a *arguments)
}

// The pieces of code of a kernel.
const (
	codeLoad = iota
	codeStore
	codeAdd
	codeAddVector
	codeAddScalar
	codeSub
	codeSubVector
	codeSubScalar
	codeMul
	codeMulVector
	codeMulScalar
	codePRelu
	codePReluVector
	codePReluScalar
	codeNeg
	codeAbs
	codeClip
	codeSign
	codeSignInverted
	codeNegatedSign
	codeNegatedSignInverted
	codeLeakyRelu
	codeHardSigmoid
	codeHardSwish
	codeEnd
	codes
)

// instruction is a step of a kernel.
type instruction struct {
	code     uintptr
	base     unsafe.Pointer // of the operand
	t, flip  unsafe.Pointer // of a Sign: thresholds and sign bits of columns; of a Clip by keys: limits
	min, max float32        // of a Clip and the like
}

// arguments are what a kernel is called with.
type arguments struct {
	program *instruction
	tiles   int // at least 1
	at      int // bytes from the beginning of vectors to the first element
	step    int // bytes of a tile, less whole vectors
	period  int // bytes of a vector
}

// stepCodes are the pieces of code of the steps; of those with an operand that may repeat,
// the one for a full operand, before those for vectors and for single elements.
var stepCodes = [...]int{
	Load: codeLoad, Store: codeStore, Add: codeAdd, Sub: codeSub, Mul: codeMul, PRelu: codePRelu,
	Neg: codeNeg, Abs: codeAbs, Clip: codeClip, Sign: codeSign,
	LeakyRelu: codeLeakyRelu, HardSigmoid: codeHardSigmoid, HardSwish: codeHardSwish,
}

// code picks the piece of code of a step.
func (g *Program) code(s *step) int {
	code := stepCodes[s.Op]
	switch {
	case s.Op == Sign:
		if s.Sign.Negate != nil {
			code = codeNegatedSign
		}
		if s.Sign.Invert {
			code++
		}
	case s.Op.Unary():
	case g.vectors[s.Operand].scalar:
		code += 2
	case g.vectors[s.Operand].rows > 0:
		code++
	}
	return code
}

// compile makes the instructions of the steps, without operands.
func (g *Program) compile() []instruction {
	code := make([]instruction, len(g.steps)+1)
	for i := range g.steps {
		s, c := &g.steps[i], &code[i]
		c.code = g.kernel.code[g.code(s)]
		c.min, c.max = s.Min, s.Max
		switch {
		case s.Op == Clip && g.kernel.keys:
			l := limits(s.Min, s.Max)
			c.t = unsafe.Pointer(&l)
		case s.Op == Sign:
			t, flip := s.signer.Columns()
			if g.kernel.keys {
				c.t = unsafe.Pointer(unsafe.SliceData(repeat(thresholds(t), g.p.Cols+chunk)))
			} else {
				c.t = unsafe.Pointer(unsafe.SliceData(repeat(t, g.p.Cols+chunk)))
			}
			c.flip = unsafe.Pointer(unsafe.SliceData(repeat(flip, g.p.Cols+chunk)))
		}
	}
	code[len(g.steps)].code = g.kernel.code[codeEnd]
	return code
}

// key is an integer of the order of floats, where -0 is below 0 and NaN outside of the infinities.
func key(x float32) int32 {
	b := int32(math.Float32bits(x))
	return b ^ b>>31&math.MaxInt32
}

// threshold is the least key of numbers that are at least t; none has that of NaN.
func threshold(t float32) int32 {
	switch {
	case t != t:
		return math.MaxInt32
	case t == 0:
		return -1
	}
	return key(t)
}

func thresholds(t []float32) []int32 {
	keys := make([]int32, len(t))
	for i, v := range t {
		keys[i] = threshold(v)
	}
	return keys
}

// limits are, of a Clip, the largest key of what is limited to lo and the least of what is limited to hi,
// which wins, and the bits of what these become.
func limits(lo, hi float32) [4]int32 {
	below, above := key(lo), threshold(hi)
	switch {
	case lo != lo:
		below = math.MinInt32
	case lo == 0:
		below = 0
	}
	if below >= above {
		lo = hi
	}
	return [4]int32{below, above, int32(math.Float32bits(lo)), int32(math.Float32bits(hi))}
}

// repeat repeats v up to n elements.
func repeat[T any](v []T, n int) []T {
	out := make([]T, n)
	for i := 0; i < n; {
		i += copy(out[i:], v)
	}
	return out
}

// assembly does n elements, whole tiles, from the given one on.
func (r *rows) assembly(from, n int) {
	k, cols := r.g.kernel, r.g.p.Cols
	code := r.w.code
	for i := range r.g.steps {
		s, c := &r.g.steps[i], &code[i]
		if s.Op.Unary() {
			continue
		}
		switch v := &r.g.vectors[s.Operand]; {
		case s.Op == Sign:
			c.base = unsafe.Pointer(&r.bits(s.Operand, from, n)[0])
		case v.rows > 0:
			c.base = unsafe.Pointer(&v.data[r.row/v.rows*v.stride])
		default:
			c.base = unsafe.Pointer(&r.at(s.Operand, from, n)[0])
		}
	}
	r.w.args = arguments{
		program: &code[0], tiles: n / k.tile,
		at: 4 * (from % cols), step: 4 * (k.tile % cols), period: 4 * cols,
	}
	k.run(&r.w.args)
	for i := range r.g.steps {
		code[i].base = nil
	}
	r.w.args.program = nil
}
