package ops

import (
	"slices"

	"github.com/lce-go/lce/schema"
)

// Bands is how a kernel computes its outputs in bands: some rows along the last axis.
type Bands interface {
	// Count is the number of bands.
	Count() int
	// Rows gives the rows [lo, hi) of a band; they follow one another.
	Rows(band int) (lo, hi int)
	// Begin does what comes before the first band of a run.
	Begin(n *Node)
	// Band computes a band. If f32 is not nil, it is the memory for the rows of the Float32
	// output, which has none of its own then.
	Band(band, worker int, f32 []float32)
	// End comes after the last band.
	End()
}

// cut is how rows are cut into bands of equal size.
type cut struct{ rows, perBand int }

// cutRows cuts rows of cols floats into bands of about bandBytes, of a multiple of unit
// rows.
func cutRows(rows, cols, unit int) cut {
	return cut{rows, max(bandBytes/max(4*cols*unit, 1), 1) * unit}
}

func (c cut) Count() int { return (c.rows + c.perBand - 1) / c.perBand }

func (c cut) Rows(band int) (lo, hi int) {
	return band * c.perBand, min((band+1)*c.perBand, c.rows)
}

// chain runs a kernel and the pass that reads its result band by band: the pass finds
// its values in the cache.
type chain struct {
	head, tail *Node
	bands      Bands
	pass       *pass
	operand    int       // of the pass that has the memory of a band; -1 if none has
	size       int       // floats of the memory of a band, whole cache lines
	memory     []float32 // of the bands of all threads
}

const (
	// bandBytes is about the size of a band, so that it fits an L1 cache of 32 KB beside
	// the operands of the pass. Where the L2 cache is fast, 6 KB to 96 KB do as well.
	bandBytes = 24 << 10
	// bandsPerThread is the least number of bands for which a chain pays if several
	// threads share them: the last ones keep some of the threads waiting.
	bandsPerThread = 6
)

// NewChain makes one node of two that are prepared: head, whose kernel has Bands, and
// tail, a pass that reads t, the Float32 output of head. If local, nobody else reads t:
// it gets no memory but that of a band for each thread. The result is nil if there are
// too few bands for the threads.
func NewChain(head, tail *Node, t *Tensor, local bool) *Node {
	p, bands := tail.Def.pass, head.Kernel.Bands
	if p == nil || bands == nil || t.DType != schema.Float32 {
		return nil
	}
	threads := head.Workers.Threads()
	if threads > 1 && bands.Count() < bandsPerThread*threads {
		return nil
	}
	c := &chain{head: head, tail: tail, bands: bands, pass: p, operand: -1}
	n := &Node{
		Def: &Def{Code: head.Def.Code}, Name: head.Name, Options: head.Options,
		Features: head.Features, Workers: head.Workers,
		Members: append([]*Node{head}, tail.Members...),
		Inputs:  slices.Clone(head.Inputs),
	}
	others := func(list []*Tensor) []*Tensor {
		return slices.DeleteFunc(slices.Clone(list), func(x *Tensor) bool { return x == t })
	}
	first := len(n.Inputs)
	n.Inputs = append(n.Inputs, others(tail.Inputs)...)
	n.Outputs = slices.Concat(tail.Outputs, others(head.Outputs))
	scratch := headScratch(head)
	if local {
		c.operand = slices.Index(p.operands, t)
		for band := range bands.Count() {
			lo, hi := bands.Rows(band)
			c.size = max(c.size, (hi-lo)*p.params.Cols)
		}
		c.size = (c.size + align/4 - 1) &^ (align/4 - 1)
		scratch += threads * c.size * 4
	} else {
		n.Outputs = append(n.Outputs, t)
	}
	n.Kernel = Kernel{
		Name: head.Kernel.Name + "+" + p.program.Name(), Packed: head.Kernel.Packed + p.program.Bytes(), Scratch: scratch,
		Run: c.run,
	}
	for i, x := range n.Inputs[first:] {
		if p.inPlace(tail, x) {
			n.Kernel.InPlace, n.Kernel.InPlaceInput = true, first+i
			break
		}
	}
	return n
}

// headScratch is the scratch of the head, whole cache lines.
func headScratch(head *Node) int { return (head.Kernel.Scratch + align - 1) &^ (align - 1) }

func (c *chain) run(n *Node) error {
	at := headScratch(c.head)
	c.head.Scratch, c.memory = n.Scratch[:c.head.Kernel.Scratch], floats(n.Scratch[at:])
	c.bands.Begin(c.head)
	c.pass.begin()
	n.Workers.Run(c.bands.Count(), c)
	c.bands.End()
	return nil
}

// Tile does a band; it is called by the pool.
func (c *chain) Tile(i, worker int) {
	lo, hi := c.bands.Rows(i)
	var f32 []float32
	if c.operand >= 0 {
		f32 = c.memory[worker*c.size:][:(hi-lo)*c.pass.params.Cols]
	}
	c.bands.Band(i, worker, f32)
	c.pass.program.RunRows(lo, hi, worker, c.operand, f32)
}
