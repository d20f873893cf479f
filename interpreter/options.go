package interpreter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/isa"
)

// DefaultMaxMemory is the limit of WithMaxMemory if the option is not given: 2 GiB,
// and 1 GiB on 32-bit systems.
const DefaultMaxMemory = 1 << (30 + ^uint(0)>>63)

const maxThreads = 1024

// Option changes how New sets an Interpreter up.
type Option func(*config) error

type config struct {
	threads   int
	features  isa.Features
	without   []string
	maxMemory int64
	custom    map[string]*ops.Def
	profile   func(Timing)
	shapes    map[string][]int

	maxIterations int64
}

func newConfig(opts []Option) (*config, error) {
	available, err := isa.FromEnv()
	if err != nil {
		return nil, err
	}
	c := &config{
		threads:   defaultThreads(),
		features:  available,
		maxMemory: DefaultMaxMemory,
		custom:    map[string]*ops.Def{},

		maxIterations: math.MaxInt64,
	}
	for _, o := range opts {
		if err := o(c); err != nil {
			return nil, err
		}
	}
	c.maxMemory = min(c.maxMemory, math.MaxInt-1<<20) // of 32 bits maybe
	// What the CPU lacks would be an illegal instruction.
	c.features &= available
	return c, nil
}

// WithThreads sets the number of threads that work on one Run, the caller
// included. The default is GOMAXPROCS, but at most 4, and on processors with cores of
// several kinds at most the number of big ones: a Run is as slow as its slowest thread. A
// core is big if it has two thirds of the capacity of the strongest one, or five sixths of
// its frequency where the kernel states no capacity. A program that runs several
// Interpreters at the same time is usually fastest with one thread each. While the
// others only delay a Run, such as where another program holds a processor, the caller
// works alone; now and then it is measured which is faster. Results are the same.
func WithThreads(n int) Option {
	return func(c *config) error {
		if n < 1 || n > maxThreads {
			return fmt.Errorf("%d threads, want 1 to %d", n, maxThreads)
		}
		c.threads = n
		return nil
	}
}

// WithFeatures limits the instruction sets that kernels may use. Sets that the CPU
// lacks, or that the environment variable LCE_ISA excludes, stay unused. The
// default is all others.
func WithFeatures(f isa.Features) Option {
	return func(c *config) error {
		c.features = f
		return nil
	}
}

// WithoutKernels leaves out kernels of binary products, by their names in
// bgemm.Kernels, so that the next best ones can be measured. The generic kernel, which
// everything else falls back on, stays.
func WithoutKernels(names ...string) Option {
	return func(c *config) error {
		kernels := bgemm.Kernels()
		kernels = kernels[:len(kernels)-1]
		for _, name := range names {
			if !slices.ContainsFunc(kernels, func(k *bgemm.Kernel) bool { return k.Name == name }) {
				var known []string
				for _, k := range kernels {
					known = append(known, k.Name)
				}
				return fmt.Errorf("kernel %q cannot be left out; those that can be: %q", name, known)
			}
		}
		c.without = slices.Clone(names)
		return nil
	}
}

// WithCustomOp gives custom operators of that name their meaning. The shapes and
// element types that Infer sets, and what Run writes, are the program's
// responsibility; ops.Def says what is asked of them.
func WithCustomOp(name string, def ops.Def) Option {
	return func(c *config) error {
		switch {
		case name == "":
			return fmt.Errorf("custom op without a name")
		case def.Infer == nil || def.Prepare == nil:
			return fmt.Errorf("custom op %q: Infer and Prepare are needed", name)
		case c.custom[name] != nil:
			return fmt.Errorf("custom op %q is registered twice", name)
		}
		c.custom[name] = &def
		return nil
	}
}

// Timing is what the hook of WithProfile learns about a step of Run, see OpInfo.
type Timing struct {
	Index    int    // position in Interpreter.Operators
	Name     string // as OpInfo.Name
	Op       string // as OpInfo.Op
	Kernel   string // kernel that ran
	Duration time.Duration
}

// WithProfile calls hook after each step, from the goroutine of Run.
func WithProfile(hook func(Timing)) Option {
	return func(c *config) error {
		c.profile = hook
		return nil
	}
}

// WithMaxMemory bounds the bytes that an Interpreter may allocate for activations,
// scratch, packed weights and constants computed while preparing. A model that
// needs more is refused before the memory for activations is allocated. Bookkeeping
// is not counted; it grows with the size of the file only. Nor are the constants of
// the file, which are part of the Model. Packed weights that Interpreters of a Model
// share count for each. The default is DefaultMaxMemory. During Resize the memory of
// the old and the new shapes is in use, but for packed weights that both have.
func WithMaxMemory(bytes int64) Option {
	return func(c *config) error {
		if bytes < 1 {
			return fmt.Errorf("memory limit of %d bytes, want at least 1", bytes)
		}
		c.maxMemory = bytes
		return nil
	}
}

// WithMaxIterations bounds the iterations of all loops of a Run together; a Run that needs
// more fails. Without it a loop may run for ever, as the model says.
func WithMaxIterations(n int64) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("%d iterations, want at least 0", n)
		}
		c.maxIterations = n
		return nil
	}
}

// WithInputShapes sets the shapes of inputs whose dimensions the file leaves open,
// as Resize does.
func WithInputShapes(shapes map[string][]int) Option {
	return func(c *config) error {
		c.shapes = maps.Clone(shapes)
		for name, s := range c.shapes {
			c.shapes[name] = slices.Clone(s)
		}
		return nil
	}
}
