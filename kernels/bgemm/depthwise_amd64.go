//go:build !noasm

package bgemm

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// avx2Depthwise counts in bytes, one a channel.
var avx2Depthwise = &Kernel{
	Name:       "depthwise_avx2",
	Needs:      isa.AVX2,
	step:       narrowChannels,
	tile:       1,
	panelWords: depthwise.panelWords,
	pack:       packDepthwise,
	newWork:    func(_, _ int) any { return &depthwiseWork{} },
	run: func(b *block) {
		if len(b.Runs) > maxPairTaps {
			depthwise.run(b)
			return
		}
		w, kernel := b.work.own.(*depthwiseWork), depthwise64_avx2
		if b.Channels <= narrowChannels {
			kernel = depthwise32_avx2
		}
		b.countDepthwise(kernel, &w.args, unsafe.Pointer(&w.sums), 2)
		store_avx2(b, &w.sums[0], len(b.Pixels))
	},
}

func depthwiseKernelsAsm() []*Kernel { return []*Kernel{avx2Depthwise} }

// depthwiseWork is what a thread needs.
type depthwiseWork struct {
	sums [blockPixels * PanelChannels]uint16
	args depthwiseArgs
}

// depthwise64_avx2 sets sums, or adds to them, as block.countTaps does, in 16 bits, for more than 32 channels.
//
//go:noescape
func depthwise64_avx2(args *depthwiseArgs)

// depthwise32_avx2 is the same for up to 32 channels, of a word a tap. It writes all 64.
//
//go:noescape
func depthwise32_avx2(args *depthwiseArgs)
