package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// Stored is a constant that is stored rounded to fewer bits.
type Stored struct {
	Name              string
	Type              schema.DType
	FloatBytes, Bytes int64 // as float32 and as stored, with scales
}

// storeGroup rounds float weights to what the file has them in. The interpreter expands
// them once, when it prepares the model.
func storeGroup(opts Options) Group {
	return Group{Name: "store", Rounds: 1, Passes: []Pass{{"store-weights", storeWeights(opts)}}}
}

// storeWeights stores weights as int8 with a scale per output channel, and other
// constants of float layers as float16:
//
//	x -> Conv2D(w)      becomes  x -> Conv2D(Cast(int8) -> Mul(scales)), or x -> Conv2D(Cast(float16))
//	ids -> Gather(w)    becomes  ids -> Gather(float16) -> Cast
//
// A table that rows are picked from is never expanded whole. Thresholds and scales of
// binary layers, scales of weights of one bit, and small constants stay as they are.
func storeWeights(opts Options) func(*graph.Graph, *Log) (int, error) {
	return func(g *graph.Graph, log *Log) (int, error) {
		s := &storage{g: g, log: log}
		for _, w := range s.candidates() {
			c, ok := scalingOf(w)
			var err error
			switch {
			case opts.Int8Weights && ok && c.saved() >= minSaved:
				err = s.asInt8(w, c)
			case opts.Float16 && !slices.ContainsFunc(w.Users(), func(n *graph.Node) bool { return !expandable(n, w) }):
				err = s.asHalf(w)
			}
			if err != nil {
				return 0, err
			}
		}
		return len(log.Stored), nil
	}
}

// minSaved is the number of bytes from which on storing a constant in fewer bits saves
// more than the ops that expand it take in the file.
const minSaved = 1024

// storage is the state of storeWeights.
type storage struct {
	g   *graph.Graph
	log *Log
}

// candidates lists the float constants that only nodes read, in the order of those.
func (s *storage) candidates() (list []*graph.Value) {
	seen := map[*graph.Value]bool{}
	for _, n := range s.g.Nodes {
		for _, v := range n.Inputs {
			if len(floats(v)) >= minPacked && !seen[v] && !s.g.IsOutput(v) {
				seen[v] = true
				list = append(list, v)
			}
		}
	}
	return list
}

// expandable reports whether n computes with the float constant w as a layer does, so
// that it may be rounded.
func expandable(n *graph.Node, w *graph.Value) bool {
	switch n.Code {
	case schema.Conv2D, schema.MatMul, schema.Recurrent:
		return true
	case schema.Gather:
		return n.Inputs[0] == w
	case schema.Binary:
		other := n.Inputs[0]
		if other == w {
			other = n.Inputs[1]
		}
		switch kind, _ := binaryKind(n); kind {
		case schema.Add, schema.Sub, schema.Mul, schema.Div, schema.PRelu:
			return !fromConstants(other)
		}
	}
	return false
}

// fromConstants reports whether v is computed from constants alone, as weights of one bit
// are.
func fromConstants(v *graph.Value) bool {
	if v.Producer == nil {
		return v.IsConst()
	}
	return !slices.ContainsFunc(v.Producer.Inputs, func(in *graph.Value) bool { return in != nil && !fromConstants(in) })
}

// store makes the readers of w read what expand makes of the stored constants: the first
// is in w's place, the others have its first axis.
func (s *storage) store(w *graph.Value, stored []*graph.Value, expand func(parts []*graph.Value) []*graph.Node) error {
	size := 0
	for _, v := range stored {
		size += v.Const.Bytes()
	}
	s.log.Stored = append(s.log.Stored, Stored{w.Name, stored[0].DType, int64(w.Const.Bytes()), int64(size)})
	// Rows that are picked are expanded behind that.
	for _, n := range slices.Clone(w.Users()) {
		if n.Code != schema.Gather {
			continue
		}
		out, parts := n.Outputs[0], make([]*graph.Value, len(stored))
		s.g.SetOutputs(n, []*graph.Value{s.g.NewValue(out.Name + "/stored")})
		s.g.SetInput(n, 0, stored[0])
		if err := s.g.InferNode(n); err != nil {
			return err
		}
		parts[0] = n.Outputs[0]
		last := n
		for i, v := range stored[1:] {
			last = &graph.Node{Name: v.Name + "/rows", Code: schema.Gather, Options: n.Options, Inputs: []*graph.Value{v, n.Inputs[1]}}
			var err error
			if parts[i+1], err = insertAfter(s.g, n, last); err != nil {
				return err
			}
		}
		nodes := expand(parts)
		nodes[len(nodes)-1].Outputs = []*graph.Value{out}
		for _, m := range nodes {
			if _, err := insertAfter(s.g, last, m); err != nil {
				return err
			}
			last = m
		}
	}
	if len(w.Users()) == 0 {
		return nil
	}
	first := firstReader(s.g, w)
	var v *graph.Value
	for _, m := range expand(stored) {
		var err error
		if v, err = insert(s.g, first, m); err != nil {
			return err
		}
	}
	s.g.ReplaceUses(w, v)
	return nil
}

// toFloat is the node that expands v.
func toFloat(v *graph.Value) *graph.Node {
	return &graph.Node{
		Name: v.Name + "/float", Code: schema.Cast, Options: &schema.CastOptions{To: schema.Float32}, Inputs: []*graph.Value{v},
	}
}
