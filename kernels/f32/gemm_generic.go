package f32

import "math"

var (
	negInf = float32(math.Inf(-1))
	posInf = float32(math.Inf(1))
)

// genericKernel is the micro-kernel of every machine and the oracle of the others.
// Two rows by four columns are what fits the 16 registers of amd64.
var genericKernel = microKernel{name: "generic", rows: 4, panel: 4, step: 4, work: 3 << 20, run: gemmGeneric}

func gemmGeneric(t *tile) {
	r := 0
	for ; r+2 <= len(t.in); r += 2 {
		gemm2x4(t, r)
	}
	if r < len(t.in) {
		gemm1x4(t, r)
	}
}

func gemm2x4(t *tile, r int) {
	y0, y1 := (*[4]float32)(t.dst[t.out[r]:]), (*[4]float32)(t.dst[t.out[r+1]:])
	p, q := *y0, *y1
	if t.bias != nil {
		p = [4]float32(t.bias)
		q = p
	}
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
	w := t.w
	n := t.runLen
	for _, run := range t.runs {
		a := t.src[t.in[r]+run:][:n]
		b := t.src[t.in[r+1]+run:][:n]
		v := w[:4*n]
		w = w[4*n:]
		for i := range a {
			c := (*[4]float32)(v)
			v = v[4:]
			x, y := a[i], b[i]
			p0 += x * c[0]
			q0 += y * c[0]
			p1 += x * c[1]
			q1 += y * c[1]
			p2 += x * c[2]
			q2 += y * c[2]
			p3 += x * c[3]
			q3 += y * c[3]
		}
	}
	lo, hi := t.min, t.max
	*y0 = [4]float32{clamp(p0, lo, hi), clamp(p1, lo, hi), clamp(p2, lo, hi), clamp(p3, lo, hi)}
	*y1 = [4]float32{clamp(q0, lo, hi), clamp(q1, lo, hi), clamp(q2, lo, hi), clamp(q3, lo, hi)}
}

func gemm1x4(t *tile, r int) {
	y := (*[4]float32)(t.dst[t.out[r]:])
	p := *y
	if t.bias != nil {
		p = [4]float32(t.bias)
	}
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	w := t.w
	n := t.runLen
	for _, run := range t.runs {
		v := w[:4*n]
		w = w[4*n:]
		for _, x := range t.src[t.in[r]+run:][:n] {
			c := (*[4]float32)(v)
			v = v[4:]
			p0 += x * c[0]
			p1 += x * c[1]
			p2 += x * c[2]
			p3 += x * c[3]
		}
	}
	lo, hi := t.min, t.max
	*y = [4]float32{clamp(p0, lo, hi), clamp(p1, lo, hi), clamp(p2, lo, hi), clamp(p3, lo, hi)}
}
