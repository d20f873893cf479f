// Package convert is the command lce-convert.
package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/npy"
)

// Command is lce-convert.
var Command = cli.Command{
	Name:     "lce-convert",
	Synopsis: "MODEL.onnx -o MODEL.lce [options]\n       lce-convert MODEL.lce -o MODEL.onnx [-q]",
	About: `Converts an ONNX model to the .lce format: binarized convolutions and dense layers
become packed operators, the rest stays float. The meaning of the model stays as it
is unless an option says otherwise. Prints a report: the operators before and after,
and for each convolution and dense layer whether it is binary, or why not.

An .lce model, which is known by its content, is exported: it becomes an ONNX model of
standard operators, for another runtime to compute the same. Its binary layers are
convolutions and products of -1 and +1 then. Only -o and -q apply.`,
	Examples: `  lce-convert model.onnx -o model.lce
  lce-convert model.onnx -o model.lce --verify
  lce-convert model.onnx -o model.lce --verify=100 --verify-input image.npy
  lce-convert model.onnx -o model.lce --input-shape input=1x3x224x224 --report report.json
  lce-convert model.onnx -o features.lce --outputs /layer4/Relu_output_0
  lce-convert model.onnx -o debug.lce --keep /conv1/Conv,/conv2/Conv
  lce-convert model.onnx --explain /layer1/Conv
  lce-convert float.onnx -o speed.lce --assume-binary @layers.txt
  lce-convert model.onnx -o model.lce --drop-final-softmax -q
  lce-convert model.onnx -o small.lce --int8-weights --verify
  lce-convert model.lce -o again.onnx`,
	Setup: setup,
}

type options struct {
	output       string
	report       string
	shapes       []string
	outputs      []string
	keep         []string
	assumeBinary []string
	dropSoftmax  bool
	float16      bool
	int8Weights  bool
	signZero     string
	verify       int
	verifyInputs []string
	verifyLimit  float64
	seed         uint64
	explain      string
	dumpAfter    string
	quiet        bool
	verbose      bool
}

func setup(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var o options
	flags.StringVarP(&o.output, "output", "o", "", "write the model to `FILE`")
	flags.StringVar(&o.report, "report", "", "write the report as JSON to `FILE`")
	flags.StringArrayVar(&o.shapes, "input-shape", nil, "fix the shape of an input, as `NAME=1x3x224x224`; may be repeated")
	flags.StringSliceVar(&o.outputs, "outputs", nil, "make these inner values, or results of nodes, the outputs, `NAME,...`; what only others need is left out")
	flags.StringSliceVar(&o.keep, "keep", nil, "add these inner values, or results of nodes, to the outputs, `NAME,...`")
	flags.StringSliceVar(&o.assumeBinary, "assume-binary", nil, "make these convolutions and dense layers binary whatever they are, `NAME,...` of nodes or outputs, or @FILE with a name a line: to measure a structure, results are useless")
	flags.BoolVar(&o.dropSoftmax, "drop-final-softmax", false, "remove a final Softmax or LogSoftmax, and positive scaling before it")
	flags.StringVar(&o.signZero, "sign-zero", "exact", "`VALUE` of Sign(0) before binary layers: exact, which is 0, or plus, which is +1 and faster")
	flags.BoolVar(&o.float16, "float16", false, "store the weights and other constants of float layers in half precision; a constant that it has no numbers for stays float. They are computed in float32")
	flags.BoolVar(&o.int8Weights, "int8-weights", false, "store the weights of float layers and tables of embeddings as int8 with a scale for each output channel or row; with --float16 the rest in half precision. They are computed in float32")
	flags.IntVar(&o.verify, "verify", 0, "compare with the unfused graph on `N` random inputs (3 if N is left out)")
	flags.Lookup("verify").NoOptDefVal = "3"
	flags.StringArrayVar(&o.verifyInputs, "verify-input", nil, "compare on `FILE`.npy, or on FILE.npz for several inputs by name; may be repeated")
	flags.Float64Var(&o.verifyLimit, "verify-limit", converter.DefaultLimit, "largest difference allowed, as a part `X` of the output's range; 0.1 of networks of 8-bit numbers if it is left out")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the random inputs, `N`")
	flags.StringVar(&o.explain, "explain", "", "print what became of a node and why, instead of the report; `NODE` is its name or an output's; -o may be left out")
	flags.StringVar(&o.dumpAfter, "dump-after", "", "print the graph after `PASS`; a wrong name lists all")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing but errors")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "print the passes that changed the graph")
	return func(ctx context.Context, std cli.Streams, args []string) error {
		if len(args) != 1 {
			return cli.Usagef("want one model, got %d operands", len(args))
		}
		if o.quiet {
			std.Out = io.Discard
		}
		if isModel(args[0]) {
			return o.export(std, flags, args[0])
		}
		switch {
		case o.output == "" && !flags.Changed("explain"):
			return cli.Usagef("no output: give -o FILE.lce")
		case flags.Changed("explain") && o.explain == "":
			return cli.Usagef("--explain: an empty name")
		case o.quiet && o.verbose:
			return cli.Usagef("-q and -v exclude each other")
		case slices.Contains(slices.Concat(o.outputs, o.keep, o.assumeBinary), ""),
			flags.Changed("outputs") && len(o.outputs) == 0, flags.Changed("keep") && len(o.keep) == 0,
			flags.Changed("assume-binary") && len(o.assumeBinary) == 0:
			return cli.Usagef("--outputs, --keep, --assume-binary: an empty name")
		case len(o.assumeBinary) > 0 && (o.verify > 0 || len(o.verifyInputs) > 0):
			return cli.Usagef("--verify cannot compare what --assume-binary changes")
		case o.signZero != "exact" && o.signZero != "plus":
			return cli.Usagef("--sign-zero=%s: want exact or plus", o.signZero)
		case o.verify < 0 || o.verify > 1_000_000:
			return cli.Usagef("--verify=%d: want 0 to 1000000", o.verify)
		case !(o.verifyLimit > 0):
			return cli.Usagef("--verify-limit %v: want more than 0", o.verifyLimit)
		}
		if !flags.Changed("verify-limit") {
			o.verifyLimit = 0 // what suits the model
		}
		return o.run(ctx, std, args[0])
	}
}

// largeModel is the size from which on memory counts more than the time to collect it.
const largeModel = 256 << 20

func (o *options) run(ctx context.Context, std cli.Streams, path string) error {
	shapes, err := cli.ParseShapes(o.shapes)
	if err != nil {
		return err
	}
	samples, err := readSamples(o.verifyInputs)
	if err != nil {
		return err
	}
	assume, err := readNames(o.assumeBinary)
	if err != nil {
		return fmt.Errorf("--assume-binary: %w", err)
	}
	if _, err := isa.FromEnv(); err != nil {
		return err
	}
	reads := append([]string{path}, o.verifyInputs...)
	if err := cli.CheckOutputs([]cli.Output{{Flag: "-o", Path: o.output}, {Flag: "--report", Path: o.report}}, reads...); err != nil {
		return err
	}
	progress := o.progress(std)
	defer progress.Close()
	f, err := onnx.Read(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.Bytes > largeModel {
		// A few large objects are cheap to collect, and many times the weights much memory.
		debug.SetGCPercent(10)
	}
	res, err := converter.Convert(ctx, f, converter.Options{
		InputShapes:      shapes,
		Outputs:          o.outputs,
		Keep:             o.keep,
		AssumeBinary:     assume,
		DropFinalSoftmax: o.dropSoftmax,
		Explain:          o.explain,
		SignZeroPlus:     o.signZero == "plus",
		Float16:          o.float16,
		Int8Weights:      o.int8Weights,
		DumpAfter:        o.dumpAfter,
		DumpTo:           std.Out,
		Progress:         progress.Stage,
		Unverified:       o.verify == 0 && len(samples) == 0,
	})
	progress.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if o.verbose {
		for _, s := range res.Steps {
			fmt.Fprintf(std.Out, "%s/%s: %d\n", s.Group, s.Pass, s.Applied)
		}
	}
	describe := res.Report.WriteText
	if res.Explanation != nil {
		describe = res.Explanation.WriteText
	}
	if err := describe(std.Out); err != nil {
		return err
	}
	if o.verify > 0 || len(samples) > 0 {
		if err := o.check(ctx, std.Out, res, samples); err != nil {
			return fmt.Errorf("%s: verify: %w", path, err)
		}
	}
	return o.write(res)
}

// write writes the files that are asked for, all or none: the report appears once the
// model is complete.
func (o *options) write(res *converter.Result) error {
	model := func() error {
		if o.output == "" {
			return nil
		}
		return cli.WriteFile(o.output, func(w io.Writer) error { return schema.Write(w, res.Model) })
	}
	if o.report == "" {
		return model()
	}
	return cli.WriteFile(o.report, func(w io.Writer) error {
		if err := res.Report.WriteJSON(w); err != nil {
			return err
		}
		return model()
	})
}

// progress shows progress unless nothing is to be printed.
func (o *options) progress(std cli.Streams) *cli.Progress {
	if o.quiet {
		return nil
	}
	return cli.NewProgress(std.Err)
}

// readNames replaces each @FILE by the names in it, one a line.
func readNames(list []string) (names []string, err error) {
	for _, name := range list {
		path, isFile := strings.CutPrefix(name, "@")
		if !isFile {
			names = append(names, name)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		found := len(names)
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" {
				names = append(names, line)
			}
		}
		if len(names) == found {
			return nil, fmt.Errorf("%s has no names", path)
		}
	}
	return names, nil
}

// check runs the converted model against the unfused graph and prints how far they
// are apart.
func (o *options) check(ctx context.Context, w io.Writer, res *converter.Result, samples [][]converter.Array) error {
	v, err := converter.Verify(ctx, res, converter.VerifyOptions{
		Samples: o.verify, Seed: o.seed, Inputs: samples, Limit: o.verifyLimit,
	})
	if err != nil && !errors.Is(err, converter.ErrDifferent) {
		return err
	}
	for i, d := range slices.Concat(v.Outputs, v.Stored) {
		found := report.Verified{
			Output: d.Name, MaxAbs: d.MaxAbs, Relative: d.Relative, Rows: d.Rows, ArgmaxFlips: d.ArgmaxFlips, Stored: i >= len(v.Outputs),
		}
		if !math.IsInf(d.SNR, 0) {
			found.SNR = &d.SNR
		}
		res.Report.Verified = append(res.Report.Verified, found)
	}
	fmt.Fprintf(w, "verified on %d inputs, limit %g of an output's range\n", v.Samples, v.Limit)
	for _, d := range v.Outputs {
		fmt.Fprintf(w, "  output %q: largest difference %.3g, %.3g of the range; argmax differs in %d of %d rows\n",
			d.Name, d.MaxAbs, d.Relative, d.ArgmaxFlips, d.Rows)
	}
	fmt.Fprintf(w, "  bits: %d of %d compared are flipped\n", v.Flipped, v.Bits)
	if len(v.Stored) > 0 {
		fmt.Fprintln(w, "with the weights as they are stored, no limit")
	}
	for _, d := range v.Stored {
		fmt.Fprintf(w, "  output %q: largest difference %.3g, %.3g of the range, SNR %.1f dB; argmax differs in %d of %d rows\n",
			d.Name, d.MaxAbs, d.Relative, d.SNR, d.ArgmaxFlips, d.Rows)
	}
	return err
}

// readSamples reads the files of --verify-input, each one set of inputs.
func readSamples(paths []string) ([][]converter.Array, error) {
	var samples [][]converter.Array
	for _, path := range paths {
		arrays, err := npy.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		var sample []converter.Array
		for _, a := range arrays {
			sample = append(sample, converter.Array{Name: a.Name, DType: a.DType, Shape: a.Shape, Data: a.Data})
		}
		samples = append(samples, sample)
	}
	return samples, nil
}
