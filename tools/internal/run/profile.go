package run

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/cli"
)

// profile collects the time of each operator of a run.
type profile struct{ timings []interpreter.Timing }

func (p *profile) add(t interpreter.Timing) { p.timings = append(p.timings, t) }

func (p *profile) write(w io.Writer) error {
	var total time.Duration
	for _, t := range p.timings {
		total += t.Duration
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "microseconds\tshare\top\tkernel\tname")
	for _, t := range p.timings {
		fmt.Fprintf(table, "%.1f\t%.1f %%\t%s\t%s\t%s\n", microseconds(t.Duration),
			100*float64(t.Duration)/float64(max(total, 1)), t.Op, t.Kernel, t.Name)
	}
	fmt.Fprintf(table, "%.1f\t\ttotal\t\t\n", microseconds(total))
	return table.Flush()
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// writeOperators prints what runs, so that a slow kernel is not mistaken for a slow
// machine.
func writeOperators(w io.Writer, in *interpreter.Interpreter) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "op\tkernel\toutput\tname")
	for _, op := range in.Operators() {
		shape := ""
		if len(op.Outputs) > 0 {
			shape = cli.FormatShape(op.Outputs[0].Shape)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", op.Op, op.Kernel, shape, cli.StepName(op))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	m := in.Memory()
	_, err := fmt.Fprintf(w, "memory: %s for tensors, %s for packed weights\n",
		cli.FormatBytes(int64(m.Arena)), cli.FormatBytes(int64(m.Packed)))
	return err
}
