package move

import "fmt"

// ReverseSequences turns the first steps of each sequence of an array around. The array has
// outer x first x middle x second slices of size bytes; the sequences are along first and
// the steps along second, or with timeFirst the other way round.
func ReverseSequences(dst, src []byte, outer, first, middle, second, size int, timeFirst bool, lengths []int64) error {
	time := second
	if timeFirst {
		time = first
	}
	for i, n := range lengths {
		if n < 0 || n > int64(time) {
			return fmt.Errorf("length %d at position %d, want 0 to %d", n, i, time)
		}
	}
	at := func(o, f, m, s int) int { return (((o*first+f)*middle+m)*second + s) * size }
	for o := range outer {
		for f := range first {
			for m := range middle {
				for s := range second {
					from := at(o, f, m, s)
					if n := int(lengths[sequence(f, s, timeFirst)]); timeFirst && f < n {
						from = at(o, n-1-f, m, s)
					} else if !timeFirst && s < n {
						from = at(o, f, m, n-1-s)
					}
					copy(dst[at(o, f, m, s):][:size], src[from:])
				}
			}
		}
	}
	return nil
}

func sequence(first, second int, timeFirst bool) int {
	if timeFirst {
		return second
	}
	return first
}
