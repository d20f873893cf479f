package move

import "fmt"

// Slices finds slices of an array by tuples of indices of its first axes.
type Slices struct {
	batches int   // leading axes that indices and array share, as one
	tuples  int   // of a batch
	dims    []int // that a tuple indexes
	strides []int // of these, in slices
	count   int   // slices of a batch
	size    int   // bytes of a slice
}

// NewSlices is for an array of batches by the dimensions dims that a tuple indexes, each
// element being a slice of size bytes, and for tuples of indices in each batch.
func NewSlices(batches, tuples int, dims []int, size int) *Slices {
	s := &Slices{batches: batches, tuples: tuples, dims: dims, strides: Strides(dims), count: 1, size: size}
	for _, d := range dims {
		s.count *= d
	}
	return s
}

// places calls f for each tuple, in order, with the slice of the array that it says.
func (s *Slices) places(indices []int64, f func(i, at int)) error {
	n := len(s.dims)
	for b := range s.batches {
		for t := range s.tuples {
			i := b*s.tuples + t
			at := b * s.count
			for j, v := range indices[i*n : (i+1)*n] {
				d := s.dims[j]
				if v < -int64(d) || v >= int64(d) {
					return fmt.Errorf("index %d of tuple %d, position %d, want %d to %d", v, i, j, -d, d-1)
				}
				if v < 0 {
					v += int64(d)
				}
				at += int(v) * s.strides[j]
			}
			f(i, at)
		}
	}
	return nil
}

// Gather sets slice i of dst to the slice of src that tuple i says.
func (s *Slices) Gather(dst, src []byte, indices []int64) error {
	return s.places(indices, func(i, at int) {
		copy(dst[i*s.size:(i+1)*s.size], src[at*s.size:])
	})
}
