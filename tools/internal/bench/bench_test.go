package bench

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

func durations(values ...int) []time.Duration {
	list := make([]time.Duration, len(values))
	for i, v := range values {
		list[i] = time.Duration(v)
	}
	return list
}

func sequence(n int) []time.Duration {
	list := make([]time.Duration, n)
	for i := range list {
		list[i] = time.Duration(i + 1)
	}
	return list
}

func TestMedianAndPercentile(t *testing.T) {
	tests := []struct {
		name        string
		sorted      []time.Duration
		median, p95 time.Duration
	}{
		{"one", durations(7), 7, 7},
		{"two", durations(2, 8), 5, 8},
		{"odd", durations(1, 3, 100), 3, 100},
		{"even", durations(1, 3, 6, 100), 4, 100},
		{"equal", durations(5, 5, 5, 5), 5, 5},
		{"19", sequence(19), 10, 19},
		{"20", sequence(20), 10, 19},
		{"21", sequence(21), 11, 20},
		{"100", sequence(100), 50, 95},
		{"101", sequence(101), 51, 96},
		{"no overflow", []time.Duration{1 << 62, 1<<62 + 2}, 1<<62 + 1, 1<<62 + 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := median(tt.sorted); got != tt.median {
				t.Errorf("median = %d, want %d", got, tt.median)
			}
			if got := percentile(tt.sorted, 95); got != tt.p95 {
				t.Errorf("percentile 95 = %d, want %d", got, tt.p95)
			}
			if got, want := percentile(tt.sorted, 100), tt.sorted[len(tt.sorted)-1]; got != want {
				t.Errorf("percentile 100 = %d, want %d", got, want)
			}
		})
	}
}

// TestPercentileRank checks the definition: p percent of the samples are not above it,
// and of the samples below it none has that property.
func TestPercentileRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := rapid.IntRange(1, 500).Draw(t, "n"), rapid.IntRange(1, 100).Draw(t, "p")
		got := int(percentile(sequence(n), p)) // the value i has i samples that are not above it
		if 100*got < p*n || 100*(got-1) >= p*n {
			t.Errorf("percentile %d of 1 to %d is %d", p, n, got)
		}
	})
}

func TestBudget(t *testing.T) {
	tests := []struct {
		name    string
		b       budget
		done    int
		elapsed time.Duration
		want    bool
	}{
		{"runs left", budget{runs: 3, time: 1}, 2, time.Hour, true},
		{"runs done", budget{runs: 3, time: time.Hour}, 3, 0, false},
		{"runs above the limit", budget{runs: 20}, 10, 0, false},
		{"time left", budget{time: 5}, 9, 4, true},
		{"time over", budget{time: 5}, 9, 5, false},
		{"one run at least", budget{time: 5}, 0, 6, true},
		{"time left, limit reached", budget{time: 5}, 10, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.b.more(tt.done, 10, tt.elapsed); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// info describes a tensor of 32-bit elements, or of bits.
func info(d schema.DType, constant bool, shape ...int) interpreter.TensorInfo {
	bytes := 4
	for i, n := range shape {
		if d == schema.Bits && i == len(shape)-1 {
			n = (n + 31) / 32
		}
		bytes *= n
	}
	return interpreter.TensorInfo{DType: d, Shape: shape, Bytes: bytes, Constant: constant}
}

func TestMultiplyAddsAndBytes(t *testing.T) {
	list := func(infos ...interpreter.TensorInfo) []interpreter.TensorInfo { return infos }
	const f, b = schema.Float32, schema.Bits
	tests := []struct {
		name   string
		op     interpreter.OpInfo
		macs   int64
		binary bool
		bytes  int64
	}{
		{"float convolution", interpreter.OpInfo{Options: &schema.Conv2DOptions{Groups: 1},
			Inputs:  list(info(f, false, 1, 28, 28, 3), info(f, true, 32, 3, 5, 3), info(f, true, 32)),
			Outputs: list(info(f, false, 1, 14, 14, 32))}, 14 * 14 * 32 * 3 * 5 * 3, false,
			4 * (28*28*3 + 32*3*5*3 + 32 + 14*14*32)},
		{"depthwise, packed", interpreter.OpInfo{Options: &schema.Conv2DOptions{Groups: 8}, Packed: 1000,
			Inputs:  list(info(f, false, 2, 5, 5, 8), info(f, true, 8, 3, 3, 1), info(f, true, 8)),
			Outputs: list(info(f, false, 2, 5, 5, 8))}, 2 * 5 * 5 * 8 * 9, false,
			4*(2*5*5*8+8+2*5*5*8) + 1000},
		{"binary convolution in 2 groups, both outputs", interpreter.OpInfo{Options: &schema.BConv2DOptions{Groups: 2},
			Inputs:  list(info(b, false, 1, 7, 7, 64), info(b, true, 16, 3, 3, 32)),
			Outputs: list(info(f, false, 1, 7, 7, 16), info(b, false, 1, 7, 7, 16))}, 7 * 7 * 16 * 9 * 32, true,
			4 * (7*7*2 + 16*9 + 7*7*16 + 7*7)},
		{"convolution whose first output is absent", interpreter.OpInfo{Options: &schema.BConv2DOptions{Groups: 1},
			Inputs:  list(info(b, false, 1, 2, 2, 32), info(b, true, 4, 1, 1, 32)),
			Outputs: list(interpreter.TensorInfo{}, info(b, false, 1, 2, 2, 4))}, 2 * 2 * 4 * 32, true,
			4 * (2*2 + 4 + 2*2)},
		{"binary product", interpreter.OpInfo{Options: &schema.BGEMMOptions{},
			Inputs:  list(info(b, false, 3, 1000), info(b, true, 10, 1000)),
			Outputs: list(info(f, false, 3, 10))}, 3 * 10 * 1000, true, 4 * (3*32 + 10*32 + 30)},
		{"batched product", interpreter.OpInfo{Options: &schema.MatMulOptions{},
			Inputs:  list(info(f, false, 6, 2, 5), info(f, false, 6, 5, 7)),
			Outputs: list(info(f, false, 6, 2, 7))}, 6 * 2 * 7 * 5, false, 4 * (60 + 210 + 84)},
		{"product with the left side transposed", interpreter.OpInfo{Options: &schema.MatMulOptions{TransposeA: true},
			Inputs:  list(info(f, false, 5, 2), info(f, false, 5, 7)),
			Outputs: list(info(f, false, 2, 7))}, 2 * 7 * 5, false, 4 * (10 + 35 + 14)},
		{"product of vectors", interpreter.OpInfo{Options: &schema.MatMulOptions{},
			Inputs:  list(info(f, false, 9), info(f, false, 9)),
			Outputs: list(info(f, false))}, 9, false, 4 * 19},
		{"empty batch", interpreter.OpInfo{Options: &schema.MatMulOptions{},
			Inputs:  list(info(f, false, 0, 5), info(f, true, 5, 7)),
			Outputs: list(info(f, false, 0, 7))}, 0, false, 4 * 35},
		{"pool", interpreter.OpInfo{Options: &schema.Pool2DOptions{},
			Inputs:  list(info(f, false, 1, 4, 4, 8)),
			Outputs: list(info(f, false, 1, 2, 2, 8))}, 0, false, 4 * (128 + 32)},
		{"sum", interpreter.OpInfo{Options: &schema.BinaryOptions{Kind: schema.Add},
			Inputs:  list(info(f, false, 4, 4), info(f, true, 4)),
			Outputs: list(info(f, false, 4, 4))}, 0, false, 4 * (16 + 4 + 16)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			macs, binary := MultiplyAdds(tt.op)
			if macs != tt.macs || binary != tt.binary {
				t.Errorf("MultiplyAdds = %d, binary %v, want %d, %v", macs, binary, tt.macs, tt.binary)
			}
			if got := Bytes(tt.op); got != tt.bytes {
				t.Errorf("Bytes = %d, want %d", got, tt.bytes)
			}
		})
	}
}

func TestGigaPerSecond(t *testing.T) {
	if got := gigaPerSecond(3_000_000, time.Millisecond); got != 3 {
		t.Errorf("3e6 in 1 ms: got %v, want 3", got)
	}
	if got := gigaPerSecond(5, 0); got != 0 {
		t.Errorf("5 in no time: got %v, want 0", got)
	}
}

// TestProfile checks medians by operator, and that the typical run is a whole one.
func TestProfile(t *testing.T) {
	p := &profile{ops: make([]interpreter.OpInfo, 2)}
	p.add(interpreter.Timing{Duration: 1}) // warm-up: not recorded
	for _, run := range [][]time.Duration{{10, 1}, {30, 2}, {20, 90}} {
		p.begin()
		for i, d := range run {
			p.add(interpreter.Timing{Index: i, Duration: d})
		}
	}
	times, total := p.times()
	if diff := cmp.Diff(times, durations(20, 2)); diff != "" || total != 22 {
		t.Errorf("total %d, want 22; times (-got +want):\n%s", total, diff)
	}
	var typical []time.Duration
	for _, s := range p.typical() {
		typical = append(typical, s.duration)
	}
	if diff := cmp.Diff(typical, durations(30, 2)); diff != "" {
		t.Errorf("typical run (-got +want):\n%s", diff)
	}
}
