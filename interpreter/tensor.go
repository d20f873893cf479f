package interpreter

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

// Tensor is an input or output of an Interpreter. It stays valid as long as the
// Interpreter, also over Resize; the slices that its methods return are views of
// the Interpreter's memory, which a Resize replaces.
type Tensor struct {
	name   string
	in     *Interpreter
	index  int
	output bool
}

// now is the tensor in the current shapes.
func (t *Tensor) now() *ops.Tensor {
	if t.output {
		return t.in.prepared.outputs[t.index]
	}
	return t.in.prepared.inputs[t.index]
}

// Name is the public name, as in the source model.
func (t *Tensor) Name() string { return t.name }

// DType is the element type.
func (t *Tensor) DType() schema.DType { return t.now().DType }

// Shape is the current shape, a copy.
func (t *Tensor) Shape() []int { return slices.Clone(t.now().Shape) }

// Len is the number of elements.
func (t *Tensor) Len() int { return t.now().Len() }

// String describes the tensor, as in `"x" Float32 [1 28 28 1]`.
func (t *Tensor) String() string {
	v := t.now()
	return fmt.Sprintf("%q %v %v", t.name, v.DType, v.Shape)
}

// Bytes is the tensor's memory: the elements row by row, little-endian; Bool as
// bytes of 0 and 1; Bits packed as lce.fbs says.
func (t *Tensor) Bytes() []byte { return t.now().Data }

// Float32s is the tensor's memory, row by row; nil if the elements are not Float32.
// Writing to an input's sets it.
func (t *Tensor) Float32s() []float32 { return view[float32](t.now(), schema.Float32) }

// Float64s is Float32s for Float64.
func (t *Tensor) Float64s() []float64 { return view[float64](t.now(), schema.Float64) }

// Float16s is Float32s for Float16: the bits of the numbers, see FromFloat16 and ToFloat16.
func (t *Tensor) Float16s() []uint16 { return view[uint16](t.now(), schema.Float16) }

// FromFloat16 gives the numbers that have these bits in half precision.
func FromFloat16(bits []uint16) []float32 {
	values := make([]float32, len(bits))
	for i, b := range bits {
		values[i] = move.Float16Value(b)
	}
	return values
}

// ToFloat16 rounds numbers to half precision, to the nearest and ties to even, and gives
// their bits. What is beyond 65504 becomes an infinity.
func ToFloat16(values []float32) []uint16 {
	bits := make([]uint16, len(values))
	for i, v := range values {
		bits[i] = move.Float16Bits(float64(v))
	}
	return bits
}

// Int64s is Float32s for Int64.
func (t *Tensor) Int64s() []int64 { return view[int64](t.now(), schema.Int64) }

// Int32s is Float32s for Int32.
func (t *Tensor) Int32s() []int32 { return view[int32](t.now(), schema.Int32) }

// Uint8s is Float32s for Uint8.
func (t *Tensor) Uint8s() []uint8 { return view[uint8](t.now(), schema.Uint8) }

// Bools is Float32s for Bool.
func (t *Tensor) Bools() []bool {
	v := t.now()
	if v.DType != schema.Bool || len(v.Data) == 0 {
		return nil
	}
	return unsafe.Slice((*bool)(unsafe.Pointer(unsafe.SliceData(v.Data))), len(v.Data))
}

// Words is the memory of a tensor of Bits: for each row along the last axis, of C
// elements, ceil(C/32) words; bit c%32 of word c/32 is set if element c is -1. It
// is nil if the elements are not Bits. The bits behind the last element must be 0.
func (t *Tensor) Words() []uint32 { return view[uint32](t.now(), schema.Bits) }

func view[T ops.Element](t *ops.Tensor, d schema.DType) []T {
	if t.DType != d {
		return nil
	}
	return ops.View[T](t)
}

// Set copies values into an input, row by row. values is a slice of the Go type of
// the tensor's element type, and as long as the tensor: []float32 for Float32,
// []bool for Bool, []uint16 for Float16 and Uint16, []uint32 for Uint32 and, as
// words, for Bits, and so on.
func (t *Tensor) Set(values any) error {
	data, n, types := rawValues(values)
	if types == nil {
		return fmt.Errorf("input %v: values of type %T, want a slice of numbers or bool", t, values)
	}
	v := t.now()
	if !slices.Contains(types, v.DType) {
		return fmt.Errorf("input %v: values of type %T, want %s", t, values, goTypes[v.DType])
	}
	want, unit := v.Len(), "values"
	if v.DType == schema.Bits {
		want, unit = v.Bytes()/4, "words"
	}
	if n != want {
		return fmt.Errorf("input %v: got %d %s, want %d", t, n, unit, want)
	}
	return t.set(data)
}

// SetBytes copies raw data into an input: the elements row by row, little-endian.
// d and shape say what the data is, and must be those of the input.
func (t *Tensor) SetBytes(d schema.DType, shape []int, data []byte) error {
	v := t.now()
	if d != v.DType || !slices.Equal(shape, v.Shape) {
		return fmt.Errorf("input %q: got %v %v, want %v %v", t.name, d, shape, v.DType, v.Shape)
	}
	if len(data) != len(v.Data) {
		return fmt.Errorf("input %v: got %d bytes, want %d", t, len(data), len(v.Data))
	}
	return t.set(data)
}

// set copies data of the right size, unless an element has no meaning.
func (t *Tensor) set(data []byte) error {
	if t.output {
		return fmt.Errorf("%v is an output, only inputs can be set", t)
	}
	v := t.now()
	switch v.DType {
	case schema.Bool:
		if i := slices.IndexFunc(data, func(b byte) bool { return b > 1 }); i >= 0 {
			return fmt.Errorf("input %v: byte %d is %d, want 0 or 1", t, i, data[i])
		}
	case schema.Bits:
		if row, ok := tailsClear(data, v.Cols()); !ok {
			return fmt.Errorf("input %v: row %d: the bits behind the last element are not 0", t, row)
		}
	}
	copy(v.Data, data)
	return nil
}

// tailsClear looks for a row of cols packed elements whose unused bits are not all 0.
func tailsClear(data []byte, cols int) (row int, ok bool) {
	size := schema.WordsPerRow(cols) * 4
	if cols%32 == 0 || size == 0 {
		return 0, true
	}
	for row = range len(data) / size {
		last := data[row*size : (row+1)*size]
		for b := cols; b < size*8; b++ {
			if last[b/8]>>(b%8)&1 != 0 {
				return row, false
			}
		}
	}
	return 0, true
}

// goTypes says what Set takes for an element type.
var goTypes = map[schema.DType]string{
	schema.Float32: "[]float32", schema.Float64: "[]float64", schema.Float16: "[]uint16",
	schema.Int8: "[]int8", schema.Uint8: "[]uint8", schema.Int16: "[]int16", schema.Uint16: "[]uint16",
	schema.Int32: "[]int32", schema.Uint32: "[]uint32", schema.Int64: "[]int64", schema.Uint64: "[]uint64",
	schema.Bool: "[]bool", schema.Bits: "[]uint32",
}

// rawValues is the memory of a slice, its length, and the element types it may be.
func rawValues(values any) (data []byte, n int, types []schema.DType) {
	switch v := values.(type) {
	case []float32:
		return rawBytes(v), len(v), []schema.DType{schema.Float32}
	case []float64:
		return rawBytes(v), len(v), []schema.DType{schema.Float64}
	case []int8:
		return rawBytes(v), len(v), []schema.DType{schema.Int8}
	case []uint8:
		return rawBytes(v), len(v), []schema.DType{schema.Uint8}
	case []int16:
		return rawBytes(v), len(v), []schema.DType{schema.Int16}
	case []uint16:
		return rawBytes(v), len(v), []schema.DType{schema.Uint16, schema.Float16}
	case []int32:
		return rawBytes(v), len(v), []schema.DType{schema.Int32}
	case []uint32:
		return rawBytes(v), len(v), []schema.DType{schema.Uint32, schema.Bits}
	case []int64:
		return rawBytes(v), len(v), []schema.DType{schema.Int64}
	case []uint64:
		return rawBytes(v), len(v), []schema.DType{schema.Uint64}
	case []bool:
		return rawBytes(v), len(v), []schema.DType{schema.Bool}
	}
	return nil, 0, nil
}

func rawBytes[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}
