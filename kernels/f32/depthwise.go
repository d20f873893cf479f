package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwise is a convolution with one filter for each channel. The weights are
// packed as [tap][channel]. It reads the map as it is; pixels whose windows reach
// outside leave taps out.
type depthwise struct {
	kernel   *depthwiseKernel
	channels int
	step     int // elements from a window to the next in a row
	taps     []depthwiseTap
	clipped  [][]depthwiseTap // by thread, room for the taps of a pixel at the border
	min, max float32
	zeros    []float32 // in place of a bias
}

// depthwiseTap says where the channels of a tap are in the map and in the weights, in
// elements.
type depthwiseTap struct{ src, w int }

// depthwiseKernel computes all channels of some pixels of a row, at least one. src
// begins where the offsets of the taps of the first pixel count from; each pixel after
// it begins d.step elements further.
type depthwiseKernel struct {
	name  string
	needs isa.Features
	run   func(d *depthwise, dst, src []float32, pixels int, taps []depthwiseTap, w, bias []float32)
}

// depthwiseWork bounds the multiply-adds of a call of more than one pixel, which should
// end within 100 microseconds.
const depthwiseWork = 1 << 20

// genericDepthwise is the kernel of every machine.
var genericDepthwise = depthwiseKernel{name: "generic", run: depthwiseGeneric}

func newDepthwise(p *ConvParams, f isa.Features, threads int) *depthwise {
	d := &depthwise{kernel: &genericDepthwise, channels: p.InC, step: p.StrideW * p.InC, min: p.Min, max: p.Max, zeros: make([]float32, p.InC)}
	for i := range depthwiseKernels {
		if f.Has(depthwiseKernels[i].needs) {
			d.kernel = &depthwiseKernels[i]
			break
		}
	}
	for ky := range p.KernelH {
		for kx := range p.KernelW {
			d.taps = append(d.taps, depthwiseTap{(ky*p.DilationH*p.InW + kx*p.DilationW) * p.InC, len(d.taps) * p.InC})
		}
	}
	for range threads {
		d.clipped = append(d.clipped, make([]depthwiseTap, len(d.taps)))
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

// depthwiseTile computes the pixels [lo, hi), a run of pixels at a time whose windows
// have the same taps in the map: one pixel where columns are outside.
func (c *Conv) depthwiseTile(lo, hi, worker int) {
	p, d := &c.p, c.depthwise
	spanH, spanW := (p.KernelH-1)*p.DilationH, (p.KernelW-1)*p.DilationW
	size := p.InH * p.InW * p.InC
	// The columns [left, right) have windows with all columns in the map.
	left := (p.PadLeft + p.StrideW - 1) / p.StrideW
	right := left
	if room := p.InW - 1 - spanW + p.PadLeft; room >= 0 {
		right = min(p.OutW, room/p.StrideW+1)
	}
	longest := max(1, depthwiseWork/(len(d.taps)*p.InC))
	for q, n := lo, 0; q < hi; q += n {
		x, y, b := q%p.OutW, q/p.OutW%p.OutH, q/p.OutW/p.OutH
		n = 1
		if x >= left && x < right {
			n = min(right-x, hi-q, longest)
		}
		image := c.in[b*size : (b+1)*size]
		y0, x0 := y*p.StrideH-p.PadTop, x*p.StrideW-p.PadLeft
		taps := d.taps
		if y0 >= 0 && x0 >= 0 && y0+spanH < p.InH && x0+spanW < p.InW {
			image = image[(y0*p.InW+x0)*p.InC:]
		} else {
			taps = d.clip(p, y0, x0, worker)
		}
		d.kernel.run(d, c.out[q*p.OutC:][:n*p.OutC], image, n, taps, c.packed, c.bias)
	}
}

// clip lists the taps of a window at (y0, x0) that lie in the map, with offsets from
// the first element of the map.
func (d *depthwise) clip(p *ConvParams, y0, x0, worker int) []depthwiseTap {
	list := d.clipped[worker]
	n := 0
	for ky := range p.KernelH {
		y := y0 + ky*p.DilationH
		if y < 0 || y >= p.InH {
			continue
		}
		for kx := range p.KernelW {
			if x := x0 + kx*p.DilationW; x >= 0 && x < p.InW {
				list[n] = depthwiseTap{(y*p.InW + x) * p.InC, (ky*p.KernelW + kx) * p.InC}
				n++
			}
		}
	}
	return list[:n]
}

func depthwiseGeneric(d *depthwise, dst, src []float32, pixels int, taps []depthwiseTap, w, bias []float32) {
	depthwiseFrom(d, 0, dst, src, pixels, taps, w, bias)
}

// depthwiseFrom computes the channels from c on.
func depthwiseFrom(d *depthwise, c int, dst, src []float32, pixels int, taps []depthwiseTap, w, bias []float32) {
	if c == d.channels {
		return
	}
	for i := range pixels {
		depthwisePixel(d, c, dst[i*d.channels:], src[min(i*d.step, len(src)):], taps, w, bias)
	}
}

// depthwisePixel computes the channels of a pixel from c on, four at a time.
func depthwisePixel(d *depthwise, c int, dst, src []float32, taps []depthwiseTap, w, bias []float32) {
	for ; c+4 <= d.channels; c += 4 {
		var p [4]float32
		if bias != nil {
			p = [4]float32(bias[c:])
		}
		p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
		for _, tap := range taps {
			x := (*[4]float32)(src[tap.src+c:])
			v := (*[4]float32)(w[tap.w+c:])
			p0 += x[0] * v[0]
			p1 += x[1] * v[1]
			p2 += x[2] * v[2]
			p3 += x[3] * v[3]
		}
		y := (*[4]float32)(dst[c:])
		y[0], y[1] = clamp(p0, d.min, d.max), clamp(p1, d.min, d.max)
		y[2], y[3] = clamp(p2, d.min, d.max), clamp(p3, d.min, d.max)
	}
	for ; c < d.channels; c++ {
		v := float32(0)
		if bias != nil {
			v = bias[c]
		}
		for _, tap := range taps {
			v += src[tap.src+c] * w[tap.w+c]
		}
		dst[c] = clamp(v, d.min, d.max)
	}
}
