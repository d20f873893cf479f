// Package peak measures what one core does at best: loops of nothing but the
// arithmetic of the kernels, on registers. Clocks change from second to second, so a
// share of the peak is meaningful only if both were measured side by side.
package peak

import (
	"math/bits"
	"runtime"
	"slices"
	"time"

	"github.com/lce-go/lce/kernels/isa"
)

// loop is a peak loop: run(n) does n*macs multiply-adds.
type loop struct {
	name  string
	needs isa.Features
	macs  int
	n     int // takes about 30 microseconds
	run   func(n int)
}

// Binary measures binary multiply-adds a second for about 30 microseconds: xor,
// popcount and add with AVX512Popcnt, look-up of 4 bits in tables for two pixels and
// add with AVX512 or AVX2, xor, popcount and add of 64-bit words otherwise. The best loop that f allows is taken; f
// must not have what the CPU lacks.
func Binary(f isa.Features) float64 { return pick(binaryLoops(), f).measure() }

// Float measures float32 multiply-adds a second, with FMA instructions where there is
// a loop for them, as Binary does.
func Float(f isa.Features) float64 { return pick(floatLoops(), f).measure() }

// Names say what the loops of Binary and Float consist of.
func Names(f isa.Features) (binary, float string) {
	return pick(binaryLoops(), f).name, pick(floatLoops(), f).name
}

func pick(loops []loop, f isa.Features) loop {
	i := slices.IndexFunc(loops, func(l loop) bool { return f.Has(l.needs) })
	if i < 0 {
		panic("peak: no generic loop")
	}
	return loops[i]
}

func (l loop) measure() float64 {
	start := time.Now()
	l.run(l.n)
	return float64(l.n*l.macs) / max(time.Since(start).Seconds(), 1e-9)
}

// Copy measures the bytes a second that a copy of n bytes reads and writes, from and
// to memory that was touched before. It is the best of several, and allocates 2n bytes.
func Copy(n int) float64 {
	src, dst := make([]byte, n), make([]byte, n)
	for i := range src {
		src[i] = byte(i)
	}
	copy(dst, src)
	best := 0.0
	for range 5 {
		start := time.Now()
		copy(dst, src)
		best = max(best, 2*float64(n)/max(time.Since(start).Seconds(), 1e-9))
	}
	return best
}

var binaryGeneric = loop{name: "xor, popcount and add of 64 bits", macs: 8 * 64, n: 2000, run: func(n int) {
	a := uint64(n)
	var c0, c1, c2, c3 int
	for i := range n {
		w := uint64(i) * 0x9e3779b97f4a7c15
		c0 += bits.OnesCount64(a^w) + bits.OnesCount64(w^(a+1))
		c1 += bits.OnesCount64(w^(a+2)) + bits.OnesCount64(w^(a+3))
		c2 += bits.OnesCount64(w^(a+4)) + bits.OnesCount64(w^(a+5))
		c3 += bits.OnesCount64(w^(a+6)) + bits.OnesCount64(w^(a+7))
	}
	runtime.KeepAlive(c0 + c1 + c2 + c3)
}}

var floatGeneric = loop{name: "multiplications and additions", macs: 8, n: 4000, run: func(n int) {
	var s [8]float32
	x := 1 / float32(n) // sums stay near x: no denormal numbers, no infinities
	for range n {
		s[0] = float32(s[0]*x) + x
		s[1] = float32(s[1]*x) + x
		s[2] = float32(s[2]*x) + x
		s[3] = float32(s[3]*x) + x
		s[4] = float32(s[4]*x) + x
		s[5] = float32(s[5]*x) + x
		s[6] = float32(s[6]*x) + x
		s[7] = float32(s[7]*x) + x
	}
	runtime.KeepAlive(s)
}}
