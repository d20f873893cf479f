package benchort

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/layers"
	"github.com/lce-go/lce/tools/internal/npy"
)

// comparison measures models in both runtimes.
type comparison struct {
	node   *node
	layers string // folder
	zoo    string // folder
	time   time.Duration
	only   *regexp.Regexp // nil for all
}

func (c *comparison) wants(name string) bool { return c.only == nil || c.only.MatchString(name) }

// closeAll closes sessions and joins their errors to err.
func closeAll(sessions []*reference, err *error) {
	for _, s := range sessions {
		*err = errors.Join(*err, s.close())
	}
}

// layer measures all variants of a layer in turns.
func (c *comparison) layer(ctx context.Context, l *layers.Layer) (row layer, err error) {
	row = layer{Name: l.Name, MACs: l.MACs}
	var sessions []*reference
	defer func() { closeAll(sessions, &err) }()
	times := map[layers.Variant]*reference{}
	wholes := map[layers.Variant]*whole{}
	details := map[layers.Variant]*parts{}
	var runners []runner
	for _, v := range []layers.Variant{layers.Float, layers.FloatChain, layers.Binary, layers.Int8, layers.Int8Chain} {
		if !l.Has(v) {
			continue
		}
		path := filepath.Join(c.layers, l.File(v))
		m, inputs, err := c.open(ctx, path, v)
		if err != nil {
			return row, err
		}
		ref, err := c.node.load(path, inputs)
		if err != nil {
			return row, err
		}
		sessions, times[v] = append(sessions, ref), ref
		runners = append(runners, ref)
		if m == nil {
			continue
		}
		if wholes[v], err = newWhole(m, inputs); err != nil {
			return row, err
		}
		defer wholes[v].in.Close()
		if details[v], err = newParts(m, inputs, isa.Detect()); err != nil {
			return row, err
		}
		defer details[v].in.Close()
		runners = append(runners, wholes[v], details[v])
	}
	if err := interleave(ctx, c.time, runners...); err != nil {
		return row, err
	}
	ort := func(v layers.Variant) float64 {
		if r := times[v]; r != nil {
			return r.best
		}
		return 0
	}
	ours := func(v layers.Variant) (layer, all float64) {
		if wholes[v] == nil {
			return 0, 0
		}
		return details[v].sum(func(op string) bool { return op != "Transpose" }), wholes[v].best
	}
	row.ORTSign, row.ORTFloat, row.ORTInt8 = ort(layers.Binary), ort(layers.Float), ort(layers.Int8)
	row.ORTChain = chained(ort(layers.FloatChain), row.ORTFloat)
	row.ORTInt8Chain = chained(ort(layers.Int8Chain), row.ORTInt8)
	row.Binary, row.BinaryWhole = ours(layers.Binary)
	row.Float, row.FloatWhole = ours(layers.Float)
	_, chain := ours(layers.FloatChain)
	row.FloatChain = chained(chain, row.FloatWhole)
	row.complete()
	return row, nil
}

// chained is the time of a layer in a chain; 0 if there is no chain.
func chained(chain, single float64) float64 {
	if chain == 0 {
		return 0
	}
	return (chain - single) / (layers.ChainLength - 1)
}

// open converts a variant, and makes inputs for it. Those of 8 bits are for ONNX
// Runtime alone: their model is nil.
func (c *comparison) open(ctx context.Context, path string, v layers.Variant) (m *interpreter.Model, inputs []tensor, err error) {
	f, err := read(path)
	if err != nil {
		return nil, nil, err
	}
	if v != layers.Int8 && v != layers.Int8Chain {
		if m, err = convert(ctx, f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	inputs, err = randomInputs(f)
	return m, inputs, err
}

// networks are the names of the networks in the zoo.
func (c *comparison) networks() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(c.zoo, "*.onnx"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(p), ".onnx"))
	}
	slices.Sort(names)
	return names, nil
}

// network measures a network of the zoo; against the model at other, if there is one,
// which takes the same image.
func (c *comparison) network(ctx context.Context, name, other string) (row network, err error) {
	path := filepath.Join(c.zoo, name+".onnx")
	f, err := read(path)
	if err != nil {
		return row, err
	}
	m, err := convert(ctx, f)
	if err != nil {
		return row, fmt.Errorf("%s: %w", path, err)
	}
	inputs, err := c.image(name, f)
	if err != nil {
		return row, err
	}
	w, err := newWhole(m, inputs)
	if err != nil {
		return row, err
	}
	defer w.in.Close()
	row = network{Name: name, Binary: isBinary(w.in.Operators())}
	if other != "" {
		path, row.Other = other, strings.TrimSuffix(filepath.Base(other), ".onnx")
		if f, err = read(other); err != nil {
			return row, err
		}
		inputs[0].name = f.Graph.Inputs[0].Name
	}
	ref, err := c.node.load(path, inputs)
	if err != nil {
		return row, err
	}
	defer closeAll([]*reference{ref}, &err)
	if err := interleave(ctx, c.time, ref, w); err != nil {
		return row, err
	}
	row.ORT, row.Ours, row.Ratio = ref.best, w.best, ref.best/w.best
	return row, nil
}

func isBinary(ops []interpreter.OpInfo) bool {
	return slices.ContainsFunc(ops, func(op interpreter.OpInfo) bool {
		return strings.Contains(op.Op, "BConv2D") || strings.Contains(op.Op, "BGEMM")
	})
}

// image is the first of the images that the zoo has for a network, or random values.
func (c *comparison) image(name string, f *onnx.File) ([]tensor, error) {
	inputs, err := randomInputs(f)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(c.zoo, name+".x.npy")
	arrays, err := npy.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return inputs, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	x := arrays[0]
	if len(inputs) != 1 || x.DType != inputs[0].dtype || len(x.Shape) != len(inputs[0].shape) || x.Shape[0] < 1 {
		return nil, fmt.Errorf("%s: %v %v does not fit the model's input", path, x.DType, x.Shape)
	}
	inputs[0].shape = slices.Concat([]int{1}, x.Shape[1:])
	inputs[0].data = x.Data[:len(x.Data)/x.Shape[0]]
	return inputs, nil
}
