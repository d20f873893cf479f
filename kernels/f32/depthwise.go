package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwise is a convolution with one filter for each channel. The weights are
// packed as [tap][channel]. It reads the map as it is; pixels whose windows reach
// outside leave taps out.
type depthwise struct {
	windows
	kernel   *depthwiseKernel
	rows     bool // kernel.row fits
	min, max float32
	zeros    []float32 // in place of a bias
}

// depthwiseKernel computes all channels of some pixels of a row, at least one. src
// begins where the offsets of the taps of the first pixel count from; each pixel after
// it begins d.step() elements further.
type depthwiseKernel struct {
	name  string
	needs isa.Features
	run   func(d *depthwise, dst, src []float32, pixels int, taps []windowTap, w, bias []float32)

	// row computes row y of the result of image b, of the first channels, and gives
	// their number. Windows are as fitsRows says.
	row func(d *depthwise, dst, src []float32, b, y int, w, bias []float32) int
}

// fitsRows reports whether kernels of rows fit: for 3 by 3 taps, not dilated, with equal
// strides of 1 or 2, of which at most the first or the last row or column lies outside the
// map; and for rows that are not too small for their strips, nor too large for a call.
func (d *depthwise) fitsRows() bool {
	inside := func(in, out, stride, pad int) bool { return pad <= 1 && (out-1)*stride+2-pad <= in }
	return d.kernelH == 3 && d.kernelW == 3 && d.dilationH == 1 && d.dilationW == 1 &&
		d.strideH == d.strideW && d.strideW <= 2 && d.outW >= minRow && d.outW*d.c*9 <= maxCall &&
		inside(d.inH, d.outH, d.strideH, d.padTop) && inside(d.inW, d.outW, d.strideW, d.padLeft)
}

// minRow is the width of a strip of kernels of rows.
const minRow = 7

// genericDepthwise is the kernel of every machine.
var genericDepthwise = depthwiseKernel{name: "generic", run: depthwiseGeneric}

func newDepthwise(p *ConvParams, f isa.Features, threads int) *depthwise {
	d := &depthwise{kernel: &genericDepthwise, min: p.Min, max: p.Max, zeros: make([]float32, p.InC)}
	for i := range depthwiseKernels {
		if f.Has(depthwiseKernels[i].needs) && p.KernelH*p.KernelW <= maxCall/max(p.InC, 1) {
			d.kernel = &depthwiseKernels[i]
			break
		}
	}
	d.windows = windows{
		inH: p.InH, inW: p.InW, outH: p.OutH, outW: p.OutW, c: p.InC, kernelH: p.KernelH, kernelW: p.KernelW,
		strideH: p.StrideH, strideW: p.StrideW, dilationH: p.DilationH, dilationW: p.DilationW,
		padTop: p.PadTop, padLeft: p.PadLeft,
	}
	d.prepare(threads)
	d.rows = d.kernel.row != nil && d.fitsRows()
	return d
}

func (d *depthwise) pack(dst, w []float32) {
	for c := range d.c {
		for i := range d.taps {
			dst[i*d.c+c] = w[c*len(d.taps)+i]
		}
	}
}

// depthwiseTile computes the pixels [lo, hi), whole rows if the kernel does.
func (c *Conv) depthwiseTile(lo, hi, worker int) {
	d := c.depthwise
	if d.rows {
		n := 0
		for q := lo; q < hi; q += d.outW {
			n = d.kernel.row(d, c.dst, c.src, q/d.outW/d.outH, q/d.outW%d.outH, c.packed, c.bias)
		}
		if n == d.c {
			return
		}
		for q := lo; q < hi; {
			pixels, src, taps := d.next(q, hi, worker)
			depthwiseFrom(d, n, c.dst[q*d.c:][:pixels*d.c], c.src[src:], pixels, taps, c.packed, c.bias)
			q += pixels
		}
		return
	}
	for q := lo; q < hi; {
		n, src, taps := d.next(q, hi, worker)
		d.kernel.run(d, c.dst[q*d.c:][:n*d.c], c.src[src:], n, taps, c.packed, c.bias)
		q += n
	}
}

func depthwiseGeneric(d *depthwise, dst, src []float32, pixels int, taps []windowTap, w, bias []float32) {
	depthwiseFrom(d, 0, dst, src, pixels, taps, w, bias)
}

// depthwiseFrom computes the channels from c on.
func depthwiseFrom(d *depthwise, c int, dst, src []float32, pixels int, taps []windowTap, w, bias []float32) {
	if c == d.c {
		return
	}
	for i := range pixels {
		depthwisePixel(d, c, dst[i*d.c:], src[min(i*d.step(), len(src)):], taps, w, bias)
	}
}

// depthwisePixel computes the channels of a pixel from c on, four at a time.
func depthwisePixel(d *depthwise, c int, dst, src []float32, taps []windowTap, w, bias []float32) {
	for ; c+4 <= d.c; c += 4 {
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
	for ; c < d.c; c++ {
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
