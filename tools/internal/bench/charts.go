package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// number is a coordinate of an SVG with as many digits as one sees.
type number float64

func (n number) String() string { return fmt.Sprintf("%.1f", float64(n)) }

const chartWidth = 960

// barChart has a horizontal bar for each operator.
type barChart struct {
	Width, Height number
	Bars          []bar
}

type bar struct {
	LabelX, TextY, X, Y, Width, Height, ValueX number
	Label, Value, Class, Tip                   string
}

func (r *result) bars(rows []operatorRow, times []time.Duration) barChart {
	const (
		left, right  = 300, 60 // for labels and values
		pitch, thick = 16, 12
		labelLength  = 44
	)
	c := barChart{Width: chartWidth, Height: number(pitch * max(1, len(rows)))}
	longest := max(1, slices.Max(append(slices.Clone(times), 0)))
	for i, row := range rows {
		macs, binary := MultiplyAdds(r.ops.ops[i])
		y := number(i * pitch)
		width := number(float64(chartWidth-left-right) * float64(times[i]) / float64(longest))
		c.Bars = append(c.Bars, bar{
			LabelX: left - 6, TextY: y + thick - 2, X: left, Y: y, Width: max(width, 0.5), Height: thick, ValueX: left + width + 4,
			Label: shorten(row.Name, labelLength), Value: row.Time, Class: class(macs, binary), Tip: row.tip(),
		})
	}
	return c
}

// shorten keeps the end of a long name, which tells nodes of one network apart.
func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return "…" + string(runes[len(runes)-n+1:])
}

// roofline shows rates over the products per byte, both on logarithmic axes.
type roofline struct {
	Width, Height    number
	XTitleX, XTitleY number
	Grid             []gridLine
	Lines            []roof
	Dots             []dot
	left, top        float64
	plotW, plotH     float64
	minX, maxX       float64 // decades
	minY, maxY       float64
}

type gridLine struct {
	X1, Y1, X2, Y2, TextX, TextY number
	Label, Anchor                string
}

type roof struct {
	Class, Points, Label string
	Dashed               bool
}

type dot struct {
	X, Y, R    number
	Class, Tip string
}

// roofline places the operators with products below the roofs of their class:
// min(peak, bandwidth * x).
func (r *result) roofline(rows []operatorRow, times []time.Duration, bandwidth [2]float64) roofline {
	c := roofline{Width: chartWidth, Height: 420, left: 60, top: 20, plotW: chartWidth - 80, plotH: 350}
	c.XTitleX, c.XTitleY = number(c.left+c.plotW/2), c.Height-4
	type point struct {
		x, y float64
		op   int
	}
	var points []point
	peaks := map[bool]float64{}
	for _, binary := range []bool{true, false} {
		peaks[binary] = r.ops.peaks.of(binary) * float64(r.threads) / 1e9
	}
	c.minX, c.maxX, c.minY, c.maxY = 0, 3, 1, math.Ceil(math.Log10(max(peaks[true], peaks[false])*1.1))
	var longest time.Duration
	for i, op := range r.ops.ops {
		macs, _ := MultiplyAdds(op)
		if macs == 0 || times[i] <= 0 {
			continue
		}
		p := point{math.Log10(float64(macs) / float64(max(1, Bytes(op)))), math.Log10(gigaPerSecond(macs, times[i])), i}
		points = append(points, p)
		c.minX, c.maxX = min(c.minX, math.Floor(p.x)), max(c.maxX, math.Ceil(p.x))
		c.minY, c.maxY = min(c.minY, math.Floor(p.y)), max(c.maxY, math.Ceil(p.y))
		longest = max(longest, times[i])
	}
	c.grid()
	for _, binary := range []bool{true, false} {
		for i, bw := range bandwidth {
			c.addRoof(class(1, binary), r.ops.peaks.name(binary), peaks[binary], bw/1e9, i == 1)
		}
	}
	for _, p := range points {
		_, binary := MultiplyAdds(r.ops.ops[p.op])
		c.Dots = append(c.Dots, dot{
			X: c.x(p.x), Y: c.y(p.y), R: number(2 + 10*math.Sqrt(float64(times[p.op])/float64(longest))),
			Class: class(1, binary), Tip: rows[p.op].tip(),
		})
	}
	return c
}

// x and y place logarithms.
func (c *roofline) x(l float64) number {
	return number(c.left + c.plotW*(l-c.minX)/(c.maxX-c.minX))
}

func (c *roofline) y(l float64) number {
	return number(c.top + c.plotH*(c.maxY-l)/(c.maxY-c.minY))
}

// grid draws a line for each power of ten.
func (c *roofline) grid() {
	power := func(l float64) string { return fmt.Sprintf("%g", math.Pow(10, l)) }
	for l := c.minX; l <= c.maxX; l++ {
		c.Grid = append(c.Grid, gridLine{c.x(l), c.y(c.minY), c.x(l), c.y(c.maxY), c.x(l), c.y(c.minY) + 16, power(l), "middle"})
	}
	for l := c.minY; l <= c.maxY; l++ {
		c.Grid = append(c.Grid, gridLine{c.x(c.minX), c.y(l), c.x(c.maxX), c.y(l), c.x(c.minX) - 6, c.y(l) + 4, power(l), "end"})
	}
}

// addRoof draws min(peak, bandwidth*x) as far as it is on the chart; both are in 1e9/s,
// and loop says what the peak is of.
func (c *roofline) addRoof(class, loop string, peak, bandwidth float64, dashed bool) {
	from, ridge := c.minX, math.Log10(peak/bandwidth)
	if low := c.minY - math.Log10(bandwidth); low > from {
		from = min(low, c.maxX)
	}
	ridge = min(max(ridge, from), c.maxX)
	height := func(l float64) float64 { return min(math.Log10(peak), l+math.Log10(bandwidth)) }
	var points []string
	for _, l := range []float64{from, ridge, c.maxX} {
		points = append(points, fmt.Sprintf("%v,%v", c.x(l), c.y(height(l))))
	}
	where := "memory"
	if dashed {
		where = "the second-level cache"
	}
	c.Lines = append(c.Lines, roof{class, strings.Join(points, " "),
		fmt.Sprintf("%s: %.0f GMAC/s (%s), %.0f GB/s from %s", class, peak, loop, bandwidth, where), dashed})
}
