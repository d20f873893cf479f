package bconv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// randomParams draws a convolution: sizes that are not whole words or tiles, pads
// that may be larger than the map, every pad value.
func randomParams(r *rand.Rand) Params {
	pick := func(list ...int) int { return list[r.IntN(len(list))] }
	kernels := [][2]int{{1, 1}, {2, 2}, {3, 3}, {2, 5}, {5, 2}, {5, 5}, {1, 3}, {7, 7}}
	for {
		k := kernels[r.IntN(len(kernels))]
		p := Params{
			Batch: pick(1, 1, 2, 3), H: 1 + r.IntN(7), W: 1 + r.IntN(7),
			KernelH: k[0], KernelW: k[1], StrideH: pick(1, 1, 2, 3), StrideW: pick(1, 1, 2, 3),
			DilationH: pick(1, 1, 1, 2, 3), DilationW: pick(1, 1, 1, 2, 3),
			Groups: 1, PadValue: r.IntN(3) - 1,
		}
		most := 200
		if k[0]*k[1] >= 25 {
			most = 70 // keeps the plain convolution of the test quick
		}
		switch r.IntN(4) {
		case 0: // groups
			p.Groups = pick(2, 3, 4)
			p.C, p.O = p.Groups*(1+r.IntN(most/p.Groups)), p.Groups*(1+r.IntN(40/p.Groups))
		case 1: // depthwise
			p.Groups = 1 + r.IntN(70)
			p.C, p.O = p.Groups, p.Groups*pick(1, 1, 2)
		default:
			p.C, p.O = 1+r.IntN(most), pick(1, 3, 8, 16, 31, 32, 33, 63, 64, 65, 100, 130)
		}
		if r.IntN(4) > 0 {
			for _, pad := range []*int{&p.PadTop, &p.PadLeft, &p.PadBottom, &p.PadRight} {
				*pad = pick(0, 1, 1, 2, r.IntN(9))
			}
		}
		p.OutH = (p.H+p.PadTop+p.PadBottom-(p.KernelH-1)*p.DilationH-1)/p.StrideH + 1
		p.OutW = (p.W+p.PadLeft+p.PadRight-(p.KernelW-1)*p.DilationW-1)/p.StrideW + 1
		fits := p.H+p.PadTop+p.PadBottom > (p.KernelH-1)*p.DilationH && p.W+p.PadLeft+p.PadRight > (p.KernelW-1)*p.DilationW
		if fits && p.OutH*p.OutW*p.O*p.Batch*p.C/p.Groups*p.KernelH*p.KernelW < 1<<20 {
			return p
		}
	}
}

// randomEpilogue draws factors that may be negative, zero or infinite.
func randomEpilogue(r *rand.Rand, channels, k int) bgemm.Epilogue {
	e := bgemm.Epilogue{Pre: bgemm.NoClamp, Clamp: bgemm.NoClamp}
	if r.IntN(4) > 0 {
		e.Mul = make([]float32, channels)
		for i := range e.Mul {
			e.Mul[i] = float32(r.NormFloat64())
			switch r.IntN(12) {
			case 0:
				e.Mul[i] = 0
			case 1:
				e.Mul[i] = float32(math.Inf(r.IntN(2) - 1))
			}
		}
	}
	if r.IntN(4) > 0 {
		e.Bias = make([]float32, channels)
		for i := range e.Bias {
			e.Bias[i] = float32(r.NormFloat64())
		}
	}
	if r.IntN(3) == 0 {
		e.Pre = bgemm.Clamp{Min: float32(-r.IntN(k + 1)), Max: float32(r.IntN(k + 1))}
	}
	if r.IntN(3) == 0 {
		e.Clamp = bgemm.Clamp{Min: 0, Max: float32(math.Inf(1))}
	}
	e.Threshold = make([]int32, channels)
	for i := range e.Threshold {
		e.Threshold[i] = int32(r.IntN(2*k+3) - k - 1)
		switch r.IntN(12) {
		case 0:
			e.Threshold[i] = math.MinInt32
		case 1:
			e.Threshold[i] = math.MaxInt32
		}
	}
	return e
}

// plainConv is the definition: a convolution of float32 maps in NHWC and OHWI.
func plainConv(p *Params, x, w []float32) []float32 {
	perGroup, outPerGroup := p.C/p.Groups, p.O/p.Groups
	y := make([]float32, 0, p.Batch*p.OutH*p.OutW*p.O)
	for n := range p.Batch {
		for oy := range p.OutH {
			for ox := range p.OutW {
				for o := range p.O {
					sum := float32(0)
					first := o / outPerGroup * perGroup
					for ky := range p.KernelH {
						for kx := range p.KernelW {
							iy, ix := oy*p.StrideH+ky*p.DilationH-p.PadTop, ox*p.StrideW+kx*p.DilationW-p.PadLeft
							inside := iy >= 0 && iy < p.H && ix >= 0 && ix < p.W
							ws := w[((o*p.KernelH+ky)*p.KernelW+kx)*perGroup:][:perGroup]
							for c, wv := range ws {
								v := float32(p.PadValue)
								if inside {
									v = x[((n*p.H+iy)*p.W+ix)*p.C+first+c]
								}
								sum += v * wv
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

// want applies the epilogue to exact sums.
func want(p *Params, dots []float32) (f []float32, i []int32, b []uint32) {
	clamp := func(c bgemm.Clamp, v float32) float32 {
		if v < c.Min {
			return c.Min
		}
		if v > c.Max {
			return c.Max
		}
		return v
	}
	signs := make([]float32, len(dots))
	for n, d := range dots {
		o := n % p.O
		i = append(i, int32(d))
		signs[n] = 1
		if int32(d) < p.Threshold[o] {
			signs[n] = -1
		}
		v := clamp(p.Pre, d)
		if p.Mul != nil {
			v *= p.Mul[o]
		}
		if p.Bias != nil {
			v = float32(v) + p.Bias[o]
		}
		f = append(f, clamp(p.Clamp, v))
	}
	return f, i, ktest.Pack(signs, p.O)
}

// sameFloats compares by value; NaNs are equal.
func sameFloats(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// TestGrid compares every kernel of this CPU, with 1, 2 and 5 threads, with a plain
// float convolution.
func TestGrid(t *testing.T) {
	const cases = 2200
	pools := []*parallel.Pool{nil, parallel.New(2), parallel.New(5)}
	r := ktest.Rand(1)
	for n := range cases {
		p := randomParams(r)
		p.Epilogue = randomEpilogue(r, p.O, p.C/p.Groups*p.KernelH*p.KernelW)
		x := ktest.Signs(r, p.Batch*p.H*p.W*p.C)
		w := ktest.Signs(r, p.O*p.KernelH*p.KernelW*p.C/p.Groups)
		values, second := slices.Clone(x), slices.Clone(x)
		two, few := n%3 == 0, n%2 == 0
		p.TwoPlanes = two
		for i := range x {
			if two && r.IntN(4) == 0 && (!few || i < len(x)/3) {
				values[i], second[i] = 0, -x[i]
			}
		}
		wantF, wantI, wantB := want(&p, plainConv(&p, values, w))
		xb, wb := ktest.Pack(x, p.C), ktest.Pack(w, p.C/p.Groups)
		secondB := ktest.Pack(second, p.C)
		kernels := bgemm.Kernels()
		if p.Groups > 1 && p.C == p.Groups && p.O == p.Groups {
			kernels = append(kernels, bgemm.DepthwiseKernels()...)
		}
		for _, k := range kernels {
			if !isa.Detect().Has(k.Needs) {
				continue
			}
			pool := pools[n%len(pools)]
			outputs := 1 + (n+n/7)%7
			name := fmt.Sprintf("case %d, %s, two planes %v, %d threads, outputs %03b, %+v", n, k.Name, two, pool.Threads(), outputs, p)
			c, err := newConv(p, wb, 0, k, pool)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			f, i, b := ktest.Guard[float32](len(wantF)), ktest.Guard[int32](len(wantI)), ktest.Guard[uint32](len(wantB))
			planes := 1
			if two {
				planes = 2
			}
			scratch := ktest.Guard[uint32](planes * c.ScratchWords())
			var out bgemm.Outputs
			if outputs&1 != 0 {
				out.F32 = f.Data
			}
			if outputs&2 != 0 {
				out.I32 = i.Data
			}
			if outputs&4 != 0 {
				out.Bits = b.Data
			}
			if two {
				c.RunTwo(pool, xb, secondB, out, scratch.Data)
			} else {
				c.Run(pool, xb, out, scratch.Data)
			}
			f.Check(t)
			i.Check(t)
			b.Check(t)
			scratch.Check(t)
			if out.F32 != nil && !sameFloats(out.F32, wantF) {
				t.Fatalf("%s: floats differ\n got %v\nwant %v", name, out.F32, wantF)
			}
			if out.I32 != nil && !slices.Equal(out.I32, wantI) {
				t.Fatalf("%s: integers differ\n got %v\nwant %v", name, out.I32, wantI)
			}
			if out.Bits != nil && !slices.Equal(out.Bits, wantB) {
				t.Fatalf("%s: bits differ\n got %#x\nwant %#x", name, out.Bits, wantB)
			}
		}
	}
}

// TestManyTaps has as many taps as a call of the assembly takes for few pixels or not at all.
func TestManyTaps(t *testing.T) {
	r := ktest.Rand(4)
	for _, taps := range []int{600, 4100, 8100} {
		const channels, pixels = 40, 5
		p := Params{
			Batch: 1, H: 1, W: taps + pixels - 1, C: channels, OutH: 1, OutW: pixels, O: channels, KernelH: 1, KernelW: taps,
			StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: channels,
		}
		p.Epilogue = randomEpilogue(r, channels, taps)
		x, w := ktest.Signs(r, p.W*channels), ktest.Signs(r, channels*taps)
		// Counts of one channel are as large as can be, those of another 0.
		for i := range taps {
			w[i], w[taps+i] = 1, 1
		}
		for i := range p.W {
			x[i*channels], x[i*channels+1] = -1, 1
		}
		_, wantI, wantB := want(&p, plainConv(&p, x, w))
		for _, k := range bgemm.DepthwiseKernels() {
			if !isa.Detect().Has(k.Needs) {
				continue
			}
			c, err := newConv(p, ktest.Pack(w, 1), 0, k, nil)
			if err != nil {
				t.Fatal(err)
			}
			i, b := ktest.Guard[int32](len(wantI)), ktest.Guard[uint32](len(wantB))
			c.Run(nil, ktest.Pack(x, channels), bgemm.Outputs{I32: i.Data, Bits: b.Data}, make([]uint32, c.ScratchWords()))
			i.Check(t)
			b.Check(t)
			if !slices.Equal(i.Data, wantI) || !slices.Equal(b.Data, wantB) {
				t.Errorf("%s, %d taps: sums %v, bits %#x, want %v and %#x", k.Name, taps, i.Data, b.Data, wantI, wantB)
			}
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	p := Params{
		Batch: 2, H: 9, W: 9, C: 70, OutH: 9, OutW: 9, O: 130, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1,
		DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, Groups: 1,
	}
	r := ktest.Rand(2)
	p.Epilogue = randomEpilogue(r, p.O, 630)
	x, w := ktest.Pack(ktest.Signs(r, 2*81*70), 70), ktest.Pack(ktest.Signs(r, 130*9*70), 70)
	second := ktest.Pack(ktest.Signs(r, 2*81*70), 70)
	p.TwoPlanes = true
	pool := parallel.New(2)
	defer pool.Close()
	for _, k := range bgemm.Kernels() {
		if !isa.Detect().Has(k.Needs) {
			continue
		}
		c, err := newConv(p, w, 0, k, pool)
		if err != nil {
			t.Fatal(err)
		}
		out := bgemm.Outputs{F32: make([]float32, 2*81*130), Bits: make([]uint32, 2*81*bits.Words(130))}
		scratch := make([]uint32, 2*c.ScratchWords())
		if got := testing.AllocsPerRun(20, func() { c.Run(pool, x, out, scratch) }); got != 0 {
			t.Errorf("%s: %v allocations, want 0", k.Name, got)
		}
		if got := testing.AllocsPerRun(20, func() { c.RunTwo(pool, x, second, out, scratch) }); got != 0 {
			t.Errorf("%s, two planes: %v allocations, want 0", k.Name, got)
		}
	}
}

func TestSelect(t *testing.T) {
	const all = ^isa.Features(0)
	for _, tc := range []struct {
		name         string
		groups, c, o int
		f            isa.Features
		want         string
	}{
		{"no groups", 1, 64, 64, 0, "bconv2d_generic"},
		{"groups", 2, 64, 64, 0, "bconv2d_generic"},
		{"depthwise", 64, 64, 64, 0, "bconv2d_depthwise_generic"},
		{"depthwise, all features", 64, 64, 64, all, "bconv2d_" + bgemm.DepthwiseKernels()[0].Name},
		{"two outputs a channel", 64, 64, 128, 0, "bconv2d_generic"},
		{"one channel", 1, 1, 1, 0, "bconv2d_generic"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Params{
				Batch: 1, H: 3, W: 3, C: tc.c, OutH: 1, OutW: 1, O: tc.o, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1,
				DilationH: 1, DilationW: 1, Groups: tc.groups, Epilogue: bgemm.Epilogue{Pre: bgemm.NoClamp, Clamp: bgemm.NoClamp},
			}
			c, err := New(p, make([]uint32, tc.o*9*bits.Words(tc.c/tc.groups)), tc.f, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.Name() != tc.want {
				t.Errorf("kernel %q, want %q", c.Name(), tc.want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(p *Params)
		want   string
	}{
		{"padded input", func(p *Params) { p.OutH, p.OutW, p.PadTop, p.PadLeft = 1<<14, 1<<14, 1<<14-1, 1<<14-1 }, "padded input"},
		{"output", func(p *Params) { p.OutW, p.PadLeft = maxOutput+1, maxOutput }, "columns"},
		{"filter", func(p *Params) { p.KernelH, p.PadTop = maxTaps+1, maxTaps }, "taps"},
		{"border classes", func(p *Params) {
			p.KernelH, p.KernelW, p.PadTop, p.PadLeft, p.PadBottom, p.PadRight = 300, 300, 299, 299, 299, 299
			p.OutH, p.OutW = 299, 299
		}, "kinds of windows"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Params{
				Batch: 1, H: 1, W: 1, C: 1, OutH: 1, OutW: 1, O: 1, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1,
				DilationH: 1, DilationW: 1, Groups: 1, Epilogue: bgemm.Epilogue{Pre: bgemm.NoClamp, Clamp: bgemm.NoClamp},
			}
			tc.change(&p)
			_, err := New(p, make([]uint32, p.KernelH*p.KernelW), 0, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
