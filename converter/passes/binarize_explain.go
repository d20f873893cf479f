package passes

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// explainFloat records, for each convolution and product that stays float, which of
// its operands is not binary and why. It changes nothing.
func explainFloat(g *graph.Graph, log *Log) (int, error) {
	for _, n := range g.Nodes {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul {
			continue
		}
		activation, weights := explainActivation(log, n.Inputs[0]), explainWeights(log, n)
		switch {
		case activation != "" && weights != "" && n.Inputs[1].IsConst():
			log.keep(n, "%s; the weights are not binary either", activation)
		case activation != "" && weights != "" && activation != weights:
			log.keep(n, "%s; %s", activation, weights)
		case activation != "" || weights != "":
			log.keep(n, "%s", cmp.Or(activation, weights))
		}
	}
	return 0, nil
}

// explainActivation says why v is no value of signs, "" if it is one.
func explainActivation(log *Log, v *graph.Value) string {
	if p := producer(v, schema.Pad); p != nil && isTernary(p.Inputs[0]) || isTernary(v) {
		return ""
	}
	direct := v.Producer
	for v.Producer != nil {
		n := v.Producer
		if k, ok := unaryKind(n); ok && k == schema.Sign {
			return fmt.Sprintf("activation %s stays float: %s", describe(n), log.Reason(n.Name))
		}
		if _, _, ok := elementwise(n, channels(v)); !ok && !rearranges(n) && n.Code != schema.Pad && !isMaxPool(n) {
			break
		}
		if x := n.Inputs[0]; x.IsConst() && len(n.Inputs) > 1 {
			v = n.Inputs[1]
		} else {
			v = x
		}
	}
	switch {
	case v.Producer == nil && v.Const == nil:
		return fmt.Sprintf("first layer: activation comes from the graph input %q", v.Name)
	case direct == nil:
		return fmt.Sprintf("activation is the constant %q", v.Name)
	case rearranges(direct) && direct != v.Producer && v.Producer != nil:
		return fmt.Sprintf("activation is not a sign: %s feeds it through %s", describe(v.Producer), describe(direct))
	}
	return fmt.Sprintf("activation is not a sign: %s feeds it", describe(direct))
}

// explainWeights says why the weights are not +-a per output channel, "" if they are.
func explainWeights(log *Log, n *graph.Node) string {
	w := n.Inputs[1]
	x := floats(w)
	if x == nil {
		if w.Const != nil {
			return fmt.Sprintf("weights are %v", w.DType)
		}
		return explainActivation(log, w)
	}
	rows := 0
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		rows = w.Shape[0]
	case *schema.MatMulOptions:
		if len(w.Shape) != 2 {
			return fmt.Sprintf("weights have %d axes", len(w.Shape))
		}
		rows = w.Shape[1]
		if o.TransposeB {
			rows = w.Shape[0]
		} else {
			x = transposed(x, w.Shape[0], w.Shape[1])
		}
	}
	if _, ok := rowMagnitudes(x, rows); ok {
		return ""
	}
	if few := distinct(x, 4); few != nil {
		return fmt.Sprintf("weights take %d values: %s", len(few), join(few))
	}
	size := len(x) / max(rows, 1)
	for o := range rows {
		row := x[o*size : (o+1)*size]
		if _, ok := rowMagnitudes(row, 1); ok || !slices.ContainsFunc(row, func(v float32) bool { return v != 0 }) {
			continue
		}
		if few := distinct(row, 4); few != nil {
			return fmt.Sprintf("weights of output channel %d take %d values: %s", o, len(few), join(few))
		}
		lo, hi := math.Inf(1), 0.0
		for _, v := range row {
			m := math.Abs(float64(v))
			lo, hi = math.Min(lo, m), math.Max(hi, m)
		}
		return fmt.Sprintf("weights of output channel %d have magnitudes from %.3g to %.3g", o, lo, hi)
	}
	return "weights are all 0"
}

// distinct lists the different numbers in x in order, nil if there are more than
// most.
func distinct(x []float32, most int) []float32 {
	var out []float32
	for _, v := range x {
		if !slices.Contains(out, v) {
			if len(out) == most {
				return nil
			}
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

func join(x []float32) string {
	var s []string
	for _, v := range x {
		s = append(s, fmt.Sprintf("%.4g", v))
	}
	return strings.Join(s, ", ")
}
