package run

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/npy"
)

// sink stores the outputs.
type sink func([]*interpreter.Tensor) error

// newSink finds out from the operand of -o where outputs go; nil is the terminal.
func newSink(path string) (sink, error) {
	if path == "" {
		return nil, nil
	}
	switch {
	case isFolder(path):
		return func(outputs []*interpreter.Tensor) error { return writeDir(path, outputs) }, nil
	case strings.HasSuffix(path, ".npz"):
		return func(outputs []*interpreter.Tensor) error { return writeZip(path, outputs) }, nil
	case strings.HasSuffix(path, ".npy"):
		return func(outputs []*interpreter.Tensor) error {
			if len(outputs) != 1 {
				return fmt.Errorf("-o %s: the model has %d outputs; a .npz file or a folder can hold them", path, len(outputs))
			}
			return writeArray(path, outputs[0])
		}, nil
	}
	return nil, cli.Usagef("-o %s: want a name that ends in .npy, .npz or /", path)
}

// isFolder reports whether the operand of -o is a folder, which may be missing yet.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return strings.HasSuffix(path, "/") || err == nil && info.IsDir()
}

func array(t *interpreter.Tensor) *npy.Array {
	return &npy.Array{DType: t.DType(), Shape: t.Shape(), Data: t.Bytes()}
}

func writeArray(path string, t *interpreter.Tensor) error {
	err := cli.WriteFile(path, func(w io.Writer) error { return npy.Write(w, array(t)) })
	if err != nil {
		return fmt.Errorf("output %q: %w", t.Name(), err)
	}
	return nil
}

func writeDir(dir string, outputs []*interpreter.Tensor) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for i, t := range outputs {
		if err := writeArray(filepath.Join(dir, fmt.Sprintf("output_%d.npy", i)), t); err != nil {
			return err
		}
	}
	return nil
}

func writeZip(path string, outputs []*interpreter.Tensor) error {
	arrays := make([]npy.Named, len(outputs))
	for i, t := range outputs {
		arrays[i] = npy.Named{Name: t.Name(), Array: array(t)}
	}
	return cli.WriteFile(path, func(w io.Writer) error { return npy.WriteZip(w, arrays) })
}

func readLabels(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var labels []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		labels = append(labels, strings.TrimSpace(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

// maxRows bounds how many rows of an output are printed.
const maxRows = 10

// writeOutput prints rows of scores by their largest values, and a summary of
// everything else.
func writeOutput(w io.Writer, t *interpreter.Tensor, top int, labels []string) error {
	shape, values := t.Shape(), floats(t)
	scores := len(values) > 0 && len(shape) > 0 && len(shape) <= 2 && shape[len(shape)-1] > 1
	switch {
	case labels == nil:
	case !scores:
		return fmt.Errorf("--labels: shape %s is not a row of scores per image", cli.FormatShape(shape))
	case len(labels) != shape[len(shape)-1]:
		return fmt.Errorf("--labels: %d lines for %d classes", len(labels), shape[len(shape)-1])
	}
	fmt.Fprintf(w, "%s %v %s\n", t.Name(), t.DType(), cli.FormatShape(shape))
	if !scores {
		writeSummary(w, t)
		return nil
	}
	classes := shape[len(shape)-1]
	rows := len(values) / classes
	for r := range min(rows, maxRows) {
		if rows > 1 {
			fmt.Fprintf(w, "row %d\n", r)
		}
		writeTop(w, values[r*classes:(r+1)*classes], top, labels)
	}
	if rows > maxRows {
		fmt.Fprintf(w, "... and %d more rows\n", rows-maxRows)
	}
	return nil
}

// floats gives the elements of floats of any size, nil for others.
func floats(t *interpreter.Tensor) []float32 {
	switch t.DType() {
	case schema.Float16:
		return interpreter.FromFloat16(t.Float16s())
	case schema.Float64:
		values := make([]float32, t.Len())
		for i, v := range t.Float64s() {
			values[i] = float32(v)
		}
		return values
	}
	return t.Float32s()
}

// writeTop prints the k largest scores, with probabilities if the scores are such,
// or their logarithms.
func writeTop(w io.Writer, scores []float32, k int, labels []string) {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	probability := probabilities(scores)
	for _, i := range order[:min(k, len(order))] {
		fmt.Fprintf(w, "  %4d  %12.6g", i, scores[i])
		if probability != nil {
			fmt.Fprintf(w, "  %6.2f %%", 100*probability(scores[i]))
		}
		if labels != nil {
			fmt.Fprintf(w, "  %s", labels[i])
		}
		fmt.Fprintln(w)
	}
}

// probabilities returns how to read scores as probabilities: as they are behind a
// Softmax, by exp behind a LogSoftmax. It is nil if the scores are neither.
func probabilities(scores []float32) func(float32) float64 {
	const tolerance = 1e-3
	linear := func(s float32) float64 { return float64(s) }
	exp := func(s float32) float64 { return math.Exp(float64(s)) }
	sum := func(p func(float32) float64) (total float64) {
		for _, s := range scores {
			total += p(s)
		}
		return total
	}
	switch {
	case slices.Min(scores) >= 0 && math.Abs(sum(linear)-1) < tolerance:
		return linear
	case slices.Max(scores) <= 0 && math.Abs(sum(exp)-1) < tolerance:
		return exp
	}
	return nil
}

// writeSummary prints the extremes and the mean of floats, and the first elements.
func writeSummary(w io.Writer, t *interpreter.Tensor) {
	const show = 8
	var first []string
	add := func(n int, format func(i int) string) {
		for i := range min(n, show) {
			first = append(first, format(i))
		}
		if n > show {
			first = append(first, "...")
		}
	}
	switch t.DType() {
	case schema.Float16, schema.Float32, schema.Float64:
		values := floats(t)
		if len(values) > 0 {
			low, high, sum := math.Inf(1), math.Inf(-1), 0.0
			for _, v := range values {
				low, high, sum = min(low, float64(v)), max(high, float64(v)), sum+float64(v)
			}
			fmt.Fprintf(w, "  min %.6g  max %.6g  mean %.6g\n", low, high, sum/float64(len(values)))
		}
		add(len(values), func(i int) string { return fmt.Sprintf("%.6g", values[i]) })
	case schema.Int64:
		add(t.Len(), func(i int) string { return fmt.Sprint(t.Int64s()[i]) })
	case schema.Int32:
		add(t.Len(), func(i int) string { return fmt.Sprint(t.Int32s()[i]) })
	case schema.Bool:
		add(t.Len(), func(i int) string { return fmt.Sprint(t.Bools()[i]) })
	default:
		fmt.Fprintf(w, "  %d bytes\n", len(t.Bytes()))
		return
	}
	fmt.Fprintf(w, "  %s\n", strings.Join(first, " "))
}
