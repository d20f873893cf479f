package inspect

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lce-go/lce/tools/internal/cli"
)

func (d *description) writeText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "format\tversion %d, by %s\n", d.FormatVersion, d.Producer)
	if d.SourceSHA256 != "" {
		fmt.Fprintf(table, "source\tSHA-256 %s\n", d.SourceSHA256)
	}
	if d.AssumedBinary != "" {
		fmt.Fprintf(table, "warning\tmade binary by --assume-binary, for measuring only: %s\n", d.AssumedBinary)
	}
	for _, t := range d.Inputs {
		fmt.Fprintf(table, "input\t%s %s %s\n", t.Name, t.DType, cli.FormatShape(t.Shape))
	}
	for _, t := range d.Outputs {
		fmt.Fprintf(table, "output\t%s %s %s\n", t.Name, t.DType, cli.FormatShape(t.Shape))
	}
	fmt.Fprintln(table)
	writeOperators(table, d.Operators)
	fmt.Fprintln(table)
	writeGraphs(table, d.Graphs)
	fmt.Fprintf(table, "file\t%d bytes\n", d.FileBytes)
	fmt.Fprintf(table, "weights\t%d bytes%s\n", d.WeightBytes, kinds(d.WeightKinds))
	fmt.Fprintf(table, "packed weights\t%d bytes at run time\n", d.PackedBytes)
	fmt.Fprintf(table, "computed constants\t%d bytes at run time\n", d.PreparedBytes)
	fmt.Fprintf(table, "arena\t%d bytes, at most %d in use at once; the largest scratch %d\n", d.ArenaBytes, d.PeakBytes, d.ScratchBytes)
	fmt.Fprintf(table, "memory\t%d bytes: all of these and the file\n", d.MemoryBytes)
	return table.Flush()
}

// portShapes lists the activations of an operator as "1x28x28x32 Bits"; of its
// constants only the first, the weights, says more than the activations do.
func portShapes(ports []port) string {
	var parts []string
	for i, p := range ports {
		if p != nil && (!p.Constant || i < 2) {
			part := cli.FormatShape(p.Shape) + " " + p.DType
			if p.Stored != "" {
				part += " of " + p.Stored
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func kinds(bytes map[string]int64) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(bytes)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, bytes[kind]))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
