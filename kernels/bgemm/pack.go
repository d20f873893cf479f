package bgemm

import (
	"fmt"

	"github.com/lce-go/lce/kernels/parallel"
)

// Keeper keeps packed weights. It gives words uint64 that fill has written, now or at an
// earlier call for the same weights with the same layout, which says all else that the
// packed form depends on. A nil Keeper packs anew.
type Keeper func(layout string, words int, fill func(dst []uint64)) []uint64

// Weights gives the weights, one row of words a channel, packed for the kernel.
func (j *Job) Weights(pool *parallel.Pool, rows []uint32, keep Keeper) []uint64 {
	fill := func(dst []uint64) { j.Pack(pool, dst, rows) }
	if keep == nil {
		dst := make([]uint64, j.PackedWords())
		fill(dst)
		return dst
	}
	return keep(fmt.Sprintf("%s %d*%d*%d*%d", j.kernel.Name, j.Groups, j.Channels, len(j.Runs), j.RunWords), j.PackedWords(), fill)
}

// Pack packs the weights, one row of words a channel, for the kernel.
func (j *Job) Pack(pool *parallel.Pool, dst []uint64, rows []uint32) {
	j.packing = packing{j, dst, rows}
	pool.Run(j.Groups*j.panels, &j.packing)
	j.packing = packing{}
}

// packing packs weights.
type packing struct {
	*Job
	dst  []uint64
	rows []uint32
}

// Tile packs a panel.
func (p *packing) Tile(i, _ int) {
	k, size := p.rowWords(), p.panelWords()
	first := i/p.panels*p.Channels + i%p.panels*PanelChannels
	n := min(PanelChannels, p.Channels-i%p.panels*PanelChannels)
	p.kernel.pack(p.dst[i*size:(i+1)*size], p.rows[first*k:(first+n)*k], k)
}
