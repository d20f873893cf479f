// Package converter turns ONNX models into .lce models.
//
//	f, err := onnx.Read("net.onnx")
//	res, err := converter.Convert(ctx, f, converter.Options{})
//	err = schema.Write(w, res.Model)
//
// It runs on the host: the device links package interpreter only.
package converter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/importer"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/passes"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/schema"
)

// Options are what the caller of Convert decides. The zero value is the usual
// conversion.
type Options struct {
	// InputShapes gives shapes of graph inputs by name. A dimension of -1 stays as the
	// model has it.
	InputShapes map[string][]int
	// DropFinalSoftmax removes a Softmax or LogSoftmax in front of an output, and
	// scaling by a positive number there. The order of the output's elements stays.
	DropFinalSoftmax bool
	// DumpAfter is the name of a pass or group of passes, or "import", after which the
	// graph is written as text to DumpTo. A pass that runs more than once is dumped
	// after its last run.
	DumpAfter string
	DumpTo    io.Writer
	// Progress, if not nil, is called before each stage: done of total are complete.
	Progress func(stage string, done, total int)
}

// Result is a converted model.
type Result struct {
	Model *schema.Model
	// Unfused computes the same by the ONNX operators one by one. Verify compares
	// Model with it.
	Unfused *schema.Model
	// Report describes the conversion.
	Report *report.Report
	// Steps lists the passes that changed the graph, in order.
	Steps []passes.Step

	// plain is the graph before binarization: Model's layout, but floats.
	plain *schema.Model
}

// Convert makes a .lce model of an ONNX model. It ends with ctx's error between
// passes when ctx is done. Nodes that are not supported are reported all at once,
// see importer.Import.
func Convert(ctx context.Context, f *onnx.File, opts Options) (*Result, error) {
	c := &conversion{opts: opts, groups: passes.Pipeline(passes.Options{KeepFinalSoftmax: !opts.DropFinalSoftmax})}
	if err := c.checkDump(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.stage("import")
	g, err := importer.Import(f, importer.Options{InputShapes: opts.InputShapes})
	if err != nil {
		return nil, err
	}
	if err := c.dump("import", g); err != nil {
		return nil, err
	}
	meta := schema.Metadata{Producer: Producer(), SourceSHA256: f.SHA256, Opsets: f.Opsets, Properties: f.Properties}
	res := &Result{}
	if err := c.run(ctx, g, meta, res); err != nil {
		return nil, err
	}
	c.stage("finish")
	if res.Model, err = g.Lower(meta); err != nil {
		return nil, err
	}
	res.Steps = c.log.Steps
	if err := res.report(f, g, &c.log, opts); err != nil {
		return nil, err
	}
	if opts.DumpAfter != "" {
		if _, err := c.dumped.WriteTo(opts.DumpTo); err != nil {
			return nil, fmt.Errorf("dump after %s: %w", opts.DumpAfter, err)
		}
	}
	return res, nil
}

// Producer names this program and its version, for the metadata of models.
func Producer() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		const path = "github.com/lce-go/lce"
		if info.Main.Path == path && info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, m := range info.Deps {
			if m.Path == path {
				version = m.Version
			}
		}
	}
	return "lce-go " + version
}

// conversion is the state of one Convert.
type conversion struct {
	opts   Options
	groups []passes.Group
	log    passes.Log
	done   int
	dumped bytes.Buffer
}

// stage reports progress: import, the groups of passes, finish.
func (c *conversion) stage(name string) {
	if c.opts.Progress != nil {
		c.opts.Progress(name, c.done, len(c.groups)+2)
	}
	c.done++
}

// run applies all groups and keeps the graphs that Verify compares with.
func (c *conversion) run(ctx context.Context, g *graph.Graph, meta schema.Metadata, res *Result) error {
	see := passes.Observer{Pass: c.dump}
	for _, group := range c.groups {
		var err error
		if res.Unfused == nil && !group.NewResults {
			if res.Unfused, err = g.Clone().Lower(meta); err != nil {
				return err
			}
		}
		if group.Name == "binarize" {
			if res.plain, err = g.Clone().Lower(meta); err != nil {
				return err
			}
		}
		c.stage(group.Name)
		if err := passes.Run(ctx, g, []passes.Group{group}, &c.log, see); err != nil {
			return err
		}
		if err := c.dump(group.Name, g); err != nil {
			return err
		}
	}
	return nil
}

// dump keeps the text of the graph if it is the one asked for.
func (c *conversion) dump(name string, g *graph.Graph) error {
	if name != c.opts.DumpAfter {
		return nil
	}
	c.dumped.Reset()
	return g.Dump(&c.dumped)
}

// checkDump finds the pass to dump after.
func (c *conversion) checkDump() error {
	if c.opts.DumpAfter == "" {
		return nil
	}
	if c.opts.DumpTo == nil {
		return fmt.Errorf("dump after %q: there is no writer", c.opts.DumpAfter)
	}
	names := DumpPoints(c.opts)
	if !slices.Contains(names, c.opts.DumpAfter) {
		return fmt.Errorf("dump after %q: no such pass; there are %s", c.opts.DumpAfter, strings.Join(names, ", "))
	}
	return nil
}

// DumpPoints lists the names that Options.DumpAfter can have: "import", and each
// group of passes behind its passes.
func DumpPoints(opts Options) []string {
	names := []string{"import"}
	for _, group := range passes.Pipeline(passes.Options{KeepFinalSoftmax: !opts.DropFinalSoftmax}) {
		for _, p := range group.Passes {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
		names = append(names, group.Name)
	}
	return names
}

// report fills in the report.
func (res *Result) report(f *onnx.File, g *graph.Graph, log *passes.Log, opts Options) error {
	r := report.New(g, log.Reason)
	r.Model, r.SourceBytes = f.Graph.Name, f.Bytes
	before := map[string]int{}
	for _, n := range f.Graph.Nodes {
		before[n.OpType]++
	}
	r.Before = report.Counts(before)
	var size counter
	if err := schema.Write(&size, res.Model); err != nil {
		return err
	}
	r.Bytes = int64(size)
	if opts.DropFinalSoftmax {
		for _, s := range res.Steps {
			if s.Pass == "drop-final-softmax" {
				r.Notes = append(r.Notes, fmt.Sprintf("%d nodes in front of the outputs dropped (Softmax, positive scaling): outputs differ from the ONNX model's, their order does not", s.Applied))
			}
		}
	}
	res.Report = r
	return nil
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
