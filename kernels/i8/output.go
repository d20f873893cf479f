package i8

import "math"

// Type is a type of results.
type Type uint8

// The types of results.
const (
	Int32 Type = iota
	Float32
	Int8
	Uint8
)

// Size is the bytes of an element.
func (t Type) Size() int {
	if t == Int32 || t == Float32 {
		return 4
	}
	return 1
}

// Output says what becomes of a sum, with the scale and the addend of its channel:
//
//	Int32        sum
//	Float32      min(max(float32(sum)*scale + add, Min), Max)
//	Int8, Uint8  min(max(round(float32(sum)*scale + add) + Zero, Min), Max)
//
// Each operation is rounded to float32, round is half to even. Of 8 bits Min and Max are
// integers that the type holds.
type Output struct {
	Type     Type
	Zero     int32
	Min, Max float32
}

// Limits are the least and the largest number of a type of 8 bits.
func (t Type) Limits() (lo, hi float32) {
	if t == Int8 {
		return -128, 127
	}
	return 0, 255
}

// output is an Output with what its channels have, whole vectors of them.
type output struct {
	Output
	scale, add []float32
}

// results are rows of sums and where their results go: those of n channels, from the given
// one on.
type results struct {
	dst        []byte
	stride     int // bytes from row to row
	sums       []int32
	width      int // sums from row to row
	rows       int
	n, channel int
}

// noAddend changes no number that it is added to.
var noAddend = float32(math.Copysign(0, -1))

// limit gives the limits of a rounded number before the zero point is added. A NaN is the
// lower one.
func (o *output) limit() (lo, hi float32) { return o.Min - float32(o.Zero), o.Max - float32(o.Zero) }

// storeGeneric writes results.
func storeGeneric(o *output, r *results) {
	size := o.Type.Size()
	lo, hi := o.limit()
	scale, add := o.scale[r.channel:][:r.n], o.add[r.channel:][:r.n]
	for i := range r.rows {
		dst, sums := r.dst[i*r.stride:][:r.n*size], r.sums[i*r.width:][:r.n]
		switch o.Type {
		case Int32:
			copy(ints(dst), sums)
		case Float32:
			for j, s := range sums {
				v := float32(float32(s)*scale[j]) + add[j]
				if v < o.Min {
					v = o.Min
				}
				if v > o.Max {
					v = o.Max
				}
				floats(dst)[j] = v
			}
		default:
			for j, s := range sums {
				dst[j] = byte(roundLimited(float32(float32(s)*scale[j])+add[j], lo, hi) + o.Zero)
			}
		}
	}
}

// roundLimited rounds half to even, within limits that are integers. A NaN is lo.
func roundLimited(v, lo, hi float32) int32 {
	if !(v > lo) {
		v = lo
	}
	if v > hi {
		v = hi
	}
	return int32(math.RoundToEven(float64(v)))
}
