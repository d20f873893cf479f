package i8

import (
	"math"
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

func TestQuantize(t *testing.T) {
	r := ktest.Rand(1)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, n := range []int{1, 7, 16, 33, tileSize + 5} {
		for _, inner := range []int{1, 3, 20} {
			for _, typ := range []Type{Int8, Uint8} {
				for _, count := range []int{1, 4} {
					src, scales, zeros := make([]float32, n), make([]float32, count), make([]int32, count)
					for i := range src {
						src[i] = float32(r.IntN(2000)-1000) / 4
					}
					copy(src, []float32{nan, inf, -inf, 0.5, 1.5, 2.5, -0.5, 1e30})
					for i := range scales {
						scales[i], zeros[i] = []float32{1, 0.37, 2}[r.IntN(3)], number(byte(r.Uint32()), typ == Int8)
					}
					lo, hi := typ.Limits()
					want := make([]byte, n)
					for i, v := range src {
						at := i / inner % count
						y := math.RoundToEven(float64(v/scales[at])) + float64(zeros[at])
						if !(y > float64(lo)) {
							y = float64(lo)
						}
						want[i] = byte(int(min(y, float64(hi))))
					}
					for _, f := range isa.Levels(isa.Detect()) {
						pool := parallel.New(2)
						dst := guardBytes(n)
						NewQuantizer(typ, inner, f).Run(pool, dst.data, src, scales, zeros)
						pool.Close()
						if dst.check(t); !slices.Equal(dst.data, want) {
							t.Fatalf("%v, %d numbers, %d scales, inner %d: byte %d differs", f, n, count, inner, differs(dst.data, want))
						}
					}
				}
			}
		}
	}
}

func TestBinary(t *testing.T) {
	r := ktest.Rand(2)
	for _, n := range []int{1, 8, 31, 100, tileSize + 37} {
		for _, m := range []int{n, 1} {
			for kind := range 16 {
				a := Operand{Signed: kind&1 != 0, Scale: 0.7}
				b := Operand{Signed: kind&2 != 0, Scale: 0.03}
				mul, out := kind&4 != 0, Output{Type: Int8 + Type(kind>>3), Zero: 9}
				out.Min, out.Max = out.Type.Limits()
				a.Zero, b.Zero = number(byte(r.Uint32()), a.Signed), number(byte(r.Uint32()), b.Signed)
				x, y, want := randomBytes(r, n), randomBytes(r, m), make([]byte, n)
				for i := range x {
					v := float32(float32(number(x[i], a.Signed)-a.Zero) * a.Scale) // rounded: no FMA
					w := float32(float32(number(y[i%m], b.Signed)-b.Zero) * b.Scale)
					if mul {
						v *= w
					} else {
						v += w
					}
					want[i] = byte(int(min(max(math.RoundToEven(float64(v))+9, float64(out.Min)), float64(out.Max))))
				}
				for _, f := range isa.Levels(isa.Detect()) {
					dst := guardBytes(n)
					NewBinary(a, b, mul, out, f).Run(nil, dst.data, x, y)
					if dst.check(t); !slices.Equal(dst.data, want) {
						t.Fatalf("%v, %d and %d numbers, kind %d: byte %d differs", f, n, m, kind, differs(dst.data, want))
					}
				}
			}
		}
	}
}

func TestLookup(t *testing.T) {
	table, src := make([]float32, 256), make([]byte, 256)
	for i := range table {
		table[i], src[i] = float32(i), byte(255-i)
	}
	for _, signed := range []bool{false, true} {
		dst, least := make([]float32, 256), float32(0)
		if signed {
			least = -128
		}
		NewLookup[float32](signed).Run(nil, dst, src, table)
		for i, v := range dst {
			if want := float32(number(src[i], signed)) - least; v != want {
				t.Fatalf("signed %v: %v for byte %d, want %v", signed, v, src[i], want)
			}
		}
	}
}
