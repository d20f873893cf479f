package bits

import (
	"fmt"
	"math"
	mathbits "math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
	"pgregory.net/rapid"
)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// usable lists the kernels that this CPU can run.
func usable() []signKernel {
	var list []signKernel
	for _, k := range signKernels() {
		if isa.Detect().Has(k.needs) {
			list = append(list, k)
		}
	}
	return list
}

// sign is the definition of Bsign for one element: true for -1.
func sign(x, t float32, negate, greater, invert bool) bool {
	if negate {
		x = -x
	}
	plus := x >= t
	if greater {
		plus = x > t
	}
	return plus == invert
}

// special are values where comparisons go wrong.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
	math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
	math.Float32frombits(0xffc00001),
}

func TestSign(t *testing.T) {
	r := random(1)
	pools := []*parallel.Pool{nil, parallel.New(2), parallel.New(5)}
	for _, k := range usable() {
		for _, cols := range []int{1, 2, 31, 32, 33, 63, 64, 65, 100, 160, 8192, 8225, 12288} {
			for _, perChannel := range []int{0, 1, cols} {
				for flags := range 8 {
					negated, greater, invert := flags&1 != 0, flags&2 != 0, flags&4 != 0
					name := fmt.Sprintf("%s cols %d thresholds %d negate %v greater %v invert %v", k.name, cols, perChannel, negated, greater, invert)
					rows := 1 + r.IntN(7)
					if cols > 2*tileElements {
						rows = 2
					}
					if cols > 1000 && flags%3 != 0 {
						continue
					}
					if flags == 0 && cols < 1000 {
						rows = 400 // several tiles
					}
					s := Sign{Greater: greater, Invert: invert}
					for range perChannel {
						s.Threshold = append(s.Threshold, pick(r))
					}
					if negated {
						s.Negate = make([]uint32, Words(cols))
						for c := range cols {
							s.Negate[c/32] |= r.Uint32() & 1 << (c % 32)
						}
					}
					src := make([]float32, rows*cols)
					want := make([]uint32, rows*Words(cols))
					for i := range src {
						src[i] = pick(r)
						c := i % cols
						var th float32
						if perChannel > 0 {
							th = s.Threshold[c%perChannel]
						}
						if sign(src[i], th, negated && s.Negate[c/32]>>(c%32)&1 != 0, greater, invert) {
							want[i/cols*Words(cols)+c/32] |= 1 << (c % 32)
						}
					}
					for _, p := range pools {
						got := make([]uint32, len(want)+2)
						got[0], got[len(got)-1] = 0xabcdef01, 0x10fedcba
						newSigner(cols, s, k, p.Threads()).Run(p, got[1:len(got)-1:len(got)-1], src)
						if got[0] != 0xabcdef01 || got[len(got)-1] != 0x10fedcba {
							t.Fatalf("%s: wrote outside the output", name)
						}
						if got = got[1 : len(got)-1]; !slices.Equal(got, want) {
							t.Fatalf("%s: %#x, want %#x", name, got, want)
						}
					}
				}
			}
		}
	}
}

// pick gives a special value half of the time.
func pick(r *rand.Rand) float32 {
	if r.IntN(2) == 0 {
		return special[r.IntN(len(special))]
	}
	return float32(r.IntN(9)-4) / 2
}

func TestPackUnpackInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.IntRange(1, 200).Draw(t, "cols")
		rows := rapid.IntRange(0, 5).Draw(t, "rows")
		signs := rapid.SliceOfN(rapid.Bool(), rows*cols, rows*cols).Draw(t, "signs")
		want := make([]float32, rows*cols)
		for i, minus := range signs {
			want[i] = 1
			if minus {
				want[i] = -1
			}
		}
		packed := make([]uint32, rows*Words(cols))
		NewSigner(cols, Sign{}, isa.Detect(), 1).Run(nil, packed, want)
		for i := range rows {
			if tail := packed[(i+1)*Words(cols)-1] &^ TailMask(cols); tail != 0 {
				t.Fatalf("row %d: tail bits %#x, want 0", i, tail)
			}
		}
		got := make([]float32, rows*cols)
		Unpack(got, packed, cols)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestDotIsPopcount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		r := random(rapid.Uint64().Draw(t, "seed"))
		a, b := make([]float32, n), make([]float32, n)
		want := 0
		for i := range a {
			a[i], b[i] = float32(r.IntN(2)*2-1), float32(r.IntN(2)*2-1)
			want += int(a[i] * b[i])
		}
		pa, pb := make([]uint32, Words(n)), make([]uint32, Words(n))
		g := NewSigner(n, Sign{}, isa.Detect(), 1)
		g.Run(nil, pa, a)
		g.Run(nil, pb, b)
		got := n
		for i := range pa {
			got -= 2 * mathbits.OnesCount32(pa[i]^pb[i])
		}
		if got != want {
			t.Fatalf("n - 2*popcount = %d, want %d", got, want)
		}
	})
}

func TestCopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 150).Draw(t, "n")
		srcBit, dstBit := rapid.IntRange(0, 70).Draw(t, "src"), rapid.IntRange(0, 70).Draw(t, "dst")
		if rapid.Bool().Draw(t, "aligned") {
			srcBit, dstBit = srcBit&^31, dstBit&^31
		}
		r := random(rapid.Uint64().Draw(t, "seed"))
		src, dst := make([]uint32, Words(srcBit+n)), make([]uint32, Words(dstBit+n)+1)
		for i := range src {
			src[i] = r.Uint32()
		}
		for i := range dst {
			dst[i] = r.Uint32()
		}
		want := slices.Clone(dst)
		for i := range n {
			v := src[(srcBit+i)/32] >> ((srcBit + i) % 32) & 1
			p := &want[(dstBit+i)/32]
			*p = *p&^(1<<((dstBit+i)%32)) | v<<((dstBit+i)%32)
		}
		Copy(dst, dstBit, src, srcBit, n)
		if !slices.Equal(dst, want) {
			t.Fatalf("got %#x, want %#x", dst, want)
		}
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	const cols, rows = 70, 300
	p := parallel.New(2)
	defer p.Close()
	src, dst := make([]float32, rows*cols), make([]uint32, rows*Words(cols))
	for _, k := range usable() {
		g := newSigner(cols, Sign{}, k, 2)
		if got := testing.AllocsPerRun(50, func() { g.Run(p, dst, src) }); got != 0 {
			t.Errorf("%s: %v allocations, want 0", k.name, got)
		}
	}
}

// TestUnpack compares every kernel with the definition, and their rows with a guard
// around them.
func TestUnpack(t *testing.T) {
	r := random(3)
	pools := []*parallel.Pool{nil, parallel.New(2), parallel.New(5)}
	for _, k := range unpackKernels() {
		if !isa.Detect().Has(k.needs) {
			continue
		}
		for _, cols := range []int{1, 31, 32, 33, 64, 70, 100, 160, 8192, 8225, 12288} {
			for _, rows := range []int{0, 1, 5, 300} {
				if cols > 1000 && rows > 5 {
					continue
				}
				src := make([]uint32, rows*Words(cols))
				for i := range src {
					src[i] = r.Uint32()
				}
				want := make([]float32, rows*cols)
				for i := range want {
					c := i % cols
					want[i] = 1 - 2*float32(src[i/cols*Words(cols)+c/32]>>(c%32)&1)
				}
				for _, p := range pools {
					got := make([]float32, len(want)+2)
					got[0], got[len(got)-1] = 7, 8
					newUnpacker(cols, k).Run(p, got[1:len(got)-1:len(got)-1], src)
					if got[0] != 7 || got[len(got)-1] != 8 {
						t.Fatalf("%s: cols %d rows %d: wrote outside the output", k.name, cols, rows)
					}
					if !slices.Equal(got[1:len(got)-1], want) {
						t.Fatalf("%s: cols %d rows %d: the values differ", k.name, cols, rows)
					}
				}
			}
		}
	}
}

// TestTiling holds tiles to a size that a call of assembly does in some microseconds, and
// all of them together to each word once.
func TestTiling(t *testing.T) {
	for _, shape := range [][2]int{{0, 5}, {1, 1}, {7, 31}, {5000, 3}, {300, 64}, {3, 4096}, {4, 8192}, {4, 8193}, {2, 100_001}, {1, 1 << 22}} {
		rows, cols := shape[0], shape[1]
		l := newTiling(rows, cols)
		next := 0 // word behind those of the tiles so far
		for i := range l.tiles() {
			first, n, lo, hi := l.tile(i)
			if got := n * (hi - lo) * 32; got > 2*tileElements+32*n || n < 1 || hi <= lo {
				t.Errorf("%d rows of %d: tile %d has %d elements", rows, cols, i, got)
			}
			if first*l.words+lo != next || n > 1 && (lo > 0 || hi < l.words) {
				t.Fatalf("%d rows of %d: tile %d is %d rows from %d on, words %d to %d", rows, cols, i, n, first, lo, hi)
			}
			next = (first+n-1)*l.words + hi
		}
		if next != rows*l.words {
			t.Errorf("%d rows of %d: tiles end at word %d of %d", rows, cols, next, rows*l.words)
		}
	}
}

// BenchmarkSign reports the best run; the input is in the second-level cache.
func BenchmarkSign(b *testing.B) {
	const cols, rows = 64, 56 * 56
	src, dst := make([]float32, rows*cols), make([]uint32, rows*Words(cols))
	for i := range src {
		src[i] = float32(i%7) - 3
	}
	for _, k := range usable() {
		for _, tc := range []struct {
			name string
			sign Sign
		}{
			{"zero", Sign{}},
			{"channels", Sign{Threshold: make([]float32, cols)}},
			{"negated", Sign{Threshold: make([]float32, cols), Negate: make([]uint32, 2)}},
		} {
			b.Run(k.name+"/"+tc.name, func(b *testing.B) {
				g := newSigner(cols, tc.sign, k, 1)
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					g.Run(nil, dst, src)
					best = min(best, time.Since(start))
				}
				b.ReportMetric(rows*cols/best.Seconds()/1e9, "Gfloat/s")
			})
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	const cols, rows = 64, 56 * 56
	dst, src := make([]float32, rows*cols), make([]uint32, rows*Words(cols))
	for _, k := range unpackKernels() {
		if !isa.Detect().Has(k.needs) {
			continue
		}
		b.Run(k.name, func(b *testing.B) {
			u := newUnpacker(cols, k)
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				u.Run(nil, dst, src)
				best = min(best, time.Since(start))
			}
			b.ReportMetric(rows*cols/best.Seconds()/1e9, "Gfloat/s")
		})
	}
}
