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
	"cmp"
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
	// Outputs, unless empty, are the outputs of the .lce model instead of the ONNX
	// model's: names of values, or of nodes with one output. What they do not need is
	// left out, supported or not. Keep adds outputs behind the others, at the end of the
	// list.
	Outputs, Keep []string
	// AssumeBinary names convolutions and products, by their node or output, that are
	// made binary whatever they are: the activation by its sign, at least 0 being +1, the
	// weights by their sign times the mean of their magnitudes in each output channel. The
	// result is good for measuring only, and is marked so.
	AssumeBinary []string
	// DropFinalSoftmax removes a Softmax or LogSoftmax in front of an output, and
	// scaling by a positive number there. The order of the output's elements stays.
	DropFinalSoftmax bool
	// Explain is the name of an ONNX node, or of a value that one computes, whose way
	// through the conversion Result.Explanation tells.
	Explain string
	// SignZeroPlus takes ONNX's Sign of 0 for +1 where a binary layer reads it, as it is for
	// networks that were trained so. The layer then reads one plane of bits, not two.
	SignZeroPlus bool
	// Float16 stores the constants of float layers (weights, biases, tables of embeddings)
	// in half precision, Int8Weights the weights and tables as int8 with a scale per output
	// channel or row. Both are computed in float32. Together, what stays float besides int8
	// is stored in half precision. Verify compares with the model before that.
	Float16, Int8Weights bool
	// Unverified leaves out what Verify needs, Result.Unfused, and the memory of weights that
	// only that has.
	Unverified bool
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
	// Model with it. It is nil with Options.Unverified.
	Unfused *schema.Model
	// Report describes the conversion.
	Report *report.Report
	// Explanation is about the node that Options.Explain names, or nil.
	Explanation *Explanation
	// Steps lists the passes that changed the graph, in order.
	Steps []passes.Step

	// exact is Model with its weights not rounded for storing.
	exact *schema.Model
	// plain is the graph before binarization: Model's layout, but floats.
	plain *schema.Model
	// standsFor tells which tensor of plain a tensor of Model replaced, both by name,
	// where that is not the one of its own name.
	standsFor map[string]string
}

// Convert makes a .lce model of an ONNX model. It ends with ctx's error between
// passes when ctx is done. Nodes that are not supported are reported all at once,
// see importer.Import.
func Convert(ctx context.Context, f *onnx.File, opts Options) (*Result, error) {
	if err := schema.CheckMachine(); err != nil {
		return nil, err
	}
	f, err := f.WithOutputs(opts.Outputs, opts.Keep)
	if err != nil {
		return nil, err
	}
	assume, err := assumed(f.Graph, opts.AssumeBinary)
	if err != nil {
		return nil, fmt.Errorf("assume binary: %w", err)
	}
	c := &conversion{opts: opts, groups: passes.Pipeline(opts.passes(assume))}
	if err := c.checkDump(); err != nil {
		return nil, err
	}
	if c.explainer, err = newExplainer(f.Graph, opts.Explain); err != nil {
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
	c.explainer.record("import", g)
	if err := c.dump("import", g); err != nil {
		return nil, err
	}
	meta := schema.Metadata{Producer: Producer(), SourceSHA256: f.SHA256, Opsets: f.Opsets, Properties: f.Properties}
	if len(assume) > 0 {
		meta.Properties = append(slices.Clone(meta.Properties), schema.KeyValue{Key: schema.AssumedBinary, Value: strings.Join(assume, ",")})
	}
	res := &Result{}
	if err := c.run(ctx, g, meta, res); err != nil {
		return nil, err
	}
	c.stage("finish")
	if res.Model, err = g.Lower(meta); err != nil {
		return nil, err
	}
	if len(c.log.Stored) == 0 {
		res.exact = res.Model
	}
	res.standsFor = map[string]string{}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil && v.StandsFor != "" {
				res.standsFor[v.Name] = v.StandsFor
			}
		}
	}
	res.Steps = c.log.Steps
	res.Explanation = c.explainer.finish(g, c.log.Reason)
	if err := res.report(f, g, &c.log, opts, assume); err != nil {
		return nil, err
	}
	if opts.DumpAfter != "" {
		if _, err := c.dumped.WriteTo(opts.DumpTo); err != nil {
			return nil, fmt.Errorf("dump after %s: %w", opts.DumpAfter, err)
		}
	}
	return res, nil
}

// passes gives the options of the passes.
func (o *Options) passes(assume []string) passes.Options {
	return passes.Options{
		KeepFinalSoftmax: !o.DropFinalSoftmax, AssumeBinary: assume, SignZeroPlus: o.SignZeroPlus,
		Float16: o.Float16, Int8Weights: o.Int8Weights,
	}
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

	explainer *explainer
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
	for _, group := range c.groups {
		if !c.opts.Unverified {
			if err := res.keep(g, meta, group); err != nil {
				return err
			}
		}
		c.stage(group.Name)
		see := passes.Observer{Pass: func(name string, g *graph.Graph) error {
			c.explainer.record(group.Name+"/"+name, g)
			return c.dump(name, g)
		}}
		if err := passes.Run(ctx, g, []passes.Group{group}, &c.log, see); err != nil {
			return err
		}
		if err := c.dump(group.Name, g); err != nil {
			return err
		}
	}
	return nil
}

// keep keeps the graph before a group, if Verify compares with that.
func (res *Result) keep(g *graph.Graph, meta schema.Metadata, before passes.Group) (err error) {
	if res.Unfused == nil && !before.NewResults {
		if res.Unfused, err = g.Clone().Lower(meta); err != nil {
			return err
		}
	}
	switch before.Name {
	case "binarize":
		if res.plain, err = g.Clone().Lower(meta); err != nil {
			return err
		}
		for _, n := range g.All() {
			for _, v := range n.Outputs {
				if v != nil {
					v.StandsFor = "" // of plain, from here on
				}
			}
		}
	case "store":
		res.exact, err = g.Clone().Lower(meta)
	}
	return err
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
	for _, group := range passes.Pipeline(opts.passes(opts.AssumeBinary)) {
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
func (res *Result) report(f *onnx.File, g *graph.Graph, log *passes.Log, opts Options, assume []string) error {
	r := report.New(g, log.Reason)
	r.Model, r.SourceBytes = f.Graph.Name, f.Bytes
	before, types := map[string]int{}, map[string]string{}
	for _, n := range f.Graph.All() {
		before[n.OpType]++
		types[n.Name] = n.OpType
	}
	for i := range r.Layers {
		l := &r.Layers[i]
		for _, name := range l.Fused {
			if t := types[name]; t != "" && t != "Constant" && !slices.Contains(l.FusedOps, t) {
				l.FusedOps = append(l.FusedOps, t)
			}
		}
	}
	r.Before = report.Counts(before)
	var size counter
	if err := schema.Write(&size, res.Model); err != nil {
		return err
	}
	r.Bytes = int64(size)
	if opts.Float16 || opts.Int8Weights {
		r.FloatBytes = r.Bytes
		for _, s := range log.Stored {
			r.FloatBytes += s.FloatBytes - s.Bytes
			r.AddStored(s.Type, s.FloatBytes, s.Bytes)
		}
		r.Notes = append(r.Notes, log.KeptFloat...)
	}
	if opts.DropFinalSoftmax {
		for _, s := range res.Steps {
			if s.Pass == "drop-final-softmax" {
				r.Notes = append(r.Notes, fmt.Sprintf("%d nodes in front of the outputs dropped (Softmax, positive scaling): outputs differ from the ONNX model's, their order does not", s.Applied))
			}
		}
	}
	for _, name := range assume {
		i := slices.IndexFunc(r.Layers, func(l report.Layer) bool {
			return l.Binary && (l.Name == name || slices.Contains(l.Fused, name))
		})
		if i < 0 {
			return fmt.Errorf("assume binary: node %q cannot be made binary: %s", name, cmp.Or(log.Reason(name), "it is no layer of the converted model"))
		}
		r.Notes = append(r.Notes, fmt.Sprintf("%q is made binary as --assume-binary says: outputs are not the ONNX model's", name))
	}
	for _, name := range log.TakenAsPlus {
		r.Notes = append(r.Notes, fmt.Sprintf("Sign %q gives +1 for 0: outputs differ from the ONNX model's where its operand is 0", name))
	}
	for _, name := range log.TakenAsSign {
		r.Notes = append(r.Notes, fmt.Sprintf("%q, x/|x|, is computed as Sign: 0, -1 and +1 where ONNX has NaN, of 0/0 and of infinities", name))
	}
	res.Report = r
	return nil
}

// assumed finds the nodes of names.
func assumed(g *onnx.Graph, names []string) (nodes []string, err error) {
	for _, name := range names {
		n, err := g.Find(name, func(n *onnx.Node) bool { return binarizable[n.OpType] })
		if err != nil {
			return nil, err
		}
		if !binarizable[n.OpType] {
			return nil, fmt.Errorf("node %q is a %s; want a Conv, Gemm or MatMul", n.Name, n.OpType)
		}
		if !slices.Contains(nodes, n.Name) {
			nodes = append(nodes, n.Name)
		}
	}
	return nodes, nil
}

// binarizable lists the ONNX operators that can be assumed to be binary.
var binarizable = map[string]bool{"Conv": true, "Gemm": true, "MatMul": true}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
