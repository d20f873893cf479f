package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lce-go/lce/tools/internal/cli"
)

// columns are those of the table of results: title, and width, which is fixed so that
// each line appears when it is measured.
var columns = []struct {
	title string
	width int
}{
	{"threads", 7}, {"load ms", 8}, {"first ms", 8}, {"runs", 7}, {"min ms", 8},
	{"median ms", 9}, {"p95 ms", 8}, {"arena", 11}, {"packed", 11}, {"peak RSS", 11},
}

// writeLine writes the result as a line of a table, and the head before the first.
func (r *result) writeLine(w io.Writer, head bool) error {
	peak := "-"
	if r.peakRSS > 0 {
		peak = cli.FormatBytes(r.peakRSS)
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", milliseconds(d)) }
	cells := []string{
		fmt.Sprint(r.threads), ms(r.load), ms(r.firstRun), fmt.Sprint(len(r.runs)), ms(r.runs[0]),
		ms(median(r.runs)), ms(percentile(r.runs, 95)),
		cli.FormatBytes(int64(r.memory.Arena)), cli.FormatBytes(int64(r.memory.Packed)), peak,
	}
	var titles, values strings.Builder
	for i, c := range columns {
		fmt.Fprintf(&titles, "%*s  ", c.width, c.title)
		fmt.Fprintf(&values, "%*s  ", c.width, cells[i])
	}
	if head {
		if _, err := fmt.Fprintln(w, strings.TrimRight(titles.String(), " ")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(values.String(), " "))
	return err
}

// writeProfile writes the table of operators.
func (r *result) writeProfile(w io.Writer) error {
	p := r.ops
	times, total := p.times()
	noun := "threads"
	if r.threads == 1 {
		noun = "thread"
	}
	fmt.Fprintf(w, "\noperators, %d %s, medians of %d runs\n", r.threads, noun, p.runs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "microseconds\tshare\tGMAC/s\tbytes\top\tkernel\tname")
	share := func(t time.Duration) float64 { return 100 * float64(t) / float64(max(total, 1)) }
	var float, binary, other work
	for i, op := range p.ops {
		macs, isBinary := multiplyAdds(op)
		rate := ""
		if macs > 0 {
			rate = fmt.Sprintf("%.1f", gigaPerSecond(macs, times[i]))
		}
		fmt.Fprintf(table, "%.1f\t%.1f %%\t%s\t%d\t%s\t%s\t%s\n",
			microseconds(times[i]), share(times[i]), rate, bytesOf(op), op.Op, op.Kernel, op.Name)
		switch {
		case isBinary:
			binary.add(macs, times[i])
		case macs > 0:
			float.add(macs, times[i])
		default:
			other.add(0, times[i])
		}
	}
	fmt.Fprintf(table, "%.1f\t\t\t\ttotal\n", microseconds(total))
	if err := table.Flush(); err != nil {
		return err
	}
	for _, sum := range []struct {
		name string
		work
	}{{"binary", binary}, {"float", float}} {
		fmt.Fprintf(w, "%s: %d MACs, %.1f %% of the time, %.1f GMAC/s\n",
			sum.name, sum.macs, share(sum.time), gigaPerSecond(sum.macs, sum.time))
	}
	_, err := fmt.Fprintf(w, "others: %.1f %% of the time\n", share(other.time))
	return err
}

// work is a sum over operators.
type work struct {
	macs int64
	time time.Duration
}

func (s *work) add(macs int64, t time.Duration) { s.macs, s.time = s.macs+macs, s.time+t }
