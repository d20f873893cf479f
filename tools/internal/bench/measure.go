package bench

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/inputs"
)

const (
	// maxRuns bounds the memory for samples.
	maxRuns = 1_000_000
	// maxProfiledRuns bounds it for runs of which each operator is a sample.
	maxProfiledRuns = 1000
	// warmUp is long enough for caches, page tables and the processor's clock to settle.
	warmUp = 100 * time.Millisecond
	// seed makes random inputs the same each time.
	seed = 1
)

// budget says how long to measure: for a number of runs, or for a time if runs is 0.
type budget struct {
	runs int
	time time.Duration
}

// more tells whether another run follows after done runs, of at most limit, which took
// elapsed. There is always one.
func (b budget) more(done, limit int, elapsed time.Duration) bool {
	switch {
	case done >= limit:
		return false
	case b.runs > 0:
		return done < b.runs
	}
	return done == 0 || elapsed < b.time
}

// setting is what to measure.
type setting struct {
	path    string
	given   inputs.Set
	shapes  map[string][]int
	budget  budget
	profile bool
	kernels bool
}

// result is what has been measured with one number of threads.
type result struct {
	path     string
	threads  int
	load     time.Duration // to open and to prepare the model
	firstRun time.Duration
	runs     []time.Duration // sorted
	memory   interpreter.Memory
	peakRSS  int64 // bytes, 0 if the system does not tell
	ops      *profile
	kernels  [][]kernelTime // of each operator, fastest first; nil if not measured
}

// measure loads the model anew and measures it.
func (s *setting) measure(ctx context.Context, threads int) (*result, error) {
	r := &result{path: s.path, threads: threads}
	runtime.GC() // what an earlier measurement left must not be collected during this one
	if err := s.latency(ctx, r); err != nil {
		return nil, err
	}
	if s.profile {
		var err error
		if r.ops, err = s.operators(ctx, threads, isa.Detect()); err != nil {
			return nil, err
		}
	}
	if s.kernels {
		var err error
		if r.kernels, err = s.compareKernels(ctx, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// latency measures whole runs, without a hook.
func (s *setting) latency(ctx context.Context, r *result) error {
	start := time.Now()
	in, err := s.load(r.threads)
	r.load = time.Since(start)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := s.given.Fill(in, seed); err != nil {
		return err
	}
	if r.firstRun, err = timeRun(in); err != nil {
		return err
	}
	if _, err := sample(ctx, in, budget{time: warmUp}, maxRuns); err != nil {
		return err
	}
	if r.runs, err = sample(ctx, in, s.budget, maxRuns); err != nil {
		return err
	}
	slices.Sort(r.runs)
	r.memory, r.peakRSS = in.Memory(), peakRSS()
	return nil
}

// operators measures each operator, in an interpreter with a hook.
func (s *setting) operators(ctx context.Context, threads int, f isa.Features, opts ...interpreter.Option) (*profile, error) {
	p := &profile{peaks: peaks{features: f}}
	in, err := s.load(threads, append(opts, interpreter.WithProfile(p.add), interpreter.WithFeatures(f))...)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := s.given.Fill(in, seed); err != nil {
		return nil, err
	}
	if _, err := sample(ctx, in, budget{time: warmUp}, maxRuns); err != nil {
		return nil, err
	}
	p.ops = in.Operators()
	start := time.Now()
	for s.budget.more(p.runs, maxProfiledRuns, time.Since(start)) {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		p.begin()
		if err := in.Run(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// load opens and prepares the model. The interpreter keeps it open.
func (s *setting) load(threads int, opts ...interpreter.Option) (*interpreter.Interpreter, error) {
	model, err := interpreter.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	shapes := s.given.Shapes(model.Inputs(), s.shapes)
	return interpreter.New(model, append(opts, interpreter.WithThreads(threads), interpreter.WithInputShapes(shapes))...)
}

var errInterrupted = errors.New("interrupted")

// sample times runs until the budget is used up.
func sample(ctx context.Context, in *interpreter.Interpreter, b budget, limit int) ([]time.Duration, error) {
	var times []time.Duration
	for start := time.Now(); b.more(len(times), limit, time.Since(start)); {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		t, err := timeRun(in)
		if err != nil {
			return nil, err
		}
		times = append(times, t)
	}
	return times, nil
}

func timeRun(in *interpreter.Interpreter) (time.Duration, error) {
	start := time.Now()
	err := in.Run()
	return time.Since(start), err
}
