package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

var (
	resizeModes = map[string]schema.ResizeMode{
		"nearest": schema.ResizeNearest, "linear": schema.ResizeLinear, "cubic": schema.ResizeCubic,
	}
	resizeRoundings = map[string]schema.ResizeRounding{
		"round_prefer_floor": schema.RoundPreferFloor, "round_prefer_ceil": schema.RoundPreferCeil,
		"floor": schema.RoundFloor, "ceil": schema.RoundCeil,
	}
	// resizeCoordinates have the versions that know them; no last one is 0.
	resizeCoordinates = map[string]struct {
		kind        schema.ResizeCoordinates
		first, last int
	}{
		"half_pixel":           {schema.ResizeHalfPixel, 11, 0},
		"half_pixel_symmetric": {schema.ResizeHalfPixelSymmetric, 19, 0},
		"pytorch_half_pixel":   {schema.ResizePytorchHalfPixel, 11, 0},
		"align_corners":        {schema.ResizeAlignCorners, 11, 0},
		"asymmetric":           {schema.ResizeAsymmetric, 11, 0},
		"tf_half_pixel_for_nn": {schema.ResizeHalfPixelForNN, 11, 11},
		"tf_crop_and_resize":   {schema.ResizeCropAndResize, 11, 0},
	}
)

// choice finds the value of an attribute among those that are known.
func choice[T any](c *call, name string, known map[string]T) (T, error) {
	v, ok := known[c.string(name)]
	if !ok {
		return v, fmt.Errorf("attribute %s is %q: one of %s is accepted", name, c.string(name), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	return v, nil
}

// importUpsample, importUpsample7 and importResize10 are Resizes of one kind, by scales.
func importUpsample(c *call) error { return c.resizeAsymmetric(c.in[1], schema.RoundFloor) }

func importUpsample7(c *call) error {
	scales := c.attribute("scales").Floats
	return c.resizeAsymmetric(c.im.g.ConstFloat32s(c.name("scales"), []int{len(scales)}, scales), schema.RoundFloor)
}

func importResize10(c *call) error { return c.resizeAsymmetric(c.in[1], schema.RoundSimple) }

func (c *call) resizeAsymmetric(scales *graph.Value, rounding schema.ResizeRounding) error {
	mode, err := choice(c, "mode", map[string]schema.ResizeMode{"nearest": schema.ResizeNearest, "linear": schema.ResizeLinear})
	if err != nil {
		return err
	}
	o := &schema.ResizeOptions{Mode: mode, Coordinates: schema.ResizeAsymmetric, Rounding: rounding}
	c.result(0, "", schema.Resize, o, c.in[0], nil, scales)
	return nil
}

func importResize(c *call) error {
	o := &schema.ResizeOptions{Cubic: c.float("cubic_coeff_a"), Extrapolation: c.float("extrapolation_value")}
	var err error
	if o.Mode, err = choice(c, "mode", resizeModes); err != nil {
		return err
	}
	if o.Rounding, err = choice(c, "nearest_mode", resizeRoundings); err != nil {
		return err
	}
	if o.ExcludeOutside, err = c.bool("exclude_outside"); err != nil {
		return err
	}
	coordinates, err := choice(c, "coordinate_transformation_mode", resizeCoordinates)
	if err != nil {
		return err
	}
	if c.version < coordinates.first || coordinates.last != 0 && c.version > coordinates.last {
		return fmt.Errorf("attribute coordinate_transformation_mode is %q, which version %d of the operator does not have", c.string("coordinate_transformation_mode"), c.version)
	}
	o.Coordinates = coordinates.kind
	// An operand without elements is as good as none.
	in := slices.Concat(c.in, []*graph.Value{nil, nil, nil})[:4]
	for i, v := range in[1:] {
		if v != nil && slices.Equal(v.Shape, []int{0}) {
			in[i+1] = nil
		}
	}
	if o.Coordinates != schema.ResizeCropAndResize {
		in[1] = nil
	}
	for i, v := range in[1:3] {
		if v != nil && v.DType != schema.Float32 {
			if in[i+1], err = c.cast(v, schema.Float32); err != nil {
				return err
			}
		}
	}
	if (in[2] == nil) == (in[3] == nil) {
		return fmt.Errorf("inputs 2 and 3, scales and sizes: exactly one is expected")
	}
	if c.knows("axes") {
		if err := c.resizeAxes(in); err != nil {
			return err
		}
	}
	c.result(0, "", schema.Resize, o, trimAbsent(in...)...)
	return nil
}

// resizeAxes handles the attributes from version 18 on: the operands have elements for
// some axes only; the others stay.
func (c *call) resizeAxes(in []*graph.Value) error {
	if antialias, err := c.bool("antialias"); err != nil || antialias {
		if err == nil {
			err = c.unsupported("attribute antialias is 1; only 0 is supported")
		}
		return err
	}
	if policy := c.string("keep_aspect_ratio_policy"); policy != "stretch" && in[3] != nil {
		return c.unsupported("attribute keep_aspect_ratio_policy is %q; only stretch is supported", policy)
	}
	if !c.has("axes") {
		return nil
	}
	rank, axes := len(in[0].Shape), c.ints("axes")
	place := make([]int, rank) // of an axis in the operands, from 1 on
	for i, a := range axes {
		if a < 0 {
			a += int64(rank)
		}
		if a < 0 || a >= int64(rank) || place[a] != 0 {
			return fmt.Errorf("attribute axes is %v: different axes of input 0, %s, are expected", axes, c.describe(0))
		}
		place[a] = i + 1
	}
	// all lays the elements of an operand out for all axes; rest gives those of the others.
	all := func(role string, v *graph.Value, offset int, rest func(axis int) *graph.Value) []*graph.Value {
		var list []*graph.Value
		for axis, at := range place {
			if at == 0 {
				list = append(list, rest(axis))
				continue
			}
			list = append(list, c.emit(fmt.Sprint(role, axis), schema.Gather, &schema.AxisOptions{}, v, c.constInts("at", int64(offset+at-1))))
		}
		return list
	}
	one := func(x float32) func(int) *graph.Value {
		return func(int) *graph.Value { return c.im.g.ConstFloat32s(c.name("rest"), []int{1}, []float32{x}) }
	}
	if in[1] != nil {
		in[1] = c.dims("region", append(all("start_", in[1], 0, one(0)), all("end_", in[1], len(axes), one(1))...)...)
	}
	if in[2] != nil {
		in[2] = c.dims("scales", all("scale_", in[2], 0, one(1))...)
	}
	if in[3] != nil {
		in[3] = c.dims("sizes", all("size_", in[3], 0, func(axis int) *graph.Value { return c.dim(in[0], axis) })...)
	}
	return nil
}
