// Package inputs fills the inputs of a model from .npy and .npz files that a user
// names, and with random values.
package inputs

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/npy"
)

// Set holds the array of each graph input, nil where none is given.
type Set []*npy.Array

// Read reads the files that operands name: FILE.npy for the next input in the order
// of the graph, NAME=FILE.npy, or FILE.npz, whose members have the names of inputs.
func Read(infos []interpreter.TensorInfo, operands []string) (Set, error) {
	given := make(Set, len(infos))
	position := 0
	for _, operand := range operands {
		i, path, err := resolve(infos, operand)
		if err != nil {
			return nil, err
		}
		arrays, err := npy.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, a := range arrays {
			at := i
			switch {
			case a.Name != "":
				if i >= 0 {
					return nil, cli.Usagef("%s: an .npz file names its inputs itself", operand)
				}
				if at, err = findMember(infos, a.Name); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
			case i < 0:
				at = position
				position++
			}
			if at >= len(infos) {
				return nil, cli.Usagef("%s: the model has %d input(s): %s", operand, len(infos), names(infos))
			}
			if given[at] != nil {
				return nil, cli.Usagef("%s: input %q is given twice", operand, infos[at].Name)
			}
			given[at] = a.Array
		}
	}
	return given, nil
}

// Files are the files that operands name.
func Files(infos []interpreter.TensorInfo, operands []string) (paths []string) {
	for _, operand := range operands {
		if _, path, err := resolve(infos, operand); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// resolve splits NAME=PATH. Names and paths may hold a =, so the longest input name
// that fits is taken. The index is -1 for an operand without a name.
func resolve(infos []interpreter.TensorInfo, operand string) (index int, path string, err error) {
	index, path = -1, operand
	for i, info := range infos {
		rest, ok := strings.CutPrefix(operand, info.Name+"=")
		if ok && (index < 0 || len(rest) < len(path)) {
			index, path = i, rest
		}
	}
	if index < 0 && strings.Contains(operand, "=") {
		if _, err := os.Stat(operand); err != nil {
			return 0, "", cli.Usagef("%s: no input of that name; the model has %s", operand, names(infos))
		}
	}
	return index, path, nil
}

// findMember finds the input for a member of an .npz file: the one of that name, or,
// for the names arr_0, arr_1, ... of numpy.savez, the one at that place.
func findMember(infos []interpreter.TensorInfo, name string) (int, error) {
	if i := slices.IndexFunc(infos, func(info interpreter.TensorInfo) bool { return info.Name == name }); i >= 0 {
		return i, nil
	}
	if digits, ok := strings.CutPrefix(name, "arr_"); ok {
		if i, err := strconv.Atoi(digits); err == nil && 0 <= i && i < len(infos) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("member %q: no input of that name; the model has %s", name, names(infos))
}

func names(infos []interpreter.TensorInfo) string {
	parts := make([]string, len(infos))
	for i, info := range infos {
		parts[i] = fmt.Sprintf("%q %v %s", info.Name, info.DType, cli.FormatShape(info.Shape))
	}
	return strings.Join(parts, ", ")
}

// Check compares what is given, and the shapes of --input-shape, with what the model
// takes. random allows inputs that are not given.
func (given Set) Check(infos []interpreter.TensorInfo, shapes map[string][]int, random bool) error {
	for i, info := range infos {
		if given[i] == nil && !random {
			return cli.Usagef("input %q %v %s is not given; --random would fill it", info.Name, info.DType, cli.FormatShape(info.Shape))
		}
		if a := given[i]; a != nil && (a.DType != info.DType || !fits(a.Shape, info.Shape)) {
			return fmt.Errorf("input %q: got %v %s, want %v %s", info.Name,
				a.DType, cli.FormatShape(a.Shape), info.DType, cli.FormatShape(info.Shape))
		}
	}
	for name := range shapes {
		i := slices.IndexFunc(infos, func(info interpreter.TensorInfo) bool { return info.Name == name })
		if i < 0 {
			return cli.Usagef("--input-shape: no input %q; the model has %s", name, names(infos))
		}
		if given[i] != nil {
			return cli.Usagef("--input-shape: input %q is given, and so has a shape", name)
		}
	}
	return nil
}

func fits(shape, want []int) bool {
	return slices.EqualFunc(shape, want, func(d, w int) bool { return w < 0 || d == w })
}

// Shapes are those of the given arrays, and those of --input-shape for the others.
func (given Set) Shapes(infos []interpreter.TensorInfo, asked map[string][]int) map[string][]int {
	all := map[string][]int{}
	for i, info := range infos {
		if given[i] != nil {
			all[info.Name] = given[i].Shape
		} else if shape, ok := asked[info.Name]; ok {
			all[info.Name] = shape
		}
	}
	return all
}

// Fill copies the arrays into the interpreter, and random values where there is none.
func (given Set) Fill(in *interpreter.Interpreter, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 0))
	for i, t := range in.Inputs() {
		if a := given[i]; a != nil {
			if err := t.SetBytes(a.DType, a.Shape, a.Data); err != nil {
				return err
			}
			continue
		}
		if err := fillRandom(t, rng); err != nil {
			return err
		}
	}
	return nil
}

// fillRandom fills an input: floats from the normal distribution, integers and
// booleans with 0 and 1, which every index and flag can take.
func fillRandom(t *interpreter.Tensor, rng *rand.Rand) error {
	switch t.DType() {
	case schema.Float32, schema.Float16:
		values := make([]float32, t.Len())
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
		copy(t.Float32s(), values)
		copy(t.Float16s(), interpreter.ToFloat16(values))
		return nil
	case schema.Float64:
		for i := range t.Float64s() {
			t.Float64s()[i] = rng.NormFloat64()
		}
		return nil
	case schema.Bits:
		if t.Len() == 0 {
			return nil
		}
		return fmt.Errorf("input %q: random values cannot be %v; give a file", t.Name(), t.DType())
	}
	data, size := t.Bytes(), t.DType().Size()
	for i := 0; i+size <= len(data); i += size {
		var bits [8]byte
		binary.LittleEndian.PutUint64(bits[:], rng.Uint64N(2))
		copy(data[i:i+size], bits[:])
	}
	return nil
}
