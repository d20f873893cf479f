package i8

import (
	"fmt"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
)

// BenchmarkConv times layers of ResNet-18 and MobileNetV2.
func BenchmarkConv(b *testing.B) {
	for _, l := range []struct{ size, in, out, kernel, stride, groups int }{
		{224, 3, 64, 7, 2, 1}, {56, 64, 64, 3, 1, 1}, {28, 128, 128, 3, 1, 1}, {14, 256, 256, 3, 1, 1},
		{7, 512, 512, 3, 1, 1}, {56, 64, 128, 1, 2, 1}, {14, 96, 576, 1, 1, 1}, {56, 24, 144, 1, 1, 1}, {28, 192, 192, 3, 1, 192},
	} {
		out := l.size / l.stride
		p := ConvParams{Batch: 1, InH: l.size, InW: l.size, InC: l.in, OutH: out, OutW: out, OutC: l.out, KernelH: l.kernel, KernelW: l.kernel,
			StrideH: l.stride, StrideW: l.stride, DilationH: 1, DilationW: 1, PadTop: l.kernel / 2, PadLeft: l.kernel / 2,
			Groups: l.groups, SignedW: true, Output: Output{Type: Uint8, Max: 255}}
		b.Run(fmt.Sprintf("%d_%d_%dx%d_%d_%d_%d", l.size, l.in, l.kernel, l.kernel, l.out, l.stride, l.groups), func(b *testing.B) {
			c, err := NewConv(p, isa.Detect(), 1)
			if err != nil {
				b.Fatal(err)
			}
			o := Operands{Dst: aligned(out * out * l.out), Src: aligned(l.size * l.size * l.in), Packed: aligned(c.PackedLen()), Scratch: aligned(c.ScratchLen())}
			for b.Loop() {
				c.Run(nil, &o)
			}
			macs := float64(out*out*l.out) * float64(l.kernel*l.kernel*l.in/l.groups)
			b.ReportMetric(macs*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
