package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// turnPooledChannels lets a MaxPool work on bits although the sign behind it falls
// with its operand in some channels, where the maximum becomes a minimum:
//
//	y -> MaxPool2D -> Mul(s) -> Add -> Bsign -> BConv2D(w)
//
// becomes
//
//	y -> Mul(s) -> Add -> Bsign' -> BMaxPool2D -> BConv2D(w')
//
// In the channels where the sign falls, Bsign' gives the opposite bit, which rises,
// and w' is w turned around for those input channels. All readers must be binary
// operators with constant weights that pad with nothing but zeros.
func turnPooledChannels(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign || !used(g, n.Outputs[0]) {
			continue
		}
		s, ok := signOf(n)
		f, root := walkChain(n.Inputs[0])
		if !ok || root.Producer == nil || !isMaxPool(root.Producer) || floatNeeded(g, root, f.nodes, n) {
			continue
		}
		falls, ok := f.falling(s)
		if !ok || !slices.Contains(falls, true) {
			continue
		}
		turned, ok := s.turned(falls)
		if !ok {
			continue
		}
		readers, ok := binaryReaders(g, n.Outputs[0], len(falls))
		if !ok {
			continue
		}
		if err := turnPool(g, n, f, root.Producer, turned); err != nil {
			return count, err
		}
		for _, r := range readers {
			turnInputChannels(g, r, falls)
		}
		count++
	}
	return count, nil
}

// falling tells in which channels the sign s of the chain falls as the operand rises.
// It fails if that is not known.
func (f *chain) falling(s sign) ([]bool, bool) {
	if f.channels < 1 {
		return nil, false
	}
	out := make([]bool, f.channels)
	for c := range out {
		out[c] = s.invert != (len(s.negate) > 0 && s.negate[c])
		for _, st := range f.steps {
			if !st.monotone[c] {
				return nil, false
			}
			out[c] = out[c] != !st.increasing[c]
		}
	}
	return out, true
}

// turned gives the sign with the opposite result in some channels, for numbers. It
// fails where no threshold says so.
func (s sign) turned(channels []bool) (sign, bool) {
	n := len(channels)
	out := sign{compare: schema.SignGreaterOrEqual, invert: s.invert, threshold: make([]float32, n), negate: make([]bool, n)}
	copy(out.negate, s.negate)
	for c, turn := range channels {
		t := float32(0)
		if len(s.threshold) > 0 {
			t = s.threshold[c%len(s.threshold)]
		}
		if s.compare == schema.SignGreater {
			t = nextUp(t)
		}
		if turn {
			// v < t is -v > -t.
			t, out.negate[c] = nextUp(-t), !out.negate[c]
			if t != t {
				return sign{}, false
			}
		}
		out.threshold[c] = t
	}
	return out, true
}

// nextUp is the smallest float32 above x, NaN above the largest: nothing is.
func nextUp(x float32) float32 {
	if x == float32(math.Inf(1)) {
		return float32(math.NaN())
	}
	return math.Nextafter32(x, float32(math.Inf(1)))
}

// binaryReaders lists the operators that read packed bits of n channels, directly or
// moved about as a whole. It fails if anything else reads them.
func binaryReaders(g *graph.Graph, v *graph.Value, n int) ([]*graph.Node, bool) {
	if g.IsOutput(v) {
		return nil, false
	}
	var out []*graph.Node
	for _, r := range v.Users() {
		switch {
		case r.Code == schema.BConv2D || r.Code == schema.BGEMM:
			o, conv := r.Options.(*schema.BConv2DOptions)
			if r.Inputs[0] != v || r.Inputs[1] == v || r.Input(secondPlane) != nil || !r.Inputs[1].IsConst() || channels(v)%n != 0 ||
				conv && (channels(v) != n || o.PadValue != 0 && o.Pads != schema.Pads{}) {
				return nil, false
			}
			out = append(out, r)
		case rearranges(r) && r.Inputs[0] == v && keepsWords(r) && channels(r.Outputs[0])%n == 0:
			more, ok := binaryReaders(g, r.Outputs[0], n)
			if !ok {
				return nil, false
			}
			out = append(out, more...)
		default:
			return nil, false
		}
	}
	return out, true
}

// turnPool puts the sign and what is before it above the pool.
func turnPool(g *graph.Graph, n *graph.Node, f *chain, pool *graph.Node, s sign) error {
	y, root := pool.Inputs[0], pool.Outputs[0]
	first := n
	if len(f.nodes) > 0 {
		first = f.nodes[0]
	}
	for i, v := range first.Inputs {
		if v == root {
			g.SetInput(first, i, y)
		}
	}
	for _, p := range f.nodes {
		if err := g.InferNode(p); err != nil {
			return err
		}
	}
	// New names, as the values are no longer those of the sign in each channel.
	out, signs, pooled := n.Outputs[0], g.NewValue(n.Name+"/turned"), g.NewValue(n.Name+"/turned/pooled")
	g.SetOutputs(n, []*graph.Value{signs})
	if err := setSign(g, n, n.Inputs[0], s); err != nil {
		return err
	}
	o := *pool.Options.(*schema.Pool2DOptions)
	g.InsertAfter(n, &graph.Node{
		Name: pool.Name, Code: schema.BMaxPool2D, Options: &o, Origin: origins(pool),
		Inputs: []*graph.Value{signs}, Outputs: []*graph.Value{pooled},
	})
	g.ReplaceUses(out, pooled)
	g.Remove(pool)
	return g.InferNode(pooled.Producer)
}

// turnInputChannels turns the weights of a binary operator around for some of its
// input channels, which repeat if its rows are longer.
func turnInputChannels(g *graph.Graph, op *graph.Node, turn []bool) {
	w := op.Inputs[1]
	t := &ops.Tensor{DType: schema.Bits, Shape: w.Shape}
	t.Data = ops.AlignedBytes(len(w.Const.Data))
	copy(t.Data, w.Const.Data)
	words, cols := ops.View[uint32](t), t.Cols()
	perRow := schema.WordsPerRow(cols)
	rowsPerGroup := t.Rows()
	if o, ok := op.Options.(*schema.BConv2DOptions); ok {
		rowsPerGroup /= o.Groups
	}
	for r := range t.Rows() {
		for i := range cols {
			if turn[(r/rowsPerGroup*cols+i)%len(turn)] {
				words[r*perRow+i/32] ^= 1 << (i % 32)
			}
		}
	}
	g.SetInput(op, 1, g.NewConst(w.Name+"/turned", schema.Bits, w.Shape, t.Data))
}
