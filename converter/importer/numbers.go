package importer

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

func importMean(c *call) error {
	if err := c.wantType(0, schema.Float16, schema.Float32, schema.Float64); err != nil {
		return err
	}
	sum := c.in[0]
	if len(c.in) == 1 {
		c.alias(0, sum)
		return nil
	}
	for i, v := range c.in[1:] {
		sum = c.binary(fmt.Sprint(i+1), schema.Add, sum, v)
	}
	count := c.scalar("count", c.in[0].DType, float64(len(c.in)))
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Div}, sum, count)
	return nil
}

func importMod(c *call) error {
	fmod, err := c.bool("fmod")
	if err != nil {
		return err
	}
	kind := schema.Mod
	if fmod {
		kind = schema.Fmod
	} else if d := c.in[0].DType; d == schema.Float32 || d == schema.Float64 {
		return fmt.Errorf("attribute fmod is 0: for floats, as input 0, %s, only 1 is accepted", c.describe(0))
	}
	return importBinary(kind)(c)
}

func importBitShift(c *call) error {
	if err := c.wantType(0, schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64); err != nil {
		return err
	}
	switch direction := c.string("direction"); direction {
	case "LEFT":
		return importBinary(schema.ShiftLeft)(c)
	case "RIGHT":
		return importBinary(schema.ShiftRight)(c)
	default:
		return fmt.Errorf("attribute direction is %q: LEFT or RIGHT is accepted", direction)
	}
}

// importBitwiseNot turns all bits around.
func importBitwiseNot(c *call) error {
	d := c.in[0].DType
	if !slices.Contains([]schema.DType{schema.Int32, schema.Int64, schema.Uint64}, d) {
		return fmt.Errorf("input 0, %s: an integer is expected", c.describe(0))
	}
	all := c.im.g.NewConst(c.name("all"), d, []int{}, bytes.Repeat([]byte{0xff}, d.Size()))
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.BitXor}, c.in[0], all)
	return nil
}

// floatInput gives operand 0, of type float16 as float32.
func (c *call) floatInput() (*graph.Value, error) {
	if err := c.wantType(0, schema.Float16, schema.Float32, schema.Float64); err != nil {
		return nil, err
	}
	if c.in[0].DType == schema.Float16 {
		return c.cast(c.in[0], schema.Float32)
	}
	return c.in[0], nil
}

// importIsNaN asks whether a value differs from itself.
func importIsNaN(c *call) error {
	x, err := c.floatInput()
	if err != nil {
		return err
	}
	same := c.binary("same", schema.Equal, x, x)
	c.result(0, "", schema.Unary, &schema.UnaryOptions{Kind: schema.Not}, same)
	return nil
}

func importIsInf(c *call) error {
	negative, err := c.bool("detect_negative")
	if err != nil {
		return err
	}
	positive, err := c.bool("detect_positive")
	if err != nil {
		return err
	}
	x, err := c.floatInput()
	if err != nil {
		return err
	}
	d, inf := x.DType, math.Inf(1)
	switch {
	case negative && positive:
		x = c.unary("abs", schema.Abs, x)
	case negative:
		inf = math.Inf(-1)
	case !positive:
		inf = math.NaN() // which nothing equals
	}
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Equal}, x, c.scalar("inf", d, inf))
	return nil
}

// importRange checks what ONNX says about the operands; the others follow from the types.
func importRange(c *call) error {
	if err := c.wantType(0, schema.Float32, schema.Float64, schema.Int16, schema.Int32, schema.Int64); err != nil {
		return err
	}
	c.result(0, "", schema.Range, nil, c.in...)
	return nil
}
