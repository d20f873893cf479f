package converter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// DefaultLimit is the difference that Verify allows if its options do not say, as a
// part of the range of the output.
const DefaultLimit = 1e-4

// QuantizedLimit is what it allows of a network of 8-bit numbers: a number that lies between two
// of them, within the rounding of floats, moves by a step, and the numbers behind it follow.
const QuantizedLimit = 0.1

// ErrDifferent is wrapped by the error of Verify about outputs that differ by more
// than the limit.
var ErrDifferent = errors.New("the converted model differs from the unfused graph")

// VerifyOptions choose what the two graphs are run on.
type VerifyOptions struct {
	// Samples is the number of random inputs, made from Seed: floats are normally
	// distributed, integers 0 to 3 (8 bits: any), booleans random. Unknown dimensions
	// get the shape of the first of Inputs, or a small size.
	Samples int
	Seed    uint64
	// Inputs are further samples: for each the inputs of the graph.
	Inputs [][]Array
	// Limit is the largest difference allowed, as a part of the output's range. 0
	// stands for DefaultLimit, or QuantizedLimit if the graph rounds to 8 bits.
	Limit float64
	// Threads is the number of threads to run with, 0 for one.
	Threads int
}

// Array is the value of a graph input.
type Array struct {
	Name  string // "" for the input at the same place in the list
	DType schema.DType
	Shape []int
	Data  []byte // row by row, little-endian
}

// VerifyResult says how far the outputs are apart.
type VerifyResult struct {
	Samples int
	Outputs []Difference
	// Bits is the number of binary activations that were compared with the sign of
	// the float that they stand for, and Flipped how many differ. Activations that
	// have no counterpart of the same shape in the float graph, such as signs that
	// were moved in front of a pool, are not counted.
	Bits, Flipped int64
	// Stored are the differences of the weights as Options.Float16 and Int8Weights round
	// them, if they do; Outputs, Bits and First are then of the model before that.
	Stored []Difference
	// First is the first layer that differs on the sample with the largest difference, if
	// an output differs by more than the limit; nil if no result between differs.
	First *LayerDifference
	// Limit is the limit that was applied.
	Limit float64
}

// Difference is over all samples of an output.
type Difference struct {
	Name string
	// MaxAbs is the largest difference; of Float16 as far as it is more than their spacing.
	// NaN and infinity against another value count as infinite.
	MaxAbs float64
	// Range is the largest minus the smallest value of the unfused graph, or the
	// largest magnitude where that is 0.
	Range    float64
	Relative float64 // MaxAbs / Range
	// SNR is the signal-to-noise ratio in decibels, infinite without a difference.
	SNR float64
	// Rows along the last axis, and those whose largest element is another one.
	Rows, ArgmaxFlips int

	low, high     float64 // of the unfused graph
	signal, noise float64 // sums of squares
}

// Verify runs the converted model and the unfused graph on random and given inputs
// and compares their outputs. An error that wraps ErrDifferent comes with a
// complete result.
//
// Weights that the file has rounded, by Options.Float16 or Int8Weights, are meant to
// make a difference, so that the limit is for the model before they are. The
// model as it is stored is compared besides, in Stored: that is an error only if a result
// is not finite where the unfused graph's is.
//
// In a deep binarized network a value that lies at a threshold, within the rounding
// of floats, can flip a bit and with it the outputs; Flipped shows that.
func Verify(ctx context.Context, res *Result, opts VerifyOptions) (VerifyResult, error) {
	out := VerifyResult{Limit: opts.Limit}
	if out.Limit == 0 {
		out.Limit = DefaultLimit
		if quantizes(res.Unfused) {
			out.Limit = QuantizedLimit
		}
	}
	if res.Unfused == nil {
		return out, errors.New("the conversion left out what is compared, by Options.Unverified")
	}
	exact := *res
	exact.Model = res.exact
	probes := probesOf(&exact)
	v := &verifier{
		opts: opts,
		fused: &runner{model: withOutputs(exact.Model, probes, func(p probe) int {
			return p.bits
		})},
		unfused: &runner{model: res.Unfused},
		plain: &runner{model: withOutputs(res.plain, probes, func(p probe) int {
			return p.float
		})},
		outputs: len(res.Model.Subgraphs[0].Outputs),
		probes:  len(probes),
		result:  &out,
	}
	if res.exact != res.Model {
		v.stored = &runner{model: res.Model}
	}
	defer v.close()
	if err := v.run(ctx); err != nil {
		return out, err
	}
	for i := range out.Outputs {
		d := &out.Outputs[i]
		if d.Relative <= out.Limit {
			continue
		}
		var err error
		if out.First, err = firstDifference(&exact, v.worst, out.Limit, opts.Threads); err != nil {
			return out, err
		}
		err = fmt.Errorf("%w: output %q: difference %.3g, which is %.3g of its range and more than the limit %.3g; %d of %d binary activations are flipped",
			ErrDifferent, d.Name, d.MaxAbs, d.Relative, out.Limit, out.Flipped, out.Bits)
		if out.First != nil {
			err = fmt.Errorf("%w; %v", err, out.First)
		}
		return out, err
	}
	for _, d := range out.Stored {
		if math.IsInf(d.MaxAbs, 0) {
			return out, fmt.Errorf("%w: output %q: with the weights as they are stored it has infinities or NaN where the other has numbers, or the other way round", ErrDifferent, d.Name)
		}
	}
	return out, nil
}

// verifier is the state of one Verify.
type verifier struct {
	opts                  VerifyOptions
	fused, unfused, plain *runner
	stored                *runner // nil if no weights are rounded
	outputs, probes       int
	result                *VerifyResult
	worst                 []Array // the sample with the largest difference
	worstBy               float64
}

func (v *verifier) close() {
	for _, r := range []*runner{v.fused, v.unfused, v.plain, v.stored} {
		if r != nil {
			r.close()
		}
	}
}

func (v *verifier) run(ctx context.Context) error {
	for _, port := range v.unfused.model.Subgraphs[0].Outputs {
		d := Difference{Name: port.Name, low: math.Inf(1), high: math.Inf(-1)}
		v.result.Outputs = append(v.result.Outputs, d)
		if v.stored != nil {
			v.result.Stored = append(v.result.Stored, d)
		}
	}
	for i, in := range v.opts.Inputs {
		if err := v.sample(ctx, in); err != nil {
			return fmt.Errorf("given input %d: %w", i, err)
		}
	}
	if v.opts.Samples > 0 {
		if err := v.random(ctx); err != nil {
			return err
		}
	}
	for _, list := range [][]Difference{v.result.Outputs, v.result.Stored} {
		for i := range list {
			list[i].finish()
		}
	}
	return nil
}

// random runs the seeded samples.
func (v *verifier) random(ctx context.Context) error {
	shapes, err := v.shapes()
	if err != nil {
		return err
	}
	r := newRandom(v.opts.Seed)
	s := v.unfused.model.Subgraphs[0]
	for range v.opts.Samples {
		var in []Array
		for i, port := range s.Inputs {
			in = append(in, r.array(port.Name, s.Tensors[port.Tensor].DType, shapes[i]))
		}
		if err := v.sample(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// shapes finds sizes for the unknown dimensions that the graph accepts.
func (v *verifier) shapes() ([][]int, error) {
	s := v.unfused.model.Subgraphs[0]
	if len(v.opts.Inputs) > 0 {
		in, err := inOrder(s, v.opts.Inputs[0])
		if err != nil {
			return nil, err
		}
		var shapes [][]int
		for _, a := range in {
			shapes = append(shapes, a.Shape)
		}
		return shapes, nil
	}
	var first error
	for _, size := range []int{32, 64, 224, 28, 16, 8, 4, 2, 1} {
		var shapes [][]int
		for _, port := range s.Inputs {
			shape := slices.Clone(s.Tensors[port.Tensor].Shape)
			for i, d := range shape {
				switch {
				case d >= 0:
				case i == 0:
					shape[i] = 2
				default:
					shape[i] = size
				}
			}
			shapes = append(shapes, shape)
		}
		err := v.unfused.resize(shapes, v.opts.Threads)
		if err == nil {
			return shapes, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("no trial size suits the unknown dimensions of the inputs; give their shapes or an input: %w", first)
}

// sample runs all graphs on one input and compares.
func (v *verifier) sample(ctx context.Context, in []Array) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in, err := inOrder(v.unfused.model.Subgraphs[0], in)
	if err != nil {
		return err
	}
	runners := []*runner{v.unfused, v.fused}
	if v.probes > 0 {
		runners = append(runners, v.plain)
	}
	if v.stored != nil {
		runners = append(runners, v.stored)
	}
	for _, r := range runners {
		if err := r.run(in, v.opts.Threads); err != nil {
			return err
		}
	}
	v.result.Samples++
	for i := range v.outputs {
		before := v.result.Outputs[i].MaxAbs
		want := v.unfused.in.Output(i)
		if err := v.result.Outputs[i].add(v.fused.in.Output(i), want); err != nil {
			return err
		}
		if v.stored != nil {
			if err := v.result.Stored[i].add(v.stored.in.Output(i), want); err != nil {
				return err
			}
		}
		if by := v.result.Outputs[i].MaxAbs; by > before && by > v.worstBy {
			v.worst, v.worstBy = in, by
		}
	}
	for i := range v.probes {
		v.countFlips(v.fused.in.Output(v.outputs+i), v.plain.in.Output(v.outputs+i))
	}
	return nil
}

// runner runs a model, prepared for the shapes of the last inputs.
type runner struct {
	model  *schema.Model
	in     *interpreter.Interpreter
	shapes [][]int
}

func (r *runner) close() {
	if r.in != nil {
		r.in.Close()
		r.in = nil
	}
}

// resize prepares the model for input shapes.
func (r *runner) resize(shapes [][]int, threads int) error {
	if r.in != nil && slices.EqualFunc(r.shapes, shapes, slices.Equal[[]int]) {
		return nil
	}
	r.close()
	m, err := interpreter.FromSchema(r.model)
	if err != nil {
		return err
	}
	named := map[string][]int{}
	for i, port := range r.model.Subgraphs[0].Inputs {
		named[port.Name] = shapes[i]
	}
	r.in, err = interpreter.New(m, interpreter.WithThreads(max(threads, 1)), interpreter.WithInputShapes(named))
	r.shapes = shapes
	return err
}

func (r *runner) run(in []Array, threads int) error {
	var shapes [][]int
	for _, a := range in {
		shapes = append(shapes, a.Shape)
	}
	if err := r.resize(shapes, threads); err != nil {
		return err
	}
	for i, a := range in {
		if err := r.in.Input(i).SetBytes(a.DType, a.Shape, a.Data); err != nil {
			return err
		}
	}
	return r.in.Run()
}

// inOrder puts arrays into the order of the graph's inputs.
func inOrder(s *schema.Subgraph, in []Array) ([]Array, error) {
	if len(in) != len(s.Inputs) {
		return nil, fmt.Errorf("%d arrays for %d inputs", len(in), len(s.Inputs))
	}
	out := make([]Array, len(in))
	for i, port := range s.Inputs {
		j := slices.IndexFunc(in, func(a Array) bool { return a.Name == port.Name })
		if j < 0 && in[i].Name == "" {
			j = i
		}
		if j < 0 {
			return nil, fmt.Errorf("no array for input %q", port.Name)
		}
		out[i] = in[j]
		out[i].Name = port.Name
	}
	return out, nil
}

// quantizes reports whether a model rounds numbers to 8 bits.
func quantizes(m *schema.Model) bool {
	return slices.ContainsFunc(m.Subgraphs, func(s *schema.Subgraph) bool {
		return slices.ContainsFunc(s.Operators, func(op schema.Operator) bool {
			return op.Code == schema.Quantize || op.Code == schema.QConv2D || op.Code == schema.QMatMul
		})
	})
}
