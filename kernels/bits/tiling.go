package bits

// tileElements is about the number of elements of a tile, 32 KB of floats: little enough
// that a call of assembly is over in some microseconds.
const tileElements = 8192

// tiling cuts rows of words into tiles: some rows, or part of a row.
type tiling struct {
	rows     int
	words    int // of a row
	perTile  int // rows
	segments int // of a row
}

func newTiling(rows, cols int) tiling {
	t := tiling{rows: rows, words: Words(cols), perTile: max(1, tileElements/max(cols, 1)), segments: 1}
	if cols > 2*tileElements {
		t.segments = (t.words + tileElements/32 - 1) / (tileElements / 32)
	}
	return t
}

// tiles is their number.
func (t *tiling) tiles() int { return (t.rows + t.perTile - 1) / t.perTile * t.segments }

// tile gives the rows [first, first+rows) of tile i and the words [lo, hi) of each.
func (t *tiling) tile(i int) (first, rows, lo, hi int) {
	if t.segments > 1 {
		lo = i % t.segments * (tileElements / 32)
		return i / t.segments, 1, lo, min(lo+tileElements/32, t.words)
	}
	first = i * t.perTile
	return first, min(t.perTile, t.rows-first), 0, t.words
}
