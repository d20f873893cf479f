package ops

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/lce-go/lce/schema"
)

// Tensor is a typed view of memory that it does not own.
type Tensor struct {
	Name  string
	DType schema.DType
	Shape []int // every dimension known, not negative
	// Data holds Bytes() bytes, row by row, aligned to 64; nil while the value is not
	// known. Bits are packed as lce.fbs says.
	Data []byte
	// Packs keeps the packed forms of a constant; nil if they are not kept.
	Packs *Packs
	// Expand, if there is one, computes the value of a constant without Data, which is
	// stored in fewer bits. Only a Prepare for its Def.PackedInput gets such a constant. The
	// next Expand uses the memory again.
	Expand func() ([]byte, error)
}

// Constant reports whether the value is known: it is in Data, or Expand computes it.
func (t *Tensor) Constant() bool { return t.Data != nil || t.Expand != nil }

// MaxElements bounds the number of elements of a tensor, so that sizes in bytes
// fit an int on every platform.
const MaxElements = math.MaxInt32 / 8

// Count is the number of elements of a shape; an error names a dimension that is
// negative or a product above MaxElements.
func Count(shape []int) (int, error) {
	n := int64(1)
	zero := false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v: negative dimension", shape)
		}
		if d == 0 {
			zero = true
			continue
		}
		if n *= int64(d); n > MaxElements {
			return 0, fmt.Errorf("shape %v: more than %d elements", shape, MaxElements)
		}
	}
	if zero {
		return 0, nil
	}
	return int(n), nil
}

// Len is the number of elements. The shape must have passed Count.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Rows is the number of rows along the last axis, and Cols their length; a scalar
// is one row of one.
func (t *Tensor) Rows() int {
	if len(t.Shape) == 0 {
		return 1
	}
	n := 1
	for _, d := range t.Shape[:len(t.Shape)-1] {
		n *= d
	}
	return n
}

// Cols is the length of the last axis, 1 for a scalar.
func (t *Tensor) Cols() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return t.Shape[len(t.Shape)-1]
}

// Bytes is the size of the data that DType and Shape ask for.
func (t *Tensor) Bytes() int {
	if t.DType == schema.Bits {
		return t.Rows() * schema.WordsPerRow(t.Cols()) * 4
	}
	return t.Len() * t.DType.Size()
}

// Element is a Go type that a tensor's data can be viewed as.
type Element interface {
	~float32 | ~float64 | ~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64
}

// View gives the data of t as elements of type T without a copy. Bits are viewed
// as uint32 words, Bool as uint8 of 0 and 1. It is the caller's business that T
// has the size of the element type.
func View[T Element](t *Tensor) []T {
	if len(t.Data) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(t.Data))), len(t.Data)/int(unsafe.Sizeof(zero)))
}

// String describes the tensor for messages, as in `"x" float32 [1 28 28 1]`.
func (t *Tensor) String() string {
	return fmt.Sprintf("%q %v %v", t.Name, t.DType, t.Shape)
}

// align is the alignment of tensors: the longest vector of a processor.
const align = 64

// Aligned reports whether b starts where a tensor may.
func Aligned(b []byte) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(b)))&(align-1) == 0
}

// AlignedBytes allocates n zeroed bytes that are Aligned.
func AlignedBytes(n int) []byte {
	b := make([]byte, n+align-1)
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (align - 1))
	return b[off : off+n : off+n]
}
