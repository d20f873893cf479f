//go:build !noasm && (arm64 || arm)

package bgemm

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// neonDepthwise counts 64 channels of two pixels at once, in bits of vectors as depthwise
// does in those of words.
var neonDepthwise = &Kernel{
	Name:       "depthwise_neon",
	Needs:      isa.NEON,
	step:       4,
	tile:       2,
	panelWords: depthwise.panelWords,
	pack:       packDepthwise,
	newWork:    func(_, _ int) any { return &neonWork{} },
	run: func(b *block) {
		if len(b.Runs) > maxPairTaps {
			depthwise.run(b)
			return
		}
		w, kernel := b.work.own.(*neonWork), depthwise64_neon
		if b.Channels <= 32 {
			kernel = depthwise32_neon
		}
		b.countDepthwise(kernel, &w.depthwise, unsafe.Pointer(&w.sums), 4)
		b.storeNEON(w, len(b.Pixels))
	},
}

func depthwiseKernelsAsm() []*Kernel { return []*Kernel{neonDepthwise} }

// depthwise64_neon sets sums, or adds to them, as block.countTaps does, in 32 bits, for more than 32 channels.
// It writes an even number of pixels.
//
//go:noescape
func depthwise64_neon(args *depthwiseArgs)

// depthwise32_neon is the same for up to 32 channels, of a word a tap. It writes all 64.
//
//go:noescape
func depthwise32_neon(args *depthwiseArgs)
