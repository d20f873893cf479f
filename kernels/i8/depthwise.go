package i8

// depthwise is a convolution with one filter for each channel. The weights are packed as
// [tap][column] in int32 or int8, whole vectors of columns, behind them the sums of the filters and whether
// pairs of taps may be added up in 16 bits.
type depthwise struct {
	c       *Conv
	columns int
	taps    []int // offsets in a window
}

// maxVector is the largest number of channels that a kernel computes at once. So many numbers,
// of up to 2 bytes, it may read behind a row.
const maxVector = 32

// depthwiseTile is a call of a kernel of a depthwise convolution: for pixels r and channels c
//
//	sums[r*width+c] = start[c] + sum over taps t of x[in[r]+taps[t]+c*size] * w[t*columns+c]
type depthwiseTile struct {
	src   []byte
	in    []int // ascend, as taps do
	taps  []int
	w     []byte
	pairs bool // two taps from the first on, and so on, may be added up in 16 bits
	start []int32
	width int // channels, whole vectors
	sums  []int32
}

func newDepthwise(c *Conv) *depthwise {
	d := &depthwise{c: c, columns: (c.p.InC + maxVector - 1) / maxVector * maxVector}
	for _, r := range c.gemm.runs {
		d.taps = append(d.taps, r.offset)
	}
	return d
}

func (d *depthwise) bytes() int { return (len(d.taps)*d.c.kernel.weight+4)*d.columns + 4 }

// sums are the sums of the filters in packed weights, and one more number, not 0 if there are pairs.
func (d *depthwise) sums(packed []byte) []int32 {
	return ints(packed[len(d.taps)*d.columns*d.c.kernel.weight:])
}

func (d *depthwise) pack(dst, w []byte) {
	clear(dst)
	sums := d.sums(dst)
	sums[d.columns] = 1
	for channel := range d.c.p.InC {
		before := int8(0)
		for t := range d.taps {
			v := int8(w[channel*len(d.taps)+t] ^ d.c.packer.flip)
			at := t*d.columns + channel
			if d.c.kernel.weight == 1 {
				dst[at] = byte(v)
			} else {
				ints(dst)[at] = int32(v)
			}
			sums[channel] += int32(v)
			if t%2 == 1 && !pairFits(before, v) {
				sums[d.columns] = 0
			}
			before = v
		}
	}
}

// band computes the pixels of a band, the first and their number given.
func (d *depthwise) band(t *convTile, src []byte, first, pixels int) {
	c := d.c
	channels, pairs := c.p.OutC, d.sums(c.packed)[d.columns] != 0
	for at := 0; at < channels; at += maxPanel {
		n := min(channels-at, maxPanel)
		width := (n + maxVector - 1) / maxVector * maxVector
		for lo := 0; lo < pixels; lo += blockRows {
			hi := min(lo+blockRows, pixels)
			rows := t.pad(c.in[lo:hi], c.kernel.pixels)
			t.depthwise = depthwiseTile{
				src: src[at*c.kernel.size:], in: rows, taps: d.taps, w: c.packed[at*c.kernel.weight:],
				pairs: pairs, start: c.start[at:][:width], width: width, sums: t.acc[:len(rows)*width],
			}
			c.kernel.depthwise(d, &t.depthwise)
			if c.centered {
				d.correct(&t.depthwise, at, n)
			}
			c.store(t, first+lo, hi-lo, at, results{n: n, width: width, channel: at})
		}
	}
	t.depthwise = depthwiseTile{}
}

// correct takes away what zero points of weights make of the sums of n channels.
func (d *depthwise) correct(t *depthwiseTile, channel, n int) {
	for r, in := range t.in {
		for i := range n {
			sum := int32(0)
			for _, tap := range t.taps {
				sum += d.number(t.src[in+tap:], i)
			}
			t.sums[r*t.width+i] -= sum * d.c.weightZero(channel+i)
		}
	}
}

// number is number i of a row of activations.
func (d *depthwise) number(row []byte, i int) int32 {
	v := row[i*d.c.kernel.size]
	if d.c.kernel.signed {
		return int32(int8(v))
	}
	return int32(v)
}

func depthwiseGeneric(d *depthwise, t *depthwiseTile) {
	for r, in := range t.in {
		sums := t.sums[r*t.width:][:t.width]
		copy(sums, t.start)
		for i, tap := range t.taps {
			row, w := t.src[in+tap:][:t.width], ints(t.w)[i*d.columns:][:t.width]
			for j, v := range row {
				sums[j] += int32(v) * w[j]
			}
		}
	}
}
