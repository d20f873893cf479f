package f32

// windowTap says where the channels of a tap are in the map and in the weights, in
// elements.
type windowTap struct{ src, w int }

// windows walks over the windows of a map in which each channel is by itself, a run of
// pixels at a time whose windows have the same taps in the map.
type windows struct {
	inH, inW, outH, outW, c int
	kernelH, kernelW        int
	strideH, strideW        int
	dilationH, dilationW    int
	padTop, padLeft         int

	left, right int // columns of the result whose windows have all columns in the map
	longest     int // pixels of a run, whose operations maxCall bounds if they are more than one
	taps        []windowTap
	clipped     [][]windowTap // by thread, room for the taps of a pixel at the border
}

// prepare completes the walk for a number of threads.
func (w *windows) prepare(threads int) {
	for ky := range w.kernelH {
		for kx := range w.kernelW {
			w.taps = append(w.taps, windowTap{(ky*w.dilationH*w.inW + kx*w.dilationW) * w.c, len(w.taps) * w.c})
		}
	}
	for range threads {
		w.clipped = append(w.clipped, make([]windowTap, len(w.taps)))
	}
	w.left = (w.padLeft + w.strideW - 1) / w.strideW
	w.right = w.left
	if room := w.inW - 1 - (w.kernelW-1)*w.dilationW + w.padLeft; room >= 0 {
		w.right = min(w.outW, room/w.strideW+1)
	}
	w.longest = max(1, maxCall/(len(w.taps)*max(w.c, 1)))
}

// step is the number of elements from a window to the next in a row.
func (w *windows) step() int { return w.strideW * w.c }

// next gives the run that begins at pixel q and ends before hi: n pixels whose taps are
// at the offsets of taps, for the first pixel from src on, an element of all maps.
func (w *windows) next(q, hi, worker int) (n, src int, taps []windowTap) {
	x, y, b := q%w.outW, q/w.outW%w.outH, q/w.outW/w.outH
	n = 1
	if x >= w.left && x < w.right {
		n = min(w.right-x, hi-q, w.longest)
	}
	src = b * w.inH * w.inW * w.c
	y0, x0 := y*w.strideH-w.padTop, x*w.strideW-w.padLeft
	if y0 >= 0 && x0 >= 0 && y0+(w.kernelH-1)*w.dilationH < w.inH && x0+(w.kernelW-1)*w.dilationW < w.inW {
		return n, src + (y0*w.inW+x0)*w.c, w.taps
	}
	return n, src, w.clip(y0, x0, worker)
}

// clip lists the taps of a window at (y0, x0) that lie in the map, with offsets from
// the first element of the map.
func (w *windows) clip(y0, x0, worker int) []windowTap {
	list := w.clipped[worker]
	n := 0
	for ky := range w.kernelH {
		y := y0 + ky*w.dilationH
		if y < 0 || y >= w.inH {
			continue
		}
		for kx := range w.kernelW {
			if x := x0 + kx*w.dilationW; x >= 0 && x < w.inW {
				list[n] = windowTap{(y*w.inW + x) * w.c, (ky*w.kernelW + kx) * w.c}
				n++
			}
		}
	}
	return list[:n]
}
