package importer

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

func importMatMul(c *call) error {
	c.result(0, "", schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, c.in...)
	return nil
}

// importGemm makes alpha*A*B + beta*C of a MatMul and what is left of the rest. A C
// of one row is the bias of the MatMul.
func importGemm(c *call) error {
	for i := range 2 {
		if v := c.in[i]; len(v.Shape) != 2 {
			return fmt.Errorf("input %d, %s, has rank %d: 2 is expected", i, describeValue(v), len(v.Shape))
		}
	}
	var o schema.MatMulOptions
	var err error
	if o.TransposeA, err = c.bool("transA"); err != nil {
		return err
	}
	if o.TransposeB, err = c.bool("transB"); err != nil {
		return err
	}
	o.Clamp = schema.NoClamp
	alpha, beta, addend := c.float("alpha"), c.float("beta"), c.input(2)
	if addend != nil {
		if len(addend.Shape) > 2 {
			return fmt.Errorf("input 2, %s, has rank %d: at most 2 is expected", describeValue(addend), len(addend.Shape))
		}
		if err := c.gemmBroadcast(addend, o); err != nil {
			return err
		}
		if beta != 1 {
			addend = c.scaled("scaled_c", addend, beta)
		}
	}
	in := []*graph.Value{c.in[0], c.in[1]}
	if alpha == 1 && c.in[0].DType == schema.Float32 {
		if columns := c.gemmShape(o)[1]; addend != nil && len(addend.Shape) == 1 && columns > 0 && addend.Shape[0] == columns {
			in, addend = append(in, addend), nil
		}
	}
	if alpha == 1 && addend == nil {
		c.result(0, "", schema.MatMul, &o, in...)
		return nil
	}
	y := c.emit("", schema.MatMul, &o, in...)
	if alpha != 1 {
		scale := c.factor("alpha", c.in[0], alpha)
		if addend == nil {
			c.result(0, "mul_alpha", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, y, scale)
			return nil
		}
		y = c.emit("mul_alpha", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, y, scale)
	}
	c.result(0, "add_c", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, addend)
	return nil
}

// gemmShape is the shape of the product, -1 where it is not known.
func (c *call) gemmShape(o schema.MatMulOptions) [2]int {
	a, b := c.in[0].Shape, c.in[1].Shape
	s := [2]int{a[0], b[1]}
	if o.TransposeA {
		s[0] = a[1]
	}
	if o.TransposeB {
		s[1] = b[0]
	}
	return s
}

// gemmBroadcast checks that C broadcasts to the product, which is not broadcast
// to C.
func (c *call) gemmBroadcast(v *graph.Value, o schema.MatMulOptions) error {
	shape := c.gemmShape(o)
	return oneWay(2, v, shape[:])
}

// oneWay checks that operand i broadcasts to a shape without making it larger.
// Sizes that are not known are taken to fit.
func oneWay(i int, v *graph.Value, to []int) error {
	fits := len(v.Shape) <= len(to)
	for k := 1; fits && k <= len(v.Shape); k++ {
		have, want := v.Shape[len(v.Shape)-k], to[len(to)-k]
		fits = have == 1 || have == want || have < 0 || want < 0
	}
	if !fits {
		return fmt.Errorf("input %d, %s, does not broadcast to %v", i, describeValue(v), to)
	}
	return nil
}

// scaled multiplies a value, a constant at once.
func (c *call) scaled(role string, v *graph.Value, by float32) *graph.Value {
	if x, ok := floats(v); ok {
		y := make([]float32, len(x))
		for i := range x {
			y[i] = by * x[i]
		}
		return c.im.g.ConstFloat32s(c.name(role), v.Shape, y)
	}
	return c.emit(role, schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, v, c.factor(role+"_by", v, by))
}

// trimAbsent drops absent operands from the end of a list.
func trimAbsent(in ...*graph.Value) []*graph.Value {
	for len(in) > 0 && in[len(in)-1] == nil {
		in = in[:len(in)-1]
	}
	return in
}
