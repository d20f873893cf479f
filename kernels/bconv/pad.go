package bconv

import "github.com/lce-go/lce/kernels/bits"

// Tile makes some rows of the padded copy; it is called by the pool. The copy is
// [Groups, Batch, mapH, mapW, words].
func (c *Conv) Tile(i, _ int) {
	p := &c.p
	for r := i * c.rowsPerTile; r < min((i+1)*c.rowsPerTile, c.bandH); r++ {
		y := r%c.mapH - p.PadTop
		image := r / c.mapH % p.Batch
		group := r / c.mapH / p.Batch
		row := c.dst[r*c.mapW*c.words : (r+1)*c.mapW*c.words]
		if y < 0 || y >= p.H {
			c.fill(row)
			continue
		}
		left := min(p.PadLeft, c.mapW)
		n := min(p.W, c.mapW-left)
		c.fill(row[:left*c.words])
		c.copyRow(row[left*c.words:(left+n)*c.words], image*p.H+y, group)
		c.fill(row[(left+n)*c.words:])
	}
}

// fill writes border pixels.
func (c *Conv) fill(row []uint32) {
	if c.border == 0 {
		clear(row)
		return
	}
	tail := bits.TailMask(c.p.C / c.groups)
	for i := range row {
		row[i] = c.border
		if i%c.words == c.words-1 {
			row[i] &= tail
		}
	}
}

// copyRow copies the channels of a group from a row of the input.
func (c *Conv) copyRow(dst []uint32, row, group int) {
	p := &c.p
	pixel := bits.Words(p.C)
	src := c.src[row*p.W*pixel:]
	if c.groups == 1 {
		copy(dst, src)
		return
	}
	channels := p.C / c.groups
	for len(dst) > 0 {
		dst[c.words-1] = 0
		bits.Copy(dst, 0, src, group*channels, channels)
		dst, src = dst[c.words:], src[pixel:]
	}
}
