package passes

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// chain is a function of one float32 per channel: elementwise ops with constants,
// applied one after the other, each rounded as the op itself rounds.
type chain struct {
	channels int
	steps    []step
	nodes    []*graph.Node // the nodes that the steps stand for, first to last
}

// step is one elementwise op of a chain.
type step struct {
	def     *ops.Def
	options schema.Options
	before  *ops.Tensor // the constant left of the operand, nil for none
	after   *ops.Tensor // the constant right of it
	// increasing tells for which channels a larger finite operand never gives a smaller
	// result, and monotone for which it never gives a smaller or never a larger one.
	increasing, monotone []bool
}

// elementwise gives the computed operand of an elementwise node whose other operands
// are constants per channel, and the node as a step of a chain.
func elementwise(n *graph.Node, channels int) (*graph.Value, step, bool) {
	if channels < 1 || len(n.Outputs) != 1 {
		return nil, step{}, false
	}
	s := step{
		def: ops.Lookup(n.Code), options: n.Options,
		monotone:   slices.Repeat([]bool{true}, channels),
		increasing: slices.Repeat([]bool{true}, channels),
	}
	var x *graph.Value
	switch n.Code {
	case schema.Unary:
		x = n.Inputs[0]
		if !s.setUnary(n.Options.(*schema.UnaryOptions)) {
			return nil, step{}, false
		}
	case schema.Binary:
		operand, c, constIndex, ok := constOperand(n)
		if !ok {
			return nil, step{}, false
		}
		k, ok := perChannel(c, channels)
		if !ok {
			return nil, step{}, false
		}
		x = operand
		kind, _ := binaryKind(n)
		if !s.setBinary(kind, k, constIndex) {
			return nil, step{}, false
		}
	default:
		return nil, step{}, false
	}
	if x.DType != schema.Float32 || !slices.Equal(x.Shape, n.Outputs[0].Shape) {
		return nil, step{}, false
	}
	return x, s, true
}

func (s *step) setUnary(o *schema.UnaryOptions) bool {
	up, ok := true, true
	switch o.Kind {
	case schema.Relu, schema.Tanh, schema.Sigmoid:
	case schema.Clip:
		ok = o.Alpha <= o.Beta
	case schema.LeakyRelu:
		up, ok = o.Alpha >= 0, isFinite(o.Alpha) && o.Alpha >= 0
	case schema.HardSigmoid:
		up, ok = o.Alpha >= 0, isFinite(o.Alpha) && isFinite(o.Beta)
	case schema.Neg:
		up = false
	case schema.Abs, schema.Exp, schema.Log, schema.Sqrt:
		// A root or logarithm of negative numbers is a NaN, and Exp an approximation.
		ok = false
	default:
		return false
	}
	for c := range s.monotone {
		s.monotone[c], s.increasing[c] = ok, ok && up
	}
	return true
}

func (s *step) setBinary(kind schema.BinaryKind, k []float32, constIndex int) bool {
	for c, v := range k {
		switch kind {
		case schema.Add:
		case schema.Sub:
			s.increasing[c] = constIndex == 1
		case schema.Mul:
			s.increasing[c] = v >= 0
		case schema.Div:
			if constIndex == 0 {
				return false
			}
			s.monotone[c], s.increasing[c] = v != 0, v > 0
		case schema.Min, schema.Max:
		case schema.PRelu:
			if constIndex == 0 {
				return false
			}
			s.monotone[c], s.increasing[c] = v >= 0, v >= 0
		case schema.Pow:
			if constIndex == 0 {
				return false
			}
			s.monotone[c], s.increasing[c] = false, false
		default:
			return false
		}
		if !isFinite(v) {
			s.monotone[c], s.increasing[c] = false, false
		}
	}
	t := constRow("channels", k)
	if constIndex == 0 {
		s.before = t
	} else {
		s.after = t
	}
	return true
}

func constRow(name string, k []float32) *ops.Tensor {
	t := &ops.Tensor{Name: name, DType: schema.Float32, Shape: []int{len(k)}}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[float32](t), k)
	return t
}

// binaryStep makes the step x -> x op k.
func binaryStep(kind schema.BinaryKind, k []float32) step {
	s := step{
		def: ops.Lookup(schema.Binary), options: &schema.BinaryOptions{Kind: kind},
		monotone:   slices.Repeat([]bool{true}, len(k)),
		increasing: slices.Repeat([]bool{true}, len(k)),
	}
	s.setBinary(kind, k, 1)
	return s
}

// clampStep makes the step that clamps to a range.
func clampStep(c schema.Clamp, channels int) step {
	o := &schema.UnaryOptions{Kind: schema.Clip, Alpha: c.Min, Beta: c.Max}
	s := step{def: ops.Lookup(schema.Unary), options: o, monotone: make([]bool, channels), increasing: make([]bool, channels)}
	s.setUnary(o)
	return s
}

// prepend puts steps in front of the chain.
func (f *chain) prepend(s ...step) { f.steps = append(s, f.steps...) }

// monotone reports whether all steps are monotone in channel c for finite operands.
func (f *chain) monotone(c int) bool {
	for _, s := range f.steps {
		if !s.monotone[c] {
			return false
		}
	}
	return true
}

// increasing reports whether no step can turn the order of finite operands around,
// in any channel.
func (f *chain) increasing() bool {
	for _, s := range f.steps {
		if slices.Contains(s.increasing, false) {
			return false
		}
	}
	return true
}

// eval applies the chain to rows of one number per channel. finite[c] tells whether
// all results on the way, in all rows, were finite in channel c.
func (f *chain) eval(x []float32) (y []float32, finite []bool, err error) {
	finite = slices.Repeat([]bool{true}, f.channels)
	t := &ops.Tensor{Name: "x", DType: schema.Float32, Shape: []int{len(x) / f.channels, f.channels}}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[float32](t), x)
	for _, s := range f.steps {
		n := &ops.Node{Def: s.def, Name: "chain", Options: s.options, Outputs: []*ops.Tensor{{Name: "y"}}}
		for _, in := range []*ops.Tensor{s.before, t, s.after} {
			if in != nil {
				n.Inputs = append(n.Inputs, in)
			}
		}
		if err := ops.Evaluate(n); err != nil {
			return nil, nil, fmt.Errorf("evaluating %v: %w", s.def.Code, err)
		}
		t = n.Outputs[0]
		for i, e := range ops.View[float32](t) {
			if !isFinite(e) {
				finite[i%f.channels] = false
			}
		}
	}
	return ops.View[float32](t), finite, nil
}

// walkChain collects the elementwise ops with constants per channel above v, up to
// the first value that is no result of such an op, which it returns.
func walkChain(v *graph.Value) (*chain, *graph.Value) {
	f := &chain{channels: channels(v)}
	for v.Producer != nil {
		x, s, ok := elementwise(v.Producer, f.channels)
		if !ok {
			break
		}
		f.prepend(s)
		f.nodes = append([]*graph.Node{v.Producer}, f.nodes...)
		v = x
	}
	return f, v
}

// prependEpilogue puts the float epilogue of a BConv2D or BGEMM in front of the
// chain, which then is a function of the integer sum.
func (f *chain) prependEpilogue(n *graph.Node) bool {
	pre, post := epilogueClamps(n)
	var s []step
	if pre != schema.NoClamp {
		s = append(s, clampStep(pre, f.channels))
	}
	for _, e := range []struct {
		operand int
		kind    schema.BinaryKind
	}{{2, schema.Mul}, {3, schema.Add}} {
		v := n.Input(e.operand)
		if v == nil {
			continue
		}
		k, ok := perChannel(v, f.channels)
		if !ok {
			return false
		}
		s = append(s, binaryStep(e.kind, k))
	}
	if post != schema.NoClamp {
		s = append(s, clampStep(post, f.channels))
	}
	f.prepend(s...)
	return true
}

func epilogueClamps(n *graph.Node) (pre, post schema.Clamp) {
	switch o := n.Options.(type) {
	case *schema.BConv2DOptions:
		return o.PreClamp, o.Clamp
	case *schema.BGEMMOptions:
		return o.PreClamp, o.Clamp
	}
	return schema.NoClamp, schema.NoClamp
}

// boundary finds, for each channel, the smallest x in (lo, hi] where the condition
// differs from what it is at lo, or hi+1 if there is none. It must change at most
// once. start is the condition at lo.
func boundary(channels int, lo, hi int64, cond func(x []int64) ([]bool, error)) (at []int64, start []bool, err error) {
	x := slices.Repeat([]int64{lo}, channels)
	if start, err = cond(x); err != nil {
		return nil, nil, err
	}
	start = slices.Clone(start)
	below := slices.Clone(x)                      // the condition is as at lo
	at = slices.Repeat([]int64{hi + 1}, channels) // it differs, or at is hi+1
	for {
		open := false
		for c := range x {
			x[c] = below[c] + (at[c]-below[c])/2
			open = open || at[c]-below[c] > 1
		}
		if !open {
			return at, start, nil
		}
		is, err := cond(x)
		if err != nil {
			return nil, nil, err
		}
		for c := range x {
			switch {
			case at[c]-below[c] <= 1:
			case is[c] == start[c]:
				below[c] = x[c]
			default:
				at[c] = x[c]
			}
		}
	}
}

// orderedFloat maps integers to all float32 numbers in their order, -inf to +inf;
// both zeros are 0.
func orderedFloat(i int64) float32 {
	if i < 0 {
		return -math.Float32frombits(uint32(-i))
	}
	return math.Float32frombits(uint32(i))
}

// maxOrdered is the integer that orderedFloat maps to +inf.
const maxOrdered = 0x7f800000
