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
	"time"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/tools/internal/bench"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/npy"
)

// The ratios that are asked of the models: of each, and of their geometric mean.
const (
	modelBar      = 0.4
	modelsMeanBar = 0.8
)

// modelResults is what measuring the models of make models writes as JSON.
type modelResults struct {
	Machine     string    `json:"machine"`
	Date        string    `json:"date"`
	ONNXRuntime string    `json:"onnxruntime"`
	Models      []network `json:"models"`
	GeoMean     float64   `json:"geometric_mean"`
}

func setupModels(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var folder, node, only, jsonFile string
	var each time.Duration
	flags.StringVar(&folder, "models", "build/models", "`FOLDER` of models, NAME.onnx and NAME.x0.npy")
	flags.DurationVar(&each, "time", time.Second, "measure each model in each runtime for `DURATION`")
	declareNode(flags, &node, &only, &jsonFile)
	return func(ctx context.Context, std cli.Streams, args []string) (err error) {
		if len(args) != 0 {
			return cli.Usagef("want no operands, got %d", len(args))
		}
		if err := checkTime(each); err != nil {
			return err
		}
		pattern, err := compile(only)
		if err != nil {
			return err
		}
		r, err := measureModels(ctx, std.Err, folder, node, each, pattern)
		if err != nil {
			return err
		}
		if jsonFile != "" {
			if err := cli.WriteFile(jsonFile, r.writeJSON); err != nil {
				return err
			}
		}
		return r.writeMarkdown(std.Out)
	}
}

// measureModels measures the models of a folder whose names the pattern wants, and tells
// of each on progress.
func measureModels(ctx context.Context, progress io.Writer, folder, nodeFolder string, each time.Duration, only *regexp.Regexp) (r *modelResults, err error) {
	node, err := startNode(ctx, nodeFolder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, node.stop()) }()
	c := &comparison{node: node, zoo: folder, time: each, only: only}
	names, err := c.networks()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no models: run make models", folder)
	}
	r = &modelResults{Machine: bench.Machine(), Date: time.Now().UTC().Format(time.DateOnly)}
	var ratios []float64
	for _, name := range names {
		if !c.wants(name) {
			continue
		}
		row, err := c.model(ctx, name)
		if err != nil {
			return nil, err
		}
		r.Models = append(r.Models, row)
		ratios = append(ratios, row.Ratio)
		fmt.Fprintln(progress, &row)
	}
	r.ONNXRuntime, r.GeoMean = node.version, mean(ratios)
	return r, nil
}

// model measures a model on its first case.
func (c *comparison) model(ctx context.Context, name string) (row network, err error) {
	path := filepath.Join(c.zoo, name+".onnx")
	f, err := read(path)
	if err != nil {
		return row, err
	}
	m, err := convert(ctx, f)
	if err != nil {
		return row, fmt.Errorf("%s: %w", path, err)
	}
	var inputs []tensor
	for i, v := range f.Graph.Inputs {
		file := filepath.Join(c.zoo, fmt.Sprintf("%s.x%d.npy", name, i))
		arrays, err := npy.ReadFile(file)
		if err != nil {
			return row, fmt.Errorf("%s: %w", file, err)
		}
		x := arrays[0]
		inputs = append(inputs, tensor{name: v.Name, dtype: x.DType, shape: x.Shape, data: x.Data})
	}
	w, err := newWhole(m, inputs)
	if err != nil {
		return row, fmt.Errorf("%s: %w", path, err)
	}
	defer w.in.Close()
	ref, err := c.node.load(path, inputs)
	if err != nil {
		return row, err
	}
	defer closeAll([]*reference{ref}, &err)
	if err := interleave(ctx, c.time, ref, w); err != nil {
		return row, err
	}
	return network{Name: name, ORT: ref.best, Ours: w.best, Ratio: ref.best / w.best}, nil
}

func (r *modelResults) writeJSON(w io.Writer) error { return writeJSON(w, r) }

// writeMarkdown writes the table.
func (r *modelResults) writeMarkdown(w io.Writer) error {
	t := &table{head: []string{"model", "ONNX Runtime ms", "ours ms", "ratio", "wanted"}}
	for _, n := range r.Models {
		t.rows = append(t.rows, []string{n.Name, cell(n.ORT, 2), cell(n.Ours, 2), cell(n.Ratio, 2), wanted(n.Ratio, modelBar)})
	}
	fmt.Fprintf(w, "%s, %s, ONNX Runtime %s, one thread.\n\n", r.Machine, r.Date, r.ONNXRuntime)
	if err := t.writeMarkdown(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nGeometric mean: %.2f (wanted: %s).\n", r.GeoMean, wanted(r.GeoMean, modelsMeanBar))
	return err
}

// report writes the results, and the table into the page.
func (r *modelResults) report(docs string) error {
	if err := insertTables(docs, modelsBegin, modelsEnd, r.writeMarkdown); err != nil {
		return err
	}
	return cli.WriteFile(filepath.Join(docs, modelsFile), r.writeJSON)
}

// readModelResults gives nil if the file holds no results of models.
func readModelResults(path string) (*modelResults, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &modelResults{}
	if err := json.Unmarshal(data, r); err != nil || len(r.Models) == 0 {
		return nil, err
	}
	return r, nil
}
