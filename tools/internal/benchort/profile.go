package benchort

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/bench"
)

// networkProfile tells what takes the time of a network. Times are in microseconds.
type networkProfile struct {
	Network string `json:"network"`
	Kinds   []kind `json:"kinds"` // longest first
}

// kind is all steps of a network that do the same.
type kind struct {
	Op    string  `json:"op"`
	Steps int     `json:"steps"`
	Time  float64 `json:"us"`
	// Limit is the roofline: what products take at the peak of a core, or operands and
	// results at the rate of the second-level cache, whatever is longer in each step.
	Limit float64 `json:"limit_us"`
}

// carrySaveGain is how much faster than the loop of the peak the carry-save form of
// binary products can be: it takes 5 instructions where xor, popcount and add take 6.
const carrySaveGain = 1.2

// cacheBuffer fits into the second-level cache.
const cacheBuffer = 512 << 10

// profile measures the steps of a network.
func (c *comparison) profile(ctx context.Context, name string) (*networkProfile, error) {
	f, err := read(filepath.Join(c.zoo, name+".onnx"))
	if err != nil {
		return nil, err
	}
	m, err := convert(ctx, f)
	if err != nil {
		return nil, err
	}
	inputs, err := c.image(name, f)
	if err != nil {
		return nil, err
	}
	features := isa.Detect()
	p, err := newParts(m, inputs, features)
	if err != nil {
		return nil, err
	}
	defer p.in.Close()
	cache := &reading{features: features, buffer: touched(cacheBuffer)}
	if err := interleave(ctx, max(c.time, time.Millisecond), p, cache); err != nil {
		return nil, err
	}
	if features.Has(isa.AVX512Popcnt) {
		p.binary *= carrySaveGain
	}
	return &networkProfile{Network: name, Kinds: p.kinds(cache.best)}, nil
}

// kinds adds up the steps by what they do.
func (p *parts) kinds(bandwidth float64) []kind {
	var list []kind
	for i, op := range p.ops {
		at := slices.IndexFunc(list, func(k kind) bool { return k.Op == op.Op })
		if at < 0 {
			at = len(list)
			list = append(list, kind{Op: op.Op})
		}
		k := &list[at]
		k.Steps++
		k.Time += 1e3 * p.best[i]
		macs, binary := bench.MultiplyAdds(op)
		peak := p.float
		if binary {
			peak = p.binary
		}
		k.Limit += 1e6 * max(float64(macs)/peak, float64(bench.Bytes(op))/bandwidth)
	}
	slices.SortStableFunc(list, func(a, b kind) int { return cmp.Compare(b.Time, a.Time) })
	return list
}

// total adds up all kinds.
func (p *networkProfile) total() (time, limit float64) {
	for _, k := range p.Kinds {
		time, limit = time+k.Time, limit+k.Limit
	}
	return time, limit
}
