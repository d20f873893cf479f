package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// featureSets are the instruction sets to test: none, and each that this CPU has.
func featureSets() []isa.Features {
	sets := []isa.Features{0}
	for i := range microKernels {
		if isa.Detect().Has(microKernels[i].needs) {
			sets = append(sets, microKernels[i].needs)
		}
	}
	return sets
}

// integers are small random whole numbers: float32 sums of their products are exact
// in any order.
func integers(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.IntN(9) - 4)
	}
	return v
}

// guarded is a slice of n numbers amid others that nobody may write.
type guarded struct {
	all, data []float32
}

const guard = 64

func newGuarded(n int) guarded {
	g := guarded{all: make([]float32, n+2*guard)}
	for i := range g.all {
		g.all[i] = -12345
	}
	g.data = g.all[guard : guard+n : guard+n]
	return g
}

func (g guarded) check(t *testing.T) {
	t.Helper()
	for i, v := range g.all {
		if (i < guard || i >= len(g.all)-guard) && v != -12345 {
			t.Fatalf("element %d of %d was overwritten with %v", i-guard, len(g.data), v)
		}
	}
}

func mustEqual(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("element %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// convOracle is the definition of a convolution.
func convOracle(p ConvParams, in, w, bias []float32) []float32 {
	out := make([]float32, p.Batch*p.OutH*p.OutW*p.OutC)
	gc, go_ := p.InC/p.Groups, p.OutC/p.Groups
	for i := range out {
		o, x, y, b := i%p.OutC, i/p.OutC%p.OutW, i/p.OutC/p.OutW%p.OutH, i/p.OutC/p.OutW/p.OutH
		sum := 0.0
		if bias != nil {
			sum = float64(bias[o])
		}
		for ky := range p.KernelH {
			for kx := range p.KernelW {
				iy, ix := y*p.StrideH-p.PadTop+ky*p.DilationH, x*p.StrideW-p.PadLeft+kx*p.DilationW
				if iy < 0 || ix < 0 || iy >= p.InH || ix >= p.InW {
					continue
				}
				for c := range gc {
					sum += float64(in[((b*p.InH+iy)*p.InW+ix)*p.InC+o/go_*gc+c]) *
						float64(w[((o*p.KernelH+ky)*p.KernelW+kx)*gc+c])
				}
			}
		}
		out[i] = float32(math.Min(math.Max(sum, float64(p.Min)), float64(p.Max)))
	}
	return out
}

// convCase makes the parameters of a convolution; pads are top, left, bottom, right.
func convCase(batch, h, w, inC, outC, kh, kw, stride, dilation, groups int, pads [4]int) ConvParams {
	return ConvParams{
		Batch: batch, InH: h, InW: w, InC: inC, OutC: outC, KernelH: kh, KernelW: kw,
		OutH:    (h+pads[0]+pads[2]-(kh-1)*dilation-1)/stride + 1,
		OutW:    (w+pads[1]+pads[3]-(kw-1)*dilation-1)/stride + 1,
		StrideH: stride, StrideW: stride, DilationH: dilation, DilationW: dilation,
		PadTop: pads[0], PadLeft: pads[1], Groups: groups, Min: -100, Max: 60,
	}
}

func convCases() []ConvParams {
	none := [4]int{}
	cases := []ConvParams{
		convCase(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, none),
		convCase(0, 3, 3, 2, 2, 1, 1, 1, 1, 1, none),
		convCase(2, 3, 3, 0, 5, 2, 2, 1, 1, 1, none),
		convCase(2, 3, 3, 5, 0, 2, 2, 1, 1, 1, none),
		convCase(3, 7, 5, 3, 70, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(2, 9, 8, 64, 64, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(1, 4, 4, 2, 3, 2, 5, 1, 1, 1, [4]int{3, 6, 2, 4}),
		convCase(3, 7, 7, 48, 80, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(5, 5, 4, 16, 64, 3, 3, 1, 1, 1, none),
		convCase(1, 31, 45, 64, 16, 3, 3, 1, 1, 1, [4]int{2, 0, 1, 3}),
		convCase(2, 3, 60, 16, 144, 3, 3, 1, 1, 1, [4]int{0, 1, 1, 0}),
		convCase(1, 6, 5, 528, 32, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(2, 12, 11, 3, 16, 7, 7, 2, 1, 1, [4]int{3, 3, 2, 3}),
		convCase(2, 10, 9, 6, 9, 3, 3, 2, 2, 3, [4]int{2, 1, 0, 2}),
		convCase(1, 8, 8, 4, 130, 1, 1, 1, 1, 1, none),
		convCase(5, 1, 1, 300, 33, 1, 1, 1, 1, 1, none),
		convCase(1, 6, 7, 19, 19, 3, 3, 1, 1, 19, [4]int{1, 1, 1, 1}),
		convCase(2, 6, 7, 135, 135, 3, 2, 2, 1, 135, [4]int{1, 0, 1, 1}),
		convCase(2, 9, 7, 16, 16, 3, 3, 1, 1, 16, [4]int{1, 1, 1, 1}),
		convCase(2, 8, 17, 40, 40, 3, 3, 1, 1, 40, none),
		convCase(1, 14, 14, 24, 24, 3, 3, 2, 1, 24, [4]int{0, 0, 1, 1}),
		convCase(1, 15, 29, 35, 35, 3, 3, 2, 1, 35, [4]int{1, 1, 1, 1}),
		convCase(2, 1, 13, 9, 9, 3, 3, 1, 1, 9, [4]int{1, 0, 1, 1}),
		convCase(1, 30, 16, 64, 64, 3, 3, 2, 1, 64, [4]int{1, 1, 0, 0}),
		convCase(1, 11, 8, 7, 7, 3, 3, 1, 1, 7, [4]int{1, 1, 0, 0}),
		convCase(1, 7, 12, 84, 84, 5, 5, 1, 1, 84, [4]int{2, 2, 2, 2}),
		convCase(1, 5, 5, 4, 12, 3, 3, 1, 1, 4, [4]int{1, 1, 1, 1}),
		convCase(2, 3, 3, 0, 16, 2, 2, 1, 1, 2, none),
		convCase(2, 9, 7, 32, 32, 3, 3, 1, 1, 4, [4]int{1, 1, 1, 1}),
		convCase(1, 13, 12, 32, 64, 3, 2, 2, 1, 8, [4]int{1, 0, 2, 1}),
		convCase(1, 6, 5, 24, 16, 3, 3, 1, 2, 4, [4]int{2, 2, 2, 2}),
		convCase(2, 7, 7, 48, 16, 1, 1, 1, 1, 8, none),
		convCase(1, 5, 5, 12, 48, 2, 2, 1, 1, 6, none),
		convCase(1, 5, 6, 10, 80, 3, 3, 1, 1, 10, [4]int{1, 1, 1, 1}),
		convCase(1, 2, 2, 9000, 16, 2, 2, 1, 1, 2, none),
		convCase(2, 55, 30, 32, 40, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(2, 71, 41, 16, 48, 3, 3, 2, 1, 1, none),
		convCase(1, 9, 199, 32, 20, 3, 3, 2, 1, 1, [4]int{1, 1, 1, 1}),
		convCase(5, 17, 15, 16, 24, 1, 1, 1, 1, 1, none),
		convCase(1, 50, 30, 32, 32, 3, 3, 1, 1, 4, [4]int{1, 1, 1, 1}),
		convCase(1, 40, 40, 48, 17, 3, 3, 1, 3, 1, [4]int{3, 3, 3, 3}),
		convCase(1, 2, 2, 5000, 7, 2, 2, 1, 1, 1, none),
		convCase(1, 3, 3, 9000, 5, 2, 2, 1, 1, 1, none),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for len(cases) < 150 {
		g := 1 + r.IntN(3)
		p := convCase(1+r.IntN(3), 1+r.IntN(10), 1+r.IntN(10), g*(1+r.IntN(20)), g*(1+r.IntN(80)),
			1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(2), g, [4]int{r.IntN(4), r.IntN(4), r.IntN(4), r.IntN(4)})
		if len(cases)%5 == 0 { // groups that share a vector
			outC := 2 << r.IntN(3)
			p = convCase(1+r.IntN(3), 1+r.IntN(10), 1+r.IntN(10), 16*(1+r.IntN(3)), 0,
				1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(2), 16, [4]int{r.IntN(4), r.IntN(4), r.IntN(4), r.IntN(4)})
			p.OutC = 16 * outC
		}
		if len(cases)%3 == 0 { // depthwise, in rows of several windows
			p = convCase(1+r.IntN(2), 1+r.IntN(6), 1+r.IntN(30), g*r.IntN(20)+1, 0,
				1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(2), 1, [4]int{r.IntN(4), r.IntN(4), r.IntN(4), r.IntN(4)})
			p.Groups, p.OutC = p.InC, p.InC
		}
		if p.OutH > 0 && p.OutW > 0 && p.InH+p.PadTop >= p.KernelH*p.DilationH && p.InW+p.PadLeft >= p.KernelW*p.DilationW {
			cases = append(cases, p)
		}
	}
	return cases
}

func TestConv(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for i, p := range convCases() {
		t.Run(fmt.Sprintf("%d_%dx%dx%dx%d_to_%d_k%dx%d_g%d", i, p.Batch, p.InH, p.InW, p.InC, p.OutC, p.KernelH, p.KernelW, p.Groups), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			in := integers(r, p.Batch*p.InH*p.InW*p.InC)
			w := integers(r, p.OutC*p.KernelH*p.KernelW*p.InC/p.Groups)
			var bias []float32
			if i%2 == 0 {
				bias = integers(r, p.OutC)
			}
			want := convOracle(p, in, w, bias)
			for _, f := range featureSets() {
				for at, workers := range []*parallel.Pool{nil, pool, nil, pool} {
					p.Constant = at < 2
					c, err := NewConv(p, f, workers.Threads())
					if err != nil {
						t.Fatal(err)
					}
					packed, out, scratch := newGuarded(c.PackedLen()), newGuarded(len(want)), newGuarded(c.ScratchLen())
					c.Pack(nil, packed.data, w)
					c.Run(workers, out.data, in, packed.data, bias, scratch.data)
					packed.check(t)
					out.check(t)
					scratch.check(t)
					mustEqual(t, out.data, want)
					if p.Groups == 1 && len(in) > 0 {
						testChannelsFirst(t, p, f, workers, in, w, bias, want)
					}
				}
			}
		})
	}
}

// TestWinograd checks that maps with numbers that are not finite, or whose transforms are not, give
// what direct sums do, and that others are close to float64.
func TestWinograd(t *testing.T) {
	inf := float32(math.Inf(1))
	p := convCase(2, 13, 12, 32, 80, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1})
	p.Min, p.Max, p.Constant = negInf, posInf, true
	odd := p
	odd.InW, odd.OutW = 11, 11
	clamped := p
	clamped.Min, clamped.Max = -1, 1
	wide := convCase(1, 3, 141, 256, 16, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1})
	wide.Min, wide.Max, wide.Constant = negInf, posInf, true
	tests := []struct {
		name   string
		p      ConvParams
		values []float32 // some of the map
	}{
		{"finite", p, nil},
		{"rows of some calls", wide, nil},
		{"odd width", odd, nil},
		{"infinity", p, []float32{inf}},
		{"both infinities", p, []float32{inf, -inf}},
		{"infinity behind a clamp", clamped, []float32{-inf, inf}},
		{"NaN", p, []float32{float32(math.NaN())}},
		{"overflow of a transform", p, []float32{math.MaxFloat32, math.MaxFloat32}},
	}
	pool := parallel.New(2)
	defer pool.Close()
	for _, f := range featureSets() {
		if winogradKernelFor(f) == nil {
			continue
		}
		for _, test := range tests {
			t.Run(fmt.Sprintf("%v/%s", f, test.name), func(t *testing.T) {
				p := test.p
				r := rand.New(rand.NewPCG(7, 8))
				in, w, bias := make([]float32, p.Batch*p.InH*p.InW*p.InC), make([]float32, p.OutC*9*p.InC), make([]float32, p.OutC)
				for _, s := range [][]float32{in, w, bias} {
					for i := range s {
						s[i] = float32(r.NormFloat64()) / 8
					}
				}
				for i, v := range test.values {
					in[(5*p.InW+4+i)*p.InC+3] = v
				}
				want := convOracle(p, in, w, bias)
				for _, workers := range []*parallel.Pool{nil, pool} {
					c, err := NewConv(p, f, workers.Threads())
					if err != nil {
						t.Fatal(err)
					}
					if c.winograd == nil {
						t.Fatal("computed directly")
					}
					packed, out := make([]float32, c.PackedLen()), newGuarded(len(want))
					c.Pack(nil, packed, w)
					c.Run(workers, out.data, in, packed, bias, make([]float32, c.ScratchLen()))
					out.check(t)
					for i, v := range out.data {
						if v != want[i] && !(v != v && want[i] != want[i]) && !(math.Abs(float64(v-want[i])) < 1e-5*math.Max(1, math.Abs(float64(want[i])))) {
							t.Fatalf("element %d: got %v, want %v", i, v, want[i])
						}
					}
				}
			})
		}
	}
}

// testChannelsFirst runs a convolution on the same map in the other layout.
func testChannelsFirst(t *testing.T, p ConvParams, f isa.Features, workers *parallel.Pool, in, w, bias, want []float32) {
	p.ChannelsFirst = true
	pixels := p.InH * p.InW
	planes := make([]float32, len(in))
	for i, v := range in {
		image, rest := i/(pixels*p.InC), i%(pixels*p.InC)
		planes[(image*p.InC+rest%p.InC)*pixels+rest/p.InC] = v
	}
	c, err := NewConv(p, f, workers.Threads())
	if err != nil {
		t.Fatal(err)
	}
	packed, out, scratch := make([]float32, c.PackedLen()), newGuarded(len(want)), newGuarded(c.ScratchLen())
	c.Pack(nil, packed, w)
	c.Run(workers, out.data, planes, packed, bias, scratch.data)
	out.check(t)
	scratch.check(t)
	mustEqual(t, out.data, want)
}

// TestConvNaN checks that the clamp lets NaN through.
func TestConvNaN(t *testing.T) {
	p := convCase(1, 2, 3, 20, 20, 1, 1, 1, 1, 1, [4]int{})
	d := p
	d.Groups = 20
	for _, p := range []ConvParams{p, d} {
		for _, f := range featureSets() {
			c, err := NewConv(p, f, 1)
			if err != nil {
				t.Fatal(err)
			}
			in, w := make([]float32, 120), make([]float32, 400/p.Groups)
			in[0], w[0] = float32(math.NaN()), 1
			packed, out := make([]float32, c.PackedLen()), make([]float32, 120)
			c.Pack(nil, packed, w)
			c.Run(nil, out, in, packed, nil, nil)
			for i, v := range out {
				if (v != v) != (i < 20 && p.Groups == 1 || i == 0) {
					t.Fatalf("%s: element %d is %v", c.Name(), i, v)
				}
			}
		}
	}
}

// TestConvAccuracy compares sums of real numbers with float64, and threads with each
// other bit by bit.
func TestConvAccuracy(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	p := convCase(2, 17, 15, 64, 80, 3, 3, 1, 1, 1, [4]int{1, 1, 1, 1})
	p.Min, p.Max = negInf, posInf
	p.Constant = true
	r := rand.New(rand.NewPCG(5, 6))
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	in, w, bias := random(p.Batch*p.InH*p.InW*p.InC), random(p.OutC*9*64), random(p.OutC)
	want := convOracle(p, in, w, bias)
	for _, f := range featureSets() {
		var first []float32
		for _, workers := range []*parallel.Pool{nil, pool} {
			c, err := NewConv(p, f, workers.Threads())
			if err != nil {
				t.Fatal(err)
			}
			packed, out := make([]float32, c.PackedLen()), make([]float32, len(want))
			c.Pack(nil, packed, w)
			c.Run(workers, out, in, packed, bias, make([]float32, c.ScratchLen()))
			for i := range want {
				if d := math.Abs(float64(out[i] - want[i])); d > 1e-4 {
					t.Fatalf("%v: element %d: got %v, want %v", f, i, out[i], want[i])
				}
			}
			if first == nil {
				first = out
			}
			mustEqual(t, out, first)
		}
	}
}

// TestDepthwiseCalls holds what a call of assembly does to a bound, by how a convolution is
// cut.
func TestDepthwiseCalls(t *testing.T) {
	for _, f := range isa.Levels(isa.Detect()) {
		for _, c := range []int{1, 64, 1024, 1 << 16, 1 << 18} {
			for _, width := range []int{1, 56, 3000} {
				for _, kernel := range []int{1, 3, 9, 200} {
					p := ConvParams{Batch: 1, InH: 1, InW: width, InC: c, OutH: 1, OutW: width, OutC: c, KernelH: kernel, KernelW: kernel,
						StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: kernel / 2, PadLeft: kernel / 2, Groups: c}
					conv, err := NewConv(p, f, 1)
					if err != nil || conv.depthwise == nil || conv.depthwise.kernel == &genericDepthwise {
						continue
					}
					pixels := min(conv.rowsPer, width)
					if work := pixels * c * kernel * kernel; work > maxCall {
						t.Errorf("%v: %d channels, %d pixels, %d x %d taps: %d products a call", f, c, width, kernel, kernel, work)
					}
				}
			}
		}
	}
}
