package graph

import (
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
)

// tensor is what v is in probe i.
func (v *Value) tensor(i int) *ops.Tensor {
	if v.Const != nil {
		return v.Const
	}
	return v.probes[i]
}

// Late reports whether sizes of v depend on values that only a run computes. Nothing
// can be concluded from its trial shapes.
func (v *Value) Late() bool { return v.late }

// Known gives the value of v if it is a constant or follows from known shapes;
// else nil. It is valid after Infer.
func (v *Value) Known() *ops.Tensor {
	if v.Const != nil {
		return v.Const
	}
	if t := v.probes[0]; t != nil && !v.late && t == v.probes[1] && t.Data != nil {
		return t
	}
	return nil
}

// Elements is the number of elements of v, -1 if a dimension is unknown.
func (v *Value) Elements() int {
	n := 1
	for _, d := range v.Shape {
		if d < 0 {
			return -1
		}
		n *= d
	}
	return n
}

// Trial is the shape of v in probe i, 0 or 1: every dimension has a number, and an
// unknown one has two different numbers. It is nil before Infer.
func (v *Value) Trial(i int) []int {
	if t := v.tensor(i); t != nil {
		return t.Shape
	}
	return nil
}

// SameShape reports whether a and b have the same shape for all sizes of the
// inputs. It is valid after Infer.
func SameShape(a, b *Value) bool {
	if a.late || b.late {
		return a == b
	}
	return slices.Equal(a.Trial(0), b.Trial(0)) && slices.Equal(a.Trial(1), b.Trial(1))
}
