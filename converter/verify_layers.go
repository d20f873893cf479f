package converter

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// LayerDifference is the first result, in the order of the run, that differs between
// the converted model and the graph before binarization.
type LayerDifference struct {
	Op, Name string // of the operator of the converted model
	Node     string // ONNX node whose result it is
	// Index is the place of the first element that differs, in the layout of the
	// converted model (channels last).
	Index     []int
	Got, Want float64 // of a binary activation -1 or +1
	// Differ of Elements elements differ, of floats by more than the limit.
	Differ, Elements int
	// Before is the largest difference of floats before it, as a part of their range:
	// if it is only rounding, a binary activation that differs lies at its threshold.
	Before float64
}

// String describes the difference in a sentence.
func (d *LayerDifference) String() string {
	s := fmt.Sprintf("the first layer that differs is %q", d.Node)
	if d.Name != d.Node {
		s += fmt.Sprintf(", computed by %s %q", d.Op, d.Name)
	}
	s += fmt.Sprintf(": %d of %d elements, the first at %v is %g instead of %g", d.Differ, d.Elements, d.Index, d.Got, d.Want)
	if d.Before > 0 {
		s += fmt.Sprintf("; results before it differ by at most %.2g of their range", d.Before)
	}
	return s
}

// pair is a result of the converted model and the tensor of the graph before
// binarization that it stands for.
type pair struct {
	op           int    // of the converted model
	node         string // ONNX node
	fused, plain int    // tensors
}

// pairs finds what can be compared, in the order of the run: floats and the value of
// the plain graph that they replaced, bits and the sign that they are named after.
func pairs(res *Result) []pair {
	if res.plain == nil {
		return nil
	}
	from, to := res.plain.Subgraphs[0], res.Model.Subgraphs[0]
	plain := map[int]int{} // tensors by those of the converted model
	for _, p := range probesOf(res) {
		plain[p.bits] = p.float
	}
	named, producer := map[string]int{}, map[int]string{}
	for _, op := range from.Operators {
		for _, t := range op.Outputs {
			if t >= 0 {
				named[from.Tensors[t].Name], producer[t] = t, op.Name
			}
		}
	}
	var out []pair
	for i, op := range to.Operators {
		for _, t := range op.Outputs {
			if t < 0 {
				continue
			}
			v := to.Tensors[t]
			match, ok := plain[t]
			if v.DType == schema.Float32 {
				match, ok = named[cmp.Or(res.standsFor[v.Name], v.Name)]
				ok = ok && from.Tensors[match].DType == v.DType && slices.Equal(from.Tensors[match].Shape, v.Shape)
			}
			if ok {
				out = append(out, pair{i, producer[match], t, match})
			}
		}
	}
	return out
}

// firstDifference runs both graphs on an input with all results that can be compared
// as outputs. It is nil if none of them differs by more than limit of its range.
func firstDifference(res *Result, in []Array, limit float64, threads int) (*LayerDifference, error) {
	list := pairs(res)
	fused := runner{model: withTensors(res.Model, list, func(p pair) int { return p.fused })}
	defer fused.close()
	plain := runner{model: withTensors(res.plain, list, func(p pair) int { return p.plain })}
	defer plain.close()
	for _, r := range []*runner{&fused, &plain} {
		if err := r.run(in, threads); err != nil {
			return nil, err
		}
	}
	first := len(res.Model.Subgraphs[0].Outputs)
	before := 0.0
	for i, p := range list {
		d := LayerDifference{Node: p.node, Before: before}
		op := res.Model.Subgraphs[0].Operators[p.op]
		d.Op, d.Name = op.Code.String(), op.Name
		got, want := fused.in.Output(first+i), plain.in.Output(first+i)
		if !slices.Equal(got.Shape(), want.Shape()) {
			continue
		}
		worst := d.compare(got, want, limit)
		if d.Differ > 0 {
			return &d, nil
		}
		before = max(before, worst)
	}
	return nil, nil
}

// compare counts the elements that differ and gives the largest difference of floats
// as a part of their range.
func (d *LayerDifference) compare(got, want *interpreter.Tensor, limit float64) (worst float64) {
	y, bits := want.Float32s(), got.DType() == schema.Bits
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range y {
		if f := float64(v); isNumber(f) {
			low, high = min(low, f), max(high, f)
		}
	}
	size := cmp.Or(high-low, math.Abs(high), 1)
	value := func(i int) float64 { return float64(got.Float32s()[i]) }
	if bits {
		words, cols := got.Words(), got.Shape()[len(got.Shape())-1]
		value = func(i int) float64 {
			c := i % cols
			return 1 - 2*float64(words[i/cols*schema.WordsPerRow(cols)+c/32]>>(c%32)&1)
		}
	}
	d.Elements = len(y)
	for i, v := range y {
		g, w := value(i), float64(v)
		if bits {
			if v == 0 || v != v {
				continue // of a value with zeros, a bit alone does not tell
			}
			w = math.Copysign(1, w)
		}
		delta := math.Abs(g-w) / size
		switch {
		case g == w, g != g && w != w:
			continue
		case delta <= limit:
			worst = max(worst, delta)
			continue
		}
		if d.Differ == 0 {
			d.Got, d.Want, d.Index = g, w, index(i, got.Shape())
		}
		d.Differ++
	}
	return worst
}

// index is where element i is in a tensor.
func index(i int, shape []int) []int {
	at := make([]int, len(shape))
	for axis, d := range slices.Backward(shape) {
		at[axis] = i % d
		i /= d
	}
	return at
}

// withTensors adds a tensor of each pair to the outputs of a model.
func withTensors(m *schema.Model, pairs []pair, tensor func(pair) int) *schema.Model {
	c, s := *m, *m.Subgraphs[0]
	s.Outputs = slices.Clone(s.Outputs)
	for i, p := range pairs {
		s.Outputs = append(s.Outputs, schema.Port{Name: strings.Repeat(" ", i+1) + p.node, Tensor: tensor(p)})
	}
	c.Subgraphs = slices.Clone(m.Subgraphs)
	c.Subgraphs[0] = &s
	return &c
}
