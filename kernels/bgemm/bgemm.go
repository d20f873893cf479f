// Package bgemm multiplies matrices of -1 and +1 that are packed into bits, and
// holds the machinery that the binary convolution shares with it.
//
// A dot product of K elements is K - 2*popcount(a XOR w). A kernel computes a
// block: some pixels (rows of a, or windows of a packed map) times a panel of 64
// output channels, and turns the counts into outputs while they are in registers.
// A Job spreads the blocks of a layer over threads.
package bgemm

import (
	"math"
	"slices"

	"github.com/lce-go/lce/kernels/isa"
)

// PanelChannels is the number of output channels that a kernel computes together.
const PanelChannels = 64

// Clamp limits a value to Min to Max; a NaN stays.
type Clamp struct{ Min, Max float32 }

// NoClamp changes nothing.
var NoClamp = Clamp{float32(math.Inf(-1)), float32(math.Inf(1))}

func (c Clamp) apply(v float32) float32 {
	if v < c.Min {
		v = c.Min
	}
	if v > c.Max {
		v = c.Max
	}
	return v
}

// Epilogue says what becomes of dot products. The float32 output is
// Clamp(Pre(float32(dot))*Mul[o] + Bias[o]), rounded after each operation. The bit
// output is +1 iff dot >= Threshold[o]. Without Mul or Bias nothing is multiplied or
// added. Pre and Clamp are not optional: see NoClamp.
type Epilogue struct {
	Mul, Bias  []float32
	Threshold  []int32
	Pre, Clamp Clamp
}

// Outputs are where results go, one row of all channels a pixel; nil is not wanted.
// A row of Bits takes bits.Words(channels) words, and its tail is set to 0.
type Outputs struct {
	F32  []float32
	I32  []int32
	Bits []uint32
}

// block is the work of one call of a kernel: pixels times a panel.
//
// The words of pixel p are those of A at Pixels[p]+Runs[r]+i for each run r and
// each i below RunWords, in this order; Panel holds as many words a channel. The
// slices of outputs, Base, Limit, Mul and Bias begin at the panel's first channel.
type block struct {
	A        []uint32
	Second   []uint32 // the second plane, which is laid out as A; nil for none
	Panel    []uint64 // packed by the kernel
	Runs     []int
	RunWords int
	Pixels   []int // offsets in words
	Classes  []int // offset of each pixel's vector in Base and Limit

	Base      []int32 // dot = Base - Step*count; nil if neither F32 nor I32 is wanted
	Limit     []int32 // the output is -1 iff count > Limit; nil without Bits
	Step      int     // 2, or 1 with Second, whose bits count as those of A do
	Mul, Bias []float32
	PreMin    float32
	PreMax    float32
	Min, Max  float32
	Clamped   int // bit 0 if PreMin or PreMax bounds anything, bit 1 if Min or Max does

	Channels  int // 1 to 64 that are wanted
	F32       []float32
	I32       []int32
	Bits      []uint32
	Stride    int // of F32 and I32 from pixel to pixel, in elements
	BitStride int // of Bits, in words

	work *work
}

// Kernel is a way to compute blocks.
type Kernel struct {
	// Name is the tile and the instruction set, such as "6x4_avx512popcnt".
	Name  string
	Needs isa.Features
	// least is the number of channels from which on the kernel beats the generic one,
	// which computes no more than it must.
	least int
	// tile is what the number of pixels of a block is a multiple of, if there are more.
	tile int
	// fits reports whether the kernel is faster than those after it; nil for always.
	fits func(l *Layout) bool
	// step is what the number of channels of a block is a multiple of.
	step int
	// panelWords is the number of uint64 that a panel of up to n channels of k words takes.
	panelWords func(n, k int) int
	// pack writes a panel from up to 64 rows of k words; rows that are missing are 0.
	pack func(dst []uint64, rows []uint32, k int)
	// newWork makes what the kernel needs for each thread, for pixels of k words in so many
	// planes; nil for nothing.
	newWork func(k, planes int) any
	// run computes a block and may use up its slices.
	run func(b *block)
}

// Kernels lists all kernels of this platform, best first. The last is generic and
// needs nothing.
func Kernels() []*Kernel { return append(kernelsAsm(), &generic) }

// maxRowWords bounds the words of a pixel for kernels in assembly, which nobody can
// interrupt: a call of one row of so many takes some 50 microseconds.
const maxRowWords = 24000

// Select is the best kernel for the features and the shape of a layer, but none of
// those whose names without lists.
func Select(f isa.Features, l *Layout, without []string) *Kernel {
	if l.rowWords() > maxRowWords {
		return &generic
	}
	for _, k := range Kernels() {
		if f.Has(k.Needs) && !slices.Contains(without, k.Name) && l.Channels >= k.least && (k.fits == nil || k.fits(l)) {
			return k
		}
	}
	return &generic
}

// planes is the number of planes of the block.
func (b *block) planes() int { return 2 / b.Step }

// roundUp is the least multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
