package move

import (
	"math"

	"github.com/lce-go/lce/kernels/parallel"
)

// Type is an element type that Cast knows.
type Type int

// The element types. Bool is a byte of 0 or 1.
const (
	Float16 Type = iota
	Float32
	Float64
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Bool
	typeCount
)

// half holds the bits of a half-precision number.
type half uint16

// number is a type that Go converts itself.
type number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// castFunc converts all elements of src.
type castFunc func(dst, src []byte)

// castRow lists, by target type, the conversions from S.
func castRow[S number]() [typeCount]castFunc {
	return [typeCount]castFunc{
		Float16: toHalf[S], Float32: convert[float32, S], Float64: convert[float64, S],
		Int8: convert[int8, S], Int16: convert[int16, S], Int32: convert[int32, S], Int64: convert[int64, S],
		Uint8: convert[uint8, S], Uint16: convert[uint16, S], Uint32: convert[uint32, S], Uint64: convert[uint64, S],
		Bool: toBool[S],
	}
}

// halfRow lists the conversions from float16.
func halfRow() [typeCount]castFunc {
	return [typeCount]castFunc{
		Float32: fromHalf[float32], Float64: fromHalf[float64],
		Int8: fromHalf[int8], Int16: fromHalf[int16], Int32: fromHalf[int32], Int64: fromHalf[int64],
		Uint8: fromHalf[uint8], Uint16: fromHalf[uint16], Uint32: fromHalf[uint32], Uint64: fromHalf[uint64],
		Bool: func(dst, src []byte) {
			for i, h := range view[half](src) {
				dst[i] = truth(h&0x7fff != 0)
			}
		},
	}
}

// castRows make the rows of conversions by source. They are functions because a table
// of all conversions takes a third of a millisecond to fill.
var castRows = [typeCount]func() [typeCount]castFunc{
	Float16: halfRow, Float32: castRow[float32], Float64: castRow[float64],
	Int8: castRow[int8], Int16: castRow[int16], Int32: castRow[int32], Int64: castRow[int64],
	Uint8: castRow[uint8], Uint16: castRow[uint16], Uint32: castRow[uint32], Uint64: castRow[uint64],
	// A Bool is a number that is 0 or 1.
	Bool: castRow[uint8],
}

var typeSizes = [typeCount]int{
	Float16: 2, Float32: 4, Float64: 8, Int8: 1, Int16: 2, Int32: 4, Int64: 8,
	Uint8: 1, Uint16: 2, Uint32: 4, Uint64: 8, Bool: 1,
}

// Cast converts elements from one type to another:
//
//   - to a float: rounded to the nearest, ties to even;
//   - float to integer: truncated towards zero; values out of range become the
//     nearest value of the type, NaN becomes 0;
//   - integer to integer: the low bits are kept;
//   - to Bool: whether the value is not 0; a NaN is not.
type Cast struct {
	fn       castFunc
	to, from int // element sizes
	spread   Spread
	dst, src []byte
}

// NewCast makes a conversion of count elements between two different types.
func NewCast(to, from Type, count int) *Cast {
	return &Cast{fn: castRows[from]()[to], to: typeSizes[to], from: typeSizes[from], spread: NewSpread(1, count, 4, 64)}
}

// Run converts src to dst. They may be the same memory if both types have the same
// size.
func (c *Cast) Run(p *parallel.Pool, dst, src []byte) {
	c.dst, c.src = dst, src
	p.Run(c.spread.tiles, c)
	c.dst, c.src = nil, nil
}

// Tile converts some elements.
func (c *Cast) Tile(i, _ int) {
	_, _, lo, hi := c.spread.Tile(i)
	c.fn(c.dst[lo*c.to:hi*c.to], c.src[lo*c.from:hi*c.from])
}

func convert[D, S number](dst, src []byte) {
	in := view[S](src)
	out := view[D](dst)[:len(in)]
	half := 0.5
	isFloat := S(half) != 0
	toFloat := D(half) != 0
	if isFloat && !toFloat {
		for i, v := range in {
			out[i] = truncate[D](float64(v))
		}
		return
	}
	for i, v := range in {
		out[i] = D(v)
	}
}

// truncate is D(v) with every case defined.
func truncate[D number](v float64) D {
	lowest, beyond := rangeOf[D]()
	switch {
	case v != v:
		return 0
	case v <= float64(lowest):
		return lowest
	case v >= beyond:
		return lowest - 1 // wraps around to the largest
	}
	return D(v)
}

// rangeOf gives the lowest value of an integer type and the first float64 above its
// largest.
func rangeOf[D number]() (lowest D, beyond float64) {
	var zero D
	switch any(zero).(type) {
	case int8:
		v := math.MinInt8
		return D(v), -math.MinInt8
	case int16:
		v := math.MinInt16
		return D(v), -math.MinInt16
	case int32:
		v := math.MinInt32
		return D(v), -math.MinInt32
	case int64:
		v := int64(math.MinInt64)
		return D(v), -math.MinInt64
	case uint8:
		return 0, math.MaxUint8 + 1
	case uint16:
		return 0, math.MaxUint16 + 1
	case uint32:
		return 0, math.MaxUint32 + 1
	}
	return 0, math.MaxUint64
}

func toBool[S number](dst, src []byte) {
	for i, v := range view[S](src) {
		dst[i] = truth(v != 0)
	}
}

func truth(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func toHalf[S number](dst, src []byte) {
	out := view[half](dst)
	for i, v := range view[S](src) {
		// A 64-bit integer that float64 cannot hold is far above the largest float16.
		out[i] = halfOf(float64(v))
	}
}

func fromHalf[D number](dst, src []byte) {
	out := view[D](dst)
	half := 0.5
	toFloat := D(half) != 0
	for i, h := range view[uint16](src) {
		v := Float16Value(h)
		if toFloat {
			out[i] = D(v)
		} else {
			out[i] = truncate[D](float64(v))
		}
	}
}

// Float16Value is the value of the IEEE 754 half-precision number with these bits.
func Float16Value(bits uint16) float32 {
	sign := uint32(bits&0x8000) << 16
	exp, frac := uint32(bits>>10&31), uint32(bits&1023)
	switch {
	case exp == 31: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp == 0: // zero and subnormal numbers: frac * 2^-24
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// Float16Bits rounds to half precision, ties to even.
func Float16Bits(v float64) uint16 { return uint16(halfOf(v)) }

func halfOf(v float64) half {
	b := math.Float64bits(v)
	sign := half(b >> 48 & 0x8000)
	exp := int(b>>52&2047) - 1023
	frac := b & (1<<52 - 1)
	switch {
	case exp == 1024 && frac != 0:
		return sign | 0x7e00 // one quiet NaN
	case exp > 15:
		return sign | 0x7c00
	case exp < -25:
		return sign
	}
	// All bits of the number in units of its last place in float16.
	frac |= 1 << 52
	drop := uint(42)
	bits := half(exp+14) << 10 // the leading one of frac adds one to the exponent
	if exp < -14 {
		drop += uint(-14 - exp)
		bits = 0
	}
	rest := frac & (1<<drop - 1)
	bits += half(frac >> drop)
	if tie := uint64(1) << (drop - 1); rest > tie || rest == tie && bits&1 == 1 {
		bits++ // a carry into the exponent is right, up to infinity
	}
	return sign | bits
}
