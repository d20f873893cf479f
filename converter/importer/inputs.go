package importer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter/ops"
)

// inputs declares the graph inputs, with the shapes that the caller gives.
func (im *importer) inputs(shapes map[string][]int) error {
	in := im.src.Inputs
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		if !slices.ContainsFunc(in, func(v onnx.ValueInfo) bool { return v.Name == name }) {
			errs = append(errs, fmt.Errorf("input shape for %q: there is no such input, only %s", name, inputNames(in)))
		}
	}
	params := map[string]int{}
	for _, v := range in {
		shape, ok := shapes[v.Name]
		if !ok {
			continue
		}
		if err := override(v, shape, params); err != nil {
			errs = append(errs, fmt.Errorf("input shape for %q: %w", v.Name, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, v := range in {
		shape := make([]int, len(v.Dims))
		names := make([]string, len(v.Dims))
		for i, d := range v.Dims {
			shape[i] = d.Size
			if s, ok := shapes[v.Name]; ok && s[i] >= 0 {
				shape[i] = s[i]
			} else if s, ok := params[d.Param]; ok && d.Size < 0 {
				shape[i] = s
			}
			if shape[i] < 0 {
				im.dynamic = true
				names[i] = d.Param
			}
		}
		if err := checkSize(shape); err != nil {
			return fmt.Errorf("graph input %q: %w", v.Name, err)
		}
		im.values[v.Name] = im.g.AddInput(v.Name, v.DType, shape, names)
	}
	return nil
}

// override compares a given shape with the declared one and notes the sizes of
// named dimensions in params.
func override(v onnx.ValueInfo, shape []int, params map[string]int) error {
	declared := describe(v.Dims)
	if len(shape) != len(v.Dims) {
		return fmt.Errorf("%v has rank %d, the model declares %s of rank %d", shape, len(shape), declared, len(v.Dims))
	}
	for i, d := range v.Dims {
		switch s := shape[i]; {
		case s < -1:
			return fmt.Errorf("dimension %d is %d: a size, or -1 for unknown, is accepted", i, s)
		case s < 0:
		case d.Size >= 0 && d.Size != s:
			return fmt.Errorf("dimension %d is %d, the model declares %s", i, s, declared)
		case d.Param != "":
			if have, ok := params[d.Param]; ok && have != s {
				return fmt.Errorf("dimension %d (%s) is %d here and %d elsewhere", i, d.Param, s, have)
			}
			params[d.Param] = s
		}
	}
	return nil
}

// checkSize bounds the known dimensions.
func checkSize(shape []int) error {
	known := make([]int, len(shape))
	for i, s := range shape {
		known[i] = max(s, 1)
		if s == 0 {
			known[i] = 0
		}
	}
	_, err := ops.Count(known)
	return err
}

// describe writes a declared shape, as in [N 3 ? ?].
func describe(dims []onnx.Dim) string {
	s := make([]string, len(dims))
	for i, d := range dims {
		switch {
		case d.Size >= 0:
			s[i] = fmt.Sprint(d.Size)
		case d.Param != "":
			s[i] = d.Param
		default:
			s[i] = "?"
		}
	}
	return "[" + strings.Join(s, " ") + "]"
}

func inputNames(in []onnx.ValueInfo) string {
	s := make([]string, len(in))
	for i, v := range in {
		s[i] = fmt.Sprintf("%q", v.Name)
	}
	return strings.Join(s, ", ")
}
