// Package bench is the command lce-bench.
package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/inputs"
)

// Command is lce-bench.
var Command = cli.Command{
	Name:     "lce-bench",
	Synopsis: "MODEL.lce [options]",
	About: `Measures how long a model takes: to load (open the file, choose kernels, pack weights,
plan memory), for the first run, and, after a warm-up, for each of many runs. Inputs
that are not given are random, and the file is in the system's cache. Operators are
timed in separate runs, so that the clock between them does not slow down the latency.
Their rates are compared with the peak of this machine: loops of nothing but the
arithmetic of the kernels, measured in between.
The peak of resident memory is that of the process up to the last run of a line. The
environment variable LCE_ISA (generic, avx2, avx512, neon, ...) limits the instruction
sets.`,
	Examples: `  lce-bench model.lce
  lce-bench model.lce --threads 1,2 --time 5s
  lce-bench model.lce --input image.npy --runs 100 --profile
  lce-bench model.lce --input-shape input=8x3x224x224 --json result.json
  lce-bench model.lce --threads 1,2 --html report.html
  lce-bench model.lce --kernels --time 1s
  lce-bench model.lce --trace trace.json`,
	Setup: setup,
}

type options struct {
	threads []int
	budget  budget
	inputs  []string
	shapes  []string
	json    string
	trace   string
	profile bool
	kernels bool
	html    string
}

const maxTime = time.Hour

func setup(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var o options
	flags.IntSliceVar(&o.threads, "threads", []int{1}, "measure with each of these numbers of threads, `N,...`")
	flags.IntVar(&o.budget.runs, "runs", 0, "measure `N` runs (default: as many as fit into --time)")
	flags.DurationVar(&o.budget.time, "time", 3*time.Second, "measure for `DURATION`, such as 500ms or 10s")
	flags.StringArrayVar(&o.inputs, "input", nil, "values of an input, as `FILE`.npy, NAME=FILE.npy or FILE.npz; may be repeated")
	flags.StringArrayVar(&o.shapes, "input-shape", nil, "shape of an input that is not given, as `NAME=1x3x224x224`; may be repeated")
	flags.StringVar(&o.json, "json", "", "write the results to `FILE`: an object, or a list of one for each number of threads")
	flags.BoolVar(&o.profile, "profile", false, "print a table of the operators")
	flags.BoolVar(&o.kernels, "kernels", false, "time each operator with every kernel that fits this machine, and mark the chosen one")
	flags.StringVar(&o.html, "html", "", "write a page with the table of operators, a bar chart and a roofline chart to `FILE`")
	flags.StringVar(&o.trace, "trace", "", "write the operators of the run of median time to `FILE`, in Chrome's trace event format")
	return func(ctx context.Context, std cli.Streams, args []string) error {
		if len(args) != 1 {
			return cli.Usagef("want one model, got %d operands", len(args))
		}
		for _, n := range o.threads {
			if n < 1 || n > cli.MaxThreads {
				return cli.Usagef("--threads %d: want 1 to %d", n, cli.MaxThreads)
			}
		}
		switch {
		case flags.Changed("runs") && flags.Changed("time"):
			return cli.Usagef("--runs and --time exclude each other")
		case flags.Changed("runs") && (o.budget.runs < 1 || o.budget.runs > maxRuns):
			return cli.Usagef("--runs %d: want 1 to %d", o.budget.runs, maxRuns)
		case o.budget.time <= 0 || o.budget.time > maxTime:
			return cli.Usagef("--time %v: want more than 0 and at most %v", o.budget.time, maxTime)
		}
		outputs := []cli.Output{{Flag: "--json", Path: o.json}, {Flag: "--trace", Path: o.trace}, {Flag: "--html", Path: o.html}}
		if err := cli.CheckOutputs(outputs, args[0]); err != nil {
			return err
		}
		return o.run(ctx, std, args[0])
	}
}

func (o *options) run(ctx context.Context, std cli.Streams, path string) error {
	shapes, err := cli.ParseShapes(o.shapes)
	if err != nil {
		return err
	}
	given, err := o.readInputs(path, shapes)
	if err != nil {
		return err
	}
	s := setting{path: path, given: given, shapes: shapes, budget: o.budget, kernels: o.kernels,
		profile: o.profile || o.kernels || o.json != "" || o.trace != "" || o.html != ""}
	var results []*result
	for i, threads := range o.threads {
		r, err := s.measure(ctx, threads)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		results = append(results, r)
		if err := r.writeLine(std.Out, i == 0); err != nil {
			return err
		}
	}
	if o.profile {
		for _, r := range results {
			if err := r.writeProfile(std.Out); err != nil {
				return err
			}
		}
	}
	if o.kernels {
		for _, r := range results {
			if err := r.writeKernels(std.Out); err != nil {
				return err
			}
		}
	}
	if o.json != "" {
		if err := cli.WriteFile(o.json, func(w io.Writer) error { return writeJSON(w, results) }); err != nil {
			return err
		}
	}
	if o.html != "" {
		if err := cli.WriteFile(o.html, func(w io.Writer) error { return writeHTML(w, results) }); err != nil {
			return err
		}
	}
	if o.trace != "" {
		return cli.WriteFile(o.trace, func(w io.Writer) error { return writeTrace(w, results) })
	}
	return nil
}

// readInputs reads the files of --input and checks them against the model.
func (o *options) readInputs(path string, shapes map[string][]int) (inputs.Set, error) {
	model, err := interpreter.Open(path)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	given, err := inputs.Read(model.Inputs(), o.inputs)
	if err != nil {
		return nil, err
	}
	return given, given.Check(model.Inputs(), shapes, true)
}
