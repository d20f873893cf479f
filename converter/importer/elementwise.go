package importer

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// importUnary handles functions without parameters.
func importUnary(kind schema.UnaryKind) func(*call) error {
	return func(c *call) error {
		c.result(0, "", schema.Unary, &schema.UnaryOptions{Kind: kind}, c.in[0])
		return nil
	}
}

// importBinary handles functions of two operands with numpy's broadcasting.
func importBinary(kind schema.BinaryKind) func(*call) error {
	return func(c *call) error {
		c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: kind}, c.in...)
		return nil
	}
}

// unary adds a function whose result is used within the node.
func (c *call) unary(role string, kind schema.UnaryKind, x *graph.Value) *graph.Value {
	return c.emit(role, schema.Unary, &schema.UnaryOptions{Kind: kind}, x)
}

// binary is unary for two operands.
func (c *call) binary(role string, kind schema.BinaryKind, a, b *graph.Value) *graph.Value {
	return c.emit(role, schema.Binary, &schema.BinaryOptions{Kind: kind}, a, b)
}

// scalar makes a constant of any type but Float16, which is widened before. An integer is to
// be small, and is rounded to zero: what computes in no integers is refused.
func (c *call) scalar(role string, d schema.DType, x float64) *graph.Value {
	data := make([]byte, d.Size())
	switch le := binary.LittleEndian; d {
	case schema.Float32:
		le.PutUint32(data, math.Float32bits(float32(x)))
	case schema.Float64:
		le.PutUint64(data, math.Float64bits(x))
	case schema.Bool:
		if x != 0 {
			data[0] = 1
		}
	case schema.Float16:
		panic("importer: a scalar of type Float16")
	default:
		for i := range data {
			data[i] = byte(int64(x) >> (8 * i))
		}
	}
	return c.im.g.NewConst(c.name(role), d, []int{}, data)
}

// factor is an attribute as a scalar for arithmetic with v, which is float32 or float64.
func (c *call) factor(role string, v *graph.Value, x float32) *graph.Value {
	if v.DType == schema.Float64 {
		return c.scalar(role, v.DType, float64(x))
	}
	return c.constFloat(role, x)
}

// importParams handles functions whose parameters are attributes; beta may be "" for none.
func importParams(kind schema.UnaryKind, alpha, beta string) func(*call) error {
	return func(c *call) error {
		o := &schema.UnaryOptions{Kind: kind, Alpha: c.float(alpha)}
		if beta != "" {
			o.Beta = c.float(beta)
		}
		if o.Alpha != o.Alpha || o.Beta != o.Beta {
			return fmt.Errorf("attributes %s %v: NaN is not accepted", c.row.attrNames(), []float32{o.Alpha, o.Beta})
		}
		c.result(0, "", schema.Unary, o, c.in[0])
		return nil
	}
}

func importGelu(c *call) error {
	switch how := c.string("approximate"); how {
	case "none":
		return importUnary(schema.Gelu)(c)
	case "tanh":
		return importUnary(schema.GeluTanh)(c)
	default:
		return fmt.Errorf("attribute approximate is %q: none or tanh is accepted", how)
	}
}

// importRelu takes the maximum with 0 of integers.
func importRelu(c *call) error {
	x := c.in[0]
	if x.DType == schema.Float32 {
		return importUnary(schema.Relu)(c)
	}
	zero := c.im.g.NewConst(c.name("zero"), x.DType, []int{}, make([]byte, x.DType.Size()))
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Max}, x, zero)
	return nil
}

func importLeakyRelu(c *call) error {
	if x := c.in[0]; x.DType == schema.Float64 {
		c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.PRelu}, x, c.factor("alpha", x, c.float("alpha")))
		return nil
	}
	c.result(0, "", schema.Unary, &schema.UnaryOptions{Kind: schema.LeakyRelu, Alpha: c.float("alpha")}, c.in[0])
	return nil
}

func importHardSigmoid(c *call) error {
	c.result(0, "", schema.Unary,
		&schema.UnaryOptions{Kind: schema.HardSigmoid, Alpha: c.float("alpha"), Beta: c.float("beta")}, c.in[0])
	return nil
}

func importPRelu(c *call) error {
	if err := oneWay(1, c.in[1], c.in[0].Shape); err != nil {
		return err
	}
	return importBinary(schema.PRelu)(c)
}

// importClip6 handles the bounds as attributes.
func importClip6(c *call) error { return c.clip(c.float("min"), c.float("max")) }

func (c *call) clip(lo, hi float32) error {
	if lo != lo || hi != hi {
		return fmt.Errorf("attributes min %v and max %v: NaN is not accepted", lo, hi)
	}
	// With crossed bounds the upper one wins.
	lo = min(lo, hi)
	c.result(0, "", schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: lo, Beta: hi}, c.in[0])
	return nil
}

// importClip11 handles the bounds as operands, which are mostly constants.
func importClip11(c *call) error {
	x, lo, hi := c.in[0], c.input(1), c.input(2)
	for i, v := range []*graph.Value{lo, hi} {
		if v != nil && (len(v.Shape) > 1 || len(v.Shape) == 1 && v.Shape[0] != 1) {
			return fmt.Errorf("input %d, %s: a scalar is expected", i+1, describeValue(v))
		}
	}
	if lo == nil && hi == nil {
		c.alias(0, x)
		return nil
	}
	from, known := float32(-math.MaxFloat32), x.DType == schema.Float32
	to := float32(math.MaxFloat32)
	if lo != nil && known {
		from, known = scalarFloat(lo)
	}
	if hi != nil && known {
		to, known = scalarFloat(hi)
	}
	if known {
		return c.clip(from, to)
	}
	if hi == nil {
		c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Max}, x, lo)
		return nil
	}
	if lo != nil {
		x = c.emit("max", schema.Binary, &schema.BinaryOptions{Kind: schema.Max}, x, lo)
	}
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Min}, x, hi)
	return nil
}

// importVariadic chains a function of two operands over any number of them.
func importVariadic(kind schema.BinaryKind) func(*call) error {
	return func(c *call) error {
		y := c.in[0]
		if len(c.in) == 1 {
			c.alias(0, y)
			return nil
		}
		last := len(c.in) - 1
		for i := 1; i < last; i++ {
			y = c.emit(fmt.Sprint(i), schema.Binary, &schema.BinaryOptions{Kind: kind}, y, c.in[i])
		}
		c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: kind}, y, c.in[last])
		return nil
	}
}

// importWhere chooses of float16 in float32, where signs are looked for.
func importWhere(c *call) error {
	if c.in[1].DType != schema.Float16 || c.in[2].DType != schema.Float16 {
		c.result(0, "", schema.Select, nil, c.in...)
		return nil
	}
	in := []*graph.Value{c.in[0], nil, nil}
	for i := 1; i < 3; i++ {
		var err error
		if in[i], err = c.cast(c.in[i], schema.Float32); err != nil {
			return err
		}
	}
	y := c.emit("", schema.Select, nil, in...)
	c.out[0] = c.emit("narrow", schema.Cast, &schema.CastOptions{To: schema.Float16}, y)
	c.im.narrowed[c.out[0]] = true
	return nil
}
