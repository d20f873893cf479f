package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/schema"
)

// options returns the options of n as the type its op has.
func options[T schema.Options](n *Node) (T, error) {
	o, ok := n.Options.(T)
	if !ok {
		return o, fmt.Errorf("options are of type %T, want %T", n.Options, o)
	}
	return o, nil
}

// set gives output i its type and shape. An output that is not wanted is skipped.
func (n *Node) set(i int, d schema.DType, shape []int) error {
	t := n.Output(i)
	if t == nil {
		return nil
	}
	if _, err := Count(shape); err != nil {
		return fmt.Errorf("output %d, %q: %w", i, t.Name, err)
	}
	t.DType, t.Shape = d, slices.Clone(shape)
	return nil
}

// wantType checks the element type of input i, if it is there.
func (n *Node) wantType(i int, allowed ...schema.DType) error {
	t := n.Input(i)
	if t == nil || slices.Contains(allowed, t.DType) {
		return nil
	}
	return fmt.Errorf("input %d, %v: element type %v, want %s", i, t, t.DType, listTypes(allowed))
}

// listTypes writes types for messages: "Int32, Int64 or Bool".
func listTypes(types []schema.DType) string {
	s := ""
	for i, d := range types {
		switch {
		case i == 0:
		case i == len(types)-1:
			s += " or "
		default:
			s += ", "
		}
		s += d.String()
	}
	return s
}

// wantRank checks the rank of input i, if it is there.
func (n *Node) wantRank(i, rank int) error {
	t := n.Input(i)
	if t == nil || len(t.Shape) == rank {
		return nil
	}
	return fmt.Errorf("input %d, %v: rank %d, want %d", i, t, len(t.Shape), rank)
}

// wantVector checks that input i, if it is there, is a float32 vector of length
// size.
func (n *Node) wantVector(i, size int) error {
	t := n.Input(i)
	if t == nil {
		return nil
	}
	if t.DType != schema.Float32 || !slices.Equal(t.Shape, []int{size}) {
		return fmt.Errorf("input %d, %v: want Float32 [%d]", i, t, size)
	}
	return nil
}

// refuseBits is for ops that do not take packed tensors.
func (n *Node) refuseBits(i int) error {
	if t := n.Input(i); t != nil && t.DType == schema.Bits {
		return fmt.Errorf("input %d, %v: not possible on packed bits", i, t)
	}
	return nil
}

// resolveAxis turns an axis that may count from the end into one of 0 to rank-1.
func resolveAxis(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis >= int64(rank) {
		if rank == 0 {
			return 0, fmt.Errorf("axis %d of a tensor of rank 0, which has none", axis)
		}
		return 0, fmt.Errorf("axis %d of a tensor of rank %d, want %d to %d", axis, rank, -rank, rank-1)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

// axisSet marks the axes of a list, which may count from the end. A repeated axis
// is an error.
func axisSet(axes []int64, rank int) ([]bool, error) {
	set := make([]bool, rank)
	for _, a := range axes {
		i, err := resolveAxis(a, rank)
		if err != nil {
			return nil, err
		}
		if set[i] {
			return nil, fmt.Errorf("axis %d is listed twice in %v", i, axes)
		}
		set[i] = true
	}
	return set, nil
}

// broadcastShapes is the shape of an elementwise result by numpy's rule.
func broadcastShapes(shapes ...[]int) ([]int, error) {
	var out []int
	for _, s := range shapes {
		if len(s) > len(out) {
			out = append(slices.Repeat([]int{1}, len(s)-len(out)), out...)
		}
		at := len(out) - len(s)
		for i, d := range s {
			switch o := out[at+i]; {
			case o == d || d == 1:
			case o == 1:
				out[at+i] = d
			default:
				return nil, fmt.Errorf("shapes %v do not broadcast: %d against %d on axis %d from the end",
					shapes, o, d, len(s)-i)
			}
		}
	}
	return out, nil
}

// broadcastTo checks that shape broadcasts to want without making it larger.
func broadcastTo(shape, want []int) error {
	got, err := broadcastShapes(shape, want)
	if err != nil {
		return err
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("shape %v does not broadcast to %v", shape, want)
	}
	return nil
}

// toInts converts values that are known to fit.
func toInts(v []int64) []int {
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

// product is the number of elements of dimensions that have passed Count.
func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
