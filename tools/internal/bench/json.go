package bench

import (
	"encoding/json"
	"io"
)

// object is what --json writes for a number of threads. Fields are only added.
type object struct {
	Model    string  `json:"model"`
	Threads  int     `json:"threads"`
	Latency  latency `json:"latency_ms"`
	Load     float64 `json:"load_ms"`
	FirstRun float64 `json:"first_run_ms"`
	Arena    int     `json:"arena_bytes"`
	PeakRSS  int64   `json:"peak_rss_bytes,omitempty"` // absent if the system does not tell
	Peak     rates   `json:"peak_gmacs"`               // of one core
	Loops    loops   `json:"peak_loops"`               // what the peaks are of
	Ops      []opRow `json:"ops"`
}

type rates struct {
	Binary float64 `json:"binary"`
	Float  float64 `json:"float"`
}

type loops struct {
	Binary string `json:"binary"`
	Float  string `json:"float"`
}

type latency struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
}

// opRow is a step of a run, an operator or several; GMACs is 1e9 multiply-adds per second, 0 for one without.
type opRow struct {
	Name   string  `json:"name"`
	Op     string  `json:"op"`
	Kernel string  `json:"kernel"`
	Ms     float64 `json:"ms"`
	GMACs  float64 `json:"gmacs"`
	MACs   int64   `json:"macs"`
	Bytes  int64   `json:"bytes"`
	// Members are the names of the operators of the step if there are several.
	Members []string `json:"members,omitempty"`
	// Kernels are all that fit, with --kernels.
	Kernels []kernelRow `json:"kernels,omitempty"`
}

type kernelRow struct {
	Kernel string  `json:"kernel"`
	Ms     float64 `json:"ms"`
}

func (r *result) object() object {
	o := object{
		Model: r.path, Threads: r.threads,
		Latency: latency{milliseconds(r.runs[0]), milliseconds(median(r.runs)), milliseconds(percentile(r.runs, 95))},
		Load:    milliseconds(r.load), FirstRun: milliseconds(r.firstRun),
		Arena: r.memory.Arena, PeakRSS: r.peakRSS, Ops: []opRow{},
		Peak:  rates{r.ops.peaks.of(true) / 1e9, r.ops.peaks.of(false) / 1e9},
		Loops: loops{r.ops.peaks.name(true), r.ops.peaks.name(false)},
	}
	times, _ := r.ops.times()
	for i, op := range r.ops.ops {
		macs, _ := MultiplyAdds(op)
		row := opRow{
			Name: op.Name, Op: op.Op, Kernel: op.Kernel, Ms: milliseconds(times[i]),
			GMACs: gigaPerSecond(macs, times[i]), MACs: macs, Bytes: Bytes(op), Members: op.Members,
		}
		if r.kernels != nil {
			for _, k := range r.kernels[i] {
				row.Kernels = append(row.Kernels, kernelRow{k.kernel, milliseconds(k.time)})
			}
		}
		o.Ops = append(o.Ops, row)
	}
	return o
}

// writeJSON writes an object, or a list of several.
func writeJSON(w io.Writer, results []*result) error {
	objects := make([]object, len(results))
	for i, r := range results {
		objects[i] = r.object()
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if len(objects) == 1 {
		return enc.Encode(objects[0])
	}
	return enc.Encode(objects)
}
