package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// sign is what a Bsign computes: with v = -x where negate and x elsewhere, +1 iff v
// >= threshold (or v > threshold), inverted afterwards. A NaN compares false.
type sign struct {
	compare   schema.CompareKind
	invert    bool
	threshold []float32 // one, or one per channel; nil is 0
	negate    []bool    // per channel; nil for none
}

// signOf reads the sign that a Bsign node computes. It fails if an operand is not
// constant.
func signOf(n *graph.Node) (sign, bool) {
	o := n.Options.(*schema.BsignOptions)
	s := sign{compare: o.Compare, invert: o.Invert}
	if t := n.Input(1); t != nil {
		if s.threshold = slices.Clone(floats(t)); s.threshold == nil {
			return sign{}, false
		}
	}
	if v := n.Input(2); v != nil {
		if v.Const == nil {
			return sign{}, false
		}
		s.negate = make([]bool, channels(v))
		for c, w := 0, ops.View[uint32](v.Const); c < len(s.negate); c++ {
			s.negate[c] = w[c/32]>>(c%32)&1 != 0
		}
	}
	return s, true
}

// uniform reports whether all channels are treated alike.
func (s sign) uniform() bool {
	for _, t := range s.threshold {
		if math.Float32bits(t) != math.Float32bits(s.threshold[0]) {
			return false
		}
	}
	return len(s.negate) == 0 || !slices.Contains(s.negate, !s.negate[0])
}

// increasing reports whether a larger input never gives a smaller output, so that
// the sign of a maximum is the maximum of the signs.
func (s sign) increasing() bool {
	return len(s.negate) == 0 && !s.invert || len(s.negate) > 0 && s.invert && !slices.Contains(s.negate, false)
}

// of gives the value for x in channel c.
func (s sign) of(x float32, c int) float32 {
	t := float32(0)
	switch len(s.threshold) {
	case 0:
	case 1:
		t = s.threshold[0]
	default:
		t = s.threshold[c]
	}
	if len(s.negate) > 0 && s.negate[c] {
		x = -x
	}
	if yes := x > t || x == t && s.compare == schema.SignGreaterOrEqual; yes != s.invert {
		return 1
	}
	return -1
}

// resized gives a uniform sign for a tensor of n channels; it fails if n is needed
// but not known.
func (s sign) resized(n int) (sign, bool) {
	if !s.uniform() || len(s.negate) > 0 && n < 1 {
		return sign{}, false
	}
	if len(s.threshold) > 0 {
		s.threshold = s.threshold[:1]
	}
	if len(s.negate) > 0 {
		if s.negate[0] {
			s.negate = slices.Repeat([]bool{true}, n)
		} else {
			s.negate = nil
		}
	}
	return s, true
}

// part gives the sign for n channels from the given one on.
func (s sign) part(from, n int) sign {
	if len(s.threshold) > 1 {
		s.threshold = s.threshold[from:][:n]
	}
	if len(s.negate) > 0 {
		s.negate = s.negate[from:][:n]
	}
	return s
}

// operands makes the operand list of a Bsign of x.
func (s sign) operands(g *graph.Graph, name string, x *graph.Value) []*graph.Value {
	in := []*graph.Value{x}
	if len(s.threshold) > 0 && !(s.uniform() && s.threshold[0] == 0) {
		t := s.threshold
		if s.uniform() {
			t = t[:1]
		}
		in = append(in, g.ConstFloat32s(name+"/threshold", []int{len(t)}, t))
	}
	if slices.Contains(s.negate, true) {
		if len(in) == 1 {
			in = append(in, nil)
		}
		in = append(in, constBits(g, name+"/negate", []int{len(s.negate)}, s.negate))
	}
	return in
}

// newSign makes a node that computes s of x.
func newSign(g *graph.Graph, name string, x *graph.Value, s sign, origin []string) *graph.Node {
	return &graph.Node{
		Name: name, Code: schema.Bsign, Origin: origin,
		Options: &schema.BsignOptions{Compare: s.compare, Invert: s.invert},
		Inputs:  s.operands(g, name, x),
	}
}

// setSign makes an existing Bsign compute s of x.
func setSign(g *graph.Graph, n *graph.Node, x *graph.Value, s sign) error {
	n.Options = &schema.BsignOptions{Compare: s.compare, Invert: s.invert}
	g.SetInputs(n, s.operands(g, n.Name, x))
	return g.InferNode(n)
}

// newUnpack makes a node that turns bits into -1 and +1.
func newUnpack(name string, bits *graph.Value, origin []string) *graph.Node {
	return &graph.Node{Name: name, Code: schema.Bunpack, Inputs: []*graph.Value{bits}, Origin: origin}
}

// replaceBySign makes the readers of n's output read Bunpack(s of x).
func replaceBySign(g *graph.Graph, n *graph.Node, x *graph.Value, s sign, origin []string) error {
	at := newSign(g, n.Name, x, s, origin)
	at.Outputs = []*graph.Value{g.NewValue(n.Name + "/bits")}
	bits, err := insert(g, n, at)
	if err != nil {
		return err
	}
	signs, err := insert(g, n, newUnpack(n.Name+"/unpack", bits, origin))
	if err != nil {
		return err
	}
	g.ReplaceUses(n.Outputs[0], signs)
	return nil
}

// constBits makes a packed constant; true is -1.
func constBits(g *graph.Graph, name string, shape []int, minus []bool) *graph.Value {
	t := &ops.Tensor{DType: schema.Bits, Shape: shape}
	t.Data = ops.AlignedBytes(t.Bytes())
	words, cols := ops.View[uint32](t), t.Cols()
	for ; len(minus) > 0; minus = minus[cols:] {
		for i, m := range minus[:cols] {
			bit := uint32(0) // weights are random: a branch on them would be slow
			if m {
				bit = 1
			}
			words[i/32] |= bit << (i % 32)
		}
		words = words[schema.WordsPerRow(cols):]
	}
	return g.NewConst(name, schema.Bits, shape, t.Data)
}
