package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// splitTernaryWeights writes a layer of ternary activations whose weights are -a[o], 0 and
// +a[o] as one with weights of one magnitude, over each channel twice:
//
//	s -> Conv2D(w) -> y     becomes     Concat(s, s) -> Conv2D([a/2 where w >= 0 else -a/2, a/2 where w > 0 else -a/2]) -> y
//
// The two add up to w, so the sums stay what they were. In groups the channels are
// repeated group by group.
func splitTernaryWeights(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		var did bool
		var err error
		switch {
		case n.Code == schema.Conv2D:
			did, err = splitConvWeights(g, n)
		case n.Code == schema.MatMul:
			did, err = splitMatMulWeights(g, n)
		}
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

func splitConvWeights(g *graph.Graph, n *graph.Node) (bool, error) {
	x, w, o := n.Inputs[0], n.Inputs[1], n.Options.(*schema.Conv2DOptions)
	pad := producer(x, schema.Pad)
	if pad != nil {
		if _, _, ok := spatialPad(pad); ok {
			x = pad.Inputs[0]
		} else {
			pad = nil
		}
	}
	if !isTernary(x) || len(w.Shape) != 4 || channels(x) < 1 {
		return false, nil
	}
	to, ok := halvedRows(floats(w), w.Shape[0], w.Shape[3])
	if !ok {
		return false, nil
	}
	twice, err := repeatChannels(g, n, x, o.Groups)
	if err != nil {
		return false, err
	}
	if pad != nil {
		in := slices.Clone(pad.Inputs)
		in[0] = twice
		if twice, err = insert(g, n, &graph.Node{Name: pad.Name + "/" + n.Name, Code: schema.Pad, Options: pad.Options, Origin: origins(pad), Inputs: in}); err != nil {
			return false, err
		}
	}
	shape := slices.Clone(w.Shape)
	shape[3] *= 2
	g.SetInput(n, 0, twice)
	g.SetInput(n, 1, g.ConstFloat32s(w.Name+"/halves", shape, to))
	return true, g.InferNode(n)
}

func splitMatMulWeights(g *graph.Graph, n *graph.Node) (bool, error) {
	x, w, o := n.Inputs[0], n.Inputs[1], n.Options.(*schema.MatMulOptions)
	values := floats(w)
	if !isTernary(x) || len(x.Shape) < 2 || o.TransposeA || len(w.Shape) != 2 || len(values) == 0 || channels(x) < 1 {
		return false, nil
	}
	k, rows := w.Shape[1], w.Shape[0]
	if !o.TransposeB {
		k, rows = rows, k
		values = transposed(values, k, rows)
	}
	to, ok := halvedRows(values, rows, k)
	if !ok {
		return false, nil
	}
	twice, err := repeatChannels(g, n, x, 1)
	if err != nil {
		return false, err
	}
	c := *o
	c.TransposeB = true
	n.Options = &c
	g.SetInput(n, 0, twice)
	g.SetInput(n, 1, g.ConstFloat32s(w.Name+"/halves", []int{rows, 2 * k}, to))
	return true, g.InferNode(n)
}

// halvedRows makes two of each run of the given length of ternary weights. It fails if a
// row has several magnitudes, or no row has zeros beside others.
func halvedRows(w []float32, rows, run int) ([]float32, bool) {
	if rows < 1 || run < 1 || len(w) == 0 || len(w)%(rows*run) != 0 {
		return nil, false
	}
	if !slices.Contains(w, 0) { // as in most layers
		return nil, false
	}
	size := len(w) / rows
	out := make([]float32, 0, 2*len(w))
	mixed := false
	for o := range rows {
		row := w[o*size : (o+1)*size]
		others := slices.DeleteFunc(slices.Clone(row), func(v float32) bool { return v == 0 })
		a := float32(0)
		if len(others) > 0 {
			var ok bool
			if a, ok = magnitude(others); !ok || a/2*2 != a {
				return nil, false
			}
			mixed = mixed || len(others) < len(row)
		}
		for ; len(row) > 0; row = row[run:] {
			for _, least := range []func(v float32) bool{
				func(v float32) bool { return v >= 0 }, func(v float32) bool { return v > 0 },
			} {
				for _, v := range row[:run] {
					if half := a / 2; least(v) {
						out = append(out, half)
					} else {
						out = append(out, -half)
					}
				}
			}
		}
	}
	return out, mixed
}

// repeatChannels gives v with the channels of each group twice.
func repeatChannels(g *graph.Graph, before *graph.Node, v *graph.Value, groups int) (*graph.Value, error) {
	n := &graph.Node{Name: before.Name + "/twice", Origin: origins(before), Options: &schema.AxisOptions{Axis: len(v.Shape) - 1}}
	if groups == 1 {
		n.Code, n.Inputs = schema.Concat, []*graph.Value{v, v}
		return insert(g, before, n)
	}
	size := channels(v) / groups
	var index []int64
	for c := range 2 * channels(v) {
		index = append(index, int64(c/(2*size)*size+c%size))
	}
	n.Code, n.Inputs = schema.Gather, []*graph.Value{v, g.ConstInt64s(n.Name+"/channels", []int{len(index)}, index)}
	return insert(g, before, n)
}
