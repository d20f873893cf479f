package exporter

import (
	"slices"

	"github.com/lce-go/lce/schema"
)

// The operators of .lce have the channels of maps last, those of ONNX have them on axis 1.
// A tensor therefore has two forms, of which each is made when it is first asked for: an
// operator that does not care takes its operand in the form that is there and gives its
// result in the same one. So Transposes are left only where a tensor is needed as it is.

// form is an order of axes: that of the .lce tensor, or with the last axis moved to axis 1.
type form int

const (
	plain form = iota
	first
)

// perm lists the axes of the .lce tensor in the order of the form.
func (f form) perm(rank int) []int {
	p := make([]int, rank)
	for i := range p {
		p[i] = i
	}
	if f == first && rank > 2 {
		p = slices.Insert(p[:rank-1], 1, rank-1)
	}
	return p
}

// axis is where an axis of the .lce tensor, which may count from the end, is in the form.
func (f form) axis(axis, rank int) int {
	if axis < 0 {
		axis += rank
	}
	return slices.Index(f.perm(rank), axis)
}

// tensor is a tensor of the .lce model.
type tensor struct {
	*schema.Tensor
	rank     int
	constant bool
	unpacked bool // a constant that comes from bits
	fixed    bool // a constant, or computed from constants element by element
	forms    [2]struct {
		value *value
		make  func() *value // makes value
	}
}

func (e *exporter) newTensor(t *schema.Tensor) *tensor {
	x := &tensor{Tensor: t, rank: len(t.Shape)}
	if t.Data != nil {
		x.setConstant(constantOf(t))
		x.unpacked = t.DType == schema.Bits
	}
	return x
}

func (t *tensor) setConstant(c *constant) {
	t.constant, t.fixed = true, true
	t.forms[plain].value = &value{hint: t.Name, constant: c}
}

// set gives the tensor its value in a form. Both forms of a list or a matrix are the same.
func (t *tensor) set(f form, v *value) {
	if t.rank < 3 {
		f = plain
	}
	t.forms[f].value = v
}

// later has a form made when it is asked for.
func (t *tensor) later(f form, make func() *value) {
	if t.rank < 3 {
		f = plain
	}
	t.forms[f].make = make
}

// has reports whether a form is there or can be made without a Transpose.
func (t *tensor) has(f form) bool {
	return t.rank < 3 || t.forms[f].value != nil || t.forms[f].make != nil
}

// form is the one that the tensor is in.
func (t *tensor) form() form {
	if !t.has(plain) {
		return first
	}
	return plain
}

// value gives a tensor in a form.
func (e *exporter) value(t *tensor, f form) *value {
	if t.rank < 3 {
		f = plain
	}
	at := &t.forms[f]
	switch {
	case at.value != nil:
	case at.make != nil:
		at.value = at.make()
	default:
		other := e.value(t, 1-f)
		perm := f.perm(t.rank)
		if f == plain {
			perm = inverse(first.perm(t.rank))
		}
		name := t.Name + "/channels_last"
		if f == first {
			name = t.Name + "/channels_first"
		}
		at.value = e.transposed(name, other, perm)
	}
	return at.value
}

// transposed is a value with its axes in another order.
func (e *exporter) transposed(name string, v *value, perm []int) *value {
	if isIdentity(perm) {
		return v
	}
	if v.constant != nil {
		return &value{hint: v.hint, constant: v.constant.transposed(perm)}
	}
	return e.node(name, "Transpose", []*value{v}, ints("perm", perm...))
}

// inverse is the permutation that undoes another.
func inverse(perm []int) []int {
	p := make([]int, len(perm))
	for i, a := range perm {
		p[a] = i
	}
	return p
}

func isIdentity(perm []int) bool {
	for i, a := range perm {
		if i != a {
			return false
		}
	}
	return true
}

// onesInside reports whether all axes between the first and the last are known to be 1,
// so that both forms have their elements in the same order.
func (t *tensor) onesInside() bool {
	for i := 1; i < t.rank-1; i++ {
		if t.Shape[i] != 1 {
			return false
		}
	}
	return true
}
