package ops

import (
	"slices"
	"sync"
	"unsafe"
	"weak"

	"github.com/lce-go/lce/kernels/bgemm"
)

// Packs are the packed forms of a constant, for as long as something else refers to
// them. Preparing a node again, or for another interpreter of the same model, finds
// them there. It may be used from several goroutines.
type Packs struct {
	mu   sync.Mutex
	list []pack
}

type pack struct {
	layout string
	size   int
	first  weak.Pointer[byte]
}

// get gives size bytes that fill has written, aligned as tensors are.
func (p *Packs) get(layout string, size int, fill func(dst []byte) error) ([]byte, error) {
	if p == nil || size == 0 {
		dst := AlignedBytes(size)
		return dst, fill(dst)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.list, func(k pack) bool { return k.layout == layout && k.size == size })
	if at < 0 {
		at = len(p.list)
		p.list = append(p.list, pack{layout: layout, size: size})
	}
	if first := p.list[at].first.Value(); first != nil {
		return unsafe.Slice(first, size), nil
	}
	dst := AlignedBytes(size)
	if err := fill(dst); err != nil {
		return nil, err
	}
	p.list[at].first = weak.Make(&dst[0])
	return dst, nil
}

// packed gives the constant operand i in a kernel's layout of size floats, which pack
// makes.
func (n *Node) packed(i int, layout string, size int, pack func(dst, w []float32)) ([]float32, error) {
	w := n.Inputs[i]
	made, err := w.Packs.get(layout, 4*size, func(dst []byte) error {
		data := w.Data
		if data == nil {
			var err error
			if data, err = w.Expand(); err != nil {
				return err
			}
		}
		pack(floats(dst), floats(data))
		return nil
	})
	return floats(made), err
}

// keep is get for the kernels of packed bits.
func (p *Packs) keep(layout string, words int, fill func(dst []uint64)) []uint64 {
	made, _ := p.get(layout, 8*words, func(dst []byte) error {
		fill(bgemm.Words64(dst))
		return nil
	})
	return bgemm.Words64(made)
}
