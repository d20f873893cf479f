package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
)

// TestFunctions compares the functions of this CPU with those in Go, bit by bit, on
// numbers that include zeros of both signs, infinities and NaN.
func TestFunctions(t *testing.T) {
	for _, f := range isa.Levels(isa.Detect()) {
		t.Run(f.String(), func(t *testing.T) { testFunctions(t, FunctionsFor(f)) })
	}
}

func testFunctions(t *testing.T, fast *Functions) {
	negZero := float32(math.Copysign(0, -1))
	special := []float32{0, negZero, 1, -1, negInf, posInf, nan, 3.5, -2.25, 1e-40, 3e38, -3e38}
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = special[r.IntN(len(special))]
		}
		return v
	}
	binary := []struct {
		name      string
		got, want BinaryFunc[float32, float32, float32]
	}{
		{"add", fast.Add, Add[float32]}, {"sub", fast.Sub, Sub[float32]}, {"mul", fast.Mul, Mul[float32]}, {"div", fast.Div, Div[float32]},
		{"max", fast.Max, Max[float32]}, {"min", fast.Min, Min[float32]}, {"prelu", fast.PRelu, PRelu[float32]},
	}
	unary := []struct {
		name      string
		got, want UnaryFunc[float32]
	}{
		{"clip", fast.Clip(-1, 2), Clip(-1, 2)}, {"relu", fast.Clip(0, posInf), Clip(0, posInf)},
		{"upside down", fast.Clip(2, -1), Clip(2, -1)},
		{"leaky", fast.LeakyRelu(0.25), LeakyRelu(0.25)}, {"leaky inf", fast.LeakyRelu(posInf), LeakyRelu(posInf)},
	}
	for n := range 100 {
		a, b := random(n), random(n)
		compare := func(name string, got guarded, want []float32) {
			t.Helper()
			got.check(t)
			for i := range want {
				if !sameFloat(got.data[i], want[i]) {
					t.Fatalf("%s of %v, %v (%d of %d): got %v, want %v", name, a[i], b[i], i, n, got.data[i], want[i])
				}
			}
		}
		want := make([]float32, n)
		for _, c := range binary {
			got := newGuarded(n)
			if c.want(want, a, b); !c.got(got.data, a, b) {
				t.Fatalf("%s is not defined", c.name)
			}
			compare(c.name, got, want)
			copy(got.data, a)
			c.got(got.data, got.data, b)
			compare(c.name+" in place", got, want)
		}
		for _, c := range unary {
			got := newGuarded(n)
			c.want(want, a)
			c.got(got.data, a)
			compare(c.name, got, want)
			copy(got.data, a)
			c.got(got.data, got.data)
			compare(c.name+" in place", got, want)
		}
	}
}
