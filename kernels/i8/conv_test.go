package i8

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// number is a byte as the type says.
func number(b byte, signed bool) int32 {
	if signed {
		return int32(int8(b))
	}
	return int32(b)
}

// reference computes a convolution number by number.
func reference(p *ConvParams, o *Operands) []byte {
	out := make([]byte, p.Batch*p.OutH*p.OutW*p.OutC*p.Output.Type.Size())
	c, n := p.InC/p.Groups, p.OutC/p.Groups
	at := 0
	for b := range p.Batch {
		for y := range p.OutH {
			for x := range p.OutW {
				for k := range p.OutC {
					wz := int32(0)
					if o.WZero != nil {
						wz = o.WZero[min(k, len(o.WZero)-1)]
					}
					sum := int32(0)
					for ky := range p.KernelH {
						for kx := range p.KernelW {
							iy, ix := y*p.StrideH-p.PadTop+ky*p.DilationH, x*p.StrideW-p.PadLeft+kx*p.DilationW
							if iy < 0 || iy >= p.InH || ix < 0 || ix >= p.InW {
								continue
							}
							for i := range c {
								w := ((k*p.KernelH+ky)*p.KernelW+kx)*c + i
								if p.WeightsByK {
									w = i*p.OutC + k
								}
								v := number(o.Src[((b*p.InH+iy)*p.InW+ix)*p.InC+k/n*c+i], p.Signed)
								sum += (v - o.XZero) * (number(o.Packed[w], p.SignedW) - wz)
							}
						}
					}
					if o.Bias != nil {
						sum += o.Bias[k]
					}
					referenceOutput(p, o, out[at*p.Output.Type.Size():], sum, k)
					at++
				}
			}
		}
	}
	return out
}

func referenceOutput(p *ConvParams, o *Operands, dst []byte, sum int32, k int) {
	v := float32(sum)
	if o.Scale != nil {
		v = float32(v * o.Scale[min(k, len(o.Scale)-1)])
	}
	if o.Add != nil {
		v += o.Add[k]
	}
	switch p.Output.Type {
	case Int32:
		binary.LittleEndian.PutUint32(dst, uint32(sum))
	case Float32:
		binary.LittleEndian.PutUint32(dst, math.Float32bits(min(max(v, p.Output.Min), p.Output.Max)))
	default:
		dst[0] = byte(int(min(max(math.RoundToEven(float64(v))+float64(p.Output.Zero), float64(p.Output.Min)), float64(p.Output.Max))))
	}
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
		if r.IntN(8) == 0 { // what saturates
			b[i] = []byte{0, 127, 128, 255}[r.IntN(4)]
		}
	}
	return b
}

// aligned gives bytes that are aligned as int32.
func aligned(n int) []byte {
	words := make([]int32, n/4+1)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n)
}

// least is the smallest number of 8 bits.
func least(signed bool) byte {
	if signed {
		return 0x80
	}
	return 0
}

// check runs a convolution of random numbers.
func check(t *testing.T, p ConvParams, seed uint64) {
	r := ktest.Rand(seed)
	k := p.KernelH * p.KernelW * p.InC / p.Groups
	o := Operands{Src: randomBytes(r, p.Batch*p.InH*p.InW*p.InC), Packed: randomBytes(r, p.OutC*k)}
	o.XZero = number(byte(r.Uint32()), p.Signed)
	if seed%3 == 0 {
		o.WZero = make([]int32, []int{1, p.OutC}[seed/3%2])
		for i := range o.WZero {
			o.WZero[i] = number(byte(r.Uint32()), p.SignedW)
		}
	}
	if seed%2 == 0 {
		for range p.OutC {
			o.Bias = append(o.Bias, int32(r.IntN(20000)-10000))
		}
	}
	if seed%5 != 0 {
		o.Scale = make([]float32, []int{1, p.OutC}[seed/5%2])
		for i := range o.Scale {
			o.Scale[i] = r.Float32() / float32(math.Sqrt(float64(k))*100)
		}
	}
	if seed%7 < 3 {
		for range p.OutC {
			o.Add = append(o.Add, r.Float32()*20-10)
		}
	}
	p.Output.Min, p.Output.Max = float32(math.Inf(-1)), float32(math.Inf(1))
	if p.Output.Type >= Int8 {
		p.Output.Min, p.Output.Max = p.Output.Type.Limits()
		p.Output.Zero = number(byte(r.Uint32()), p.Output.Type == Int8)
		if seed%4 == 0 {
			p.Output.Min = float32(p.Output.Zero)
		}
	}
	if seed%2 == 1 { // no two products are more than 16 bits
		for i, w := range o.Packed {
			if w == least(p.SignedW) {
				o.Packed[i]++
			}
		}
	}
	compare(t, p, o)
}

// compare runs a convolution on every level and compares it with the reference.
func compare(t *testing.T, p ConvParams, o Operands) {
	want := reference(&p, &o)
	for _, f := range isa.Levels(isa.Detect()) {
		for _, threads := range []int{1, 3} {
			c, err := NewConv(p, f, threads)
			if err != nil {
				t.Fatal(err)
			}
			pool := parallel.New(threads)
			defer pool.Close()
			packed, scratch, dst := guardBytes(c.PackedLen()), guardBytes(c.ScratchLen()), guardBytes(len(want))
			c.Pack(pool, packed.data, o.Packed)
			run := o
			run.Packed, run.Scratch, run.Dst = packed.data, scratch.data, dst.data
			run.Src = slices.Clone(o.Src)
			c.Run(pool, &run)
			if !slices.Equal(dst.data, want) {
				at := differs(dst.data, want)
				t.Fatalf("%v, %d threads, %+v: byte %d of %d is %d, want %d", f, threads, p, at, len(want), dst.data[at], want[at])
			}
			for _, g := range []*guarded{packed, scratch, dst} {
				g.check(t)
			}
		}
	}
}

// differs is the first place where a and b, of one length, differ.
func differs(a, b []byte) int {
	at := 0
	for a[at] == b[at] {
		at++
	}
	return at
}

// guarded is bytes, aligned to 4, between guards.
type guarded struct{ all, data []byte }

func guardBytes(n int) *guarded {
	g := &guarded{all: aligned(n + 256)}
	for i := range g.all {
		g.all[i] = 0xa5
	}
	g.data = g.all[128 : 128+n : 128+n]
	return g
}

func (g *guarded) check(t *testing.T) {
	t.Helper()
	for i, v := range g.all {
		if at := i - 128; (at < 0 || at >= len(g.data)) && v != 0xa5 {
			t.Fatalf("byte %d of %d was overwritten", at, len(g.data))
		}
	}
}

func TestConv(t *testing.T) {
	seed := uint64(1)
	for _, channels := range [][3]int{ // in, out, groups
		{1, 1, 1}, {3, 5, 1}, {4, 16, 1}, {8, 17, 1}, {16, 33, 1}, {5, 64, 1}, {64, 67, 1}, {12, 130, 1},
		{8, 8, 2}, {6, 9, 3}, {40, 24, 2}, {3, 3, 3}, {16, 16, 16}, {33, 33, 33}, {70, 70, 70}, {8, 16, 8},
	} {
		for _, g := range []struct {
			name                                            string
			h, w, kh, kw, stride, dilation, top, left, more int
		}{
			{"1x1", 5, 7, 1, 1, 1, 1, 0, 0, 0},
			{"1x1 stride 2", 5, 6, 1, 1, 2, 1, 0, 0, 0},
			{"3x3 same", 5, 7, 3, 3, 1, 1, 1, 1, 1},
			{"3x3 stride 2", 8, 9, 3, 3, 2, 1, 0, 1, 1},
			{"3x2 dilated", 9, 8, 3, 2, 1, 2, 2, 1, 1},
			{"window beyond the map", 2, 2, 5, 5, 1, 1, 2, 2, 2},
			{"valid", 6, 15, 2, 3, 1, 1, 0, 0, 0},
		} {
			for _, signs := range [][2]bool{{false, true}, {true, true}, {false, false}} {
				p := ConvParams{
					Batch: 1 + int(seed%2), InH: g.h, InW: g.w, InC: channels[0], OutC: channels[1], Groups: channels[2],
					KernelH: g.kh, KernelW: g.kw, StrideH: g.stride, StrideW: g.stride, DilationH: g.dilation, DilationW: g.dilation,
					PadTop: g.top, PadLeft: g.left, Signed: signs[0], SignedW: signs[1],
					OutH:   (g.h+g.top+g.more-(g.kh-1)*g.dilation-1)/g.stride + 1,
					OutW:   (g.w+g.left+g.more-(g.kw-1)*g.dilation-1)/g.stride + 1,
					Output: Output{Type: Type(seed / 2 % 4)},
				}
				t.Run(fmt.Sprint(g.name, channels, signs), func(t *testing.T) { check(t, p, seed) })
				seed++
			}
		}
	}
}

// TestExtremes has the largest products, of each sign.
func TestExtremes(t *testing.T) {
	for _, p := range []ConvParams{
		{InC: 24, OutC: 20, Groups: 1}, {InC: 20, OutC: 9, Groups: 1}, {InC: 40, OutC: 40, Groups: 40},
	} {
		p.Batch, p.InH, p.InW, p.OutH, p.OutW, p.KernelH, p.KernelW = 1, 5, 6, 4, 4, 2, 3
		p.StrideH, p.StrideW, p.DilationH, p.DilationW = 1, 1, 1, 1
		for _, signs := range [][2]bool{{true, true}, {false, true}, {true, false}, {false, false}} {
			p.Signed, p.SignedW = signs[0], signs[1]
			for _, numbers := range [][2]byte{{0, 0}, {0, 1}, {0, 255}, {255, 0}, {255, 255}} {
				x, w := numbers[0]^least(p.Signed), numbers[1]^least(p.SignedW)
				o := Operands{
					Src:    slices.Repeat([]byte{x}, p.InH*p.InW*p.InC),
					Packed: slices.Repeat([]byte{w}, p.OutC*p.KernelH*p.KernelW*p.InC/p.Groups),
				}
				compare(t, p, o)
			}
		}
	}
}

// TestLongRows sums many products, in chunks, and has more pixels than a block, or rows of
// several bands.
func TestLongRows(t *testing.T) {
	for i, p := range []ConvParams{
		{InW: 61, InC: 5000, OutC: 20},
		{InW: 3, InC: 3 * chunkSize, OutC: 70, WeightsByK: true},
		{InW: 200, InC: 7, OutC: 3, WeightsByK: true},
		{InW: 1, InC: 1030, OutC: 129, WeightsByK: true},
	} {
		p.Batch, p.InH, p.OutH, p.OutW, p.KernelH, p.KernelW = 1, 1, 1, p.InW, 1, 1
		p.StrideH, p.StrideW, p.DilationH, p.DilationW, p.Groups = 1, 1, 1, 1, 1
		p.Signed, p.SignedW, p.Output.Type = i%2 == 0, true, Type(i)
		check(t, p, uint64(100+i))
	}
	check(t, ConvParams{Batch: 1, InH: 9, InW: 9, InC: 300, OutC: 65, OutH: 9, OutW: 9, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1,
		DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, Groups: 1, SignedW: true, Output: Output{Type: Uint8}}, 201)
	check(t, ConvParams{Batch: 2, InH: 9, InW: 199, InC: 64, OutC: 40, OutH: 5, OutW: 100, KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2,
		DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, Groups: 1, SignedW: true, Output: Output{Type: Uint8}}, 202)
}

// TestStore rounds half to even, saturates, and takes NaN for the lower limit.
func TestStore(t *testing.T) {
	nan := float32(math.NaN())
	for _, f := range isa.Levels(isa.Detect()) {
		k := selectKernel(f, true)
		sums, scale, add := make([]int32, 32), slices.Repeat([]float32{0.5}, 32), slices.Repeat([]float32{noAddend}, 32)
		for i := range sums {
			sums[i] = int32(i - 16)
		}
		sums[0], sums[1], scale[2] = math.MaxInt32, math.MinInt32, nan
		want := []int8{127, -100, -100, -3, -3, -3, -2, -1, -1, -1, 0, 1, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7, 7, 7, 8, 9, 9, 9, 10, 11}
		for i := 3; i < len(want); i++ {
			want[i] = int8(math.RoundToEven(float64(i-16)/2)) + 3
		}
		for _, n := range []int{32, 19} {
			o := output{Output{Type: Int8, Zero: 3, Min: -100, Max: 127}, scale, add}
			dst := guardBytes(n)
			k.store(&o, &results{dst: dst.data, stride: n, sums: sums, width: 32, rows: 1, n: n})
			dst.check(t)
			for i, v := range dst.data {
				if int8(v) != want[i] {
					t.Errorf("%v: element %d of %d is %d, want %d", f, i, n, int8(v), want[i])
				}
			}
		}
	}
}

// TestNoAllocations runs everything on every level without allocating.
func TestNoAllocations(t *testing.T) {
	for _, f := range isa.Levels(isa.Detect()) {
		var runs []func()
		for _, groups := range []int{1, 64} {
			p := ConvParams{Batch: 1, InH: 7, InW: 9, InC: 64, OutH: 7, OutW: 9, OutC: 64, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1,
				DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, Groups: groups, SignedW: true, Output: Output{Type: Uint8, Max: 255}}
			c, err := NewConv(p, f, 1)
			if err != nil {
				t.Fatal(err)
			}
			o := &Operands{Dst: aligned(7 * 9 * 64), Src: aligned(7 * 9 * 64), Packed: aligned(c.PackedLen()), Scratch: aligned(c.ScratchLen())}
			runs = append(runs, func() { c.Run(nil, o) })
		}
		bytes, numbers := make([]byte, 1000), make([]float32, 1000)
		q, scale, zero := NewQuantizer(Int8, 1, f), []float32{1}, []int32{0}
		b := NewBinary(Operand{Scale: 1}, Operand{Scale: 1}, false, Output{Type: Uint8, Max: 255}, f)
		m := NewMaxPool(PoolParams{Batch: 1, InH: 4, InW: 5, C: 50, OutH: 2, OutW: 2, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1}, f, 1)
		runs = append(runs, func() { q.Run(nil, bytes, numbers, scale, zero) }, func() { b.Run(nil, bytes, bytes, bytes) },
			func() { m.Run(nil, bytes[:200], bytes) })
		for i, run := range runs {
			if n := testing.AllocsPerRun(10, run); n != 0 {
				t.Errorf("%v: run %d allocates %v times", f, i, n)
			}
		}
	}
}
