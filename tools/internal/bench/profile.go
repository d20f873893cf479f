package bench

import (
	"cmp"
	"slices"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/peak"
	"github.com/lce-go/lce/schema"
)

// profile collects what the hook tells about operators.
type profile struct {
	ops   []interpreter.OpInfo
	runs  int
	spans []span // of run r and operator i at r*len(ops)+i
	start time.Time
	peaks peaks
}

// peaks are samples of the multiply-adds a second of one core, one before each run.
type peaks struct {
	features      isa.Features
	binary, float []float64
}

func (k *peaks) sample() {
	k.binary = append(k.binary, peak.Binary(k.features))
	k.float = append(k.float, peak.Float(k.features))
}

// of is the median for binary or float multiply-adds.
func (k *peaks) of(binary bool) float64 {
	samples := k.float
	if binary {
		samples = k.binary
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}

// name says what the loop of a peak consists of.
func (k *peaks) name(binary bool) string {
	b, f := peak.Names(k.features)
	if binary {
		return b
	}
	return f
}

// span is when an operator ran, from the start of its run.
type span struct{ begin, duration time.Duration }

// begin starts the record of a run. Runs before the first are not recorded.
func (p *profile) begin() {
	p.peaks.sample()
	p.spans = slices.Grow(p.spans, len(p.ops))
	p.runs++
	p.start = time.Now()
}

// add is the hook.
func (p *profile) add(t interpreter.Timing) {
	if p.runs > 0 {
		p.spans = append(p.spans, span{time.Since(p.start) - t.Duration, t.Duration})
	}
}

// run is the record of a run.
func (p *profile) run(r int) []span { return p.spans[r*len(p.ops):][:len(p.ops)] }

// times are the medians over the runs of each operator, and their sum.
func (p *profile) times() (times []time.Duration, total time.Duration) {
	times = make([]time.Duration, len(p.ops))
	samples := make([]time.Duration, p.runs)
	for i := range times {
		for r := range samples {
			samples[r] = p.run(r)[i].duration
		}
		slices.Sort(samples)
		times[i] = median(samples)
		total += times[i]
	}
	return times, total
}

// typical is the record of a run of median time.
func (p *profile) typical() []span {
	totals := make([]time.Duration, p.runs)
	order := make([]int, p.runs)
	for r := range order {
		order[r] = r
		for _, s := range p.run(r) {
			totals[r] += s.duration
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(totals[a], totals[b]) })
	return p.run(order[(len(order)-1)/2])
}

// MultiplyAdds counts the products that an operator adds up, taps on padding included,
// as the tables of networks do. Binary ones are products of bits. It is 0 for operators
// that are neither convolutions nor products of matrices.
func MultiplyAdds(op interpreter.OpInfo) (n int64, binary bool) {
	out := firstOutput(op)
	if len(op.Inputs) < 2 || out == nil {
		return 0, false
	}
	x, w := op.Inputs[0].Shape, op.Inputs[1].Shape
	n = elements(out.Shape)
	switch o := op.Options.(type) {
	case *schema.Conv2DOptions:
		return n * elements(w[1:]), false
	case *schema.BConv2DOptions:
		return n * elements(w[1:]), true
	case *schema.BGEMMOptions:
		return n * int64(x[len(x)-1]), true
	case *schema.MatMulOptions:
		k := len(x) - 1
		if o.TransposeA {
			k--
		}
		return n * int64(x[k]), false
	}
	return 0, false
}

// firstOutput is the first output that is not absent; nil if there is none.
func firstOutput(op interpreter.OpInfo) *interpreter.TensorInfo {
	for i := range op.Outputs {
		if op.Outputs[i].DType != 0 {
			return &op.Outputs[i]
		}
	}
	return nil
}

func elements(shape []int) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	return n
}

// Bytes is the size of what an operator reads and writes: activations, results and
// constants, with the weights as the kernel packs them.
func Bytes(op interpreter.OpInfo) int64 {
	n := int64(op.Packed)
	for i, t := range op.Inputs {
		if !t.Constant || i != 1 || op.Packed == 0 {
			n += int64(t.Bytes)
		}
	}
	for _, t := range op.Outputs {
		n += int64(t.Bytes)
	}
	return n
}

// gigaPerSecond is n things in a time, in 1e9/s; 0 for a time too short to measure.
func gigaPerSecond(n int64, t time.Duration) float64 {
	if t <= 0 {
		return 0
	}
	return float64(n) / float64(t.Nanoseconds())
}
