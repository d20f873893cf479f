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
	fmt.Fprintf(w, "\noperators, %s, medians of %d runs\n", threadCount(r.threads), p.runs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "microseconds\tshare\tGMAC/s\tof peak\tbytes\top\tkernel\tname")
	share := func(t time.Duration) float64 { return 100 * float64(t) / float64(max(total, 1)) }
	var float, binary, other work
	for i, op := range p.ops {
		macs, isBinary := MultiplyAdds(op)
		rate, ofPeak := "", ""
		if macs > 0 {
			rate = fmt.Sprintf("%.1f", gigaPerSecond(macs, times[i]))
			ofPeak = fmt.Sprintf("%.0f %%", r.percentOfPeak(macs, isBinary, times[i]))
		}
		fmt.Fprintf(table, "%.1f\t%.1f %%\t%s\t%s\t%d\t%s\t%s\t%s\n",
			microseconds(times[i]), share(times[i]), rate, ofPeak, Bytes(op), op.Op, op.Kernel, cli.StepName(op))
		switch {
		case isBinary:
			binary.add(macs, times[i])
		case macs > 0:
			float.add(macs, times[i])
		default:
			other.add(0, times[i])
		}
	}
	fmt.Fprintf(table, "%.1f\t\t\t\t\ttotal\n", microseconds(total))
	if err := table.Flush(); err != nil {
		return err
	}
	for _, sum := range []struct {
		name   string
		binary bool
		work
	}{{"binary", true, binary}, {"float", false, float}} {
		fmt.Fprintf(w, "%s: %d MACs, %.1f %% of the time, %.1f GMAC/s; the peak of a core is %.1f, of %s\n",
			sum.name, sum.macs, share(sum.time), gigaPerSecond(sum.macs, sum.time),
			p.peaks.of(sum.binary)/1e9, p.peaks.name(sum.binary))
	}
	_, err := fmt.Fprintf(w, "others: %.1f %% of the time\n", share(other.time))
	return err
}

// percentOfPeak compares a rate with the peak of as many cores as there are threads.
func (r *result) percentOfPeak(macs int64, binary bool, t time.Duration) float64 {
	return 100e9 * gigaPerSecond(macs, t) / (r.ops.peaks.of(binary) * float64(r.threads))
}

func threadCount(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// work is a sum over operators.
type work struct {
	macs int64
	time time.Duration
}

func (s *work) add(macs int64, t time.Duration) { s.macs, s.time = s.macs+macs, s.time+t }
