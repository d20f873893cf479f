package benchort

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/peak"
	"github.com/lce-go/lce/schema"
)

// runner is what interleave lets run for a while.
type runner interface{ run(time.Duration) error }

// interleave gives each runner its time, in turns, so that a change of the clock meets
// all of them.
func interleave(ctx context.Context, each time.Duration, runners ...runner) error {
	const turns = 8
	for range turns {
		for _, r := range runners {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.run(each / turns); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads an ONNX model.
func read(path string) (*onnx.File, error) {
	f, err := onnx.Read(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// convert converts an ONNX model.
func convert(ctx context.Context, f *onnx.File) (*interpreter.Model, error) {
	res, err := converter.Convert(ctx, f, converter.Options{})
	if err != nil {
		return nil, err
	}
	return interpreter.FromSchema(res.Model)
}

// tensor is the value of an input.
type tensor struct {
	name  string
	dtype schema.DType
	shape []int
	data  []byte
}

// randomInputs are random values for the inputs of a model, with 1 for open dimensions.
func randomInputs(f *onnx.File) ([]tensor, error) {
	r := rand.New(rand.NewPCG(1, 0))
	var list []tensor
	for _, v := range f.Graph.Inputs {
		t := tensor{name: v.Name, dtype: v.DType}
		n := 1
		for _, d := range v.Dims {
			t.shape = append(t.shape, max(d.Size, 1))
			n *= max(d.Size, 1)
		}
		switch v.DType {
		case schema.Float32:
			for range n {
				t.data = binary.LittleEndian.AppendUint32(t.data, math.Float32bits(float32(r.NormFloat64())))
			}
		case schema.Uint8:
			for range n {
				t.data = append(t.data, byte(r.UintN(256)))
			}
		default:
			return nil, fmt.Errorf("input %q: got %v, want Float32 or Uint8", v.Name, v.DType)
		}
		list = append(list, t)
	}
	return list, nil
}

// whole measures runs of a model, in milliseconds.
type whole struct {
	in    *interpreter.Interpreter
	best  float64
	times []float64
}

func newWhole(m *interpreter.Model, inputs []tensor, opts ...interpreter.Option) (*whole, error) {
	in, err := newInterpreter(m, inputs, opts)
	if err != nil {
		return nil, err
	}
	return &whole{in: in}, nil
}

func newInterpreter(m *interpreter.Model, inputs []tensor, opts []interpreter.Option) (*interpreter.Interpreter, error) {
	shapes := map[string][]int{}
	for _, t := range inputs {
		shapes[t.name] = t.shape
	}
	opts = append([]interpreter.Option{interpreter.WithThreads(1), interpreter.WithInputShapes(shapes)}, opts...)
	in, err := interpreter.New(m, opts...)
	if err != nil {
		return nil, err
	}
	for _, t := range inputs {
		if err := in.InputByName(t.name).SetBytes(t.dtype, t.shape, t.data); err != nil {
			in.Close()
			return nil, err
		}
	}
	return in, nil
}

func (w *whole) run(d time.Duration) error {
	for end := time.Now().Add(d); ; {
		start := time.Now()
		if err := w.in.Run(); err != nil {
			return err
		}
		now := time.Now()
		w.times = append(w.times, milliseconds(now.Sub(start)))
		w.best = least(w.best, w.times[len(w.times)-1])
		if now.After(end) {
			return nil
		}
	}
}

// median is the middle time of all runs, of which there must be one.
func (w *whole) median() float64 {
	sorted := slices.Sorted(slices.Values(w.times))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// parts measures the operators of a model, and the peaks of one core in between: the
// best of each, times in milliseconds, peaks in multiply-adds a second.
type parts struct {
	in            *interpreter.Interpreter
	ops           []interpreter.OpInfo
	best          []float64
	features      isa.Features
	binary, float float64
}

func newParts(m *interpreter.Model, inputs []tensor, f isa.Features) (*parts, error) {
	p := &parts{features: f}
	hook := func(t interpreter.Timing) {
		p.best[t.Index] = least(p.best[t.Index], milliseconds(t.Duration))
	}
	var err error
	p.in, err = newInterpreter(m, inputs, []interpreter.Option{interpreter.WithProfile(hook), interpreter.WithFeatures(f)})
	if err != nil {
		return nil, err
	}
	p.ops = p.in.Operators()
	p.best = make([]float64, len(p.ops))
	return p, nil
}

func (p *parts) run(d time.Duration) error {
	for end := time.Now().Add(d); ; {
		p.binary = max(p.binary, peak.Binary(p.features))
		p.float = max(p.float, peak.Float(p.features))
		if err := p.in.Run(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return nil
		}
	}
}

// sum adds up the best times of the steps that keep takes.
func (p *parts) sum(keep func(op string) bool) float64 {
	total := 0.0
	for i, op := range p.ops {
		if keep(op.Op) {
			total += p.best[i]
		}
	}
	return total
}

// first finds the first step that is, or begins with, an operator.
func (p *parts) first(op string) (best float64, info *interpreter.OpInfo, err error) {
	for i := range p.ops {
		if name, _, _ := strings.Cut(p.ops[i].Op, "+"); name == op {
			return p.best[i], &p.ops[i], nil
		}
	}
	return 0, nil, fmt.Errorf("the model has no %s", op)
}
