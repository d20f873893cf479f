package exporter

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// constant is computed from the .lce model each time its elements are asked for, so that
// not all weights are in memory at once.
type constant struct {
	dtype schema.DType
	shape []int
	load  func() (*ops.Tensor, error) // of dtype and shape
}

// constantOf is the constant of a tensor. Bits become -1 and +1.
func constantOf(t *schema.Tensor) *constant {
	x := &ops.Tensor{Name: t.Name, DType: t.DType, Shape: t.Shape, Data: t.Data}
	c := known(x)
	if t.DType == schema.Bits {
		c.dtype = schema.Float32
		c.load = func() (*ops.Tensor, error) { return evaluate(schema.Bunpack, nil, x) }
	}
	return c
}

// known is a constant that is there already.
func known(x *ops.Tensor) *constant {
	return &constant{dtype: x.DType, shape: x.Shape, load: func() (*ops.Tensor, error) { return x, nil }}
}

// evaluate computes an operator with one output.
func evaluate(code schema.OpCode, o schema.Options, in ...*ops.Tensor) (*ops.Tensor, error) {
	y := &ops.Tensor{Name: "y"}
	n := &ops.Node{Def: ops.Lookup(code), Name: "constant", Options: o, Inputs: in, Outputs: []*ops.Tensor{y}}
	if err := ops.Evaluate(n); err != nil {
		return nil, err
	}
	return y, nil
}

// bytes is the size of the elements.
func (c *constant) bytes() int { return (&ops.Tensor{DType: c.dtype, Shape: c.shape}).Bytes() }

// data gives the elements row by row, little-endian.
func (c *constant) data() ([]byte, error) {
	x, err := c.load()
	if err != nil {
		return nil, err
	}
	if x.DType != c.dtype || len(x.Data) != c.bytes() {
		return nil, fmt.Errorf("%v, want %v %v", x, c.dtype, c.shape)
	}
	return x.Data, nil
}

func (c *constant) transposed(perm []int) *constant {
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = c.shape[p]
	}
	return &constant{dtype: c.dtype, shape: shape, load: func() (*ops.Tensor, error) {
		x, err := c.load()
		if err != nil {
			return nil, err
		}
		return evaluate(schema.Transpose, &schema.TransposeOptions{Perm: perm}, x)
	}}
}

// reshaped is c with as many elements in another shape.
func (c *constant) reshaped(shape ...int) *constant {
	return &constant{dtype: c.dtype, shape: shape, load: func() (*ops.Tensor, error) {
		x, err := c.load()
		if err != nil {
			return nil, err
		}
		return &ops.Tensor{Name: x.Name, DType: x.DType, Shape: shape, Data: x.Data}, nil
	}}
}

// fold makes a constant of an operator that computes weights from bits, such as a scale
// times bits that are unpacked. Other computed constants stay as the file has them.
func (c *call) fold() bool {
	if len(c.out) != 1 || c.out[0] == nil || slices.Contains(c.out[0].Shape, -1) ||
		!slices.ContainsFunc(c.in, func(t *tensor) bool { return t != nil && t.unpacked }) {
		return false
	}
	for _, t := range c.in {
		if t != nil && !t.constant {
			return false
		}
	}
	out := c.out[0]
	if c.op.Code != schema.Unary && c.op.Code != schema.Binary {
		return false
	}
	var in []*constant
	for _, t := range c.in {
		in = append(in, t.forms[plain].value.constant)
	}
	code, o := c.op.Code, c.op.Options
	out.unpacked = true
	out.setConstant(&constant{dtype: out.DType, shape: out.Shape, load: func() (*ops.Tensor, error) {
		var list []*ops.Tensor
		for _, x := range in {
			t, err := x.load()
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		return evaluate(code, o, list...)
	}})
	return true
}
