// Package inspect is the command lce-inspect.
package inspect

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
)

// Command is lce-inspect.
var Command = cli.Command{
	Name:     "lce-inspect",
	Synopsis: "MODEL.lce [options]",
	About: `Prints the inputs, outputs and operators of a model, the kernel that each operator
would use on this processor, and what takes the bytes. The environment variable
LCE_ISA (generic, avx2, avx512, neon, ...) limits the instruction sets.`,
	Examples: `  lce-inspect model.lce
  lce-inspect model.lce --json
  lce-inspect model.lce --input-shape input=8x3x224x224
  LCE_ISA=generic lce-inspect model.lce`,
	Setup: func(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
		asJSON := flags.Bool("json", false, "print JSON")
		shapeFlags := flags.StringArray("input-shape", nil, "shape of an input with open dimensions (default 1), as `NAME=1x3x224x224`; may be repeated")
		return func(ctx context.Context, std cli.Streams, args []string) error {
			if len(args) != 1 {
				return cli.Usagef("want one model, got %d operands", len(args))
			}
			shapes, err := cli.ParseShapes(*shapeFlags)
			if err != nil {
				return err
			}
			d, err := describe(args[0], shapes)
			if err != nil {
				return err
			}
			if *asJSON {
				enc := json.NewEncoder(std.Out)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(d)
			}
			return d.writeText(std.Out)
		}
	},
}

// description is what --json prints. Fields are only added.
type description struct {
	FormatVersion uint32     `json:"format_version"`
	Producer      string     `json:"producer"`
	SourceSHA256  string     `json:"source_sha256"`
	Opsets        []opset    `json:"opsets"`
	AssumedBinary string     `json:"assumed_binary,omitempty"`
	Inputs        []tensor   `json:"inputs"`
	Outputs       []tensor   `json:"outputs"`
	Operators     []operator `json:"operators"`
	// Graphs are those that operators run, in the order of the file.
	Graphs    []graph  `json:"graphs,omitempty"`
	Tensors   []tensor `json:"tensors"`
	FileBytes int64    `json:"file_bytes"`
	// WeightBytes is for all constants of the file; WeightKinds splits it by element type.
	WeightBytes   int64            `json:"weight_bytes"`
	WeightKinds   map[string]int64 `json:"weight_bytes_by_type"`
	ArenaBytes    int64            `json:"arena_bytes"`
	PeakBytes     int64            `json:"arena_peak_bytes"` // in use at once
	ScratchBytes  int64            `json:"scratch_bytes"`
	PackedBytes   int64            `json:"packed_bytes"`
	PreparedBytes int64            `json:"prepared_constant_bytes"`
	// MemoryBytes is for the file, packed weights, prepared constants and the arena.
	MemoryBytes int64 `json:"memory_bytes"`
}

type opset struct {
	Domain  string `json:"domain"`
	Version int64  `json:"version"`
}

type tensor struct {
	Name     string `json:"name"`
	DType    string `json:"dtype"`
	Shape    []int  `json:"shape"` // -1 is open
	Bytes    int    `json:"bytes"`
	Constant bool   `json:"constant,omitempty"`
	// Stored is the element type in the file of weights that are expanded at load.
	Stored string `json:"stored,omitempty"`
}

type operator struct {
	Op      string `json:"op"`
	Name    string `json:"name"`
	Inputs  []port `json:"inputs"`
	Outputs []port `json:"outputs"`
	Kernel  string `json:"kernel"`
	// Members are the names of the operators that are executed together, if there are several.
	Members []string `json:"members,omitempty"`
	step    string
}

// port is an operand; nil where an optional one is absent.
type port = *tensor

func newTensor(t interpreter.TensorInfo) tensor {
	shape := t.Shape
	if shape == nil {
		shape = []int{}
	}
	made := tensor{Name: t.Name, DType: t.DType.String(), Shape: shape, Bytes: t.Bytes, Constant: t.Constant}
	if t.Stored != schema.Invalid {
		made.Stored = t.Stored.String()
	}
	return made
}

func newTensors(infos []interpreter.TensorInfo) []tensor {
	list := make([]tensor, len(infos))
	for i, t := range infos {
		list[i] = newTensor(t)
	}
	return list
}

func newPorts(infos []interpreter.TensorInfo) []port {
	list := make([]port, len(infos))
	for i, info := range infos {
		if info.DType != 0 {
			t := newTensor(info)
			list[i] = &t
		}
	}
	return list
}

func describe(path string, shapes map[string][]int) (*description, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	model, err := interpreter.Open(path)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	in, err := interpreter.New(model, interpreter.WithInputShapes(shapes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer in.Close()

	file := model.Schema()
	memory := in.Memory()
	d := &description{
		FormatVersion: file.FormatVersion,
		Producer:      file.Metadata.Producer,
		SourceSHA256:  file.Metadata.SourceSHA256,
		Opsets:        []opset{},
		AssumedBinary: file.Metadata.Property(schema.AssumedBinary),
		Inputs:        newTensors(model.Inputs()),
		Outputs:       newTensors(model.Outputs()),
		Operators:     []operator{},
		Graphs:        graphs(file),
		Tensors:       []tensor{},
		FileBytes:     info.Size(),
		WeightKinds:   map[string]int64{},
		ArenaBytes:    int64(memory.Arena),
		PeakBytes:     int64(memory.Peak),
		ScratchBytes:  int64(memory.Scratch),
		PackedBytes:   int64(memory.Packed),
		PreparedBytes: int64(memory.Constants),
		MemoryBytes:   info.Size() + int64(memory.Packed) + int64(memory.Constants) + int64(memory.Arena),
	}
	for _, o := range file.Metadata.Opsets {
		d.Opsets = append(d.Opsets, opset{o.Domain, o.Version})
	}
	for _, op := range in.Operators() {
		d.Operators = append(d.Operators, operator{op.Op, op.Name, newPorts(op.Inputs), newPorts(op.Outputs), op.Kernel, op.Members, cli.StepName(op)})
	}
	for i, s := range file.Subgraphs {
		for j := range s.Tensors {
			t := &s.Tensors[j]
			if i == 0 {
				d.Tensors = append(d.Tensors, newTensor(tensorInfo(t)))
			}
			if t.Data != nil {
				d.WeightBytes += int64(len(t.Data))
				d.WeightKinds[t.DType.String()] += int64(len(t.Data))
			}
		}
	}
	return d, nil
}
