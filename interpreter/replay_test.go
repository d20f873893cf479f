package interpreter

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
)

// replay compares what the steps of a run give with values recorded elsewhere: with other
// instruction sets or on another processor, one operator after the other.
type replay struct {
	in       *Interpreter
	recorded [][]byte // of all tensors of the graph
	index    map[*ops.Tensor]int
	// feed puts the recorded values in the place of what a step gave, so that each step has
	// exactly the inputs that were recorded.
	feed bool

	bits    int     // packed bits, integers and bools that were compared
	other   int     // of these, those that differ
	rounded float64 // largest difference of floats, as a part of the largest one of their tensor
	errs    []error // what may not differ, of steps that had the recorded inputs
}

// roundingTolerance is how far floats of operators that round may be from the recorded ones,
// as a part of the largest one of the tensor.
const roundingTolerance = 1e-5

// rounds lists the operators whose results in float32 depend on the kernel: on whether it
// rounds products before it adds them, and on its polynomials. What all others give is
// the same everywhere, to the last bit.
var rounds = map[schema.OpCode]bool{schema.Conv2D: true, schema.MatMul: true, schema.Unary: true, schema.Recurrent: true}

// newReplay makes an Interpreter whose steps are compared.
func newReplay(t *testing.T, m *Model, recorded [][]byte, opts ...Option) *replay {
	t.Helper()
	r := &replay{recorded: recorded, index: map[*ops.Tensor]int{}}
	in, err := New(m, append(opts, WithProfile(r.step))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	r.in = in
	for i := range in.prepared.tensors {
		r.index[&in.prepared.tensors[i]] = i
	}
	return r
}

// run runs the model. With feed its outputs are the recorded ones afterwards.
func (r *replay) run(t *testing.T, feed bool) {
	t.Helper()
	r.feed, r.bits, r.other, r.rounded, r.errs = feed, 0, 0, 0, nil
	if err := r.in.Run(); err != nil {
		t.Fatal(err)
	}
}

// step is called after each step of the run.
func (r *replay) step(t Timing) {
	p := r.in.prepared
	var n *ops.Node
	if t.Index < len(p.steps) {
		n = p.steps[t.Index]
	} else {
		n = p.late[t.Index-len(p.steps)].node
	}
	for _, got := range n.Outputs {
		if got == nil {
			continue
		}
		want := *got
		want.Data = r.recorded[r.index[got]]
		if err := r.compare(n, got, &want); err != nil && r.feed {
			r.errs = append(r.errs, fmt.Errorf("%s %q, output %v: %w", opName(n), n.Name, got, err))
		}
		if r.feed {
			copy(got.Data, want.Data)
		}
	}
}

// compare counts how an output of n differs from the recorded one. The error is a
// difference that is not due to rounding.
func (r *replay) compare(n *ops.Node, got, want *ops.Tensor) error {
	if len(got.Data) != len(want.Data) {
		return fmt.Errorf("%d bytes, %d are recorded", len(got.Data), len(want.Data))
	}
	if got.DType != schema.Float32 {
		r.bits += got.Len()
	}
	if bytes.Equal(got.Data, want.Data) {
		return nil
	}
	mayRound := slices.ContainsFunc(members(n), func(m *ops.Node) bool { return rounds[m.Def.Code] })
	switch got.DType {
	case schema.Float32:
		diff := floatDifference(ops.View[float32](got), ops.View[float32](want))
		r.rounded = max(r.rounded, diff)
		if !mayRound {
			return fmt.Errorf("floats of operators that do not round differ by %g of the largest", diff)
		}
		if diff > roundingTolerance {
			return fmt.Errorf("floats differ by %g of the largest, want at most %g", diff, roundingTolerance)
		}
		return nil
	case schema.Bits:
		flipped := flippedBits(got, want)
		r.other += len(flipped)
		if !mayRound {
			return fmt.Errorf("%d bits differ, the first at %d", len(flipped), flipped[0])
		}
		return r.nearThreshold(n, got, flipped)
	}
	size := got.DType.Size()
	count := 0
	for i := 0; i < len(got.Data); i += size {
		if !bytes.Equal(got.Data[i:i+size], want.Data[i:i+size]) {
			count++
		}
	}
	r.other += count
	return fmt.Errorf("%d elements differ", count)
}

// members are the operators that a step is made of.
func members(n *ops.Node) []*ops.Node {
	if len(n.Members) == 0 {
		return []*ops.Node{n}
	}
	var list []*ops.Node
	for _, m := range n.Members {
		list = append(list, members(m)...)
	}
	return list
}

// floatDifference is the largest difference, as a part of the largest of want.
func floatDifference(got, want []float32) float64 {
	diff, most := 0.0, 0.0
	for i, w := range want {
		if math.Float32bits(got[i]) == math.Float32bits(w) || got[i] != got[i] && w != w {
			continue
		}
		d := math.Abs(float64(got[i]) - float64(w))
		if !(d <= math.MaxFloat64) {
			return math.Inf(1)
		}
		diff = max(diff, d)
	}
	for _, w := range want {
		if a := math.Abs(float64(w)); a <= math.MaxFloat32 {
			most = max(most, a)
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / most
}

// flippedBits lists the elements that differ.
func flippedBits(got, want *ops.Tensor) []int {
	var list []int
	cols := got.Cols()
	words := schema.WordsPerRow(cols)
	w := ops.View[uint32](want)
	for i, g := range ops.View[uint32](got) {
		for d := g ^ w[i]; d != 0; d &= d - 1 {
			list = append(list, i/words*cols+i%words*32+bits.TrailingZeros32(d))
		}
	}
	return list
}

// nearThreshold fails unless each of the flipped bits is the sign of a float that rounding
// may take over its threshold.
func (r *replay) nearThreshold(n *ops.Node, out *ops.Tensor, flipped []int) error {
	list := members(n)
	at := slices.IndexFunc(list, func(m *ops.Node) bool {
		return m.Def.Code == schema.Bsign && m.Outputs[0] == out
	})
	if at < 0 {
		return fmt.Errorf("%d bits differ that are no signs of floats, the first at %d", len(flipped), flipped[0])
	}
	sign := list[at]
	x := *sign.Inputs[0]
	x.Data = r.recorded[r.index[sign.Inputs[0]]]
	values := ops.View[float32](&x)
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(float64(v)))
	}
	var thresholds []float32
	if t := sign.Input(1); t != nil {
		thresholds = ops.View[float32](t)
	}
	for _, i := range flipped {
		threshold := 0.0
		switch {
		case len(thresholds) == 1:
			threshold = float64(thresholds[0])
		case len(thresholds) > 1:
			threshold = float64(thresholds[i%x.Cols()])
		}
		if d := math.Abs(float64(values[i]) - threshold); !(d <= roundingTolerance*most) {
			return fmt.Errorf("bit %d differs, though its float is %g away from the threshold of %g", i, d, threshold)
		}
	}
	return nil
}

// TestReplay compares each instruction set with the generic kernels, step by step.
func TestReplay(t *testing.T) {
	for _, small := range smallModels {
		m := smallModel(t, small.name).load()
		for _, features := range isa.Levels(isa.Detect()) {
			t.Run(fmt.Sprintf("%s/%v", small.name, features), func(t *testing.T) {
				r := newReplay(t, m, nil, WithThreads(1), WithFeatures(features))
				inputs, shapes := map[string][]byte{}, map[string][]int{}
				for _, x := range r.in.Inputs() {
					fillInput(x, 1)
					inputs[x.Name()], shapes[x.Name()] = slices.Clone(x.Bytes()), x.Shape()
				}
				r.recorded = oneByOne(t, m, 0, inputs, shapes)
				r.run(t, true)
				for _, err := range r.errs {
					t.Error(err)
				}
			})
		}
	}
}

// TestReplayFindsDifferences spoils recorded values of a float convolution, of its signs and
// of a binary convolution.
func TestReplayFindsDifferences(t *testing.T) {
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 1, 5, 5, 32)
	float := b.op(schema.Conv2D, &schema.Conv2DOptions{Window: window(1), Groups: 1, Clamp: schema.NoClamp}, x, b.floats(64, 3, 3, 32))
	thresholds := b.floats(64)
	signs := b.op(schema.Bsign, &schema.BsignOptions{}, float, thresholds)
	o := &schema.BConv2DOptions{Window: window(1), Groups: 1, PreClamp: schema.NoClamp, Clamp: schema.NoClamp}
	sums := b.multi(schema.BConv2D, o, 2, b.op(schema.Bsign, &schema.BsignOptions{}, x),
		b.bits(40, 3, 3, 32), b.floats(40), -1, b.raw(schema.Int32, make([]int32, 40), 40))
	for i, out := range []int{float, signs, sums[0], sums[1]} {
		b.output(fmt.Sprint(i), out)
	}
	m := b.load()
	inputs, shapes := map[string][]byte{"x": rawBytes(ramp(5*5*32, 1))}, map[string][]int{"x": {1, 5, 5, 32}}
	floats := func(data []byte) []float32 { return ops.View[float32](&ops.Tensor{Data: data}) }
	// The second pixel of channel 0 is where rounding decides.
	value := floats(oneByOne(t, m, 0, inputs, shapes)[float])[64]
	floats(m.parts[0].constants[thresholds])[0] = value + 1e-4
	for _, tc := range []struct {
		name  string
		spoil func(recorded [][]byte)
		other int    // bits that differ
		want  string // part of the only error; none if empty
	}{
		{"nothing", func([][]byte) {}, 0, ""},
		{"float by rounding", func(v [][]byte) { floats(v[float])[7] += 1e-4 }, 0, ""},
		{"float", func(v [][]byte) { floats(v[float])[7] += 0.1 }, 0, "floats differ by"},
		{"NaN", func(v [][]byte) { floats(v[float])[7] = float32(math.NaN()) }, 0, "floats differ by +Inf"},
		{"sign near the threshold", func(v [][]byte) { v[signs][8] ^= 1 }, 1, ""},
		{"sign", func(v [][]byte) { v[signs][8] ^= 2 }, 1, "bit 65 differs, though"},
		{"binary bit", func(v [][]byte) { v[sums[0]][4] ^= 2 }, 1, "1 bits differ, the first at 33"},
		{"float of a sum", func(v [][]byte) { v[sums[1]][0] ^= 1 }, 0, "do not round"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			recorded := oneByOne(t, m, isa.Detect(), inputs, shapes)
			r := newReplay(t, m, recorded, WithThreads(1))
			copy(r.in.Input(0).Bytes(), inputs["x"])
			tc.spoil(recorded)
			r.run(t, true)
			if r.other != tc.other {
				t.Errorf("%d bits differ, want %d", r.other, tc.other)
			}
			if tc.want == "" && r.errs != nil || tc.want != "" && (len(r.errs) != 1 || !strings.Contains(r.errs[0].Error(), tc.want)) {
				t.Errorf("errors %v, want one with %q", r.errs, tc.want)
			}
		})
	}
}
