package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// WriteText writes the report for a terminal, in plain ASCII.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	if len(r.Before) > 0 {
		fmt.Fprintf(&b, "ONNX: %d nodes: %s\n", total(r.Before), list(r.Before))
	}
	writeOperators(&b, r.After)
	if len(r.Layers) > 0 {
		b.WriteString(r.layerTable())
	}
	r.writeReasons(&b)
	t := r.Totals
	if len(r.Layers) > 0 {
		fmt.Fprintf(&b, "binary: %d of %d layers, %.1f %% of %s MACs, %s of %s parameters\n",
			t.BinaryLayers, len(r.Layers), 100*t.BinaryShare, number(t.MACs), number(t.BinaryParameters), number(t.Parameters))
	}
	if n := len(r.Transposes); n > 0 {
		fmt.Fprintf(&b, "transposes left: %d (%s)\n", n, strings.Join(r.Transposes, ", "))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, s := range r.Stored {
		fmt.Fprintf(&b, "stored: %d tensors as %s, %s bytes -> %s bytes\n", s.Tensors, s.Type, number(s.FloatBytes), number(s.Bytes))
	}
	switch {
	case r.FloatBytes > 0 && len(r.Stored) > 0:
		fmt.Fprintf(&b, "stored as float: about %s bytes\n", number(r.FloatBytes))
	case r.FloatBytes > 0:
		b.WriteString("stored: nothing in fewer bits, as no constant of a float layer is large\n")
	}
	if r.SourceBytes > 0 && r.Bytes > 0 {
		fmt.Fprintf(&b, "size: %s bytes -> %s bytes (%.1f times smaller)\n",
			number(r.SourceBytes), number(r.Bytes), float64(r.SourceBytes)/float64(r.Bytes))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeOperators(b *strings.Builder, count []OpCount) {
	fmt.Fprintf(b, ".lce: %d operators", total(count))
	if len(count) > 0 {
		fmt.Fprintf(b, ": %s", list(count))
	}
	b.WriteString("\n")
}

// WriteExport describes the way back for a terminal: the operators of a .lce model, the
// nodes of the ONNX model made of it, and the sizes of both in bytes.
func WriteExport(w io.Writer, operators, nodes map[string]int, from, to int64) error {
	var b strings.Builder
	writeOperators(&b, Counts(operators))
	fmt.Fprintf(&b, "ONNX: %d nodes: %s\n", total(Counts(nodes)), list(Counts(nodes)))
	fmt.Fprintf(&b, "size: %s bytes -> %s bytes (%.1f times larger)\n", number(from), number(to), float64(to)/float64(from))
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) layerTable() string {
	rows := [][]string{{"layer", "op", "input", "weights", "output", "act x weight", "result", "MACs", "bytes", "fused"}}
	for _, l := range r.Layers {
		weights := Dims(l.Weight)
		if l.Groups > 1 {
			weights += fmt.Sprintf(" /%d", l.Groups)
		}
		rows = append(rows, []string{
			l.Name, l.Op, Dims(l.Input), weights, Dims(l.Output),
			fmt.Sprintf("%d x %d bit", l.ActivationBits, l.WeightBits),
			strings.Join(l.Results, "+"), number(l.MACs), number(l.Bytes),
			strings.Join(l.FusedOps, " "),
		})
	}
	return align(rows, "MACs", "bytes")
}

// align lays rows out in columns two spaces apart, the first row as a head with a
// rule below. The columns named right are aligned to the right.
func align(rows [][]string, right ...string) string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	rule := make([]string, len(width))
	for i, n := range width {
		rule[i] = strings.Repeat("-", n)
	}
	var b strings.Builder
	for _, row := range slices.Insert(slices.Clone(rows), 1, rule) {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			fill := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if slices.Contains(right, rows[0][i]) {
				line.WriteString(fill + cell)
			} else {
				line.WriteString(cell + fill)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

func (r *Report) writeReasons(b *strings.Builder) {
	for _, l := range r.Layers {
		if l.Reason != "" {
			fmt.Fprintf(b, "float: %s %q: %s\n", l.Op, l.Name, l.Reason)
		}
	}
	for _, k := range r.Kept {
		fmt.Fprintf(b, "kept: %s %q: %s\n", k.Op, k.Name, k.Reason)
	}
}

// Dims writes a shape as "1x28x28x1", with ? for a dimension that varies.
func Dims(shape []int) string {
	var s []string
	for _, d := range shape {
		if d < 0 {
			s = append(s, "?")
			continue
		}
		s = append(s, strconv.Itoa(d))
	}
	return strings.Join(s, "x")
}

// number writes n with a comma between thousands.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
