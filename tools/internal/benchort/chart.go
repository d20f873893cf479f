package benchort

import (
	"fmt"
	"io"
	"slices"
	"text/template"
)

// chart is a bar for each network: how many times as fast as ONNX Runtime it runs.
type chart struct {
	Width, Height     int
	Left, Bottom      int
	Title             string
	Notes             []chartNote
	Parity            int // where the ratio is 1
	Bars              []chartBar
	Lines             []chartLine
	TitleY, ScaleY    int
	LabelX, FirstLine int
}

type chartBar struct {
	Y, TextY, Width, ValueX int
	Label, Value, Colour    string
}

type chartNote struct {
	Y    int
	Text string
}

type chartLine struct {
	X     int
	Label string
}

var chartText = template.Must(template.New("chart").Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{.Width}} {{.Height}}" width="{{.Width}}" height="{{.Height}}" font-family="sans-serif" font-size="13" fill="#1c2430">
<rect width="{{.Width}}" height="{{.Height}}" fill="#ffffff"/>
<text x="12" y="{{.TitleY}}" font-size="15">{{.Title}}</text>
{{range .Lines}}<line x1="{{.X}}" y1="{{$.FirstLine}}" x2="{{.X}}" y2="{{$.Bottom}}" stroke="#d5dae1"/><text x="{{.X}}" y="{{$.ScaleY}}" text-anchor="middle" fill="#5f6f86">{{.Label}}</text>
{{end}}{{range .Bars}}<text x="{{$.LabelX}}" y="{{.TextY}}" text-anchor="end">{{.Label}}</text><rect x="{{$.Left}}" y="{{.Y}}" width="{{.Width}}" height="14" fill="{{.Colour}}"/><text x="{{.ValueX}}" y="{{.TextY}}">{{.Value}}</text>
{{end}}<line x1="{{.Parity}}" y1="{{.FirstLine}}" x2="{{.Parity}}" y2="{{.Bottom}}" stroke="#1c2430"/>
{{range .Notes}}<text x="12" y="{{.Y}}" fill="#5f6f86">{{.Text}}</text>
{{end}}</svg>
`))

// writeChart writes the ratios of the networks as SVG, largest first.
func (r *results) writeChart(w io.Writer) error {
	const (
		left, top, pitch, right = 190, 40, 22, 60
		binaryColour            = "#1b7f5c"
		floatColour             = "#c2571a"
	)
	var networks []network
	largest := 1.0
	for _, n := range r.Networks {
		if n.Other == "" {
			networks = append(networks, n)
			largest = max(largest, n.Ratio)
		}
	}
	slices.SortStableFunc(networks, func(a, b network) int {
		switch {
		case a.Ratio > b.Ratio:
			return -1
		case a.Ratio < b.Ratio:
			return 1
		}
		return 0
	})
	c := chart{
		Width: 760, Left: left, LabelX: left - 8, TitleY: 24, FirstLine: top,
		Bottom: top + pitch*len(networks) + 4,
		Title:  "Time of ONNX Runtime (float32) divided by time of LCE, one thread",
	}
	c.ScaleY, c.Height = c.Bottom+16, c.Bottom+70
	c.Notes = []chartNote{
		{c.Bottom + 40, fmt.Sprintf("Green: binarized networks, geometric mean %.1f. Orange: float networks. Black line: as fast as ONNX Runtime.", r.GeoMean)},
		{c.Bottom + 58, fmt.Sprintf("%s, %s, ONNX Runtime %s.", r.Machine, r.Date, r.ONNXRuntime)},
	}
	scale := float64(c.Width-left-right) / largest
	c.Parity = left + int(scale)
	step := 1
	for largest/float64(step) > 8 {
		step *= 2
	}
	for v := 0; float64(v) <= largest; v += step {
		c.Lines = append(c.Lines, chartLine{left + int(scale*float64(v)), fmt.Sprint(v)})
	}
	for i, n := range networks {
		y := top + pitch*i + 4
		b := chartBar{Y: y, TextY: y + 12, Width: int(scale * n.Ratio), Label: n.Name, Value: fmt.Sprintf("%.1f", n.Ratio), Colour: floatColour}
		if n.Binary {
			b.Colour = binaryColour
		}
		b.ValueX = left + b.Width + 6
		c.Bars = append(c.Bars, b)
	}
	return chartText.Execute(w, c)
}
