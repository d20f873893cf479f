package f32

import (
	"math"
	"math/big"
	"testing"

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
	for _, c := range []struct {
		name string
		fn   UnaryFunc[float32]
		f64  func(float64) float64
	}{
		{"exp", Exp, math.Exp},
		{"log", Log, math.Log},
		{"tanh", Tanh, math.Tanh},
		{"sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
	} {
		for x := float32(0.001); x < 80; x *= 1.01 {
			for _, x := range []float32{x, -x} {
				y := []float32{0}
				c.fn(y, []float32{x})
				want := c.f64(float64(x))
				if want != want {
					continue
				}
				ulp := math.Abs(float64(math.Nextafter32(float32(want), posInf)) - float64(float32(want)))
				d := new(big.Float).Sub(big.NewFloat(float64(y[0])), big.NewFloat(want))
				if f, _ := d.Float64(); math.Abs(f) > 0.501*ulp {
					t.Fatalf("%s(%v): got %v, want %v", c.name, x, y[0], want)
				}
			}
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
