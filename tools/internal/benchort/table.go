package benchort

import (
	"fmt"
	"io"
	"strings"
)

// table is rows of cells; the first column is text, the others are numbers.
type table struct {
	head []string
	rows [][]string
}

// writeMarkdown pads the cells, so that the source is a table too.
func (t *table) writeMarkdown(w io.Writer) error {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len(cell))
		}
	}
	line := func(cells []string) string {
		var b strings.Builder
		for i, cell := range cells {
			if i == 0 {
				fmt.Fprintf(&b, "| %-*s |", width[i], cell)
			} else {
				fmt.Fprintf(&b, " %*s |", width[i], cell)
			}
		}
		return b.String() + "\n"
	}
	text := line(t.head)
	for i, n := range width {
		if i == 0 {
			text += "|" + strings.Repeat("-", n+2) + "|"
		} else {
			text += strings.Repeat("-", n+1) + ":|"
		}
	}
	text += "\n"
	for _, row := range t.rows {
		text += line(row)
	}
	_, err := io.WriteString(w, text)
	return err
}

// cell writes a number with some digits, and nothing for 0.
func cell(v float64, digits int) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.*f", digits, v)
}

// wanted writes a bar and whether a ratio reaches it.
func wanted(ratio, bar float64) string {
	switch {
	case bar == 0:
		return ""
	case ratio >= bar:
		return fmt.Sprintf("%.3g", bar)
	}
	return fmt.Sprintf("%.3g, missed", bar)
}

const microseconds = 1000 // in a millisecond

func (r *results) binaryLayers() *table {
	t := &table{head: []string{"layer", "ORT float32", "chained", "ORT int8", "chained", "ours", "whole model", "to float32", "wanted", "to int8", "wanted"}}
	for _, l := range r.Layers {
		if l.Binary == 0 {
			continue
		}
		t.rows = append(t.rows, []string{
			l.Name, cell(microseconds*l.ORTSign, 0), cell(microseconds*l.ORTChain, 0), cell(microseconds*l.ORTInt8, 0),
			cell(microseconds*l.ORTInt8Chain, 0), cell(microseconds*l.Binary, 1), cell(microseconds*l.BinaryWhole, 1),
			cell(l.ToFloat, 2), wanted(l.ToFloat, find(binaryBars, l.Name)), cell(l.ToInt8, 2), wanted(l.ToInt8, int8BarOf(l)),
		})
	}
	return t
}

// int8BarOf is asked of the layers of binaryBars.
func int8BarOf(l layer) float64 {
	if find(binaryBars, l.Name) == 0 {
		return 0
	}
	return int8Bar
}

func (r *results) floatLayers() *table {
	t := &table{head: []string{"layer", "ORT", "chained", "ours", "chained", "whole model", "ratio", "wanted"}}
	for _, l := range r.Layers {
		if l.Float == 0 {
			continue
		}
		t.rows = append(t.rows, []string{
			l.Name, cell(microseconds*l.ORTFloat, 0), cell(microseconds*l.ORTChain, 0), cell(microseconds*l.Float, 0),
			cell(microseconds*l.FloatChain, 0), cell(microseconds*l.FloatWhole, 0),
			cell(l.FloatRatio, 2), wanted(l.FloatRatio, find(floatBars, l.Name)),
		})
	}
	return t
}

func (r *results) networkTable() *table {
	t := &table{head: []string{"network", "ONNX Runtime ms", "ours ms", "ratio", "wanted"}}
	for _, n := range r.Networks {
		name := n.Name
		if n.Other != "" {
			name += " against " + n.Other
		}
		t.rows = append(t.rows, []string{name, cell(n.ORT, 2), cell(n.Ours, 2), cell(n.Ratio, 2), wanted(n.Ratio, n.bar())})
	}
	return t
}

// table lists the kinds of steps, those of less than 1 % of the time together.
func (p *networkProfile) table() *table {
	t := &table{head: []string{"operators", "steps", "microseconds", "share", "limit", "time/limit"}}
	total, limit := p.total()
	row := func(k kind) {
		t.rows = append(t.rows, []string{k.Op, fmt.Sprint(k.Steps), cell(k.Time, 1), fmt.Sprintf("%.1f %%", 100*k.Time/total), cell(k.Limit, 1), cell(k.Time/k.Limit, 2)})
	}
	others, steps := kind{Op: "others"}, 0
	for _, k := range p.Kinds {
		steps += k.Steps
		if k.Time < total/100 {
			others.Steps, others.Time, others.Limit = others.Steps+k.Steps, others.Time+k.Time, others.Limit+k.Limit
			continue
		}
		row(k)
	}
	if others.Steps > 0 {
		row(others)
	}
	row(kind{"all", steps, total, limit})
	return t
}

// meanOf is a sentence about a geometric mean; none if nothing was measured.
func meanOf(what string, mean, bar float64) string {
	if mean == 0 {
		return ""
	}
	return fmt.Sprintf("Geometric mean of the %s, to float32: %.2f (wanted: %s).", what, mean, wanted(mean, bar))
}

// writeMarkdown writes all tables.
func (r *results) writeMarkdown(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s, ONNX Runtime %s, one thread.\n", r.Machine, r.Date, r.ONNXRuntime)
	type part struct {
		title string
		*table
		summary string
	}
	parts := []part{
		{"Binary layers, microseconds", r.binaryLayers(), meanOf("3x3 layers", r.layersMean(), layersMeanBar)},
		{"Float layers, microseconds", r.floatLayers(), ""},
		{"Networks", r.networkTable(), meanOf("binarized networks", r.GeoMean, networksMeanBar)},
	}
	for _, p := range r.Profiles {
		parts = append(parts, part{fmt.Sprintf("Steps of %s", p.Network), p.table(), ""})
	}
	for _, p := range parts {
		if len(p.rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n\n", p.title)
		if err := p.writeMarkdown(w); err != nil {
			return err
		}
		if p.summary != "" {
			fmt.Fprintf(w, "\n%s\n", p.summary)
		}
	}
	return nil
}
