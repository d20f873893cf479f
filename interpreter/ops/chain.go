package ops

import (
	"slices"

	"github.com/lce-go/lce/schema"
)

// Bands is how a kernel computes its outputs some rows along the last axis at a time.
type Bands interface {
	// Begin does what comes before the first band of a run.
	Begin(n *Node)
	// Band computes the rows [lo, hi) of the outputs. If f32 is not nil, it is the memory of
	// these rows of the Float32 output, which has none of its own then.
	Band(lo, hi, worker int, f32 []float32)
	// End comes after the last band.
	End()
	// Rows is a number of rows of which a band should be a multiple.
	Rows() int
}

// chain runs a kernel and the pass that reads its result band by band: the pass finds
// its values in the cache.
type chain struct {
	head, tail *Node
	bands      Bands
	pass       *pass
	operand    int // of the pass that has the memory of a band; -1 if none has
	rows, cols int
	perBand    int       // rows
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
	p, ok := tail.Def.pass, head.Kernel.Bands != nil
	if p == nil || !ok || t.DType != schema.Float32 {
		return nil
	}
	c := &chain{head: head, tail: tail, bands: head.Kernel.Bands, pass: p, operand: -1, rows: p.params.Rows, cols: p.params.Cols}
	unit := c.bands.Rows()
	c.perBand = max(bandBytes/(4*c.cols*unit), 1) * unit
	threads := head.Workers.Threads()
	if threads > 1 && c.count() < bandsPerThread*threads {
		return nil
	}
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
		scratch += threads * c.bandSize() * 4
	} else {
		n.Outputs = append(n.Outputs, t)
	}
	n.Kernel = Kernel{
		Name: head.Kernel.Name + "+" + tail.Kernel.Name, Packed: head.Kernel.Packed + tail.Kernel.Packed, Scratch: scratch,
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

// count is the number of bands.
func (c *chain) count() int { return (c.rows + c.perBand - 1) / c.perBand }

// bandSize is the number of floats of a band, whole cache lines.
func (c *chain) bandSize() int { return (min(c.perBand, c.rows)*c.cols + align/4 - 1) &^ (align/4 - 1) }

func (c *chain) run(n *Node) error {
	at := headScratch(c.head)
	c.head.Scratch, c.memory = n.Scratch[:c.head.Kernel.Scratch], floats(n.Scratch[at:])
	c.bands.Begin(c.head)
	c.pass.begin()
	n.Workers.Run(c.count(), c)
	c.bands.End()
	return nil
}

// Tile does a band; it is called by the pool.
func (c *chain) Tile(i, worker int) {
	lo := i * c.perBand
	hi := min(lo+c.perBand, c.rows)
	var f32 []float32
	if c.operand >= 0 {
		f32 = c.memory[worker*c.bandSize():][:(hi-lo)*c.cols]
	}
	c.bands.Band(lo, hi, worker, f32)
	c.pass.program.Do(lo, hi, worker, c.operand, f32)
}
