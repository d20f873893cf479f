//go:build !noasm && (amd64 || arm64 || arm)

package bgemm

import "unsafe"

// depthwiseArgs are the operands of the depthwise kernels.
type depthwiseArgs struct {
	a      *uint32
	pixels *int // offsets in a
	count  int  // of pixels, at least 1
	runs   *int
	taps   int // at least 1
	panel  *uint64
	sums   unsafe.Pointer // 64 a pixel
	add    int            // 0, or 1 to add to what sums has
}

// maxPairTaps bounds the taps of all pairs of pixels of a call: on a core that does one
// operation a cycle, at 1.2 GHz, they take about 100 microseconds.
const maxPairTaps = 8000

// countDepthwise hands the pixels of a block, of at most maxPairTaps taps, to a kernel, an
// even number at a time but for the last ones. sums takes counts of so many bytes.
func (b *block) countDepthwise(kernel func(*depthwiseArgs), args *depthwiseArgs, sums unsafe.Pointer, bytes int) {
	most := maxPairTaps / len(b.Runs) * 2
	planes := [...][]uint32{b.A, b.Second}
	for i, a := range planes[:b.planes()] {
		for p := 0; p < len(b.Pixels); p += most {
			*args = depthwiseArgs{
				a: &a[0], pixels: &b.Pixels[p], count: min(most, len(b.Pixels)-p), runs: &b.Runs[0], taps: len(b.Runs),
				panel: &b.Panel[0], sums: unsafe.Add(sums, p*PanelChannels*bytes), add: i,
			}
			kernel(args)
		}
	}
	*args = depthwiseArgs{}
}
