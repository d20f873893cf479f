package move

import "fmt"

// Elements picks or places elements of an array by indices along one axis. An array of
// indices has an element for each one that is picked or placed; those along the other
// axes are where they are in the larger array.
type Elements struct {
	dims    []int // of the indices
	strides []int // of the larger array, in elements; along the axis 0
	length  int   // of the axis in the larger array
	step    int   // stride of the axis
	size    int   // bytes of an element
	counter []int // where places is in dims
}

// NewElements is for an array of shape large, indices of shape small, and elements of
// size bytes.
func NewElements(large, small []int, axis, size int) *Elements {
	e := &Elements{dims: small, strides: Strides(large), length: large[axis], size: size, counter: make([]int, len(small))}
	e.step = e.strides[axis]
	e.strides[axis] = 0
	return e
}

// places calls f for each index, in order, with the element of the larger array that it
// says. An index may count from the end; one out of range is an error.
func (e *Elements) places(indices []int64, f func(i, at int)) error {
	counter, at := e.counter, 0
	clear(counter)
	for i, v := range indices {
		if v < -int64(e.length) || v >= int64(e.length) {
			return fmt.Errorf("index %d at position %d, want %d to %d", v, i, -e.length, e.length-1)
		}
		if v < 0 {
			v += int64(e.length)
		}
		f(i, at+int(v)*e.step)
		for d := len(e.dims) - 1; d >= 0; d-- {
			counter[d]++
			at += e.strides[d]
			if counter[d] < e.dims[d] {
				break
			}
			at -= counter[d] * e.strides[d]
			counter[d] = 0
		}
	}
	return nil
}

// Gather sets dst to the elements of src, the larger array, that the indices pick.
func (e *Elements) Gather(dst, src []byte, indices []int64) error {
	switch e.size {
	case 1:
		return gatherElements(e, dst, src, indices)
	case 2:
		return gatherElements(e, view[uint16](dst), view[uint16](src), indices)
	case 4:
		return gatherElements(e, view[uint32](dst), view[uint32](src), indices)
	default:
		return gatherElements(e, view[uint64](dst), view[uint64](src), indices)
	}
}

func gatherElements[T any](e *Elements, dst, src []T, indices []int64) error {
	return e.places(indices, func(i, at int) { dst[i] = src[at] })
}
