package converter

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// add adds the difference of an output in a sample.
func (d *Difference) add(fused, unfused *interpreter.Tensor) error {
	if fused.DType() != unfused.DType() || !slices.Equal(fused.Shape(), unfused.Shape()) {
		return fmt.Errorf("output %q: the converted model gives %v, the unfused graph %v", d.Name, fused, unfused)
	}
	got, want := numbers(fused), numbers(unfused)
	for j, w := range want {
		g := got[j]
		if isNumber(w) {
			d.low, d.high = min(d.low, w), max(d.high, w)
		}
		switch {
		case g != g && w != w:
		case isNumber(g) && isNumber(w):
			delta := math.Abs(g - w)
			if unfused.DType() == schema.Float16 {
				delta = max(0, delta-halfSpacing(w))
			}
			d.MaxAbs = max(d.MaxAbs, delta)
			d.signal += w * w
			d.noise += (g - w) * (g - w)
		case g != w:
			d.MaxAbs = math.Inf(1)
		}
	}
	shape := fused.Shape()
	if len(shape) == 0 || shape[len(shape)-1] == 0 || fused.DType() == schema.Bits {
		return nil
	}
	cols := shape[len(shape)-1]
	for at := 0; at+cols <= len(want); at += cols {
		d.Rows++
		// With several largest elements any of them will do.
		if row := want[at : at+cols]; row[argmax(got[at:at+cols])] != row[argmax(row)] {
			d.ArgmaxFlips++
		}
	}
	return nil
}

// halfSpacing is the distance of the float16 x to the next one away from 0: two results
// that are nearly the same may be rounded to either.
func halfSpacing(x float64) float64 {
	_, exponent := math.Frexp(x)
	if x == 0 {
		exponent = math.MinInt16
	}
	return math.Ldexp(1, max(exponent-11, -24))
}

// finish computes what follows from all samples.
func (d *Difference) finish() {
	d.Range = d.high - d.low
	if d.Range == 0 {
		d.Range = math.Abs(d.high)
	}
	switch {
	case d.MaxAbs == 0:
	case d.Range > 0:
		d.Relative = d.MaxAbs / d.Range
	default: // all zeros, or nothing finite
		d.Relative = d.MaxAbs
	}
	d.SNR = math.Inf(1)
	if d.noise > 0 {
		d.SNR = 10 * math.Log10(d.signal/d.noise)
	}
}

func isNumber(x float64) bool { return x == x && !math.IsInf(x, 0) }

func argmax(x []float64) int {
	best := 0
	for i, e := range x {
		if e > x[best] {
			best = i
		}
	}
	return best
}

// numbers gives the elements of an output.
func numbers(t *interpreter.Tensor) []float64 { return elements(t.DType(), t.Bytes()) }

// elements gives data as numbers; bits are words.
func elements(d schema.DType, raw []byte) []float64 {
	data := &ops.Tensor{DType: d, Data: raw}
	switch d {
	case schema.Float32:
		return convert(ops.View[float32](data))
	case schema.Float64:
		return convert(ops.View[float64](data))
	case schema.Int8:
		return convert(ops.View[int8](data))
	case schema.Int16:
		return convert(ops.View[int16](data))
	case schema.Int32:
		return convert(ops.View[int32](data))
	case schema.Int64:
		return convert(ops.View[int64](data))
	case schema.Float16:
		return convert(interpreter.FromFloat16(ops.View[uint16](data)))
	case schema.Uint16:
		return convert(ops.View[uint16](data))
	case schema.Uint32, schema.Bits:
		return convert(ops.View[uint32](data))
	case schema.Uint64:
		return convert(ops.View[uint64](data))
	}
	return convert(raw)
}

func convert[T ops.Element](x []T) []float64 {
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out
}

// probe is a binary activation of the converted model and the float it stands for
// in the graph before binarization: indices of tensors.
type probe struct{ bits, float int }

// probesOf pairs the Bits of the converted model with the floats of the same
// layout. The passes name the bits of a sign after its node.
func probesOf(res *Result) []probe {
	if res.plain == nil {
		return nil
	}
	from, to := res.plain.Subgraphs[0], res.Model.Subgraphs[0]
	byNode := map[string]int{}
	for _, op := range from.Operators {
		if t := op.Outputs[0]; t >= 0 && from.Tensors[t].DType == schema.Float32 {
			byNode[op.Name] = t
		}
	}
	var out []probe
	for i, t := range to.Tensors {
		if t.DType != schema.Bits || t.Data != nil {
			continue
		}
		node, _, named := strings.Cut(t.Name, "/bits")
		float, ok := byNode[node]
		if named && ok && slices.Equal(from.Tensors[float].Shape, t.Shape) {
			out = append(out, probe{bits: i, float: float})
		}
	}
	return out
}

// withOutputs adds a tensor of each probe to the outputs of a model.
func withOutputs(m *schema.Model, probes []probe, tensor func(probe) int) *schema.Model {
	if m == nil {
		return nil
	}
	c := *m
	s := *m.Subgraphs[0]
	s.Outputs = slices.Clone(s.Outputs)
	for i, p := range probes {
		s.Outputs = append(s.Outputs, schema.Port{Name: fmt.Sprintf("probe %d of %s", i, s.Name), Tensor: tensor(p)})
	}
	c.Subgraphs = slices.Clone(m.Subgraphs)
	c.Subgraphs[0] = &s
	return &c
}

// countFlips compares bits with the signs of floats: a set bit is -1. Of a float that is
// 0, as in activations of 0 and 1, a bit alone does not tell.
func (v *verifier) countFlips(bits, float *interpreter.Tensor) {
	x, words := float.Float32s(), bits.Words()
	shape := bits.Shape()
	if len(shape) == 0 || !slices.Equal(shape, float.Shape()) {
		return
	}
	cols := shape[len(shape)-1]
	perRow := schema.WordsPerRow(cols)
	for i, e := range x {
		row, c := i/cols, i%cols
		minus := words[row*perRow+c/32]>>(c%32)&1 == 1
		if e > 0 && minus || e < 0 && !minus {
			v.result.Flipped++
		}
	}
	v.result.Bits += int64(len(x))
}

// random makes inputs.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

// fill makes normally distributed numbers.
func (r random) fill(x []float32) {
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
}

func (r random) array(name string, d schema.DType, shape []int) Array {
	t := &ops.Tensor{DType: d, Shape: shape}
	t.Data = ops.AlignedBytes(t.Bytes())
	switch d {
	case schema.Float32:
		r.fill(ops.View[float32](t))
	case schema.Float16:
		values := make([]float32, t.Len())
		r.fill(values)
		copy(ops.View[uint16](t), interpreter.ToFloat16(values))
	case schema.Float64:
		x := ops.View[float64](t)
		for i := range x {
			x[i] = r.NormFloat64()
		}
	case schema.Bool:
		for i := range t.Data {
			t.Data[i] = byte(r.IntN(2))
		}
	case schema.Int8, schema.Uint8:
		for i := range t.Data {
			t.Data[i] = byte(r.IntN(256))
		}
	default:
		if size := d.Size(); size > 0 {
			for i := 0; i < len(t.Data); i += size {
				t.Data[i] = byte(r.IntN(4))
			}
		}
	}
	return Array{Name: name, DType: d, Shape: shape, Data: t.Data}
}
