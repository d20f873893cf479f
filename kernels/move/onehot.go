package move

// OneHot writes, for each of outer x inner indices, depth elements along an axis between
// them: on where the index says, off elsewhere and everywhere if it is out of range. An
// index may count from the end. Values has off and on, of size bytes each.
func OneHot(dst []byte, indices []int64, depth, inner int, values []byte, size int) {
	off, on := values[:size], values[size:2*size]
	for at := 0; at < len(dst); at += size {
		copy(dst[at:], off)
	}
	for i, v := range indices {
		if v < 0 {
			v += int64(depth)
		}
		if v >= 0 && v < int64(depth) {
			copy(dst[((i/inner*depth+int(v))*inner+i%inner)*size:], on)
		}
	}
}
