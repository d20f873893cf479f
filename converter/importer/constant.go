package importer

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// importConstant handles the forms that a Constant has: exactly one attribute.
func importConstant(c *call) error {
	if len(c.attrs) != 1 {
		return fmt.Errorf("%d values: one attribute of %s is expected", len(c.attrs), c.row.attrNames())
	}
	name := c.Name
	if c.Outputs[0] != "" {
		name = c.Outputs[0]
	}
	g := c.im.g
	for kind, a := range c.attrs {
		switch kind {
		case "value":
			c.alias(0, g.NewConst(name, a.Tensor.DType, a.Tensor.Shape, a.Tensor.Data))
		case "value_float":
			c.alias(0, g.ConstFloat32s(name, []int{}, []float32{a.Float}))
		case "value_floats":
			c.alias(0, g.ConstFloat32s(name, []int{len(a.Floats)}, a.Floats))
		case "value_int":
			c.alias(0, g.ConstInt64s(name, []int{}, []int64{a.Int}))
		case "value_ints":
			c.alias(0, g.ConstInt64s(name, []int{len(a.Ints)}, a.Ints))
		default:
			return c.unsupported("a constant by attribute %s is not supported; numbers are, in a dense tensor", kind)
		}
	}
	return nil
}

func importConstantOfShape(c *call) error {
	value := c.constFloat("zero", 0)
	if c.has("value") {
		t := c.tensor("value")
		if len(t.Data) != t.DType.Size() {
			return fmt.Errorf("attribute value has shape %v: one element is expected", t.Shape)
		}
		value = c.constTensor("value", t)
	}
	c.result(0, "", schema.Fill, nil, c.in[0], value)
	return nil
}

func importIdentity(c *call) error {
	c.alias(0, c.in[0])
	return nil
}

// importDropout handles inference, where nothing is dropped.
func importDropout(c *call) error {
	if training := c.input(2); training != nil {
		k := training.Known()
		if k == nil || k.DType != schema.Bool || len(k.Data) != 1 || k.Data[0] != 0 {
			return c.unsupported("input 2, training_mode, must be a constant false; only inference is supported")
		}
	}
	c.alias(0, c.in[0])
	if !c.wanted(1) {
		return nil
	}
	if c.version < 12 {
		return c.unsupported("output 1, the mask %q, is used; before operator version 12 it has no value in inference", c.Outputs[1])
	}
	kept := c.constTensor("kept", &onnx.Tensor{DType: schema.Bool, Shape: []int{1}, Data: []byte{1}})
	shape := c.emit("shape", schema.Shape, &schema.ShapeOptions{End: math.MaxInt64}, c.in[0])
	c.result(1, "mask", schema.Fill, nil, shape, kept)
	return nil
}

func importCast(c *call) error {
	to, err := onnx.DType(c.int("to"))
	if err != nil {
		return c.unsupported("attribute to: %v", err)
	}
	c.castInput(to)
	return nil
}

// dtypeAttr reads an attribute that is a type, absent or 0 for the one given.
func (c *call) dtypeAttr(name string, absent schema.DType) (schema.DType, error) {
	if c.int(name) == 0 {
		return absent, nil
	}
	d, err := onnx.DType(c.int(name))
	if err != nil {
		return d, c.unsupported("attribute %s: %v", name, err)
	}
	return d, nil
}

// importCastLike casts to the type of the second operand, whose elements do not matter.
func importCastLike(c *call) error {
	c.castInput(c.in[1].DType)
	return nil
}

// castInput gives operand 0 another element type, or leaves it if that is its own.
func (c *call) castInput(to schema.DType) {
	if to == c.in[0].DType {
		c.alias(0, c.in[0])
		return
	}
	c.result(0, "", schema.Cast, &schema.CastOptions{To: to}, c.in[0])
}
