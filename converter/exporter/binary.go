package exporter

import (
	"fmt"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// exportBsign makes a comparison, and of its result -1 and +1. A NaN compares false.
func exportBsign(c *call) error {
	o, err := options[*schema.BsignOptions](c)
	if err != nil {
		return err
	}
	compare := "GreaterOrEqual"
	if o.Compare == schema.SignGreater {
		compare = "Greater"
	}
	return c.elementwise(func(in []*value) *value {
		x, threshold := in[0], c.number(schema.Float32, 0)
		if len(in) > 2 && in[2] != nil {
			x = c.emit("negate", "Mul", []*value{x, in[2]})
		}
		if len(in) > 1 && in[1] != nil {
			threshold = in[1]
		}
		return c.signs("", c.emit("compare", compare, []*value{x, threshold}), o.Invert)
	})
}

// signs is +1 where v is true and -1 elsewhere, or the other way around.
func (c *call) signs(role string, v *value, invert bool) *value {
	yes, no := c.number(schema.Float32, 1), c.number(schema.Float32, -1)
	if invert {
		yes, no = no, yes
	}
	return c.emit(role, "Where", []*value{v, yes, no})
}

func exportBunpack(c *call) error {
	c.alias()
	return nil
}

// Operands of BConv2D and BGEMM.
const (
	operandMul = iota + 2
	operandBias
	operandThreshold
	operandSecond
)

// maxExactSum bounds the signs in a sum: up to it whole numbers and halves are exact in
// float32.
const maxExactSum = 1 << 22

// activations gives operand 0 in a form: signs, or with a second plane half the sum of two,
// which is -1, 0 or +1.
func (c *call) activations(f form) *value {
	x := c.value(c.in[0], f)
	second := c.input(operandSecond)
	if second == nil {
		return x
	}
	sum := c.emit("planes", "Add", []*value{x, c.value(second, f)})
	return c.emit("half", "Mul", []*value{sum, c.number(schema.Float32, 0.5)})
}

// sums makes the results of BConv2D and BGEMM of the sums of products, which are float32 in
// the given form. Each operation is rounded as in the .lce operator.
func (c *call) sums(dot *value, f form, pre, clamp schema.Clamp) error {
	for _, t := range c.out {
		if t == nil {
			continue
		}
		to := &call{exporter: c.exporter, op: c.op, in: c.in, out: []*tensor{t}}
		y := dot
		switch t.DType {
		case schema.Int32:
			y = to.cast("int", y, schema.Int32)
		case schema.Float32:
			y = to.clamped("pre_clamp", y, pre)
			if c.input(operandMul) != nil {
				y = to.emit("scale", "Mul", []*value{y, c.operandIn(operandMul, t.rank, f)})
			}
			if c.input(operandBias) != nil {
				y = to.emit("bias", "Add", []*value{y, c.operandIn(operandBias, t.rank, f)})
			}
			y = to.clamped("clamp", y, clamp)
		case schema.Bits:
			threshold := c.input(operandThreshold)
			if threshold == nil || !threshold.constant {
				return fmt.Errorf("result %q needs a constant threshold", t.Name)
			}
			between := *threshold
			between.setConstant(below(threshold.forms[plain].value.constant))
			in := &call{exporter: c.exporter, op: c.op, in: []*tensor{&between}, out: to.out}
			y = to.signs("bits", to.emit("compare", "Greater", []*value{y, in.operandIn(0, t.rank, f)}), false)
		default:
			return fmt.Errorf("result %q of type %v, want Float32, Int32 or Bits", t.Name, t.DType)
		}
		t.set(f, y)
	}
	return nil
}

// below gives thresholds of integers as numbers half a step below them, so that a runtime
// may compute the sums with any rounding errors that leave the integer recognizable.
func below(threshold *constant) *constant {
	return &constant{dtype: schema.Float32, shape: threshold.shape, load: func() (*ops.Tensor, error) {
		x, err := threshold.load()
		if err != nil {
			return nil, err
		}
		if x.DType != schema.Int32 {
			return nil, fmt.Errorf("threshold, %v: want Int32", x)
		}
		y := &ops.Tensor{Name: x.Name, DType: schema.Float32, Shape: x.Shape, Data: ops.AlignedBytes(len(x.Data))}
		out := ops.View[float32](y)
		for i, v := range ops.View[int32](x) {
			out[i] = float32(float64(v) - 0.5)
		}
		return y, nil
	}}
}

func exportBConv2D(c *call) error {
	o, err := options[*schema.BConv2DOptions](c)
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := c.wantRank(i, 4); err != nil {
			return err
		}
	}
	if w := c.in[1].Shape; w[1]*w[2] > maxExactSum/max(w[3], 1) {
		return fmt.Errorf("%d x %d taps of %d channels, want at most %d products in a sum", w[1], w[2], w[3], maxExactSum)
	}
	x, window := c.activations(first), o.Window
	if window.Pads != (schema.Pads{}) && o.PadValue != 0 {
		x = c.padded(x, window.Pads, float64(o.PadValue))
		window.Pads = schema.Pads{}
	}
	dot := c.emit("sum", "Conv", []*value{x, c.value(c.in[1], first)}, convAttrs(&window, c.in[1].Shape, o.Groups)...)
	return c.sums(dot, first, o.PreClamp, o.Clamp)
}

// padded adds rows and columns of a number to a map with channels first.
func (c *call) padded(x *value, p schema.Pads, number float64) *value {
	pads := c.shape([]int{0, 0, p.Top, p.Left, 0, 0, p.Bottom, p.Right})
	return c.emit("pad", "Pad", []*value{x, pads, c.number(schema.Float32, number)}, text("mode", "constant"))
}

func exportBGEMM(c *call) error {
	o, err := options[*schema.BGEMMOptions](c)
	if err != nil {
		return err
	}
	b := c.in[1]
	if b.rank < 2 {
		return fmt.Errorf("input 1, %q, has rank %d, want at least 2", b.Name, b.rank)
	}
	if k := b.Shape[b.rank-1]; k > maxExactSum {
		return fmt.Errorf("input 1, %q, has %d columns, want at most %d", b.Name, k, maxExactSum)
	}
	columns := c.transposed(c.op.Name+"/columns", c.value(b, plain), swapLast(b.rank))
	dot := c.emit("sum", "MatMul", []*value{c.activations(plain), columns})
	return c.sums(dot, plain, o.PreClamp, o.Clamp)
}

// swapLast exchanges the last two axes.
func swapLast(rank int) []int {
	perm := plain.perm(rank)
	perm[rank-1], perm[rank-2] = perm[rank-2], perm[rank-1]
	return perm
}

// exportBMaxPool2D pads by -1, which is never the larger sign, where a window may see
// nothing else, which ONNX does not allow.
func exportBMaxPool2D(c *call) error {
	o, err := options[*schema.Pool2DOptions](c)
	if err != nil {
		return err
	}
	if err := c.wantRank(0, 4); err != nil {
		return err
	}
	x, pool := c.value(c.in[0], first), *o
	p, k := pool.Pads, pool.Kernel
	few := max(p.Top, p.Bottom) < k.H && max(p.Left, p.Right) < k.W && pool.Dilations == schema.Size2D{H: 1, W: 1}
	if !few && !pool.CeilMode {
		x = c.padded(x, p, -1)
		pool.Pads = schema.Pads{}
	}
	c.out[0].set(first, c.emit("", "MaxPool", []*value{x}, poolAttrs(&pool)...))
	return nil
}
