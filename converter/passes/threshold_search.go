package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// thresholds gives the rule that replaces a sign of a chain over integer sums in
// [-limit, limit]: with the weights of channel c turned around where flip[c], the
// sign is +1 iff sum >= t[c]. The very float32 arithmetic of the chain decides. It
// fails, naming the channel, where the sign changes more than once.
func thresholds(f *chain, s sign, limit int) (t []int32, flip []bool, bad int, err error) {
	sign := func(x []int64) ([]bool, []bool, error) {
		in := make([]float32, len(x))
		for i := range x {
			in[i] = float32(x[i])
		}
		y, finite, err := f.eval(in)
		if err != nil {
			return nil, nil, err
		}
		plus := make([]bool, len(y))
		for i := range y {
			plus[i] = s.of(y[i], i%f.channels) > 0
		}
		return plus, finite, nil
	}
	exact := make([]bool, f.channels) // the ends of the range vouch for what is between
	for c := range exact {
		exact[c] = f.monotone(c)
	}
	for _, end := range []int64{-int64(limit), int64(limit)} {
		_, finite, err := sign(slices.Repeat([]int64{end}, f.channels))
		if err != nil {
			return nil, nil, 0, err
		}
		for c := range exact {
			exact[c] = exact[c] && finite[c]
		}
	}
	at, start, err := boundary(f.channels, -int64(limit), int64(limit), func(x []int64) ([]bool, error) {
		plus, _, err := sign(x)
		return plus, err
	})
	if err != nil {
		return nil, nil, 0, err
	}
	if bad, err = scanSums(f.channels, limit, exact, at, start, sign); bad >= 0 || err != nil {
		return nil, nil, bad, err
	}
	t, flip = make([]int32, f.channels), make([]bool, f.channels)
	for c := range t {
		never := at[c] > int64(limit)
		switch {
		case never && start[c]:
			t[c] = math.MinInt32
		case never:
			t[c] = math.MaxInt32
		case !start[c]:
			t[c] = int32(at[c])
		default:
			// +1 iff sum <= at-1, which is -sum >= 1-at.
			t[c], flip[c] = int32(1-at[c]), true
		}
	}
	return t, flip, -1, nil
}

// scanSums visits every sum for the channels that are not exact, and puts the place
// where the sign changes into at. It returns a channel where that happens more than
// once, or -1.
func scanSums(channels, limit int, exact []bool, at []int64, start []bool, sign func([]int64) ([]bool, []bool, error)) (int, error) {
	all := true
	for c := range exact {
		if !exact[c] {
			at[c], all = int64(limit)+1, false
		}
	}
	if all {
		return -1, nil
	}
	const rows = 256
	x := make([]int64, 0, rows*channels)
	for lo := -int64(limit); lo <= int64(limit); lo += rows {
		x = x[:0]
		for sum := lo; sum < lo+rows && sum <= int64(limit); sum++ {
			for range channels {
				x = append(x, sum)
			}
		}
		plus, _, err := sign(x)
		if err != nil {
			return -1, err
		}
		for i, p := range plus {
			c := i % channels
			if exact[c] {
				continue
			}
			if (p != start[c]) != (x[i] >= at[c]) {
				if at[c] <= int64(limit) {
					return c, nil
				}
				at[c] = x[i]
			}
		}
	}
	return -1, nil
}

// floatThresholds gives the rule that replaces a sign of a chain over any float32:
// with the operand negated where negate[c], the comparison of s holds iff it is >=
// t[c]. Each step must be monotone, and none may turn a number into a NaN; it
// reports whether that is so.
func floatThresholds(f *chain, s sign) (t []float32, negate []bool, ok bool, err error) {
	s.invert = false
	for c := range f.channels {
		if !f.monotone(c) {
			return nil, nil, false, nil
		}
	}
	sawNaN := false
	holds := func(x []int64) ([]bool, error) {
		in := make([]float32, len(x))
		for i := range x {
			in[i] = orderedFloat(x[i])
		}
		y, _, err := f.eval(in)
		if err != nil {
			return nil, err
		}
		plus := make([]bool, len(y))
		for i := range y {
			plus[i] = s.of(y[i], i) > 0
			sawNaN = sawNaN || y[i] != y[i]
		}
		return plus, nil
	}
	at, start, err := boundary(f.channels, -maxOrdered, maxOrdered, holds)
	if err != nil {
		return nil, nil, false, err
	}
	if _, err := holds(slices.Repeat([]int64{maxOrdered}, f.channels)); err != nil || sawNaN {
		return nil, nil, false, err
	}
	t, negate = make([]float32, f.channels), make([]bool, f.channels)
	for c := range t {
		never := at[c] > maxOrdered
		switch {
		case never && start[c]:
			t[c] = float32(math.Inf(-1))
		case never:
			t[c] = float32(math.NaN())
		case !start[c]:
			t[c] = orderedFloat(at[c])
		default:
			// It holds iff x <= the number before, which is -x >= minus that number.
			t[c], negate[c] = -orderedFloat(at[c]-1), true
		}
	}
	return t, negate, true, nil
}

// sums describes which integer sums a BConv2D or BGEMM can give.
type sums struct {
	limit   int   // they are in [-limit, limit]
	classes []int // numbers of products of -1 and +1 that a sum can have
	zeros   bool  // a product can also be 0
}

// attainable reports whether a sum can occur.
func (s sums) attainable(sum int64) bool {
	for _, n := range s.classes {
		if d := int64(n) - max(sum, -sum); d >= 0 && (s.zeros || d%2 == 0) {
			return true
		}
	}
	return false
}

// sumsOf tells which sums a BConv2D or BGEMM node can give.
func sumsOf(n *graph.Node) sums {
	zeros := n.Input(secondPlane) != nil
	o, ok := n.Options.(*schema.BConv2DOptions)
	if !ok {
		k := channels(n.Inputs[0])
		return sums{limit: k, classes: []int{k}, zeros: zeros}
	}
	w := n.Inputs[1].Shape
	k := w[1] * w[2] * w[3]
	if o.PadValue != 0 {
		return sums{limit: k, classes: []int{k}, zeros: zeros}
	}
	x := n.Inputs[0].Shape
	rows := tapCounts(x[1], w[1], o.Strides.H, o.Dilations.H, o.Pads.Top, o.Pads.Bottom)
	cols := tapCounts(x[2], w[2], o.Strides.W, o.Dilations.W, o.Pads.Left, o.Pads.Right)
	s := sums{limit: k, zeros: zeros}
	for r := range rows {
		for c := range cols {
			s.classes = append(s.classes, r*c*w[3])
		}
	}
	return s
}

// tapCounts gives the numbers of taps of a filter that can be inside a map of the
// given size, -1 for unknown.
func tapCounts(size, kernel, stride, dilation, before, after int) map[int]bool {
	counts := map[int]bool{}
	if before == 0 && after == 0 {
		counts[kernel] = true
		return counts
	}
	if size < 0 {
		for n := range kernel + 1 {
			counts[n] = true
		}
		return counts
	}
	for at := -before; at+(kernel-1)*dilation < size+after; at += stride {
		n := 0
		for k := range kernel {
			if p := at + k*dilation; p >= 0 && p < size {
				n++
			}
		}
		counts[n] = true
	}
	return counts
}

// zeroSum looks for a sum that can occur and for which the chain gives exactly 0, or
// a NaN, which Sign keeps.
func zeroSum(f *chain, s sums) (channel int, sum int64, found bool, err error) {
	const rows = 256
	x := make([]float32, 0, rows*f.channels)
	scan := func(lo, hi int64, only int) (bool, error) {
		for ; lo <= hi; lo += rows {
			x = x[:0]
			for v := lo; v < lo+rows && v <= hi; v++ {
				for range f.channels {
					x = append(x, float32(v))
				}
			}
			y, _, err := f.eval(x)
			if err != nil {
				return false, err
			}
			for i, e := range y {
				c, v := i%f.channels, lo+int64(i/f.channels)
				if (only < 0 || c == only) && (e == 0 || e != e) && s.attainable(v) {
					channel, sum = c, v
					return true, nil
				}
			}
		}
		return false, nil
	}
	limit := int64(s.limit)
	if int64(f.channels)*(2*limit+1) <= 1<<16 {
		found, err = scan(-limit, limit, -1)
		return channel, sum, found, err
	}
	candidates, ok, err := zeroRange(f, limit)
	if err != nil {
		return 0, 0, false, err
	}
	if !ok {
		found, err = scan(-limit, limit, -1)
		return channel, sum, found, err
	}
	for c, r := range candidates {
		if r[0] > r[1] {
			continue
		}
		if found, err = scan(r[0], r[1], c); found || err != nil {
			return channel, sum, found, err
		}
	}
	return 0, 0, false, nil
}

// zeroRange brackets, for each channel, the sums for which a monotone chain gives 0.
// ok is false if the chain may be not monotone.
func zeroRange(f *chain, limit int64) (ranges [][2]int64, ok bool, err error) {
	ok = true
	for c := range f.channels {
		ok = ok && f.monotone(c)
	}
	above := func(zeroToo bool) func([]int64) ([]bool, error) {
		return func(x []int64) ([]bool, error) {
			in := make([]float32, len(x))
			for i := range x {
				in[i] = float32(x[i])
			}
			y, finite, err := f.eval(in)
			if err != nil {
				return nil, err
			}
			is := make([]bool, len(y))
			for i := range y {
				is[i] = y[i] > 0 || zeroToo && y[i] == 0
				ok = ok && finite[i]
			}
			return is, nil
		}
	}
	a, startA, err := boundary(f.channels, -limit, limit, above(true))
	if err != nil {
		return nil, false, err
	}
	b, startB, err := boundary(f.channels, -limit, limit, above(false))
	if err != nil || !ok {
		return nil, false, err
	}
	for c := range a {
		lo, hi := min(a[c], b[c]), max(a[c], b[c])-1
		if startA[c] != startB[c] { // 0 at the lower end already
			lo = -limit
			hi = min(a[c], b[c]) - 1
		}
		ranges = append(ranges, [2]int64{lo, hi})
	}
	return ranges, true, nil
}
