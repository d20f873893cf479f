package move

// Combine joins an update with the element that is in its place.
type Combine[T any] func(old, update T) T

// Replace forgets the old element.
func Replace[T any](_, update T) T { return update }

// ScatterElements joins updates with the elements of dst, the larger array of e, in the
// places that the indices say, in order.
func ScatterElements[T any](e *Elements, dst, updates []T, indices []int64, f Combine[T]) error {
	return e.places(indices, func(i, at int) { dst[at] = f(dst[at], updates[i]) })
}

// ScatterSlices joins slices of updates with those of dst, the array of s, in the places
// that the tuples say, in order. A slice has n elements.
func ScatterSlices[T any](s *Slices, dst, updates []T, n int, indices []int64, f Combine[T]) error {
	return s.places(indices, func(i, at int) {
		to, from := dst[at*n:(at+1)*n], updates[i*n:(i+1)*n]
		for j, v := range from {
			to[j] = f(to[j], v)
		}
	})
}
