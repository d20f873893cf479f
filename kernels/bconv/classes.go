package bconv

import (
	"fmt"
	mathbits "math/bits"

	"github.com/lce-go/lce/kernels/bgemm"
)

// taps is the range of taps that fall on the map.
type taps struct{ from, to int }

// axisClasses numbers the distinct ranges of taps along an axis. Unless zero is
// set, all taps count as being on the map.
func axisClasses(out, in, kernel, stride, dilation, pad int, zero bool) (of []int, list []taps) {
	of = make([]int, out)
	number := map[taps]int{}
	for o := range of {
		t := taps{0, kernel}
		if zero {
			start := o*stride - pad
			if start < 0 {
				t.from = min(kernel, (-start+dilation-1)/dilation)
			}
			t.to = max(t.from, min(kernel, floorDiv(in-1-start, dilation)+1))
			if t.from == t.to {
				t = taps{}
			}
		}
		n, ok := number[t]
		if !ok {
			n = len(list)
			number[t] = n
			list = append(list, t)
		}
		of[o] = n
	}
	return of, list
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// classes finds the border classes and gives their vectors.
func (c *Conv) classes(w []uint32) ([]int32, error) {
	p := &c.p
	zero := p.PadValue == 0
	var rows, cols []taps
	c.rowOf, rows = axisClasses(p.OutH, p.H, p.KernelH, p.StrideH, p.DilationH, p.PadTop, zero)
	c.colOf, cols = axisClasses(p.OutW, p.W, p.KernelW, p.StrideW, p.DilationW, p.PadLeft, zero)
	c.columns = len(cols)
	channels := int64(c.groups) * int64((p.O/c.groups+bgemm.PanelChannels-1)/bgemm.PanelChannels*bgemm.PanelChannels)
	if n := int64(len(rows)) * int64(len(cols)); n > maxVectors || n*channels > maxVectors {
		return nil, fmt.Errorf("zero padding makes %d x %d kinds of windows for %d channels, more than %d in all",
			len(rows), len(cols), channels, maxVectors)
	}
	base := make([]int32, len(rows)*len(cols)*p.O)
	perTap := p.C / p.Groups
	if whole := (taps{0, p.KernelH}); len(rows) == 1 && len(cols) == 1 && rows[0] == whole && cols[0] == (taps{0, p.KernelW}) {
		for o := range base {
			base[o] = int32(p.KernelH * p.KernelW * perTap)
		}
		return base, nil
	}
	// minus[y][x] counts the -1 weights of the taps above and left of (y, x).
	stride := p.KernelW + 1
	minus := make([]int32, (p.KernelH+1)*stride)
	for o := range p.O {
		for y := range p.KernelH {
			left := int32(0)
			for x := range p.KernelW {
				left += int32(ones(w[:c.tapWords]))
				w = w[c.tapWords:]
				minus[(y+1)*stride+x+1] = minus[y*stride+x+1] + left
			}
		}
		all := minus[len(minus)-1]
		for i, r := range rows {
			for j, t := range cols {
				inside := minus[r.to*stride+t.to] - minus[r.from*stride+t.to] -
					minus[r.to*stride+t.from] + minus[r.from*stride+t.from]
				// The kernels count the -1 weights of the taps outside as bits that differ.
				base[(i*len(cols)+j)*p.O+o] = int32((r.to-r.from)*(t.to-t.from)*perTap) + 2*(all-inside)
			}
		}
	}
	return base, nil
}

// ones counts the bits that are 1.
func ones(words []uint32) int {
	n := 0
	for len(words) >= 4 {
		q := (*[4]uint32)(words)
		n += mathbits.OnesCount64(uint64(q[0])|uint64(q[1])<<32) + mathbits.OnesCount64(uint64(q[2])|uint64(q[3])<<32)
		words = words[4:]
	}
	for _, w := range words {
		n += mathbits.OnesCount32(w)
	}
	return n
}
