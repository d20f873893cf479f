package benchort

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/peak"
	"github.com/lce-go/lce/tools/internal/layers"
)

// check is a property that is asked for.
type check struct {
	what      string
	got, want float64
	unit      string
	atMost    bool // want is an upper limit
}

func (c *check) reached() bool {
	if c.atMost {
		return c.got <= c.want
	}
	return c.got >= c.want
}

func (c *check) cells() []string {
	sign, verdict := "at least", "yes"
	if c.atMost {
		sign = "at most"
	}
	if !c.reached() {
		verdict = "no"
	}
	return []string{c.what, fmt.Sprintf("%.4g%s", c.got, c.unit), fmt.Sprintf("%s %.4g%s", sign, c.want, c.unit), verdict}
}

// inspection measures what needs no other runtime.
type inspection struct {
	layers, zoo string // folders
	time        time.Duration
	features    isa.Features
}

// all measures everything, and gives each check to add as soon as it is done.
func (i *inspection) all(ctx context.Context, add func(check)) error {
	for _, part := range []func(context.Context, func(check)) error{
		i.binaryLayers, i.dense, i.floatLayers, i.outside, i.allocations, i.threads,
	} {
		if err := part(ctx, add); err != nil {
			return err
		}
	}
	return nil
}

// model converts a model and makes inputs for it.
func model(ctx context.Context, path string) (*interpreter.Model, []tensor, error) {
	f, err := read(path)
	if err != nil {
		return nil, nil, err
	}
	m, err := convert(ctx, f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	inputs, err := randomInputs(f)
	return m, inputs, err
}

// measured runs the parts of a model for a while.
func (i *inspection) measured(ctx context.Context, path string, f isa.Features) (*parts, error) {
	m, inputs, err := model(ctx, path)
	if err != nil {
		return nil, err
	}
	p, err := newParts(m, inputs, f)
	if err != nil {
		return nil, err
	}
	defer p.in.Close()
	return p, interleave(ctx, i.time, p)
}

// share is the part, in percent, that the first step of an operator reaches of a peak.
func (p *parts) share(l layers.Layer, op string, peak float64) (float64, error) {
	best, _, err := p.first(op)
	return 100 * float64(l.MACs) / (best / 1e3) / peak, err
}

// layerNamed finds a layer.
func layerNamed(name string) layers.Layer {
	for _, l := range layers.All() {
		if l.Name == name {
			return l
		}
	}
	panic("benchort: no layer " + name)
}

// lookUpsPerFMA is how many binary products two table look-ups of 256 bits make for
// each product of two fused multiply-adds of 256 bits, which take as long.
const lookUpsPerFMA = 16

func (i *inspection) binaryLayers(ctx context.Context, add func(check)) error {
	for _, b := range []struct {
		name    string
		variant layers.Variant
		output  string
		f       isa.Features
		want    float64
	}{
		{"3x3_56x56x64", layers.Bits, "bits", i.features, 78},
		{"3x3_56x56x64", layers.Binary, "float32", i.features, 72},
		{"3x3_28x28x128", layers.Bits, "bits", i.features, 82},
		{"3x3_28x28x128", layers.Binary, "float32", i.features, 82},
		{"3x3_14x14x256", layers.Bits, "bits", i.features, 82},
		{"3x3_14x14x256", layers.Binary, "float32", i.features, 82},
		{"3x3_7x7x512", layers.Bits, "bits", i.features, 82},
		{"3x3_7x7x512", layers.Binary, "float32", i.features, 82},
		{"1x1_14x14x256", layers.Bits, "bits", i.features, 55},
		{"3x3_56x56x64", layers.Bits, "bits", i.features & isa.AVX2, 65},
		{"3x3_28x28x128", layers.Bits, "bits", i.features & isa.AVX2, 65},
		{"3x3_14x14x256", layers.Bits, "bits", i.features & isa.AVX2, 65},
		{"3x3_7x7x512", layers.Bits, "bits", i.features & isa.AVX2, 65},
	} {
		l := layerNamed(b.name)
		p, err := i.measured(ctx, filepath.Join(i.layers, l.File(b.variant)), b.f)
		if err != nil {
			return err
		}
		loop, _ := peak.Names(b.f)
		limit, of := p.binary, "the peak of "+loop
		if b.f == isa.AVX2 {
			limit, of = lookUpsPerFMA*p.float, "256 products a cycle, with AVX2"
		}
		got, err := p.share(l, "BConv2D", limit)
		if err != nil {
			return err
		}
		add(check{fmt.Sprintf("binary %s to %s, of %s", b.name, b.output, of), got, b.want, " %", false})
	}
	return nil
}

// largeBuffer is larger than the second-level cache and smaller than the third.
const largeBuffer = 16 << 20

// dense compares a layer that reads each weight once with a loop that only reads.
func (i *inspection) dense(ctx context.Context, add func(check)) error {
	l := layerNamed("dense_4096")
	m, inputs, err := model(ctx, filepath.Join(i.layers, l.File(layers.Binary)))
	if err != nil {
		return err
	}
	p, err := newParts(m, inputs, i.features)
	if err != nil {
		return err
	}
	defer p.in.Close()
	large := &reading{features: i.features, buffer: touched(largeBuffer)}
	_, op, err := p.first("BGEMM")
	if err != nil {
		return err
	}
	same := &reading{features: i.features, buffer: touched(op.Packed)}
	if err := interleave(ctx, i.time, p, large, same); err != nil {
		return err
	}
	best, op, _ := p.first("BGEMM")
	rate := float64(op.Packed) / (best / 1e3)
	what := fmt.Sprintf("binary %s, %.0f GB/s of weights, of reading %d MB at %.0f GB/s (%d kB as the weights: %.0f GB/s)",
		l.Name, rate/1e9, largeBuffer>>20, large.best/1e9, len(same.buffer)>>10, same.best/1e9)
	add(check{what, 100 * rate / large.best, 80, " %", false})
	return nil
}

// touched is a buffer whose pages are there.
func touched(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// reading measures how fast a buffer is read.
type reading struct {
	features isa.Features
	buffer   []byte
	best     float64 // bytes a second
}

func (r *reading) run(d time.Duration) error {
	for end := time.Now().Add(d); ; {
		r.best = max(r.best, peak.Read(r.features, r.buffer))
		if time.Now().After(end) {
			return nil
		}
	}
}

func (i *inspection) floatLayers(ctx context.Context, add func(check)) error {
	_, loop := peak.Names(i.features)
	for _, b := range []struct {
		name, op string
		want     float64
	}{
		{"3x3_56x56x64", "Conv2D", 88}, {"3x3_28x28x128", "Conv2D", 88}, {"3x3_14x14x256", "Conv2D", 88},
		{"3x3_7x7x512", "Conv2D", 88}, {"1x1_14x14x256", "Conv2D", 88}, {"1x1_56x56x64_to_128", "Conv2D", 88},
		{"7x7_224x224x3_to_64_stride_2", "Conv2D", 88}, {"matmul_1024", "MatMul", 85},
	} {
		l := layerNamed(b.name)
		p, err := i.measured(ctx, filepath.Join(i.layers, l.File(layers.Float)), i.features)
		if err != nil {
			return err
		}
		got, err := p.share(l, b.op, p.float)
		if err != nil {
			return err
		}
		add(check{fmt.Sprintf("float %s, of the peak of %s", b.name, loop), got, b.want, " %", false})
	}
	return nil
}

// network is the path of a network of the zoo.
func (i *inspection) network(name string) string { return filepath.Join(i.zoo, name+".onnx") }

// outside is the part of QuickNet's time that no convolution takes, with what is
// computed on its outputs while they are in registers or in the first cache.
func (i *inspection) outside(ctx context.Context, add func(check)) error {
	p, err := i.measured(ctx, i.network("quicknet"), i.features)
	if err != nil {
		return err
	}
	all := p.sum(func(string) bool { return true })
	rest := p.sum(func(op string) bool { return !strings.Contains(op, "Conv2D") })
	add(check{"quicknet, time outside convolutions and their fused outputs", 100 * rest / all, 15, " %", true})
	return nil
}

func (i *inspection) allocations(ctx context.Context, add func(check)) error {
	paths, err := filepath.Glob(i.network("*"))
	if err != nil {
		return err
	}
	most := uint64(0)
	for _, path := range paths {
		m, inputs, err := model(ctx, path)
		if err != nil {
			return err
		}
		w, err := newWhole(m, inputs, interpreter.WithThreads(2))
		if err != nil {
			return err
		}
		n, err := allocations(w.in)
		w.in.Close()
		if err != nil {
			return err
		}
		most = max(most, n)
	}
	add(check{fmt.Sprintf("allocations of a run with 2 threads, most of %d networks", len(paths)), float64(most), 0, "", true})
	return nil
}

// allocations counts the allocations of a run: the fewest of several, as the runtime of
// Go allocates at times too.
func allocations(in *interpreter.Interpreter) (uint64, error) {
	fewest := ^uint64(0)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := in.Run(); err != nil {
			return 0, err
		}
		runtime.ReadMemStats(&after)
		fewest = min(fewest, after.Mallocs-before.Mallocs)
	}
	return fewest, nil
}

// threads compares two threads with one, alone and beside a process that keeps one core
// busy.
func (i *inspection) threads(ctx context.Context, add func(check)) error {
	if runtime.NumCPU() < 2 {
		return errors.New("two threads are compared with one: two cores are needed")
	}
	for _, name := range []string{"quicknet", "birealnet18"} {
		got, err := i.speedup(ctx, name)
		if err != nil {
			return err
		}
		add(check{name + ", 2 threads against 1, best runs", got.best, 1.6, "", false})
		stop, err := spin(ctx)
		if err != nil {
			return err
		}
		got, err = i.speedup(ctx, name)
		if err := errors.Join(err, stop()); err != nil {
			return err
		}
		add(check{name + ", 2 threads against 1 beside a busy core, best runs", got.best, 0.95, "", false})
		add(check{name + ", 2 threads against 1 beside a busy core, medians", got.median, 0.95, "", false})
	}
	return nil
}

// speedup is a ratio of times.
type speedup struct{ best, median float64 }

func (i *inspection) speedup(ctx context.Context, name string) (s speedup, err error) {
	m, inputs, err := model(ctx, i.network(name))
	if err != nil {
		return s, err
	}
	one, err := newWhole(m, inputs)
	if err != nil {
		return s, err
	}
	defer one.in.Close()
	two, err := newWhole(m, inputs, interpreter.WithThreads(2))
	if err != nil {
		return s, err
	}
	defer two.in.Close()
	if err := interleave(ctx, i.time, one, two); err != nil {
		return s, err
	}
	return speedup{one.best / two.best, one.median() / two.median()}, nil
}

// spin starts a process that keeps a core busy until stop is called.
func spin(ctx context.Context) (stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "spin")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() error {
		in.Close()
		return cmd.Wait()
	}, nil
}

// busy computes until in ends.
func busy(in io.Reader) error {
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, in)
		done <- err
	}()
	for {
		select {
		case err := <-done:
			return err
		default:
			peak.Float(0)
		}
	}
}
