package f32

import "math"

// windowPool computes a pool of floats window by window, with the kernels of
// instruction sets: channels behind the last whole vector are in one that overlaps it.
type windowPool struct {
	windows
	vector int // channels that the kernels compute at a time
}

// maxWindow bounds the taps of windows that are walked over, and how far they reach.
const maxWindow = 1 << 10

// newWindowPool is nil if there is no kernel, or the windows are too large to list.
func newWindowPool(p *PoolParams, threads int) *windowPool {
	vector := poolVector(p.Features, p.C)
	if vector == 0 || max(p.KernelH, p.KernelW, p.DilationH, p.DilationW, p.StrideH, p.StrideW, p.PadTop, p.PadLeft) > maxWindow || p.KernelH*p.KernelW > min(maxWindow, maxCall/p.C) {
		return nil
	}
	w := &windowPool{vector: vector, windows: windows{
		inH: p.InH, inW: p.InW, outH: p.OutH, outW: p.OutW, c: p.C, kernelH: p.KernelH, kernelW: p.KernelW,
		strideH: p.StrideH, strideW: p.StrideW, dilationH: p.DilationH, dilationW: p.DilationW,
		padTop: p.PadTop, padLeft: p.PadLeft,
	}}
	w.prepare(threads)
	return w
}

// run computes the pixels [lo, hi) in out: the mean as average counts, or the maximum if
// it is nil.
func (w *windowPool) run(out, in []float32, lo, hi, worker int, average *PoolParams) {
	for q := lo; q < hi; {
		n, at, taps := w.next(q, hi, worker)
		dst, src := out[(q-lo)*w.c:][:n*w.c], in[at:]
		divisor := float32(0)
		if average != nil {
			divisor = float32(max(1, average.count(q/w.outW%w.outH, q%w.outW)))
		}
		if len(taps) == 0 {
			outside(dst, average)
			q += n
			continue
		}
		poolRun(&w.windows, w.vector, 0, w.c/w.vector, dst, src, n, taps, divisor)
		if w.c%w.vector != 0 {
			poolRun(&w.windows, w.vector, w.c-w.vector, 1, dst, src, n, taps, divisor)
		}
		q += n
	}
}

// outside sets the results of windows that are outside the map: the mean is 0.
func outside(dst []float32, average *PoolParams) {
	v := float32(math.Inf(-1))
	if average != nil {
		v = 0
	}
	for i := range dst {
		dst[i] = v
	}
}
