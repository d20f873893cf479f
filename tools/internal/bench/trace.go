package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/cli"
)

// event is an event of Chrome's trace format: a name for a process (M), or something
// with a start and a duration in microseconds (X).
type event struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	Start    float64        `json:"ts"`
	Duration float64        `json:"dur"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// writeTrace writes a run of median time for each number of threads. A viewer shows
// each as a process; all threads of it work on each operator.
func writeTrace(w io.Writer, results []*result) error {
	trace := struct {
		Unit   string  `json:"displayTimeUnit"`
		Events []event `json:"traceEvents"`
	}{Unit: "ns", Events: []event{}}
	for i, r := range results {
		process := i + 1
		add := func(e event) {
			e.Process, e.Thread = process, 1
			trace.Events = append(trace.Events, e)
		}
		spans := r.ops.typical()
		var end time.Duration
		if n := len(spans); n > 0 {
			end = spans[n-1].begin + spans[n-1].duration
		}
		add(event{Name: "process_name", Phase: "M",
			Args: map[string]any{"name": fmt.Sprintf("%s, threads: %d", r.path, r.threads)}})
		add(event{Name: "run", Category: "run", Phase: "X", Duration: microseconds(end)})
		for j, s := range spans {
			op := r.ops.ops[j]
			add(event{Name: cli.StepName(op), Category: op.Op, Phase: "X",
				Start: microseconds(s.begin), Duration: microseconds(s.duration), Args: describe(op, s.duration)})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(trace)
}

// describe is what a viewer shows about an operator.
func describe(op interpreter.OpInfo, t time.Duration) map[string]any {
	args := map[string]any{"op": op.Op, "kernel": op.Kernel, "bytes": Bytes(op)}
	if macs, _ := MultiplyAdds(op); macs > 0 {
		args["MACs"], args["GMAC/s"] = macs, gigaPerSecond(macs, t)
	}
	if op.Members != nil {
		args["members"] = op.Members
	}
	if out := firstOutput(op); out != nil {
		args["output"] = cli.FormatShape(out.Shape)
	}
	return args
}
