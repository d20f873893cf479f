// Package run is the command lce-run.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/inputs"
)

// Command is lce-run.
var Command = cli.Command{
	Name:     "lce-run",
	Synopsis: "MODEL.lce [INPUT.npy | NAME=INPUT.npy | INPUTS.npz]... [options]",
	About: `Runs a model that lce-convert made. Inputs are given in the order of the graph or
by name, and have the layout that the ONNX model had. Without -o each output is
printed: its name, element type, shape and its largest values or a summary.`,
	Examples: `  lce-run model.lce image.npy
  lce-run model.lce image.npy --top 3 --labels classes.txt
  lce-run model.lce left=a.npy right=b.npy -o out.npz
  lce-run model.lce batch.npy -o results/ --threads 2
  lce-run model.lce --random --profile`,
	Setup: setup,
}

type options struct {
	output  string
	threads int
	top     int
	labels  string
	random  bool
	seed    uint64
	shapes  []string
	profile bool
	verbose bool
}

func setup(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var o options
	flags.StringVarP(&o.output, "output", "o", "", "write the outputs to `FILE`.npy (one output), FILE.npz (by name) or DIR/ (output_0.npy, ...)")
	flags.IntVar(&o.threads, "threads", 0, "use `N` threads (default: the number of big cores, at most 4)")
	flags.IntVar(&o.top, "top", 5, "print the `K` largest values of each row")
	flags.StringVar(&o.labels, "labels", "", "name classes by the lines of `FILE`")
	flags.BoolVar(&o.random, "random", false, "fill inputs that are not given with random values")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of --random, `N`")
	flags.StringArrayVar(&o.shapes, "input-shape", nil, "shape of an input that is not given, as `NAME=1x3x224x224`; may be repeated")
	flags.BoolVar(&o.profile, "profile", false, "print the time of each operator")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "print the operators with their kernels, and the memory")
	return func(ctx context.Context, std cli.Streams, args []string) error {
		if len(args) == 0 {
			return cli.Usagef("no model is given")
		}
		switch {
		case o.top < 1:
			return cli.Usagef("--top %d: want at least 1", o.top)
		case flags.Changed("threads") && (o.threads < 1 || o.threads > cli.MaxThreads):
			return cli.Usagef("--threads %d: want 1 to %d", o.threads, cli.MaxThreads)
		}
		return o.run(ctx, std, args[0], args[1:])
	}
}

func (o *options) run(ctx context.Context, std cli.Streams, path string, operands []string) error {
	shapes, err := cli.ParseShapes(o.shapes)
	if err != nil {
		return err
	}
	sink, err := newSink(o.output)
	if err != nil {
		return err
	}
	var labels []string
	if o.labels != "" {
		if labels, err = readLabels(o.labels); err != nil {
			return err
		}
	}
	model, err := interpreter.Open(path)
	if err != nil {
		return err
	}
	defer model.Close()
	if layers := model.Schema().Metadata.Property(schema.AssumedBinary); layers != "" {
		fmt.Fprintf(std.Err, "lce-run: warning: %s: layers were made binary by --assume-binary, the results are good for measuring only: %s\n", path, layers)
	}

	given, err := inputs.Read(model.Inputs(), operands)
	if err != nil {
		return err
	}
	if err := given.Check(model.Inputs(), shapes, o.random); err != nil {
		return err
	}
	if !isFolder(o.output) {
		reads := append(inputs.Files(model.Inputs(), operands), path, o.labels)
		if err := cli.CheckOutputs([]cli.Output{{Flag: "-o", Path: o.output}}, reads...); err != nil {
			return err
		}
	}
	var clock profile
	opts := []interpreter.Option{interpreter.WithInputShapes(given.Shapes(model.Inputs(), shapes))}
	if o.threads > 0 {
		opts = append(opts, interpreter.WithThreads(o.threads))
	}
	if o.profile {
		opts = append(opts, interpreter.WithProfile(clock.add))
	}
	in, err := interpreter.New(model, opts...)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer in.Close()
	if err := given.Fill(in, o.seed); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted")
	}
	if err := in.Run(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}

	if o.verbose {
		if err := writeOperators(std.Out, in); err != nil {
			return err
		}
	}
	if o.profile {
		if err := clock.write(std.Out); err != nil {
			return err
		}
	}
	if sink != nil {
		return sink(in.Outputs())
	}
	return writeOutputs(std.Out, in.Outputs(), o.top, labels)
}

func writeOutputs(w io.Writer, outputs []*interpreter.Tensor, top int, labels []string) error {
	for _, t := range outputs {
		if err := writeOutput(w, t, top, labels); err != nil {
			return fmt.Errorf("output %q: %w", t.Name(), err)
		}
	}
	return nil
}
