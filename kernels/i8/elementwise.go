package i8

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// functions are what is done number by number; those of a vector do whole ones and leave
// the rest to the generic ones.
type functions struct {
	needs    isa.Features
	quantize func(q *Quantizer, dst []byte, src []float32, scale float32, zero int32)
	binary   func(b *Binary, dst, x, y []byte)
	max      func(dst, src []byte, taps []int, signed bool)
}

var genericFunctions = functions{quantize: quantizeGeneric, binary: binaryGeneric, max: maxGeneric}

func selectFunctions(f isa.Features) *functions {
	for i := range vectorFunctions {
		if f.Has(vectorFunctions[i].needs) {
			return &vectorFunctions[i]
		}
	}
	return &genericFunctions
}

// tileSize is the number of elements that a thread takes at a time: some microseconds.
const tileSize = 1 << 13

// Quantizer makes 8-bit numbers of float32: x/scale, rounded half to even, plus a zero point,
// limited to what the type holds. A NaN is the lower limit. The i-th scale is for elements
// i*inner to (i+1)*inner-1 of each run of scales; there may be one for all.
type Quantizer struct {
	lo, hi float32
	inner  int
	run    func(q *Quantizer, dst []byte, src []float32, scale float32, zero int32)

	dst    []byte
	src    []float32
	scales []float32
	zeros  []int32
}

// NewQuantizer makes one for results of a type of 8 bits.
func NewQuantizer(t Type, inner int, f isa.Features) *Quantizer {
	q := &Quantizer{inner: inner, run: selectFunctions(f).quantize}
	q.lo, q.hi = t.Limits()
	return q
}

// Run quantizes src. There are as many zero points as scales.
func (q *Quantizer) Run(p *parallel.Pool, dst []byte, src, scales []float32, zeros []int32) {
	q.dst, q.src, q.scales, q.zeros = dst, src, scales, zeros
	p.Run((len(dst)+tileSize-1)/tileSize, q)
	q.dst, q.src, q.scales, q.zeros = nil, nil, nil, nil
}

// Tile quantizes a part.
func (q *Quantizer) Tile(i, _ int) {
	lo, hi := i*tileSize, min((i+1)*tileSize, len(q.dst))
	if len(q.scales) == 1 {
		q.run(q, q.dst[lo:hi], q.src[lo:hi], q.scales[0], q.zeros[0])
		return
	}
	for lo < hi {
		at := lo / q.inner
		end := min((at+1)*q.inner, hi)
		at %= len(q.scales)
		q.run(q, q.dst[lo:end], q.src[lo:end], q.scales[at], q.zeros[at])
		lo = end
	}
}

func quantizeGeneric(q *Quantizer, dst []byte, src []float32, scale float32, zero int32) {
	lo, hi := q.lo-float32(zero), q.hi-float32(zero)
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = byte(roundLimited(v/scale, lo, hi) + zero)
	}
}

// Operand is what the bytes of an operand of a Binary mean: (x - Zero)*Scale.
type Operand struct {
	Signed bool
	Zero   int32
	Scale  float32
}

// Binary adds or multiplies operands in float32 and rounds the result, see Output.
type Binary struct {
	a, b Operand
	mul  bool
	out  Output
	run  func(b *Binary, dst, x, y []byte)

	dst, x, y []byte
}

// NewBinary makes one. Results have 8 bits.
func NewBinary(a, b Operand, mul bool, out Output, f isa.Features) *Binary {
	return &Binary{a: a, b: b, mul: mul, out: out, run: selectFunctions(f).binary}
}

// Run computes dst. There are as many elements of x; those of y repeat.
func (b *Binary) Run(p *parallel.Pool, dst, x, y []byte) {
	b.dst, b.x, b.y = dst, x, y
	p.Run((len(dst)+tileSize-1)/tileSize, b)
	b.dst, b.x, b.y = nil, nil, nil
}

// Tile computes a part.
func (b *Binary) Tile(i, _ int) {
	for lo, hi := i*tileSize, min((i+1)*tileSize, len(b.dst)); lo < hi; {
		at := lo % len(b.y)
		n := min(hi-lo, len(b.y)-at)
		b.run(b, b.dst[lo:lo+n], b.x[lo:lo+n], b.y[at:at+n])
		lo += n
	}
}

// flipped gives what makes bytes of the operand unsigned, and its zero point then.
func (o *Operand) flipped() (flip byte, zero int32) {
	if o.Signed {
		return 0x80, o.Zero + 128
	}
	return 0, o.Zero
}

func binaryGeneric(b *Binary, dst, x, y []byte) {
	lo, hi := (&output{Output: b.out}).limit()
	flipA, zeroA := b.a.flipped()
	flipB, zeroB := b.b.flipped()
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		v := float32(float32(int32(x[i]^flipA)-zeroA) * b.a.Scale)
		w := float32(float32(int32(y[i]^flipB)-zeroB) * b.b.Scale)
		if b.mul {
			v *= w
		} else {
			v += w
		}
		dst[i] = byte(roundLimited(v, lo, hi) + b.out.Zero)
	}
}

// Lookup replaces numbers by those of a table.
type Lookup[T any] struct {
	flip  byte
	table *[256]T
	dst   []T
	src   []byte
}

// NewLookup makes one for bytes that are signed or not; the table begins with the least.
func NewLookup[T any](signed bool) *Lookup[T] {
	l := &Lookup[T]{}
	if signed {
		l.flip = 0x80
	}
	return l
}

// Run looks src up.
func (l *Lookup[T]) Run(p *parallel.Pool, dst []T, src []byte, table []T) {
	l.dst, l.src, l.table = dst, src, (*[256]T)(table)
	p.Run((len(dst)+tileSize-1)/tileSize, l)
	l.dst, l.src, l.table = nil, nil, nil
}

// Tile looks a part up.
func (l *Lookup[T]) Tile(i, _ int) {
	lo, hi := i*tileSize, min((i+1)*tileSize, len(l.dst))
	dst, src := l.dst[lo:hi], l.src[lo:hi]
	for j := range dst {
		dst[j] = l.table[src[j]^l.flip]
	}
}

// Number is a type of quantized numbers.
type Number interface{ ~int8 | ~uint8 | ~int32 }

// Dequantizer makes float32 of quantized numbers, (x - zero point)*scale, with scales as a
// Quantizer has them. Differences are of int32 and wrap around.
type Dequantizer[T Number] struct {
	inner int

	dst    []float32
	src    []T
	scales []float32
	zeros  []int32
}

// NewDequantizer makes one.
func NewDequantizer[T Number](inner int) *Dequantizer[T] { return &Dequantizer[T]{inner: inner} }

// Run computes dst. There are as many zero points as scales.
func (d *Dequantizer[T]) Run(p *parallel.Pool, dst []float32, src []T, scales []float32, zeros []int32) {
	d.dst, d.src, d.scales, d.zeros = dst, src, scales, zeros
	p.Run((len(dst)+tileSize-1)/tileSize, d)
	d.dst, d.src, d.scales, d.zeros = nil, nil, nil, nil
}

// Tile computes a part.
func (d *Dequantizer[T]) Tile(i, _ int) {
	for lo, hi := i*tileSize, min((i+1)*tileSize, len(d.dst)); lo < hi; {
		at := lo / d.inner
		end := min((at+1)*d.inner, hi)
		at %= len(d.scales)
		scale, zero := d.scales[at], d.zeros[at]
		for j, v := range d.src[lo:end] {
			d.dst[lo+j] = float32(int32(v)-zero) * scale
		}
		lo = end
	}
}
