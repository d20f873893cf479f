package move

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

func TestCast(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	nan32, inf32 := float32(nan), float32(inf)
	half := func(v ...float64) []uint16 {
		var h []uint16
		for _, x := range v {
			h = append(h, Float16Bits(x))
		}
		return h
	}
	for _, c := range []struct {
		from, to Type
		in, want any
	}{
		{Float32, Int32, []float32{1.9, -1.9, nan32, inf32, -inf32, 3e9, -3e9, 2147483520}, []int32{1, -1, 0, math.MaxInt32, math.MinInt32, math.MaxInt32, math.MinInt32, 2147483520}},
		{Float32, Int64, []float32{-0.5, 1e18, 1e19, -1e19, nan32}, []int64{0, 999999984306749440, math.MaxInt64, math.MinInt64, 0}},
		{Float32, Int8, []float32{127.9, 128, -128.9, -129, nan32}, []int8{127, 127, -128, -128, 0}},
		{Float32, Int16, []float32{40000, -40000, 5.5}, []int16{32767, -32768, 5}},
		{Float32, Uint8, []float32{255.9, 256, -0.9, -1, nan32}, []uint8{255, 255, 0, 0, 0}},
		{Float32, Uint16, []float32{65536, -3, 7}, []uint16{65535, 0, 7}},
		{Float32, Uint32, []float32{4e9, 5e9, -1}, []uint32{4000000000, math.MaxUint32, 0}},
		{Float64, Uint64, []float64{1.8e19, 1.9e19, -1, inf}, []uint64{18000000000000000000, math.MaxUint64, 0, math.MaxUint64}},
		{Float64, Int64, []float64{9.3e18, -9.3e18, 4.99}, []int64{math.MaxInt64, math.MinInt64, 4}},
		{Float32, Bool, []float32{0, 0.1, nan32, -1, float32(math.Copysign(0, -1))}, []uint8{0, 1, 1, 1, 0}},
		{Int64, Bool, []int64{0, 1 << 40, -1}, []uint8{0, 1, 1}},
		{Bool, Float32, []uint8{0, 1}, []float32{0, 1}},
		{Bool, Int64, []uint8{1, 0}, []int64{1, 0}},
		{Int64, Int32, []int64{1 << 33, 1<<32 + 5, -1}, []int32{0, 5, -1}},
		{Int32, Uint8, []int32{-1, 256, 300}, []uint8{255, 0, 44}},
		{Int64, Float32, []int64{1<<62 + 1, 16777217, 16777219}, []float32{1 << 62, 16777216, 16777220}},
		{Uint64, Float64, []uint64{math.MaxUint64, 3}, []float64{1 << 64, 3}},
		{Float64, Float32, []float64{1e300, 0.1, 1 + 1.0/(1<<24)}, []float32{inf32, 0.1, 1}},
		{Float16, Float32, half(1, -2.5, 65504, 1.0/(1<<24)), []float32{1, -2.5, 65504, 1.0 / (1 << 24)}},
		{Float16, Float64, half(inf, 0.25), []float64{inf, 0.25}},
		{Float16, Int32, half(inf, -7.9, nan), []int32{math.MaxInt32, -7, 0}},
		{Float16, Bool, half(0, nan, math.Copysign(0, -1), 1.0/(1<<24)), []uint8{0, 1, 0, 1}},
		{Float32, Float16, []float32{1, 65519.996, 65520, 1e-8, -2.5}, []uint16{0x3c00, 0x7bff, 0x7c00, 0, 0xc100}},
		{Int32, Float16, []int32{2049, 2051, 70000, -3}, []uint16{0x6800, 0x6802, 0x7c00, 0xc200}},
		// Through float32 these would round twice.
		{Float64, Float16, []float64{1 + 1.0/2048 + 1.0/(1<<40), 1 + 1.0/2048}, []uint16{0x3c01, 0x3c00}},
	} {
		t.Run(fmt.Sprintf("%d to %d of %v", c.from, c.to, c.in), func(t *testing.T) {
			in, want := put(t, c.in), put(t, c.want)
			for _, p := range pools(t) {
				got := put(t, c.want)
				clear(got)
				NewCast(c.to, c.from, len(in)/typeSizes[c.from]).Run(p, got, in)
				if !bytes.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		})
	}
}

// TestCastTable checks that all pairs of different types convert.
func TestCastTable(t *testing.T) {
	for from := Float16; from < typeCount; from++ {
		for to := Float16; to < typeCount; to++ {
			if from == to {
				continue
			}
			in, got := make([]byte, 64), make([]byte, 64)
			NewCast(to, from, 8).Run(nil, got[:8*typeSizes[to]], in[:8*typeSizes[from]])
			if !bytes.Equal(got, make([]byte, 64)) {
				t.Errorf("%d to %d: zeros became %v", from, to, got)
			}
		}
	}
}

// TestFloat16 rounds every half-precision number, and the points around the middle
// between neighbours, from float64.
func TestFloat16(t *testing.T) {
	for b := range 0x7c00 {
		v := float64(Float16Value(uint16(b)))
		next := float64(Float16Value(uint16(b + 1)))
		if b == 0x7bff {
			next = 65536 // what infinity stands for in rounding
		}
		mid := v + (next-v)/2
		even := uint16(b + b&1)
		for _, c := range []struct {
			in   float64
			want uint16
		}{
			{v, uint16(b)}, {mid, even},
			{math.Nextafter(mid, 0), uint16(b)}, {math.Nextafter(mid, 1e9), uint16(b + 1)},
		} {
			if got := Float16Bits(c.in); got != c.want {
				t.Fatalf("Float16Bits(%v): got %#x, want %#x", c.in, got, c.want)
			}
			if got := Float16Bits(-c.in); got != c.want|0x8000 {
				t.Fatalf("Float16Bits(%v): got %#x, want %#x", -c.in, got, c.want|0x8000)
			}
		}
	}
	if got := Float16Bits(math.NaN()); got != 0x7e00 {
		t.Errorf("NaN: got %#x", got)
	}
	if got := Float16Value(0x7e00); got == got {
		t.Errorf("value of a NaN: got %v", got)
	}
}
