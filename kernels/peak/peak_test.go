package peak

import (
	"testing"

	"github.com/lce-go/lce/kernels/isa"
)

// least is less than any loop does in a second, also in Go on an emulated and busy
// processor: only a wrong unit gives less.
const least = 1e3

// TestLoops runs every loop that this CPU has.
func TestLoops(t *testing.T) {
	f := isa.Detect()
	names := map[string]bool{}
	for _, loops := range [][]loop{binaryLoops(), floatLoops()} {
		for i, l := range loops {
			if l.name == "" || names[l.name] {
				t.Errorf("the name %q is empty or another loop's", l.name)
			}
			names[l.name] = true
			if !f.Has(l.needs) {
				continue
			}
			if got := pick(loops[i:], l.needs).measure(); got < least {
				t.Errorf("loop for %v: %g multiply-adds a second, want at least %g", l.needs, got, float64(least))
			}
		}
		if last := loops[len(loops)-1]; last.needs != 0 {
			t.Errorf("the last loop needs %v, want nothing", last.needs)
		}
	}
	buffer := make([]byte, 3*callBlocks*blockBytes+blockBytes+1) // whole calls, a block, and a rest
	for _, r := range readers() {
		if !f.Has(r.needs) {
			continue
		}
		if got := r.measure(buffer); got < least {
			t.Errorf("reading with %v: %g bytes a second, want at least %g", r.needs, got, float64(least))
		}
	}
	if got := Copy(1 << 20); got < least {
		t.Errorf("copy: %g bytes a second, want at least %g", got, float64(least))
	}
}

// The peaks of this machine, as a base for the shares that other benchmarks report.
func BenchmarkPeak(b *testing.B) {
	for _, m := range []struct {
		name    string
		measure func(isa.Features) float64
		f       isa.Features
	}{
		{"binary/best", Binary, isa.Detect()},
		{"binary/avx512", Binary, isa.Detect() &^ isa.AVX512Popcnt},
		{"binary/avx2", Binary, isa.Detect() & isa.AVX2},
		{"binary/generic", Binary, 0},
		{"float/best", Float, isa.Detect()},
		{"float/avx2", Float, isa.Detect() & isa.AVX2},
		{"float/generic", Float, 0},
	} {
		b.Run(m.name, func(b *testing.B) {
			best := 0.0
			for b.Loop() {
				best = max(best, m.measure(m.f))
			}
			b.ReportMetric(best/1e9, "GMAC/s")
		})
	}
}
