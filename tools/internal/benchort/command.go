// Package benchort is the command bench-ort, which compares with ONNX Runtime and with
// the peaks of the machine.
package benchort

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/bench"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/layers"
)

// commands are the ways to call bench-ort, by the first argument.
var commands = []cli.Command{
	{
		Name: "bench-ort compare", Synopsis: "[options]", Setup: setupCompare,
		About: `Compares layers and networks with ONNX Runtime, one thread each. Both run in turns, in
one go, on the same inputs; the best time of each counts. ONNX Runtime runs in Node.js.
Layers are measured alone and in a chain of 9, where a layer is an eighth of what the
chain takes longer than one; the better time counts. Binary layers are the sign of the
input and the layer with float outputs, against the layer of ONNX Runtime without the
sign where that is better.`,
		Examples: `  bench-ort compare --node build/bench-ort --zoo build/zoo
  bench-ort compare --node build/bench-ort --only '3x3|quicknet' --json result.json`,
	},
	{
		Name: "bench-ort models", Synopsis: "[options]", Setup: setupModels,
		About: `Compares models with ONNX Runtime, one thread each, in turns as compare does.`,
		Examples: `  bench-ort models --models build/models --json models.json
  bench-ort models --only resnet --time 2s`,
	},
	{
		Name: "bench-ort report", Synopsis: "RESULT.json... [options]", Setup: setupReport,
		About:    "Writes what compare and models have measured into the documentation: tables, chart and numbers.",
		Examples: "  bench-ort report build/bench-ort/result.json build/bench-ort/models.json",
	},
	{
		Name: "bench-ort bars", Synopsis: "[options]", Setup: setupBars,
		About: `Measures what needs no other runtime, and prints whether it is as good as it should be:
layers against the peaks of a core (the best time against the best of loops that run in
between), a dense layer against reading memory, what part of QuickNet's time no
convolution takes, allocations, and two threads against one.`,
		Examples: "  bench-ort bars --zoo build/zoo",
	},
	{
		Name: "bench-ort spin", Synopsis: "", Setup: setupSpin,
		About:    "Keeps a core busy until standard input ends.",
		Examples: "  sleep 60 | bench-ort spin",
	},
	{
		Name: "bench-ort layers", Synopsis: "FILE.zip", Setup: setupLayers,
		About:    "Writes the ONNX models of single layers.",
		Examples: "  bench-ort layers testdata/layers/layers.zip",
	},
}

func setupLayers(*pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	return func(_ context.Context, _ cli.Streams, args []string) error {
		if len(args) != 1 {
			return cli.Usagef("want one file, got %d operands", len(args))
		}
		return cli.WriteFile(args[0], layers.WriteZip)
	}
}

func setupSpin(*pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	return func(_ context.Context, std cli.Streams, args []string) error {
		if len(args) != 0 {
			return cli.Usagef("want no operands, got %d", len(args))
		}
		return busy(std.In)
	}
}

func setupBars(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var s settings
	s.declare(flags)
	markdown := flags.String("markdown", "", "write the table to `FILE`")
	return func(ctx context.Context, std cli.Streams, args []string) error {
		if len(args) != 0 {
			return cli.Usagef("want no operands, got %d", len(args))
		}
		models, err := s.extract()
		if err != nil {
			return err
		}
		defer os.RemoveAll(models)
		t := &table{head: []string{"what", "measured", "wanted", "reached"}}
		i := inspection{layers: models, zoo: s.zoo, time: s.time, features: isa.Detect()}
		err = i.all(ctx, func(c check) {
			t.rows = append(t.rows, c.cells())
			fmt.Fprintln(std.Err, strings.Join(c.cells(), ", "))
		})
		// What was measured before an error is shown too.
		if *markdown != "" {
			return errors.Join(err, cli.WriteFile(*markdown, t.writeMarkdown))
		}
		return errors.Join(err, t.writeMarkdown(std.Out))
	}
}

// settings are what the commands that measure have in common.
type settings struct {
	archive, zoo string
	time         time.Duration
}

func (s *settings) declare(flags *pflag.FlagSet) {
	flags.StringVar(&s.archive, "layers", "testdata/layers/layers.zip", "models of layers, a `FILE`.zip")
	flags.StringVar(&s.zoo, "zoo", "build/zoo", "`FOLDER` of networks, NAME.onnx and NAME.x.npy")
	flags.DurationVar(&s.time, "time", time.Second, "measure each model in each runtime for `DURATION`")
}

func checkTime(d time.Duration) error {
	if d <= 0 || d > time.Hour {
		return cli.Usagef("--time %v: want more than 0 and at most 1h", d)
	}
	return nil
}

// declareNode declares what commands have in common that compare with ONNX Runtime.
func declareNode(flags *pflag.FlagSet, node, only, jsonFile *string) {
	flags.StringVar(node, "node", "build/bench-ort", "`FOLDER` where npm has installed onnxruntime-node")
	flags.StringVar(only, "only", "", "measure what has a name that matches `REGEXP`")
	flags.StringVar(jsonFile, "json", "", "write the results to `FILE`")
}

// compile gives nil for an empty pattern.
func compile(only string) (*regexp.Regexp, error) {
	if only == "" {
		return nil, nil
	}
	pattern, err := regexp.Compile(only)
	if err != nil {
		return nil, cli.Usagef("--only: %v", err)
	}
	return pattern, nil
}

// extract writes the models of layers into a temporary folder.
func (s *settings) extract() (folder string, err error) {
	if err := checkTime(s.time); err != nil {
		return "", err
	}
	if folder, err = os.MkdirTemp("", "bench-ort"); err != nil {
		return "", err
	}
	if err := layers.Extract(s.archive, folder); err != nil {
		os.RemoveAll(folder)
		return "", err
	}
	return folder, nil
}

func setupCompare(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var s settings
	var node, only, jsonFile, markdown string
	s.declare(flags)
	declareNode(flags, &node, &only, &jsonFile)
	flags.StringVar(&markdown, "markdown", "", "write the tables to `FILE`")
	return func(ctx context.Context, std cli.Streams, args []string) error {
		if len(args) != 0 {
			return cli.Usagef("want no operands, got %d", len(args))
		}
		pattern, err := compile(only)
		if err != nil {
			return err
		}
		r, err := s.compare(ctx, std.Err, node, pattern)
		if err != nil {
			return err
		}
		if err := r.writeMarkdown(std.Out); err != nil {
			return err
		}
		if jsonFile != "" {
			if err := cli.WriteFile(jsonFile, r.writeJSON); err != nil {
				return err
			}
		}
		if markdown == "" {
			return nil
		}
		return cli.WriteFile(markdown, r.writeMarkdown)
	}
}

func (r *results) writeJSON(w io.Writer) error { return writeJSON(w, r) }

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// compare measures all layers and networks that the pattern wants, and tells of each on
// progress.
func (s *settings) compare(ctx context.Context, progress io.Writer, folder string, only *regexp.Regexp) (*results, error) {
	models, err := s.extract()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(models)
	node, err := startNode(ctx, folder)
	if err != nil {
		return nil, err
	}
	c := &comparison{node: node, layers: models, zoo: s.zoo, time: s.time, only: only}
	r, err := c.all(ctx, progress)
	if stop := node.stop(); err == nil {
		err = stop
	}
	if err != nil {
		return nil, err
	}
	r.Machine, r.Date, r.ONNXRuntime = bench.Machine(), time.Now().UTC().Format(time.DateOnly), node.version
	return r, nil
}

// int8Partner is the network that is compared with the ResNet-18 of 8 bits.
const int8Partner = "birealnet18"

// profiled are the networks whose steps are shown.
var profiled = []string{"quicknet", "birealnet18"}

func (c *comparison) all(ctx context.Context, progress io.Writer) (*results, error) {
	r := &results{}
	for _, l := range layers.All() {
		if !c.wants(l.Name) {
			continue
		}
		row, err := c.layer(ctx, &l)
		if err != nil {
			return nil, err
		}
		r.Layers = append(r.Layers, row)
		fmt.Fprintf(progress, "%-30s binary %s, int8 %s, float %s\n", row.Name, cell(row.ToFloat, 2), cell(row.ToInt8, 2), cell(row.FloatRatio, 2))
	}
	names, err := c.networks()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		fmt.Fprintf(progress, "%s has no networks: run make zoo\n", c.zoo)
	}
	for _, name := range names {
		if !c.wants(name) {
			continue
		}
		others := []string{""}
		if name == int8Partner {
			others = append(others, filepath.Join(c.layers, layers.ResNet18File))
		}
		for _, other := range others {
			row, err := c.network(ctx, name, other)
			if err != nil {
				return nil, err
			}
			r.Networks = append(r.Networks, row)
			fmt.Fprintln(progress, &row)
		}
	}
	r.GeoMean = r.networksMean()
	for _, name := range profiled {
		if !slices.Contains(names, name) || !c.wants(name) {
			continue
		}
		p, err := c.profile(ctx, name)
		if err != nil {
			return nil, err
		}
		r.Profiles = append(r.Profiles, *p)
	}
	return r, nil
}
