package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// stairs is a value that is constant between some numbers of x, elementwise. A value about
// which that is not known has no x and is not constant either.
type stairs struct {
	x        *graph.Value
	constant bool
	edges    []edge
	through  []*graph.Node // that compute it from x, operands first
}

// edge is a comparison, a Sign or a Round, perhaps clipped, of a monotone function of x:
// where the value of stairs can change.
type edge struct {
	value   *graph.Value
	operand *graph.Value // the monotone function
}

// maxEdges bounds the comparisons that one value is made of, and maxLevels the whole
// numbers that a Round of it can give.
const (
	maxEdges  = 8
	maxLevels = 8
)

// stairFinder remembers what was found out about values.
type stairFinder map[*graph.Value]*stairs

// of looks for the x that v is stairs of.
func (f stairFinder) of(v *graph.Value) *stairs {
	if s, ok := f[v]; ok {
		return s
	}
	s := &stairs{constant: v.IsConst()}
	f[v] = s
	n := v.Producer
	if s.constant || n == nil || len(n.Outputs) != 1 || caseFunction(n) == nil {
		return s
	}
	// A Round alone has no end of values.
	if round := roundBefore(n); round != nil && f.of(round.Inputs[0]).x == nil {
		*s = edgeOf(n)
	} else if *s = f.join(n); s.x == nil {
		*s = edgeOf(n)
	}
	return s
}

// join combines the operands of n.
func (f stairFinder) join(n *graph.Node) stairs {
	var s stairs
	for _, v := range n.Inputs {
		if v == nil {
			return stairs{}
		}
		in := f.of(v)
		if in.constant {
			continue
		}
		if in.x == nil || s.x != nil && s.x != in.x {
			return stairs{}
		}
		s.x = in.x
		for _, e := range in.edges {
			if !slices.Contains(s.edges, e) {
				s.edges = append(s.edges, e)
			}
		}
		for _, m := range in.through {
			if !slices.Contains(s.through, m) {
				s.through = append(s.through, m)
			}
		}
	}
	if s.x == nil || len(s.edges) > maxEdges || !slices.Equal(s.x.Shape, n.Outputs[0].Shape) {
		return stairs{}
	}
	s.through = append(s.through, n)
	return s
}

// edgeOf reads a comparison with a constant, a Sign, a Round or a clipped Round of a
// monotone function.
func edgeOf(n *graph.Node) stairs {
	var operand *graph.Value
	last := []*graph.Node{n}
	if k, ok := unaryKind(n); ok && (k == schema.Sign || k == schema.Round) {
		operand = n.Inputs[0]
	} else if round := roundBefore(n); round != nil {
		operand, last = round.Inputs[0], []*graph.Node{round, n}
	} else if isCompare(n) {
		x, c, _, ok := constOperand(n)
		if !ok {
			return stairs{}
		}
		if k, ok := perChannel(c, channels(x)); !ok || !allFinite(k) {
			return stairs{}
		}
		operand = x
	}
	if operand == nil || operand.DType != schema.Float32 || len(operand.Shape) == 0 || !slices.Equal(operand.Shape, n.Outputs[0].Shape) {
		return stairs{}
	}
	f, x := walkChain(operand)
	if x.IsConst() || x.DType != schema.Float32 || f.channels < 1 {
		return stairs{}
	}
	for c := range f.channels {
		if !f.monotone(c) {
			return stairs{}
		}
	}
	return stairs{x: x, edges: []edge{{n.Outputs[0], operand}}, through: append(slices.Clone(f.nodes), last...)}
}

// roundBefore gives the Round of which n is a Clip to whole numbers, nil if it is none.
func roundBefore(n *graph.Node) *graph.Node {
	lo, hi, ok := clipRange(n)
	if !ok || !isFinite(lo) || !isFinite(hi) || lo != float32(math.Trunc(float64(lo))) || hi != float32(math.Trunc(float64(hi))) {
		return nil
	}
	round := producer(n.Inputs[0], schema.Unary)
	if round == nil || round.Options.(*schema.UnaryOptions).Kind != schema.Round {
		return nil
	}
	return round
}

// at computes v, one of the values of the stairs, for rows of one x per channel.
func (s *stairs) at(v *graph.Value, x []float32) ([]float32, bool, error) {
	size := channels(s.x)
	t := &ops.Tensor{Name: "x", DType: schema.Float32, Shape: []int{len(x) / size, size}}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[float32](t), x)
	known := map[*graph.Value]*ops.Tensor{s.x: t}
	for _, m := range s.through {
		n := &ops.Node{Def: ops.Lookup(m.Code), Name: m.Name, Options: m.Options, Outputs: []*ops.Tensor{{Name: "y", DType: m.Outputs[0].DType}}}
		for _, in := range m.Inputs {
			if known[in] == nil {
				c, ok := channelConstant(in, size)
				if !ok {
					return nil, false, nil
				}
				known[in] = c
			}
			n.Inputs = append(n.Inputs, known[in])
		}
		if err := ops.Evaluate(n); err != nil {
			return nil, false, err
		}
		known[m.Outputs[0]] = n.Outputs[0]
		if m.Outputs[0] == v {
			break
		}
	}
	y := known[v]
	if y == nil || y.Len() != len(x) {
		return nil, false, nil
	}
	switch y.DType {
	case schema.Float32:
		return slices.Clone(ops.View[float32](y)), true, nil
	case schema.Bool:
		out := make([]float32, len(x))
		for i, b := range ops.View[uint8](y) {
			out[i] = float32(b)
		}
		return out, true, nil
	}
	return nil, false, nil
}

// channelConstant gives a constant as one number, or one per channel.
func channelConstant(v *graph.Value, size int) (*ops.Tensor, bool) {
	if k, ok := perChannel(v, size); ok {
		return constRow("channels", k), true
	}
	if v.Const != nil && v.Const.Len() == 1 {
		return &ops.Tensor{Name: "number", DType: v.DType, Shape: []int{1}, Data: v.Const.Data}, true
	}
	return nil, false
}

// planes are what binarizeStairs makes of stairs: the value is scale times half the sum of
// two signs.
type planes struct {
	signs [2]sign
	scale []float32 // one, or one per channel
}

// thresholds computes v, the last value of the stairs, wherever it can change. It fails
// unless v is -a, 0 and +a, in this order or the opposite one, and all three in some channel.
func (s *stairs) thresholds(v *graph.Value) (planes, bool, error) {
	size := channels(s.x)
	places, ok, err := s.places()
	if !ok || err != nil {
		return planes{}, false, err
	}
	rows := 0
	for _, p := range places {
		rows = max(rows, len(p))
	}
	x := make([]float32, (rows+1)*size)
	for c, p := range places {
		for r := range rows {
			x[r*size+c] = orderedFloat(p[min(r, len(p)-1)])
		}
		x[rows*size+c] = float32(math.NaN())
	}
	y, ok, err := s.at(v, x)
	if !ok || err != nil {
		return planes{}, false, err
	}
	y, nan := y[:rows*size], y[rows*size:]
	scale, ok := stairHeights(y, size)
	if !ok {
		return planes{}, false, nil
	}
	result := planes{scale: scale}
	if !slices.ContainsFunc(scale, func(a float32) bool { return a != scale[0] }) {
		result.scale = scale[:1]
	}
	for i := range result.signs {
		if result.signs[i], ok = signOfStairs(places, y, nan, scale, i == 0); !ok {
			return planes{}, false, nil
		}
	}
	return result, neverSmaller(result.signs[0], result.signs[1], size), nil
}

// stairHeights gives for each of size channels the largest magnitude of rows y. It fails unless
// some channel has numbers below, at and above 0, and if there is one that is not finite.
func stairHeights(y []float32, size int) ([]float32, bool) {
	scale := make([]float32, size)
	has := make([]int, size) // a bit for each of -a, 0 and +a
	for i, e := range y {
		c := i % size
		scale[c] = max(scale[c], e, -e)
		switch {
		case e < 0:
			has[c] |= 1
		case e == 0:
			has[c] |= 2
		default:
			has[c] |= 4
		}
	}
	return scale, slices.Contains(has, 7) && allFinite(scale) && allFinite(y) && !slices.Contains(scale, 0)
}

// signOfStairs is the sign of rows y, the values at the places, with 0 as +1 or as -1; nan are the
// values for a NaN. It fails if a value is another than -scale, 0 and +scale, the sign changes twice
// in a channel, or channels differ for a NaN.
func signOfStairs(places [][]int64, y, nan, scale []float32, zero bool) (sign, bool) {
	size := len(scale)
	holds := func(y float32) bool { return y > 0 || y == 0 && zero }
	at, start := slices.Repeat([]int64{maxOrdered + 1}, size), make([]bool, size)
	for c, p := range places {
		start[c] = holds(y[c])
		if holds(nan[c]) != holds(nan[0]) {
			return sign{}, false
		}
		for r := range len(y) / size {
			e := y[r*size+c]
			if e != 0 && e != scale[c] && e != -scale[c] {
				return sign{}, false
			}
			changed := at[c] <= maxOrdered
			if (holds(e) != start[c]) != changed {
				if changed {
					return sign{}, false
				}
				at[c] = p[min(r, len(p)-1)]
			}
		}
	}
	return signFrom(at, start, holds(nan[0])), true
}

// signFrom gives the sign that is +1 for the ordered numbers below at[c] iff start[c], for
// the others iff not, and for a NaN iff nan.
func signFrom(at []int64, start []bool, nan bool) sign {
	s := sign{invert: nan, threshold: make([]float32, len(at)), negate: make([]bool, len(at))}
	for c := range at {
		never := at[c] > maxOrdered
		switch below := start[c] != nan; {
		case never && below:
			s.threshold[c] = float32(math.Inf(-1))
		case never:
			s.threshold[c] = float32(math.NaN())
		case !below:
			s.threshold[c] = orderedFloat(at[c])
		default:
			// It holds iff x <= the number before, which is -x >= minus that number.
			s.threshold[c], s.negate[c] = -orderedFloat(at[c]-1), true
		}
	}
	if !slices.Contains(s.negate, true) {
		s.negate = nil
	}
	return s
}

// around gives numbers next to the threshold of channel c, and the ends of the range.
func (s sign) around(c int) []float32 {
	t := float32(0)
	if len(s.threshold) > 0 {
		t = s.threshold[c%len(s.threshold)]
	}
	if len(s.negate) > 0 && s.negate[c] {
		t = -t
	}
	inf := float32(math.Inf(1))
	list := []float32{-inf, inf}
	if t == t {
		list = append(list, math.Nextafter32(t, -inf), t, math.Nextafter32(t, inf))
	}
	return append(list, float32(math.NaN()))
}

// places gives, in order, the numbers for each channel from which on the stairs can have
// another value: all changes of the edges, found by bisection, and -inf.
func (s *stairs) places() ([][]int64, bool, error) {
	size := channels(s.x)
	places := make([][]int64, size)
	for c := range places {
		places[c] = []int64{-maxOrdered}
	}
	for _, e := range s.edges {
		var levels []float32
		var least, most float32
		for i, end := range []int64{-maxOrdered, maxOrdered} {
			x := slices.Repeat([]float32{orderedFloat(end)}, size)
			if e.operand != s.x {
				y, ok, err := s.at(e.operand, x)
				if !ok || err != nil || slices.ContainsFunc(y, func(v float32) bool { return v != v }) {
					return nil, false, err
				}
			}
			y, ok, err := s.at(e.value, x)
			if !ok || err != nil || !allFinite(y) {
				return nil, false, err
			}
			if i == 0 {
				least, most = y[0], y[0]
			}
			least, most = min(least, slices.Min(y)), max(most, slices.Max(y))
		}
		if most-least > maxLevels {
			return nil, false, nil
		}
		for level := least + 0.5; level < most; level++ {
			levels = append(levels, level)
		}
		for _, level := range levels {
			at, _, err := boundary(size, -maxOrdered, maxOrdered, func(x []int64) ([]bool, error) {
				in := make([]float32, size)
				for i := range x {
					in[i] = orderedFloat(min(x[i], maxOrdered))
				}
				y, _, err := s.at(e.value, in)
				above := make([]bool, size)
				for i := range y {
					above[i] = y[i] > level
				}
				return above, err
			})
			if err != nil {
				return nil, false, err
			}
			for c, p := range at {
				if p <= maxOrdered {
					places[c] = append(places[c], p)
				}
			}
		}
	}
	for _, p := range places {
		slices.Sort(p)
	}
	return places, true, nil
}
