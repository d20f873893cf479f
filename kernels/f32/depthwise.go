package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwise is a convolution with one filter for each channel. The weights are
// packed as [tap][channel].
type depthwise struct {
	kernel   *depthwiseKernel
	channels int
	taps     []int // offsets of the taps in the map
	min, max float32
	zeros    []float32 // in place of a bias
}

// depthwiseKernel computes all channels of a pixel.
type depthwiseKernel struct {
	name  string
	needs isa.Features
	run   func(d *depthwise, dst, src, w, bias []float32)
}

// genericDepthwise is the kernel of every machine.
var genericDepthwise = depthwiseKernel{name: "generic", run: depthwiseGeneric}

func newDepthwise(f isa.Features, channels int, runs []run, lo, hi float32) *depthwise {
	d := &depthwise{kernel: &genericDepthwise, channels: channels, min: lo, max: hi, zeros: make([]float32, channels)}
	for i := range depthwiseKernels {
		if f.Has(depthwiseKernels[i].needs) {
			d.kernel = &depthwiseKernels[i]
			break
		}
	}
	for _, r := range runs {
		for i := range r.size {
			d.taps = append(d.taps, r.offset+i)
		}
	}
	return d
}

func (d *depthwise) pack(dst, w []float32) {
	for c := range d.channels {
		for i := range d.taps {
			dst[i*d.channels+c] = w[c*len(d.taps)+i]
		}
	}
}

func depthwiseGeneric(d *depthwise, dst, src, w, bias []float32) {
	depthwiseFrom(d, 0, dst, src, w, bias)
}

// depthwiseFrom computes the channels from c on, four at a time.
func depthwiseFrom(d *depthwise, c int, dst, src, w, bias []float32) {
	n := d.channels
	for ; c+4 <= n; c += 4 {
		var p [4]float32
		if bias != nil {
			p = [4]float32(bias[c:])
		}
		p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
		at := c
		for _, tap := range d.taps {
			x := (*[4]float32)(src[tap+c:])
			v := (*[4]float32)(w[at:])
			p0 += x[0] * v[0]
			p1 += x[1] * v[1]
			p2 += x[2] * v[2]
			p3 += x[3] * v[3]
			at += n
		}
		y := (*[4]float32)(dst[c:])
		y[0], y[1] = clamp(p0, d.min, d.max), clamp(p1, d.min, d.max)
		y[2], y[3] = clamp(p2, d.min, d.max), clamp(p3, d.min, d.max)
	}
	for ; c < n; c++ {
		v := float32(0)
		if bias != nil {
			v = bias[c]
		}
		for i, tap := range d.taps {
			v += src[tap+c] * w[i*n+c]
		}
		dst[c] = clamp(v, d.min, d.max)
	}
}
