package bgemm

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// usable lists the kernels that this CPU can run.
func usable() []*Kernel {
	var list []*Kernel
	for _, k := range Kernels() {
		if isa.Detect().Has(k.Needs) {
			list = append(list, k)
		}
	}
	return list
}

// plain is the definition: a [m, k] times the transpose of b [n, k].
func plain(a, b []float32, m, n, k int) []float32 {
	y := make([]float32, 0, m*n)
	for i := range m {
		for j := range n {
			sum := float32(0)
			for c := range k {
				sum += a[i*k+c] * b[j*k+c]
			}
			y = append(y, sum)
		}
	}
	return y
}

func TestGrid(t *testing.T) {
	pools := []*parallel.Pool{nil, parallel.New(2), parallel.New(5)}
	r := ktest.Rand(1)
	n := 0
	for _, m := range append(ktest.Sizes(6), 100) {
		for _, channels := range append(ktest.Sizes(64), 2, 5, 16, 32, 40, 48, 96) {
			for _, k := range append(ktest.Sizes(32), 130, 200) {
				for _, mode := range []string{"constant b", "shared b", "batched b"} {
					n++
					checkGEMM(t, r.Uint64(), mode, n%3 == 0, m, channels, k, pools[n%len(pools)])
				}
			}
		}
	}
}

// checkGEMM compares all kernels with the definition, for activations of -1, 0 and +1 if
// two is set.
func checkGEMM(t *testing.T, seed uint64, mode string, two bool, m, n, k int, pool *parallel.Pool) {
	t.Helper()
	const batch = 2
	r := ktest.Rand(seed)
	p := Params{Batch: batch, M: m, N: n, K: k, SharedB: mode != "batched b", TwoPlanes: two}
	p.Pre, p.Clamp = Clamp{-5, 9}, Clamp{-3, float32(math.Inf(1))}
	if seed%2 == 0 {
		p.Pre, p.Clamp = NoClamp, NoClamp
	}
	for range n {
		p.Mul = append(p.Mul, float32(r.NormFloat64()))
		p.Bias = append(p.Bias, float32(r.NormFloat64()))
		p.Threshold = append(p.Threshold, int32(r.IntN(2*k+3)-k-1))
	}
	a := ktest.Signs(r, batch*m*k)
	second := slices.Clone(a)
	values := slices.Clone(a)
	if two {
		for i := range a {
			if r.IntN(5) == 0 && (seed%3 > 0 || i < len(a)/3) {
				second[i], values[i] = -a[i], 0
			}
		}
	}
	b := ktest.Signs(r, batch*n*k)
	if p.SharedB {
		b = b[:n*k]
	}
	var wantI []int32
	var wantF, signs []float32
	for i := range batch {
		bb := b
		if !p.SharedB {
			bb = b[i*n*k:]
		}
		for j, d := range plain(values[i*m*k:], bb, m, n, k) {
			o := j % n
			wantI = append(wantI, int32(d))
			v := float32(min(max(d, p.Pre.Min), p.Pre.Max) * p.Mul[o])
			wantF = append(wantF, min(max(v+p.Bias[o], p.Clamp.Min), p.Clamp.Max))
			sign := float32(1)
			if int32(d) < p.Threshold[o] {
				sign = -1
			}
			signs = append(signs, sign)
		}
	}
	wantB := ktest.Pack(signs, n)
	ab, bb := ktest.Pack(a, k), ktest.Pack(b, k)
	var ab2 []uint32
	if two {
		ab2 = ktest.Pack(second, k)
	}
	for _, kernel := range usable() {
		name := fmt.Sprintf("%s, %s, two planes %v, m %d n %d k %d, %d threads", kernel.Name, mode, two, m, n, k, pool.Threads())
		var constant []uint32
		if mode == "constant b" {
			constant = bb
		}
		g := newGEMM(p, constant, 0, kernel, pool)
		f, i, w := ktest.Guard[float32](len(wantF)), ktest.Guard[int32](len(wantI)), ktest.Guard[uint32](len(wantB))
		scratch := ktest.Guard[uint64](g.ScratchWords())
		g.RunTwo(pool, ab, ab2, bb, Outputs{F32: f.Data, I32: i.Data, Bits: w.Data}, scratch.Data)
		f.Check(t)
		i.Check(t)
		w.Check(t)
		scratch.Check(t)
		if !slices.Equal(f.Data, wantF) {
			t.Fatalf("%s: floats differ\n got %v\nwant %v", name, f.Data, wantF)
		}
		if !slices.Equal(i.Data, wantI) {
			t.Fatalf("%s: integers differ\n got %v\nwant %v", name, i.Data, wantI)
		}
		if !slices.Equal(w.Data, wantB) {
			t.Fatalf("%s: bits differ\n got %#x\nwant %#x", name, w.Data, wantB)
		}
	}
}

// TestLongRows crosses the limit of words that one call of the assembly takes.
func TestLongRows(t *testing.T) {
	for _, k := range []int{32 * 600, 32*1999 + 5, 32*4001 + 5} {
		for _, n := range []int{9, 33} {
			checkGEMM(t, 7, "constant b", true, 13, n, k, nil)
		}
	}
	checkGEMM(t, 7, "constant b", true, 5, 9, 32*9603+5, nil)
}

// TestExtremes has all bits differ, and none, in rows of a length at which counts need all
// 16 bits of a register's half.
func TestExtremes(t *testing.T) {
	const m, n, k = 15, 40, 32 * 1000
	a := make([]uint32, m*bits.Words(k))
	b := slices.Repeat([]uint32{^uint32(0)}, n*bits.Words(k))
	clear(b[:bits.Words(k)]) // of channel 0
	p := Params{Batch: 1, M: m, N: n, K: k, SharedB: true, Epilogue: Epilogue{Pre: NoClamp, Clamp: NoClamp}}
	for range n {
		p.Threshold = append(p.Threshold, -k+1)
	}
	for _, kernel := range usable() {
		g := newGEMM(p, b, 0, kernel, nil)
		out := Outputs{F32: make([]float32, m*n), I32: make([]int32, m*n), Bits: make([]uint32, m*bits.Words(n))}
		g.Run(nil, a, nil, out, nil)
		for i, dot := range out.I32 {
			want := int32(-k)
			if i%n == 0 {
				want = k
			}
			bit := out.Bits[i/n*bits.Words(n)+i%n/32] >> (i % n % 32) & 1
			if dot != want || out.F32[i] != float32(want) || bit == 1 != (want < -k+1) {
				t.Fatalf("%s: pixel %d, channel %d: %d, %v, bit %d, want %d", kernel.Name, i/n, i%n, dot, out.F32[i], bit, want)
			}
		}
	}
}

// TestZeroes holds the signs of zeros: without a bias nothing is added to a product
// of -0, and both kernels agree.
func TestZeroes(t *testing.T) {
	negative := float32(math.Copysign(0, -1))
	p := Params{Batch: 1, M: 1, N: 8, K: 2, SharedB: true, Epilogue: Epilogue{Pre: NoClamp, Clamp: NoClamp}}
	for range p.N {
		p.Mul = append(p.Mul, -1)
	}
	for _, tc := range []struct {
		name  string
		clamp Clamp
		bias  []float32
		want  float32
	}{
		{"no bias", NoClamp, nil, negative},
		{"bias 0", NoClamp, make([]float32, 8), 0},
		{"clamp at 0 keeps -0", Clamp{0, 6}, nil, negative},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := p
			p.Bias, p.Clamp = tc.bias, tc.clamp
			for _, k := range usable() {
				got := make([]float32, p.N)
				g := newGEMM(p, []uint32{1, 2, 1, 2, 1, 2, 1, 2}, 0, k, nil)
				g.Run(nil, []uint32{0}, nil, Outputs{F32: got}, nil)
				for o, v := range got {
					if math.Float32bits(v) != math.Float32bits(tc.want) {
						t.Fatalf("%s: channel %d is %v, want %v", k.Name, o, v, tc.want)
					}
				}
			}
		})
	}
}

// TestNaN holds that clamps let a NaN pass.
func TestNaN(t *testing.T) {
	p := Params{Batch: 1, M: 1, N: 8, K: 2, SharedB: true, Epilogue: Epilogue{Pre: NoClamp, Clamp: Clamp{0, 6}}}
	for range p.N {
		p.Mul = append(p.Mul, float32(math.Inf(1))) // times a sum of 0
	}
	for _, k := range usable() {
		got := make([]float32, p.N)
		newGEMM(p, []uint32{1, 2, 1, 2, 1, 2, 1, 2}, 0, k, nil).Run(nil, []uint32{0}, nil, Outputs{F32: got}, nil)
		for o, v := range got {
			if v == v {
				t.Fatalf("%s: channel %d is %v, want NaN", k.Name, o, v)
			}
		}
	}
}

// TestOddClamps holds that bounds which are NaN limit nothing and that zeros keep their signs,
// in every kernel.
func TestOddClamps(t *testing.T) {
	nan, inf, minus0 := float32(math.NaN()), float32(math.Inf(1)), float32(math.Copysign(0, -1))
	p := Params{Batch: 1, M: 1, N: 8, K: 2, SharedB: true}
	for range p.N {
		p.Mul = append(p.Mul, -1)
	}
	for _, tc := range []struct {
		name       string
		pre, clamp Clamp
		want       [3]float32 // for sums of 2, 0 and -2
	}{
		{"before, NaN", Clamp{nan, nan}, NoClamp, [3]float32{-2, minus0, 2}},
		{"before, at most -0", Clamp{-inf, minus0}, NoClamp, [3]float32{0, minus0, 2}},
		{"before, at least -0", Clamp{minus0, inf}, NoClamp, [3]float32{-2, minus0, 0}},
		{"before, at most 0", Clamp{-inf, 0}, NoClamp, [3]float32{minus0, minus0, 2}},
		{"after, NaN", NoClamp, Clamp{nan, nan}, [3]float32{-2, minus0, 2}},
		{"after, at most -1", NoClamp, Clamp{-inf, -1}, [3]float32{-2, -1, -1}},
		{"after, at least 0", NoClamp, Clamp{0, inf}, [3]float32{0, minus0, 2}},
		{"after, at least -0", NoClamp, Clamp{minus0, inf}, [3]float32{minus0, minus0, 2}},
		{"both", Clamp{-1, 1}, Clamp{-0.5, 0.5}, [3]float32{-0.5, minus0, 0.5}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := p
			p.Pre, p.Clamp = tc.pre, tc.clamp
			for _, k := range usable() {
				for i, b := range []uint32{0, 1, 3} {
					got := make([]float32, p.N)
					newGEMM(p, []uint32{b, b, b, b, b, b, b, b}, 0, k, nil).Run(nil, []uint32{0}, nil, Outputs{F32: got}, nil)
					for o, v := range got {
						if math.Float32bits(v) != math.Float32bits(tc.want[i]) {
							t.Fatalf("%s: sum %d, channel %d is %v, want %v", k.Name, 2-2*i, o, v, tc.want[i])
						}
					}
				}
			}
		})
	}
}

func TestSelect(t *testing.T) {
	for _, tc := range []struct {
		name     string
		channels int
		words    int
		f        isa.Features
		without  []string
		want     string
	}{
		{"no features", 64, 16, 0, nil, "generic"},
		{"few channels", Kernels()[0].least - 1, 16, ^isa.Features(0), nil, "generic"},
		{"best first", 64, 16, ^isa.Features(0), nil, Kernels()[0].Name},
		{"the best left out", 64, 16, ^isa.Features(0), []string{Kernels()[0].Name}, Kernels()[min(1, len(Kernels())-1)].Name},
		{"the generic one stays", 64, 16, 0, []string{"generic"}, "generic"},
		{"rows too long for a call", 64, maxRowWords + 1, ^isa.Features(0), nil, "generic"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Select(tc.f, &Layout{Pixels: 100, Channels: tc.channels, Runs: []int{0}, RunWords: tc.words}, tc.without).Name; got != tc.want {
				t.Errorf("Select gives %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	r := ktest.Rand(5)
	a, b := ktest.Pack(ktest.Signs(r, 100*70), 70), ktest.Pack(ktest.Signs(r, 80*70), 70)
	p := Params{Batch: 1, M: 100, N: 80, K: 70, SharedB: true, Epilogue: Epilogue{Pre: NoClamp, Clamp: NoClamp, Threshold: make([]int32, 80)}}
	for _, k := range usable() {
		g := newGEMM(p, nil, 0, k, pool)
		out := Outputs{F32: make([]float32, 8000), I32: make([]int32, 8000), Bits: make([]uint32, 100*bits.Words(80))}
		scratch := make([]uint64, g.ScratchWords())
		if got := testing.AllocsPerRun(20, func() { g.Run(pool, a, b, out, scratch) }); got != 0 {
			t.Errorf("%s: %v allocations, want 0", k.Name, got)
		}
	}
}

func BenchmarkGEMV(b *testing.B) {
	const n, k = 4096, 4096
	r := ktest.Rand(6)
	x, w := ktest.Pack(ktest.Signs(r, k), k), ktest.Pack(ktest.Signs(r, n*k), k)
	for _, kernel := range usable() {
		b.Run(kernel.Name, func(b *testing.B) {
			g := newGEMM(Params{Batch: 1, M: 1, N: n, K: k, SharedB: true, Epilogue: Epilogue{Pre: NoClamp, Clamp: NoClamp}}, w, 0, kernel, nil)
			out := Outputs{F32: make([]float32, n)}
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				g.Run(nil, x, nil, out, nil)
				best = min(best, time.Since(start))
			}
			b.ReportMetric(n*k/best.Seconds()/1e9, "GMAC/s")
		})
	}
}
