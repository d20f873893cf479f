package bench_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/bench"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/convert"
)

func run(t *testing.T, c *cli.Command, args ...string) {
	t.Helper()
	var stderr strings.Builder
	if status := c.Run(t.Context(), cli.Streams{Out: io.Discard, Err: &stderr}, args); status != 0 {
		t.Fatalf("%s %v: exit status %d, %s", c.Name, args, status, stderr.String())
	}
}

func decode(t *testing.T, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func convertModel(t *testing.T, dir string) string {
	t.Helper()
	model := filepath.Join(dir, "cnn.lce")
	run(t, &convert.Command, "../../../testdata/models/fashion_cnn_folded_op17.onnx", "-o", model, "-q")
	return model
}

// TestFiles reads the files of --json and --trace and compares them with the model.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	model := convertModel(t, dir)
	jsonFile, traceFile := filepath.Join(dir, "a.json"), filepath.Join(dir, "t.json")
	run(t, &bench.Command, model, "--threads", "1,2", "--runs", "3", "--json", jsonFile, "--trace", traceFile)

	m, err := interpreter.Open(model)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	// The steps, which the number of threads may decide on, and their names in tables.
	wantOps := func(threads int) (names, steps []string) {
		in, err := interpreter.New(m, interpreter.WithThreads(threads))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		for _, op := range in.Operators() {
			names, steps = append(names, op.Name), append(steps, cli.StepName(op))
		}
		return names, steps
	}

	t.Run("json", func(t *testing.T) {
		var objects []struct {
			Model   string
			Threads int
			Latency struct{ Min, Median, P95 float64 } `json:"latency_ms"`
			Load    float64                            `json:"load_ms"`
			First   float64                            `json:"first_run_ms"`
			Arena   int                                `json:"arena_bytes"`
			Ops     []struct {
				Name, Op, Kernel string
				Ms, GMACs        float64
				Members          []string
			}
		}
		decode(t, jsonFile, &objects)
		if len(objects) != 2 {
			t.Fatalf("%d objects, want 2", len(objects))
		}
		for i, o := range objects {
			if o.Model != model || o.Threads != i+1 {
				t.Errorf("object %d is of %s, %d threads", i, o.Model, o.Threads)
			}
			if l := o.Latency; !(0 < l.Min && l.Min <= l.Median && l.Median <= l.P95) {
				t.Errorf("latency %+v is not in order", l)
			}
			threaded, err := interpreter.New(m, interpreter.WithThreads(o.Threads))
			if err != nil {
				t.Fatal(err)
			}
			if arena := threaded.Memory().Arena; o.Load <= 0 || o.First <= 0 || o.Arena != arena {
				t.Errorf("load %v ms, first run %v ms, arena %d, want positive times and %d", o.Load, o.First, o.Arena, arena)
			}
			threaded.Close()
			var ops []string
			for _, op := range o.Ops {
				ops = append(ops, op.Name)
				first, _, several := strings.Cut(op.Op, "+")
				layer := slices.Contains([]string{"Conv2D", "BConv2D", "BGEMM", "MatMul"}, first)
				if several != (len(op.Members) > 1) {
					t.Errorf("operator %+v has members %q", op, op.Members)
				}
				if op.Kernel == "" || op.Ms < 0 || (op.GMACs > 0) != (layer && op.Ms > 0) {
					t.Errorf("operator %+v", op)
				}
			}
			names, _ := wantOps(o.Threads)
			if diff := cmp.Diff(ops, names); diff != "" {
				t.Errorf("operators (-got +want):\n%s", diff)
			}
		}
	})

	t.Run("json keys", func(t *testing.T) {
		var objects []map[string]any
		decode(t, jsonFile, &objects)
		got := objects[0]
		delete(got, "peak_rss_bytes") // not on every system
		want := []string{"arena_bytes", "first_run_ms", "latency_ms", "load_ms", "model", "ops", "peak_gmacs", "peak_loops", "threads"}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(got)), want); diff != "" {
			t.Errorf("keys (-got +want):\n%s", diff)
		}
		op := got["ops"].([]any)[0].(map[string]any)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(op)), []string{"bytes", "gmacs", "kernel", "macs", "ms", "name", "op"}); diff != "" {
			t.Errorf("keys of an operator (-got +want):\n%s", diff)
		}
	})

	t.Run("trace", func(t *testing.T) {
		var trace struct {
			Events []struct {
				Name, Ph string
				Ts, Dur  float64
				Pid      int
			} `json:"traceEvents"`
		}
		decode(t, traceFile, &trace)
		const slack = 0.01 // microseconds, of decimal fractions
		for process := 1; process <= 2; process++ {
			var ops []string
			var runEnd, last float64
			for _, e := range trace.Events {
				switch {
				case e.Pid != process || e.Ph != "X":
				case e.Name == "run":
					runEnd = e.Ts + e.Dur
				default:
					ops = append(ops, e.Name)
					if e.Ts < last-slack || e.Ts+e.Dur > runEnd+slack {
						t.Errorf("process %d: %+v begins before %v or ends after the run, %v", process, e, last, runEnd)
					}
					last = e.Ts + e.Dur
				}
			}
			_, steps := wantOps(process)
			if diff := cmp.Diff(ops, steps); diff != "" {
				t.Errorf("process %d: operators (-got +want):\n%s", process, diff)
			}
		}
	})
}

// TestInterrupted shows that a measurement ends early, with an error and no file.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	model, out := convertModel(t, dir), filepath.Join(dir, "a.json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	got := bench.Command.Run(ctx, cli.Streams{Out: io.Discard, Err: &stderr}, []string{model, "--time", "1h", "--json", out})
	if want := "lce-bench: " + model + ": interrupted\n"; got != 1 || stderr.String() != want {
		t.Errorf("exit status %d, %q, want 1, %q", got, stderr.String(), want)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an interrupted measurement left a file")
	}
}

// TestPage checks that the page of --html has a bar and a row for each operator, a dot
// for each with products, and that --kernels finds the generic kernels too.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	model, page, jsonFile := convertModel(t, dir), filepath.Join(dir, "p.html"), filepath.Join(dir, "a.json")
	run(t, &bench.Command, model, "--runs", "2", "--html", page, "--kernels", "--json", jsonFile)
	var object struct {
		Ops []struct {
			Name, Kernel string
			Members      []string
			MACs         int64
			Kernels      []struct {
				Kernel string
				Ms     float64
			}
		}
	}
	decode(t, jsonFile, &object)
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dots := 0
	for _, op := range object.Ops {
		if op.MACs > 0 {
			dots++
		}
		name := cli.StepName(interpreter.OpInfo{Name: op.Name, Members: op.Members})
		if !strings.Contains(string(data), "<td>"+name+"</td>") {
			t.Errorf("the page has no row of %s", op.Name)
		}
		chosen, generic := false, false
		for _, k := range op.Kernels {
			chosen = chosen || k.Kernel == op.Kernel
			generic = generic || !strings.Contains(k.Kernel, "avx") && !strings.Contains(k.Kernel, "neon")
		}
		if !chosen || !generic {
			t.Errorf("kernels of %s, %+v, lack the chosen one, %s, or a generic one", op.Name, op.Kernels, op.Kernel)
		}
	}
	for _, k := range bgemm.Kernels() {
		if !isa.Detect().Has(k.Needs) {
			continue
		}
		found := false
		for _, op := range object.Ops {
			for _, timed := range op.Kernels {
				found = found || strings.HasPrefix(timed.Kernel, "bconv2d_"+k.Name)
			}
		}
		if !found {
			t.Errorf("no layer is timed with %s", k.Name)
		}
	}
	if got := strings.Count(string(data), "<circle "); got != dots {
		t.Errorf("%d dots, want %d", got, dots)
	}
	if got := strings.Count(string(data), "<rect class=") - 3; got != len(object.Ops) { // 3 are the key
		t.Errorf("%d bars, want %d", got, len(object.Ops))
	}
	for _, bad := range []string{"NaN", "Inf", "<no value>", "ZgotmplZ", "http:"} {
		if strings.Contains(string(data), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}
