package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// term is an operand of an Einsum: a value and a label for each of its axes. The axes of
// an ellipsis have labels of their own, the same ones counted from the last.
type term struct {
	v      *graph.Value
	labels []rune
}

// einsum is the state of one Einsum.
type einsum struct {
	*call
	terms []term
	out   []rune
	dims  map[rune]*graph.Value // the size of a label as a list of one number
}

// ellipsisLabel is the label of the axis of an ellipsis that is i from its last one.
func ellipsisLabel(i int) rune { return -1 - rune(i) }

// importEinsum multiplies the operands pair by pair, each by a MatMul of what is summed up.
func importEinsum(c *call) error {
	e := &einsum{call: c, dims: map[rune]*graph.Value{}}
	if err := e.parse(strings.ReplaceAll(c.string("equation"), " ", "")); err != nil {
		return fmt.Errorf("attribute equation is %q: %w", c.string("equation"), err)
	}
	for i := range e.terms {
		if err := e.diagonals(i); err != nil {
			return err
		}
	}
	all := e.terms[0]
	for i, t := range e.terms[1:] {
		needed := slices.Clone(e.out)
		for _, later := range e.terms[i+2:] {
			needed = append(needed, later.labels...)
		}
		all = e.multiply(fmt.Sprint("product_", i+1), e.summed(fmt.Sprint("left_", i+1), all, append(needed, t.labels...)),
			e.summed(fmt.Sprint("right_", i+1), t, append(needed, all.labels...)), needed)
	}
	all = e.summed("sum", all, e.out)
	perm, same := permTo(all.labels, e.out)
	if same && all.v != c.in[0] {
		c.alias(0, all.v)
		return nil
	}
	c.result(0, "", schema.Transpose, &schema.TransposeOptions{Perm: perm}, all.v)
	return nil
}

// parse reads the labels of the operands and of the result.
func (e *einsum) parse(equation string) error {
	left, right, explicit := strings.Cut(equation, "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(e.in) {
		return fmt.Errorf("%d operands, the node has %d", len(parts), len(e.in))
	}
	count, most := map[rune]int{}, 0
	for i, part := range parts {
		labels, dots, err := letters(part)
		if err != nil {
			return err
		}
		rank := len(e.in[i].Shape)
		more := rank - len(labels)
		if more < 0 || more > 0 && dots < 0 {
			return fmt.Errorf("%d labels of input %d, %s, which has rank %d", len(labels), i, e.describe(i), rank)
		}
		if dots >= 0 {
			most = max(most, more)
			labels = slices.Insert(labels, dots, ellipsis(more)...)
		}
		for axis, l := range labels {
			count[l]++
			// Of an ellipsis a size of 1 is repeated.
			if e.dims[l] == nil || l >= 0 && e.in[i].Shape[axis] > 1 {
				e.dims[l] = e.dim(e.in[i], axis)
			}
		}
		e.terms = append(e.terms, term{e.in[i], labels})
	}
	if !explicit {
		var once []rune
		for l, n := range count {
			if l >= 0 && n == 1 {
				once = append(once, l)
			}
		}
		slices.Sort(once)
		e.out = append(ellipsis(most), once...)
		return nil
	}
	labels, dots, err := letters(right)
	if err != nil {
		return err
	}
	for i, l := range labels {
		if count[l] == 0 || slices.Contains(labels[:i], l) {
			return fmt.Errorf("label %c of the result is twice there, or not in an operand", l)
		}
	}
	if dots >= 0 {
		labels = slices.Insert(labels, dots, ellipsis(most)...)
	}
	e.out = labels
	return nil
}

// letters reads labels, and where among them the ellipsis is, -1 for none.
func letters(s string) (labels []rune, dots int, err error) {
	dots = -1
	if at := strings.Index(s, "..."); at >= 0 {
		dots, s = at, s[:at]+s[at+3:]
	}
	for _, l := range s {
		if (l < 'a' || l > 'z') && (l < 'A' || l > 'Z') {
			return nil, 0, fmt.Errorf("%q in it: letters, one ellipsis, commas and an arrow are accepted", l)
		}
		labels = append(labels, l)
	}
	return labels, dots, nil
}

// ellipsis are the labels of n axes.
func ellipsis(n int) []rune {
	labels := make([]rune, n)
	for i := range labels {
		labels[i] = ellipsisLabel(n - 1 - i)
	}
	return labels
}

// diagonals takes the diagonal of the axes of term i that have the same label.
func (e *einsum) diagonals(i int) error {
	t := &e.terms[i]
	for first := 0; first < len(t.labels); first++ {
		second := first + 1 + slices.Index(t.labels[first+1:], t.labels[first])
		if second == first {
			continue
		}
		// The two axes come last and are joined; their diagonal has one element in d+1.
		rest := slices.Delete(slices.Clone(t.labels), second, second+1)
		rest = slices.Delete(rest, first, first+1)
		sizes := e.in[i].Shape
		d := sizes[slices.Index(e.original(i), t.labels[first])]
		for axis, l := range e.original(i) {
			if l == t.labels[first] && (sizes[axis] < 1 || sizes[axis] != d) {
				return e.unsupported("the diagonal of input %d, %s, is of axes whose sizes are not known or differ", i, e.describe(i))
			}
		}
		var perm []int
		for axis := range t.labels {
			if axis != first && axis != second {
				perm = append(perm, axis)
			}
		}
		role := fmt.Sprintf("diagonal_%d_%d", i, first)
		shape := []*graph.Value{}
		for _, l := range rest {
			shape = append(shape, e.ownDim(i, l))
		}
		v := e.transpose(role+"/last", t.v, append(perm, first, second)...)
		v = e.emit(role+"/join", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, v,
			e.emit(role+"/shape", schema.Concat, &schema.AxisOptions{}, append(shape, e.constInts(role+"/joined", int64(d)*int64(d)))...))
		list := func(name string, x int64) *graph.Value { return e.constInts(role+"/"+name, x) }
		v = e.emit(role, schema.Slice, nil, v, list("start", 0), list("end", int64(d)*int64(d)), list("axis", int64(len(rest))), list("step", int64(d)+1))
		*t = term{v, append(rest, t.labels[first])}
		first = -1
	}
	return nil
}

// original are the labels of operand i as it is given.
func (e *einsum) original(i int) []rune {
	part := strings.Split(strings.Split(strings.ReplaceAll(e.string("equation"), " ", ""), "->")[0], ",")[i]
	labels, dots, _ := letters(part)
	if dots >= 0 {
		labels = slices.Insert(labels, dots, ellipsis(len(e.in[i].Shape)-len(labels))...)
	}
	return labels
}

// ownDim is the size of a label in operand i.
func (e *einsum) ownDim(i int, l rune) *graph.Value {
	return e.dim(e.in[i], slices.Index(e.original(i), l))
}

// summed sums up the axes of a term whose labels are not needed.
func (e *einsum) summed(role string, t term, needed []rune) term {
	var axes []int64
	var rest []rune
	for axis, l := range t.labels {
		if slices.Contains(needed, l) {
			rest = append(rest, l)
		} else {
			axes = append(axes, int64(axis))
		}
	}
	if len(axes) == 0 {
		return t
	}
	return term{e.emit(role, schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, t.v, e.constInts(role+"/axes", axes...)), rest}
}

// multiply joins two terms by a MatMul: labels of both that are needed are its batch, the
// others of both are summed up, and those of one are its rows or columns.
func (e *einsum) multiply(role string, a, b term, needed []rune) term {
	var batch, sum, rows, columns []rune
	for _, l := range a.labels {
		switch {
		case !slices.Contains(b.labels, l):
			rows = append(rows, l)
		case slices.Contains(needed, l):
			batch = append(batch, l)
		default:
			sum = append(sum, l)
		}
	}
	for _, l := range b.labels {
		if !slices.Contains(a.labels, l) {
			columns = append(columns, l)
		}
	}
	left := e.matrix(role+"/left", a, batch, rows, sum)
	right := e.matrix(role+"/right", b, batch, sum, columns)
	v := e.emit(role, schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, left, right)
	labels := slices.Concat(batch, rows, columns)
	if len(rows) == 1 && len(columns) == 1 {
		return term{v, labels}
	}
	// The batch may have been broadcast.
	shape := []*graph.Value{e.emit(role+"/batch", schema.Shape, &schema.ShapeOptions{End: int64(len(batch))}, v)}
	for _, l := range slices.Concat(rows, columns) {
		shape = append(shape, e.dims[l])
	}
	to := e.emit(role+"/shape", schema.Concat, &schema.AxisOptions{}, shape...)
	return term{e.emit(role+"/split", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, v, to), labels}
}

// matrix orders the axes of a term and joins those of the rows and of the columns.
func (e *einsum) matrix(role string, t term, batch, rows, columns []rune) *graph.Value {
	perm, same := permTo(t.labels, slices.Concat(batch, rows, columns))
	v := t.v
	if !same {
		v = e.transpose(role, v, perm...)
	}
	if len(rows) == 1 && len(columns) == 1 {
		return v
	}
	// The sizes of what is joined; no label makes 1.
	size := func(name string, labels []rune) *graph.Value {
		product := e.constInts(role+"/"+name, 1)
		for i, l := range labels {
			product = e.binary(fmt.Sprint(role, "/", name, i), schema.Mul, product, e.dims[l])
		}
		return product
	}
	shape := []*graph.Value{e.emit(role+"/batch", schema.Shape, &schema.ShapeOptions{End: int64(len(batch))}, v), size("rows", rows), size("columns", columns)}
	return e.emit(role+"/join", schema.Reshape, &schema.ReshapeOptions{AllowZero: true}, v, e.emit(role+"/shape", schema.Concat, &schema.AxisOptions{}, shape...))
}

// permTo is the permutation that brings labels into an order; same if they are in it.
func permTo(labels, order []rune) (perm []int, same bool) {
	for _, l := range order {
		perm = append(perm, slices.Index(labels, l))
	}
	return perm, slices.Equal(labels, order)
}
