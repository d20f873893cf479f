package importer

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// qonnxDomains are the names that the domain of QONNX had. Exporters leave them out of
// the list of imported operator sets.
var qonnxDomains = []string{"finn.custom_op.general", "onnx.brevitas", "qonnx.custom_op.general"}

// qonnxTable lists the operators of QONNX by name. They have no versions.
var qonnxTable = []row{
	{"BipolarQuant", v(1), two, one, nil, half(importBipolarQuant)},
	{"IntQuant", v(1), arity{4, 4}, one, quantAttrs, half(importQuant)},
	{"MultiThreshold", v(1), two, one, multiThresholdAttrs, half(importMultiThreshold)},
	{"Quant", v(1), arity{4, 4}, one, quantAttrs, half(importQuant)},
}

var (
	quantAttrs          = []attr{intAttr("signed", 1), intAttr("narrow", 0), stringAttr("rounding_mode", "ROUND")}
	multiThresholdAttrs = []attr{
		stringAttr("out_dtype", ""), floatAttr("out_scale", 1), floatAttr("out_bias", 0), stringAttr("data_layout", "NCHW"),
	}
)

// qonnxRow finds the row of an operator of QONNX.
func qonnxRow(c *call) (*row, error) {
	i := slices.IndexFunc(qonnxTable, func(r row) bool { return r.name == c.OpType })
	if i < 0 {
		return nil, c.unsupported("of this domain, BipolarQuant, IntQuant, MultiThreshold and Quant are supported")
	}
	return &qonnxTable[i], nil
}

// importBipolarQuant makes (x >= 0 ? 1 : -1) * scale.
func importBipolarQuant(c *call) error {
	c.alias(0, c.multiplied(c.bipolar(c.in[0]), c.in[1]))
	return nil
}

// bipolar makes x >= 0 ? 1 : -1.
func (c *call) bipolar(x *graph.Value) *graph.Value {
	yes := c.emit("compare", schema.Binary, &schema.BinaryOptions{Kind: schema.GreaterOrEqual}, x, c.constFloat("zero", 0))
	return c.emit("", schema.Select, nil, yes, c.constFloat("plus", 1), c.constFloat("minus", -1))
}

// multiplied multiplies by a scale, unless that is the constant 1.
func (c *call) multiplied(x, scale *graph.Value) *graph.Value {
	if one, ok := scalarFloat(scale); ok && one == 1 {
		return x
	}
	return c.emit("scale", schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, x, scale)
}

// maxQuantBits bounds the bits of Quant, so that float32 holds all levels.
const maxQuantBits = 24

// importQuant makes (round(clamp(x/scale + zero)) - zero) * scale, and for one signed
// bit the sign in the place of round and clamp.
func importQuant(c *call) error {
	x, scale, zero := c.in[0], c.in[1], c.in[2]
	signed, err := c.bool("signed")
	if err != nil {
		return err
	}
	narrow, err := c.bool("narrow")
	if err != nil {
		return err
	}
	width, ok := scalarFloat(c.in[3])
	if !ok {
		return c.unsupported("input 3, the number of bits, must be one constant")
	}
	if width != float32(math.Trunc(float64(width))) || width < 1 || width > maxQuantBits {
		return c.unsupported("input 3, the number of bits, is %v; whole numbers from 1 to %d are supported", width, maxQuantBits)
	}
	bipolar := signed && width == 1
	if mode := c.string("rounding_mode"); mode != "ROUND" && !bipolar {
		return c.unsupported("rounding_mode is %q; only ROUND is supported", mode)
	}
	binary := func(role string, kind schema.BinaryKind, a, b *graph.Value) *graph.Value {
		return c.emit(role, schema.Binary, &schema.BinaryOptions{Kind: kind}, a, b)
	}
	y := x
	if one, ok := scalarFloat(scale); !ok || one != 1 {
		y = binary("divide", schema.Div, y, scale)
	}
	nothing, known := scalarFloat(zero)
	centered := known && nothing == 0
	if !centered {
		y = binary("zero_point", schema.Add, y, zero)
	}
	if bipolar {
		y = c.bipolar(y)
	} else {
		lo, hi := quantRange(int(width), signed, narrow)
		y = c.emit("clamp", schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: lo, Beta: hi}, y)
		y = c.emit("", schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, y)
	}
	if !centered {
		y = binary("center", schema.Sub, y, zero)
	}
	c.alias(0, c.multiplied(y, scale))
	return nil
}

// quantRange gives the smallest and the largest level of a number of bits.
func quantRange(width int, signed, narrow bool) (lo, hi float32) {
	levels := float32(int(1) << width)
	one := float32(0)
	if narrow {
		one = 1
	}
	if signed {
		return -levels/2 + one, levels/2 - 1
	}
	return 0, levels - 1 - one
}

// maxThresholds bounds the comparisons that a MultiThreshold becomes.
const maxThresholds = 15

// importMultiThreshold makes out_scale*n + out_bias, where n counts the thresholds of
// the channel that x reaches.
func importMultiThreshold(c *call) error {
	x := c.in[0]
	t, ok := floats(c.in[1])
	if !ok || len(c.in[1].Shape) != 2 {
		return c.unsupported("input 1, %s: a constant of rank 2, channels and thresholds, is supported", c.describe(1))
	}
	channels, steps := c.in[1].Shape[0], c.in[1].Shape[1]
	if channels < 1 || steps < 1 || steps > maxThresholds {
		return c.unsupported("input 1, %s: 1 to %d thresholds for each channel are supported", c.describe(1), maxThresholds)
	}
	last, err := c.layoutAttr()
	if err != nil {
		return err
	}
	rank := len(x.Shape)
	if rank < 2 && channels > 1 {
		return fmt.Errorf("input 0, %s, has no axis of channels", describeValue(x))
	}
	shape := []int{}
	if channels > 1 {
		shape = slices.Repeat([]int{1}, rank)
		axis := 1
		if last {
			axis = rank - 1
		}
		if d := x.Shape[axis]; d >= 0 && d != channels {
			return fmt.Errorf("input 1, %s: %d channels, as input 0, %s, has, are expected", c.describe(1), d, describeValue(x))
		}
		shape[axis] = channels
	}
	var y *graph.Value
	for i := range steps {
		column := make([]float32, channels)
		for ch := range column {
			column[ch] = t[ch*steps+i]
		}
		role := fmt.Sprint("threshold", i)
		yes := c.emit(role, schema.Binary, &schema.BinaryOptions{Kind: schema.GreaterOrEqual}, x, c.im.g.ConstFloat32s(c.name(role), shape, column))
		one := c.emit(fmt.Sprint("reached", i), schema.Cast, &schema.CastOptions{To: schema.Float32}, yes)
		if y == nil {
			y = one
			continue
		}
		y = c.emit(fmt.Sprint("count", i), schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, one)
	}
	y = c.multiplied(y, c.constFloat("out_scale", c.float("out_scale")))
	c.result(0, "", schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, c.constFloat("out_bias", c.float("out_bias")))
	return nil
}

// layoutAttr reads whether channels are the last axis for MultiThreshold.
func (c *call) layoutAttr() (bool, error) {
	switch l := c.string("data_layout"); l {
	case "NCHW", "NCW", "NC":
		return false, nil
	case "NHWC", "NWC":
		return true, nil
	default:
		return false, fmt.Errorf("attribute data_layout is %q: NCHW, NCW, NC, NHWC or NWC is accepted", l)
	}
}
