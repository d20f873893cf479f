package exporter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

var (
	resizeForms     = map[schema.ResizeMode]string{schema.ResizeNearest: "nearest", schema.ResizeLinear: "linear", schema.ResizeCubic: "cubic"}
	coordinateForms = map[schema.ResizeCoordinates]string{
		schema.ResizeHalfPixel: "half_pixel", schema.ResizeHalfPixelSymmetric: "half_pixel_symmetric",
		schema.ResizePytorchHalfPixel: "pytorch_half_pixel", schema.ResizeAlignCorners: "align_corners",
		schema.ResizeAsymmetric: "asymmetric", schema.ResizeCropAndResize: "tf_crop_and_resize",
	}
	roundingForms = map[schema.ResizeRounding]string{
		schema.RoundPreferFloor: "round_prefer_floor", schema.RoundPreferCeil: "round_prefer_ceil",
		schema.RoundFloor: "floor", schema.RoundCeil: "ceil",
	}
)

// Operands of Resize.
const (
	resizeRegion = iota + 1
	resizeScales
	resizeSizes
)

func exportResize(c *call) error {
	o, err := options[*schema.ResizeOptions](c)
	if err != nil {
		return err
	}
	x := c.in[0]
	for i := resizeRegion; i <= resizeSizes; i++ {
		if t := c.input(i); t != nil && (t.rank != 1 || t.constant && t.Shape[0] != x.rank && i != resizeRegion) {
			return fmt.Errorf("input %d, %q: want a list of %d numbers", i, t.Name, x.rank)
		}
	}
	if o.Coordinates == schema.ResizeHalfPixelForNN || o.Rounding == schema.RoundSimple && o.Mode == schema.ResizeNearest {
		return c.resizeByTaps(o)
	}
	f := follows(x)
	in := []*value{c.value(x, f), nil, c.inForm(resizeScales, f), c.inForm(resizeSizes, f)}
	if o.Coordinates == schema.ResizeCropAndResize {
		in[resizeRegion] = c.inForm(resizeRegion, f)
	}
	rounding := roundingForms[o.Rounding]
	if o.Mode != schema.ResizeNearest {
		rounding = roundingForms[schema.RoundPreferFloor] // of no meaning
	}
	c.out[0].set(f, c.emit("", "Resize", in,
		text("mode", resizeForms[o.Mode]), text("coordinate_transformation_mode", coordinateForms[o.Coordinates]),
		text("nearest_mode", rounding), float("cubic_coeff_a", o.Cubic),
		flag("exclude_outside", o.ExcludeOutside), float("extrapolation_value", o.Extrapolation)))
	return nil
}

// inForm gives operand i, which has one or two numbers for each axis of operand 0, in the
// order of a form.
func (c *call) inForm(i int, f form) *value {
	v := c.plain(i)
	if v == nil || f == plain {
		return v
	}
	rank := c.in[0].rank
	places := f.perm(rank)
	if i == resizeRegion {
		for _, axis := range f.perm(rank) {
			places = append(places, rank+axis)
		}
	}
	return c.emit(fmt.Sprint("by_axis", i), "Gather", []*value{v, c.shape(places)}, integer("axis", 0))
}

// resizeByTaps makes what ONNX's Resize has no more, one axis after the other: the places
// of the neighbours in the original are computed, and what is there is weighed.
func (c *call) resizeByTaps(o *schema.ResizeOptions) error {
	x := c.in[0]
	if o.Mode == schema.ResizeCubic || o.Mode == schema.ResizeLinear && o.ExcludeOutside || o.Coordinates != schema.ResizeHalfPixelForNN && o.Coordinates != schema.ResizeAsymmetric {
		return fmt.Errorf("mode %v with coordinates %v and rounding %v: ONNX has it no more; want nearest or linear by HalfPixelForNN, or nearest by Asymmetric coordinates",
			o.Mode, o.Coordinates, o.Rounding)
	}
	fixed := c.fixedAxes()
	y := c.plain(0)
	for axis := range x.rank {
		if fixed[axis] && o.Coordinates == schema.ResizeAsymmetric {
			continue // every element stays where it is
		}
		y = c.resizeAxis(o, y, axis)
	}
	if y == c.plain(0) {
		y = c.emit("", "Identity", []*value{y})
	}
	c.out[0].set(plain, y)
	return nil
}

// fixedAxes tells which axes have the scale 1.
func (c *call) fixedAxes() map[int]bool {
	fixed := map[int]bool{}
	if t := c.input(resizeScales); t != nil && t.constant && t.DType == schema.Float32 {
		for i, s := range ops.View[float32](&ops.Tensor{Data: t.Data}) {
			fixed[i] = s == 1
		}
	}
	return fixed
}

// resizeAxis resizes y, of which operand 0 has the size, along an axis.
func (c *call) resizeAxis(o *schema.ResizeOptions, y *value, axis int) *value {
	d := c.in[0].DType
	at := func(role string) string { return fmt.Sprintf("%s_%d", role, axis) }
	op := func(role, name string, in ...*value) *value { return c.emit(at(role), name, in) }
	number := func(v float64) *value { return c.number(schema.Float32, v) }
	real := func(role string, v *value) *value { return c.cast(at(role), v, schema.Float32) }

	shape := c.emit(at("shape"), "Shape", []*value{c.plain(0)}, integer("start", int64(axis)), integer("end", int64(axis)+1))
	before := real("before", op("rows", "Squeeze", shape, c.shape([]int{0})))
	var scale, after *value
	if c.input(resizeScales) != nil {
		scale = op("scale", "Gather", c.plain(resizeScales), c.number(schema.Int64, float64(axis)))
		after = op("after", "Floor", op("scaled", "Mul", before, scale))
	} else {
		after = real("after", op("size", "Gather", c.int64(resizeSizes), c.number(schema.Int64, float64(axis))))
		scale = op("scale", "Div", after, before)
	}
	place := op("range", "Range", number(0), after, number(1))
	if o.Coordinates == schema.ResizeHalfPixelForNN {
		place = op("middle", "Add", place, number(0.5))
	}
	place = op("place", "Div", place, scale)
	// pick gathers the elements at whole places, which are moved to the nearest that is there.
	pick := func(role string, whole *value) *value {
		last := op("last", "Sub", before, number(1))
		inside := op(role+"inside", "Max", op(role+"clamped", "Min", whole, last), number(0))
		return c.emit(at(role+"pick"), "Gather", []*value{y, c.cast(at(role+"index"), inside, schema.Int64)}, integer("axis", int64(axis)))
	}
	if o.Mode == schema.ResizeNearest {
		var whole *value
		switch o.Rounding {
		case schema.RoundFloor:
			whole = op("floor", "Floor", place)
		case schema.RoundCeil:
			whole = op("ceil", "Ceil", place)
		case schema.RoundPreferCeil:
			whole = op("floor", "Floor", op("up", "Add", place, number(0.5)))
		case schema.RoundSimple:
			smaller := op("smaller", "Less", scale, number(1))
			whole = op("simple", "Where", smaller, op("ceil", "Ceil", place), op("floor", "Floor", place))
		default:
			whole = op("ceil", "Ceil", op("down", "Sub", place, number(0.5)))
		}
		return pick("", whole)
	}
	low := op("low", "Floor", place)
	high := op("high", "Add", low, number(1))
	part := op("part", "Sub", place, low)
	ones := slices.Repeat([]int{1}, c.in[0].rank)
	ones[axis] = -1
	weigh := func(role string, whole, weight *value) *value {
		return op(role+"weighed", "Mul", pick(role, whole), op(role+"weight", "Reshape", c.cast(at(role+"type"), weight, d), c.shape(ones)))
	}
	return op("sum", "Add", weigh("low_", low, op("rest", "Sub", number(1), part)), weigh("high_", high, part))
}
