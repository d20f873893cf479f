package f32

import (
	"fmt"
	"math"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

var nan = float32(math.NaN())

// sameFloat compares bits, where any NaN equals any other.
func sameFloat(a, b float32) bool {
	return a != a && b != b || math.Float32bits(a) == math.Float32bits(b)
}

func TestUnary(t *testing.T) {
	negZero := float32(math.Copysign(0, -1))
	for _, c := range []struct {
		name     string
		fn       UnaryFunc[float32]
		in, want []float32
	}{
		{"relu", Clip(0, posInf), []float32{-1, negZero, 0, 2, nan, negInf, posInf}, []float32{0, 0, 0, 2, nan, 0, posInf}},
		{"leaky relu", LeakyRelu(0.5), []float32{-3, 0, 4, nan, negInf}, []float32{-1.5, 0, 4, nan, negInf}},
		{"clip", Clip(-1, 2), []float32{-3, -1, 0.5, 2, 9, nan, posInf}, []float32{-1, -1, 0.5, 2, 2, nan, 2}},
		{"clip upside down", Clip(2, -1), []float32{-3, 0, 3}, []float32{-1, -1, -1}},
		{"hard sigmoid", HardSigmoid(0.25, 0.5), []float32{-9, -1, 0, 1, 9, nan}, []float32{0, 0.25, 0.5, 0.75, 1, nan}},
		{"sigmoid", Sigmoid, []float32{negInf, -200, 0, 200, posInf, nan}, []float32{0, 0, 0.5, 1, 1, nan}},
		{"tanh", Tanh, []float32{negInf, 0, posInf, nan}, []float32{-1, 0, 1, nan}},
		{"exp", Exp, []float32{negInf, 0, 1, 100, posInf, nan}, []float32{0, 1, float32(math.E), posInf, posInf, nan}},
		{"log", Log, []float32{-1, 0, 1, posInf, nan}, []float32{nan, negInf, 0, posInf, nan}},
		{"sqrt", Sqrt, []float32{-1, 0, 2.25, posInf, nan}, []float32{nan, 0, 1.5, posInf, nan}},
		{"round", Round, []float32{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.51, nan}, []float32{-2, -2, negZero, 0, 2, 2, 3, nan}},
		{"neg", Neg[float32], []float32{1, 0, nan, negInf}, []float32{-1, negZero, nan, posInf}},
		{"abs", Abs[float32], []float32{-1, negZero, 2, nan, negInf}, []float32{1, 0, 2, nan, posInf}},
		{"abs of floats", AbsFloat, []float32{-1, negZero, 2, nan, negInf}, []float32{1, 0, 2, nan, posInf}},
		{"sign", Sign[float32], []float32{-3, 0, negZero, 5, nan}, []float32{-1, 0, negZero, 1, nan}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, inPlace := range []bool{false, true} {
				src := append([]float32(nil), c.in...)
				got := make([]float32, len(src))
				if inPlace {
					got = src
				}
				NewUnary(c.fn, len(src), 1).Run(nil, got, src)
				for i := range c.want {
					if !sameFloat(got[i], c.want[i]) {
						t.Errorf("of %v: got %v, want %v", c.in[i], got[i], c.want[i])
					}
				}
			}
		})
	}
}

// TestUnaryAccuracy holds functions against high precision: an error below 0.501
// units in the last place.
func TestUnaryAccuracy(t *testing.T) {
	var x []float32
	for v := float32(1e-12); v < 120; v *= 1.003 {
		x = append(x, v, -v)
	}
	for _, level := range isa.Levels(isa.Detect()) {
		f := FunctionsFor(level)
		for _, c := range []struct {
			name string
			fn   UnaryFunc[float32]
			f64  func(float64) float64
		}{
			{"exp", f.Exp, math.Exp},
			{"log", Log, math.Log},
			{"tanh", f.Tanh, math.Tanh},
			{"sigmoid", f.Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
		} {
			t.Run(level.String()+"/"+c.name, func(t *testing.T) {
				y := make([]float32, len(x))
				c.fn(y, x)
				for i, got := range y {
					want := c.f64(float64(x[i]))
					if want != want || want > math.MaxFloat32 {
						continue
					}
					ulp := math.Abs(float64(math.Nextafter32(float32(want), posInf)) - float64(float32(want)))
					if d := math.Abs(float64(got) - want); d > 0.501*ulp {
						t.Fatalf("of %v: got %v, want %v", x[i], got, want)
					}
				}
			})
		}
	}
}

// TestExpSpecial compares the functions of this CPU with those in Go on values that have
// exact results, at every place of vectors and behind them.
func TestExpSpecial(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), posInf, negInf, nan, 1000, -1000, math.MaxFloat32, -math.MaxFloat32, 1e-45}
	for _, level := range isa.Levels(isa.Detect()) {
		f := FunctionsFor(level)
		for _, c := range []struct {
			name      string
			got, want UnaryFunc[float32]
		}{
			{"exp", f.Exp, Exp}, {"tanh", f.Tanh, Tanh}, {"sigmoid", f.Sigmoid, Sigmoid},
			{"erf", f.Erf, Erf}, {"gelu", f.Gelu, Gelu}, {"gelu tanh", f.GeluTanh, GeluTanh}, {"swish", f.Swish, Swish}, {"mish", f.Mish, Mish},
		} {
			t.Run(level.String()+"/"+c.name, func(t *testing.T) {
				for n := range 70 {
					src := make([]float32, n)
					for i := range src {
						src[i] = special[(i+n)%len(special)]
					}
					got, want := newGuarded(n), make([]float32, n)
					c.got(got.data, src)
					c.want(want, src)
					got.check(t)
					for i := range want {
						if !sameFloat(got.data[i], want[i]) {
							t.Errorf("of %v: got %v, want %v", src[i], got.data[i], want[i])
						}
					}
				}
			})
		}
	}
}

// TestGeluAccuracy holds functions against float64, Erf by its result and the others by their
// operand.
func TestGeluAccuracy(t *testing.T) {
	const limit = 3e-7
	var x []float32
	for v := float32(1e-12); v < 120; v *= 1.0005 {
		x = append(x, v, -v)
	}
	for _, level := range isa.Levels(isa.Detect()) {
		f := FunctionsFor(level)
		for _, c := range []struct {
			name     string
			fn       UnaryFunc[float32]
			f64      func(float64) float64
			relative bool
		}{
			{"erf", f.Erf, math.Erf, true},
			{"gelu", f.Gelu, MathGelu, false},
			{"gelu tanh", f.GeluTanh, MathGeluTanh, false},
			{"swish", f.Swish, MathSwish, false},
			{"mish", f.Mish, MathMish, false},
		} {
			t.Run(level.String()+"/"+c.name, func(t *testing.T) {
				y := make([]float32, len(x))
				c.fn(y, x)
				for i, got := range y {
					want := c.f64(float64(x[i]))
					unit := math.Abs(float64(x[i]))
					if c.relative {
						unit = math.Abs(want)
					}
					if d := math.Abs(float64(got) - want); !(d <= limit*unit) {
						t.Fatalf("of %v: got %v, want %v", x[i], got, want)
					}
				}
			})
		}
	}
}

// TestSoftmaxRow compares rows of any length with sums in float64.
func TestSoftmaxRow(t *testing.T) {
	r := ktest.Rand(9)
	for _, level := range isa.Levels(isa.Detect()) {
		for _, n := range append(ktest.Sizes(16), 7, 8, 40, 1000, 40000) {
			t.Run(fmt.Sprintf("%v/%d", level, n), func(t *testing.T) {
				src, sum := make([]float32, n), 0.0
				for i := range src {
					src[i] = r.Float32()*40 - 100
					sum += math.Exp(float64(src[i]))
				}
				got := newGuarded(n)
				copy(got.data, src)
				s := NewSoftmax(1, n, 1, false, level, 1)
				s.Run(nil, got.data, got.data)
				got.check(t)
				for i, v := range got.data {
					// The exponential is rounded before it is divided.
					if want := math.Exp(float64(src[i])) / sum; math.Abs(float64(v)-want) > 1.3e-7*want {
						t.Fatalf("element %d: got %v, want %v", i, v, want)
					}
				}
				if a := testing.AllocsPerRun(5, func() { s.Run(nil, got.data, src) }); a != 0 {
					t.Errorf("%v allocations, want 0", a)
				}
				src[n/2] = nan
				s.Run(nil, got.data, src)
				for i, v := range got.data {
					if v == v {
						t.Fatalf("element %d beside NaN: got %v", i, v)
					}
				}
			})
		}
	}
}

func TestBinaryFloat(t *testing.T) {
	for _, c := range []struct {
		name       string
		fn         BinaryFunc[float32, float32, float32]
		a, b, want []float32
	}{
		{"min", Min[float32], []float32{1, nan, 3, nan, negInf}, []float32{2, 1, nan, nan, 0}, []float32{1, nan, nan, nan, negInf}},
		{"max", Max[float32], []float32{1, nan, 3, nan, negInf}, []float32{2, 1, nan, nan, 0}, []float32{2, nan, nan, nan, 0}},
		{"div", Div[float32], []float32{1, 0, -1}, []float32{4, 0, 0}, []float32{0.25, nan, negInf}},
		{"prelu", PRelu[float32], []float32{-2, 0, 2, nan}, []float32{0.5, 7, 7, 7}, []float32{-1, 0, 2, nan}},
		{"pow of three quarters", Pow[float32, float32], []float32{16, 81, negInf, -8, float32(math.Copysign(0, -1)), posInf}, []float32{0.75, 0.75, 0.75, 0.75, 0.75, 0.75}, []float32{8, 27, posInf, nan, 0, posInf}},
		{"cube", Pow[float32, float32], []float32{2, -3, negInf, 0.5, float32(math.Copysign(0, -1))}, []float32{3, 3, 3, 3, 3}, []float32{8, -27, negInf, 0.125, float32(math.Copysign(0, -1))}},
		{"pow", Pow[float32, float32], []float32{2, 9, negInf, -8, 0, -3}, []float32{10, 0.5, 0.5, 1.0 / 3, -1, 2}, []float32{1024, 3, posInf, nan, posInf, 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]float32, len(c.a))
			if !c.fn(got, c.a, c.b) {
				t.Fatal("not defined")
			}
			for i := range got {
				if !sameFloat(got[i], c.want[i]) {
					t.Errorf("of %v, %v: got %v, want %v", c.a[i], c.b[i], got[i], c.want[i])
				}
			}
		})
	}
}

func TestBinaryInt(t *testing.T) {
	const low = math.MinInt32
	for _, c := range []struct {
		name       string
		fn         BinaryFunc[int32, int32, int32]
		a, b, want []int32
		ok         bool
	}{
		{"div", DivInt[int32], []int32{7, -7, low}, []int32{2, 2, -1}, []int32{3, -3, low}, true},
		{"div by zero", DivInt[int32], []int32{7, 1}, []int32{0, 1}, []int32{0, 1}, false},
		{"pow", PowInt[int32, int32], []int32{2, -3, 2, 5, -1, 1, 0}, []int32{10, 3, 40, 0, -3, -9, 2}, []int32{1024, -27, 0, 1, -1, 1, 0}, true},
		{"negative pow", PowInt[int32, int32], []int32{2, -2}, []int32{-1, -1}, []int32{0, 0}, true},
		{"zero to a negative power", PowInt[int32, int32], []int32{0}, []int32{-1}, []int32{0}, false},
		{"max", Max[int32], []int32{low, 3}, []int32{1, -3}, []int32{1, 3}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]int32, len(c.a))
			if ok := c.fn(got, c.a, c.b); ok != c.ok {
				t.Errorf("defined: got %v, want %v", ok, c.ok)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("of %v, %v: got %v, want %v", c.a[i], c.b[i], got[i], c.want[i])
				}
			}
		})
	}
	got := make([]int32, 5)
	base := []int32{4, 2, -2, 10, 3}
	if !PowInt(got, base, []float32{0.5, nan, 40, posInf, 2.5}) {
		t.Error("float powers: not defined")
	}
	for i, want := range []int32{2, 0, 0, math.MaxInt32, 15} {
		if got[i] != want {
			t.Errorf("power %d: got %d, want %d", i, got[i], want)
		}
	}
}

// TestBroadcast adds operands of many shapes with one thread and three.
func TestBroadcast(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for _, c := range []struct{ shape, a, b []int }{
		{[]int{}, []int{}, []int{}},
		{[]int{5}, []int{}, []int{5}},
		{[]int{2, 0, 3}, []int{2, 0, 3}, []int{3}},
		{[]int{2, 3, 4, 5}, []int{2, 3, 4, 5}, []int{5}},
		{[]int{2, 3, 4, 5}, []int{3, 1, 1}, []int{2, 3, 4, 5}},
		{[]int{4, 3, 5}, []int{4, 1, 5}, []int{3, 1}},
		{[]int{1, 3, 1}, []int{1, 3, 1}, []int{1, 1, 1}},
		{[]int{50000}, []int{50000}, []int{1}},
		{[]int{3, 70001}, []int{3, 1}, []int{1, 70001}},
		{[]int{900, 77}, []int{900, 77}, []int{77}},
		{[]int{7, 1, 9, 2}, []int{7, 1, 1, 2}, []int{9, 1}},
	} {
		size := func(s []int) int {
			n := 1
			for _, d := range s {
				n *= d
			}
			return n
		}
		count := func(n int, scale float32) []float32 {
			v := make([]float32, n)
			for i := range v {
				v[i] = float32(i) * scale
			}
			return v
		}
		a, b := count(size(c.a), 1), count(size(c.b), 0.5)
		want := make([]float32, size(c.shape))
		at := func(shape []int, i int) int {
			from, step := 0, 1
			for k := len(c.shape) - 1; k >= 0; k-- {
				x := i % c.shape[k]
				i /= c.shape[k]
				if j := k - (len(c.shape) - len(shape)); j >= 0 {
					if shape[j] > 1 {
						from += x * step
					}
					step *= shape[j]
				}
			}
			return from
		}
		for i := range want {
			want[i] = a[at(c.a, i)] + b[at(c.b, i)]
		}
		for _, p := range []*parallel.Pool{nil, pool} {
			k := NewBinary(Add[float32], c.shape, c.a, c.b, 2, p.Threads())
			got := newGuarded(len(want))
			if err := k.Run(p, got.data, a, b); err != nil {
				t.Fatal(err)
			}
			got.check(t)
			mustEqual(t, got.data, want)
			if k.InPlace() != (size(c.a) == size(c.shape)) {
				t.Errorf("%v + %v: in place %v", c.a, c.b, k.InPlace())
			}
		}
	}
}
