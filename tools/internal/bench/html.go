package bench

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/peak"
	"github.com/lce-go/lce/tools/internal/cli"
)

//go:embed report.html.tmpl
var reportHTML string

// page is what the template shows: all numbers are formatted, all shapes placed.
type page struct {
	Model, Machine string
	Results        []section
}

// section is about one number of threads.
type section struct {
	Threads                                            int
	Title, Cores                                       string
	Load, First, Runs, Min, Median, P95, Arena, Packed string
	PeakRSS                                            string
	Peaks                                              []peakOf
	Bars                                               barChart
	Roof                                               roofline
	Rows                                               []operatorRow
}

// peakOf is the peak of a kind of operators on one core.
type peakOf struct{ Class, Rate, Loop string }

type operatorRow struct {
	Time, Share, Rate, OfPeak, Bytes, Op, Kernel, Name string
}

// sizes of copies: one does not fit into caches, the other fits into the second level.
const (
	copyMemory = 64 << 20
	copyCache  = 256 << 10
)

// writeHTML writes a page that needs no other file.
func writeHTML(w io.Writer, results []*result) error {
	t, err := template.New("report").Parse(reportHTML)
	if err != nil {
		panic("bench: " + err.Error()) // the template is part of the program
	}
	bandwidth := [2]float64{peak.Copy(copyMemory), peak.Copy(copyCache)}
	p := page{Model: results[0].path, Machine: Machine()}
	for _, r := range results {
		p.Results = append(p.Results, r.section(bandwidth))
	}
	return t.Execute(w, p)
}

// Machine names the processor and the instruction sets in use.
func Machine() string {
	name := cpuid.CPU.BrandName
	if name == "" {
		name = runtime.GOARCH
	}
	return fmt.Sprintf("%s, %s/%s, %v", name, runtime.GOOS, runtime.GOARCH, isa.Detect())
}

func (r *result) section(bandwidth [2]float64) section {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", milliseconds(d)) }
	s := section{
		Threads: r.threads, Title: threadCount(r.threads), Cores: "one core",
		Load: ms(r.load), First: ms(r.firstRun), Runs: fmt.Sprint(len(r.runs)),
		Min: ms(r.runs[0]), Median: ms(median(r.runs)), P95: ms(percentile(r.runs, 95)),
		Arena: cli.FormatBytes(int64(r.memory.Arena)), Packed: cli.FormatBytes(int64(r.memory.Packed)),
	}
	if s.PeakRSS = "-"; r.peakRSS > 0 {
		s.PeakRSS = cli.FormatBytes(r.peakRSS)
	}
	for _, binary := range []bool{true, false} {
		s.Peaks = append(s.Peaks, peakOf{class(1, binary), fmt.Sprintf("%.1f", r.ops.peaks.of(binary)/1e9), r.ops.peaks.name(binary)})
	}
	if r.threads > 1 {
		s.Cores = fmt.Sprintf("%d cores", r.threads)
	}
	times, total := r.ops.times()
	for i, op := range r.ops.ops {
		row := operatorRow{
			Time: fmt.Sprintf("%.1f", microseconds(times[i])), Bytes: fmt.Sprint(Bytes(op)),
			Share: fmt.Sprintf("%.1f %%", 100*float64(times[i])/float64(max(total, 1))),
			Op:    op.Op, Kernel: op.Kernel, Name: cli.StepName(op),
		}
		if macs, binary := MultiplyAdds(op); macs > 0 {
			row.Rate = fmt.Sprintf("%.1f", gigaPerSecond(macs, times[i]))
			row.OfPeak = fmt.Sprintf("%.0f %%", r.percentOfPeak(macs, binary, times[i]))
		}
		s.Rows = append(s.Rows, row)
	}
	s.Bars = r.bars(s.Rows, times)
	s.Roof = r.roofline(s.Rows, times, bandwidth)
	return s
}

// class is the kind of an operator, which has a colour.
func class(macs int64, binary bool) string {
	switch {
	case macs == 0:
		return "other"
	case binary:
		return "binary"
	}
	return "float"
}

func (o operatorRow) tip() string {
	parts := []string{o.Name, o.Op + " " + o.Kernel, o.Time + " microseconds, " + o.Share}
	if o.Rate != "" {
		parts = append(parts, o.Rate+" GMAC/s, "+o.OfPeak+" of peak")
	}
	return strings.Join(parts, "\n")
}
