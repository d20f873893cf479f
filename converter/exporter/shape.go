package exporter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/schema"
)

// Operators that give elements another shape.

// anyOrder gives operand 0 in the form that is there if both have their elements in the
// same order, else as it is.
func (c *call) anyOrder() *value {
	if t := c.in[0]; t.onesInside() {
		return c.value(t, t.form())
	}
	return c.plain(0)
}

func exportReshape(c *call) error {
	o, err := options[*schema.ReshapeOptions](c)
	if err != nil {
		return err
	}
	out := c.out[0]
	attr := flag("allowzero", o.AllowZero)
	shape, known := c.constantInts(1)
	// A 0 behind the first axis takes the size of an axis that may be in another place.
	if !known || len(shape) != out.rank || !o.AllowZero && slices.Contains(shape[min(len(shape), 1):], 0) {
		return c.result("Reshape", []*value{c.plain(0), c.int64(1)}, attr)
	}
	for _, f := range []form{plain, first} {
		if f == first && !out.onesInside() {
			break
		}
		out.later(f, func() *value {
			list := make([]int64, len(shape))
			for i, axis := range f.perm(out.rank) {
				list[i] = shape[axis]
			}
			return c.emit("", "Reshape", []*value{c.anyOrder(), c.int64s(list...)}, attr)
		})
	}
	return nil
}

func exportFlatten(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	// Behind the first axis both forms are the same if their elements are in order.
	if axis := o.Axis; axis == 1 {
		return c.result("Flatten", []*value{c.anyOrder()}, integer("axis", 1))
	}
	return c.result("Flatten", []*value{c.plain(0)}, integer("axis", int64(o.Axis)))
}

// spatial reports whether axes, which may count from the end, are all between the first
// and the last of a rank.
func spatial(axes []int64, rank int) bool {
	return !slices.ContainsFunc(axes, func(a int64) bool {
		if a < 0 {
			a += int64(rank)
		}
		return a < 1 || a >= int64(rank)-1
	})
}

// mapped gives a list of axes of a tensor of the given rank in a form.
func (f form) mapped(axes []int64, rank int) []int {
	var list []int
	for _, a := range axes {
		list = append(list, f.axis(int(a), rank))
	}
	return list
}

func exportSqueeze(c *call) error {
	in, out := c.in[0], c.out[0]
	axes, known := c.constantInts(1)
	switch {
	case c.input(1) == nil:
		return c.result("Squeeze", []*value{c.anyOrder()})
	case !known || !spatial(axes, in.rank) || out.rank < 2:
		return c.result("Squeeze", []*value{c.plain(0), c.int64(1)})
	}
	f := in.form()
	out.set(f, c.emit("", "Squeeze", []*value{c.value(in, f), c.shape(f.mapped(axes, in.rank))}))
	return nil
}

func exportUnsqueeze(c *call) error {
	in, out := c.in[0], c.out[0]
	axes, known := c.constantInts(1)
	if !known || !spatial(axes, out.rank) || in.rank < 2 {
		return c.result("Unsqueeze", []*value{c.plain(0), c.int64(1)})
	}
	for _, f := range []form{plain, first} {
		if in.has(f) {
			out.later(f, func() *value {
				return c.emit("", "Unsqueeze", []*value{c.value(in, f), c.shape(f.mapped(axes, out.rank))})
			})
		}
	}
	return nil
}

// exportTranspose makes nothing where the result in one form is the operand in one.
func exportTranspose(c *call) error {
	o, err := options[*schema.TransposeOptions](c)
	if err != nil {
		return err
	}
	in, out := c.in[0], c.out[0]
	perm := o.Perm
	if len(perm) == 0 {
		perm = plain.perm(in.rank)
		slices.Reverse(perm)
	}
	sorted := slices.Clone(perm)
	slices.Sort(sorted)
	if len(perm) != in.rank || out.rank != in.rank || !slices.Equal(sorted, plain.perm(in.rank)) {
		return fmt.Errorf("perm %v of rank %d", perm, in.rank)
	}
	// between gives the axes of form from of the operand in the order of form to of the
	// result.
	between := func(from, to form) []int {
		place := inverse(from.perm(in.rank))
		var list []int
		for _, axis := range to.perm(out.rank) {
			list = append(list, place[perm[axis]])
		}
		return list
	}
	for _, from := range []form{plain, first} {
		for _, to := range []form{plain, first} {
			if in.has(from) && isIdentity(between(from, to)) {
				out.later(to, func() *value { return c.value(in, from) })
			}
		}
	}
	if out.forms[plain].make != nil || out.forms[first].make != nil {
		return nil
	}
	from := in.form()
	for _, to := range []form{plain, first} {
		out.later(to, func() *value {
			return c.emit("", "Transpose", []*value{c.value(in, from)}, ints("perm", between(from, to)...))
		})
	}
	return nil
}

func exportShape(c *call) error {
	o, err := options[*schema.ShapeOptions](c)
	if err != nil {
		return err
	}
	in := c.in[0]
	if in.form() == plain {
		return c.result("Shape", []*value{c.plain(0)}, integer("start", o.Start), integer("end", o.End))
	}
	bound := func(v int64) int {
		if v < 0 {
			v += int64(in.rank)
		}
		return int(min(max(v, 0), int64(in.rank)))
	}
	start, end := bound(o.Start), bound(o.End)
	all := c.emit("all", "Shape", []*value{c.value(in, first)})
	places := inverse(first.perm(in.rank))[start:max(start, end)]
	return c.result("Gather", []*value{all, c.shape(places)}, integer("axis", 0))
}

func exportExpand(c *call) error { return c.result("Expand", []*value{c.plain(0), c.int64(1)}) }

// exportFill expands a scalar.
func exportFill(c *call) error { return c.result("Expand", []*value{c.scalar(1), c.int64(0)}) }

func exportTile(c *call) error { return c.result("Tile", []*value{c.plain(0), c.int64(1)}) }

func exportRange(c *call) error {
	return c.result("Range", []*value{c.scalar(0), c.scalar(1), c.scalar(2)})
}
