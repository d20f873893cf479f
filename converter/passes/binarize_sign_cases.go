package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeSignCases replaces arithmetic that depends on x only through the order of x
// and a constant t, and gives -a and +a, by a scaled sign:
//
//	x -> Greater(t) -> Select(a, -a) -> y
//	x -> Sign -> Add(0.1) -> Sign -> y
//	x -> Sign = s; s -> Equal(0) -> Select(1, s) -> y
//	x -> Greater(0) = p; x -> LessOrEqual(0) -> Select(-1, Select(p, 1, x)) -> y
//
// becomes
//
//	x -> Bsign(t) -> Bunpack -> Mul(a) -> y
//
// Ties give what they gave, and so does a NaN that gave -a or +a; any other result for
// a NaN, such as the NaN that ONNX's Sign keeps, becomes -a.
func binarizeSignCases(g *graph.Graph, log *Log) (int, error) {
	// All are found first: what a sign is found from can be a sign itself.
	found := caseFinder{}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil {
				found.of(v)
			}
		}
	}
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if len(n.Outputs) != 1 || n.Outputs[0] == nil || n.Outputs[0].DType != schema.Float32 || !used(g, n.Outputs[0]) {
			continue
		}
		c := found.of(n.Outputs[0])
		s, scale, ok := c.sign()
		if !ok || !slices.Equal(c.x.Shape, n.Outputs[0].Shape) {
			continue
		}
		log.forget(n)
		if err := replaceByScaledSign(g, n, c.x, s, scale, origins(c.through...)); err != nil {
			return count, err
		}
		count++
	}
	g.RemoveDead()
	return count, nil
}

// replaceByScaledSign makes the readers of n's output read scale * Bunpack(s of x).
func replaceByScaledSign(g *graph.Graph, n *graph.Node, x *graph.Value, s sign, scale float32, origin []string) error {
	if scale == 1 {
		return replaceBySign(g, n, x, s, origin)
	}
	one := g.ConstFloat32s(n.Name+"/scale", []int{}, []float32{scale})
	mul := &graph.Node{
		Name: n.Name + "/scale", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Mul}, Origin: origin,
		Inputs: []*graph.Value{n.Outputs[0], one}, Outputs: []*graph.Value{g.NewValue(n.Name + "/scaled")},
	}
	scaled, err := insertAfter(g, n, mul)
	if err != nil {
		return err
	}
	old := n.Outputs[0]
	g.ReplaceUses(old, scaled)
	g.SetInput(mul, 0, old)
	return replaceBySign(g, n, x, s, origin)
}

// Where a number can lie relative to a threshold.
const (
	isBelow  = 0
	isAt     = 1
	isAbove  = 2
	isNaN    = 3
	numCases = 4
)

// cases says what the elements of a value are, by where the element of x at the same
// place lies. A value about which nothing is known has no x.
type cases struct {
	x         *graph.Value
	threshold []float32 // one, or one per channel
	known     [numCases]bool
	value     [numCases]float64
	through   []*graph.Node // that compute it from x
}

// caseFinder remembers what was found out about values.
type caseFinder map[*graph.Value]*cases

// of tells what is known about v. It looks through elementwise ops only.
func (f caseFinder) of(v *graph.Value) *cases {
	if c, ok := f[v]; ok {
		return c
	}
	f[v] = &cases{}
	if k, ok := uniformNumber(v); ok {
		f[v] = constantCases(k)
	} else if v.Producer != nil && len(v.Producer.Outputs) == 1 {
		f[v] = f.compute(v.Producer)
	}
	return f[v]
}

func constantCases(k float64) *cases {
	c := &cases{}
	for i := range c.value {
		c.value[i], c.known[i] = k, true
	}
	return c
}

// compute finds the cases of the output of n.
func (f caseFinder) compute(n *graph.Node) *cases {
	apply := caseFunction(n)
	if apply == nil {
		return &cases{}
	}
	in := make([]*cases, len(n.Inputs))
	out := &cases{}
	for i, v := range n.Inputs {
		in[i] = f.of(v)
		if !out.join(in[i]) {
			return &cases{}
		}
	}
	args := make([]float64, len(in))
	known := make([]bool, len(in))
	any := false
	for i := range numCases {
		for j, c := range in {
			args[j], known[j] = c.value[i], c.known[i]
		}
		out.value[i], out.known[i] = apply(args, known)
		any = any || out.known[i]
	}
	switch {
	case out.x == nil || !out.known[isBelow] && !out.known[isAt] && !out.known[isAbove]:
		return rootCases(n)
	case !any || !slices.Equal(out.x.Shape, n.Outputs[0].Shape):
		return &cases{}
	}
	out.through = append(out.through, n)
	return out
}

// join notes that a value also depends on c. It fails if both depend on different
// comparisons.
func (c *cases) join(d *cases) bool {
	if d.x == nil {
		return true
	}
	if c.x == nil {
		c.x, c.threshold = d.x, d.threshold
	}
	for _, n := range d.through {
		if !slices.Contains(c.through, n) {
			c.through = append(c.through, n)
		}
	}
	return c.x == d.x && slices.Equal(c.threshold, d.threshold)
}

// rootCases gives the cases of a comparison with a constant, of a Sign, of a Sign of
// values that are not negative, or of a Round, half to even, of values from 0 to 1.
func rootCases(n *graph.Node) *cases {
	c := &cases{through: []*graph.Node{n}}
	k, unary := unaryKind(n)
	lo, hi, clipped := float32(0), float32(0), false
	if unary {
		lo, hi, clipped = clipRange(n.Inputs[0].Producer)
	}
	if clipped && lo == 0 && (k == schema.Sign && hi > 0 || k == schema.Round && hi == 1) {
		p := n.Inputs[0].Producer
		c.x, c.threshold, c.through = p.Inputs[0], []float32{0}, []*graph.Node{p, n}
		if k == schema.Round {
			c.threshold[0] = 0.5
		}
		c.value = [numCases]float64{0, 0, 1, 0}
		c.known = [numCases]bool{true, true, true, false}
	} else if isSignOp(n) {
		c.x, c.threshold = n.Inputs[0], []float32{0}
		c.value = [numCases]float64{-1, 0, 1, 0}
		c.known = [numCases]bool{true, true, true, false}
	} else {
		kind, _ := binaryKind(n)
		x, k, constIndex, ok := constOperand(n)
		if !ok || !compares(kind) {
			return &cases{}
		}
		c.x = x
		if t, ok := uniform(k); ok {
			c.threshold = []float32{t}
		} else if c.threshold, ok = perChannel(k, channels(x)); !ok {
			return &cases{}
		}
		for i := range numCases {
			a, b := float64(i-isAt), 0.0
			if i == isNaN {
				a = math.NaN()
			}
			if constIndex == 0 {
				a, b = b, a
			}
			c.value[i], c.known[i] = compareNumbers(kind, a, b), true
		}
	}
	if c.x.DType != schema.Float32 || c.x.IsConst() || len(c.x.Shape) == 0 || !slices.Equal(c.x.Shape, n.Outputs[0].Shape) || !allFinite(c.threshold) {
		return &cases{}
	}
	return c
}

// sign gives the sign and the scale that have the values of the cases.
func (c *cases) sign() (s sign, scale float32, ok bool) {
	s, no, yes, ok := c.step()
	return s, float32(yes), ok && no == -yes && isFinite(float32(yes))
}

// step gives the sign that is +1 where the values of the cases are yes, and -1 where
// they are no, the smaller number.
func (c *cases) step() (s sign, no, yes float64, ok bool) {
	lo, mid, hi := c.value[isBelow], c.value[isAt], c.value[isAbove]
	if c.x == nil || !c.known[isBelow] || !c.known[isAt] || !c.known[isAbove] || lo == hi || mid != lo && mid != hi {
		return sign{}, 0, 0, false
	}
	no, yes = min(lo, hi), max(lo, hi)
	// Bsign compares false for a NaN, so that its comparison says where the value is not
	// what it is for a NaN.
	s = sign{invert: c.known[isNaN] && c.value[isNaN] == yes, threshold: slices.Clone(c.threshold)}
	rises := (hi == yes) != s.invert
	if (mid == yes) == s.invert {
		s.compare = schema.SignGreater
	}
	if !rises {
		size := channels(c.x)
		if size < 1 {
			return sign{}, 0, 0, false
		}
		s.negate = slices.Repeat([]bool{true}, size)
		for i := range s.threshold {
			s.threshold[i] = -s.threshold[i]
		}
	}
	return s, no, yes, true
}

func compares(k schema.BinaryKind) bool {
	switch k {
	case schema.Greater, schema.GreaterOrEqual, schema.Less, schema.LessOrEqual, schema.Equal:
		return true
	}
	return false
}

func compareNumbers(k schema.BinaryKind, a, b float64) float64 {
	is := false
	switch k {
	case schema.Greater:
		is = a > b
	case schema.GreaterOrEqual:
		is = a >= b
	case schema.Less:
		is = a < b
	case schema.LessOrEqual:
		is = a <= b
	case schema.Equal:
		is = a == b
	}
	return truth(is)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// caseFunction gives the function that an elementwise node applies to numbers, nil
// for any other node. Only the number that a Select chooses must be known.
func caseFunction(n *graph.Node) func(x []float64, known []bool) (float64, bool) {
	dtype := n.Outputs[0].DType
	switch n.Code {
	case schema.Select:
		return func(x []float64, known []bool) (float64, bool) {
			chosen := 2
			if x[0] != 0 {
				chosen = 1
			}
			return x[chosen], known[0] && known[chosen]
		}
	case schema.Cast:
		return func(x []float64, known []bool) (float64, bool) {
			if !known[0] {
				return 0, false
			}
			return castNumber(dtype, x[0])
		}
	case schema.Unary:
		o := n.Options.(*schema.UnaryOptions)
		return func(x []float64, known []bool) (float64, bool) {
			if !known[0] {
				return 0, false
			}
			return unaryNumber(o, dtype, x[0])
		}
	case schema.Binary:
		kind, _ := binaryKind(n)
		return func(x []float64, known []bool) (float64, bool) {
			if !known[0] || !known[1] {
				return 0, false
			}
			return binaryNumber(kind, dtype, x[0], x[1])
		}
	}
	return nil
}

func unaryNumber(o *schema.UnaryOptions, d schema.DType, x float64) (float64, bool) {
	switch o.Kind {
	case schema.Not:
		return 1 - x, true
	case schema.Neg:
		return roundTo(d, -x)
	case schema.Abs:
		return roundTo(d, math.Abs(x))
	case schema.Relu:
		return roundTo(d, max(x, 0))
	case schema.Clip:
		return roundTo(d, min(max(x, float64(o.Alpha)), float64(o.Beta)))
	case schema.Sign:
		return truth(x > 0) - truth(x < 0), x == x
	}
	return 0, false
}

func binaryNumber(k schema.BinaryKind, d schema.DType, a, b float64) (float64, bool) {
	switch k {
	case schema.Add:
		return roundTo(d, a+b)
	case schema.Sub:
		return roundTo(d, a-b)
	case schema.Mul:
		return roundTo(d, a*b)
	case schema.Div:
		if d == schema.Float32 && b != 0 {
			return roundTo(d, a/b)
		}
		return 0, false
	case schema.Min:
		return roundTo(d, min(a, b))
	case schema.Max:
		return roundTo(d, max(a, b))
	case schema.And:
		return truth(a != 0 && b != 0), true
	case schema.Or:
		return truth(a != 0 || b != 0), true
	}
	return compareNumbers(k, a, b), compares(k)
}
