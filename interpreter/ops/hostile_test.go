package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lce-go/lce/schema"
)

// hostile makes the options and operands of nodes that a careless or malicious model
// could hold: mostly small and plausible, sometimes absurd.
type hostile struct{ *rand.Rand }

// number is mostly 0 to 3, sometimes anything.
func (h hostile) number() int {
	switch h.IntN(40) {
	case 0:
		return -1 - h.IntN(3)
	case 1:
		return []int{math.MaxInt32, math.MinInt32, 1 << 28, 1 << 16, 1 << 14}[h.IntN(5)]
	}
	return h.IntN(4)
}

func (h hostile) size() schema.Size2D { return schema.Size2D{H: h.number(), W: h.number()} }

func (h hostile) window() schema.Window {
	return schema.Window{
		Strides: h.size(), Dilations: h.size(),
		Pads: schema.Pads{Top: h.number(), Left: h.number(), Bottom: h.number(), Right: h.number()},
	}
}

func (h hostile) options(code schema.OpCode) schema.Options {
	yes := func() bool { return h.IntN(2) == 0 }
	switch o := emptyOptions(code).(type) {
	case *schema.Conv2DOptions:
		o.Window, o.Groups = h.window(), h.number()
		return o
	case *schema.MatMulOptions:
		o.TransposeA, o.TransposeB = yes(), yes()
		return o
	case *schema.Pool2DOptions:
		*o = schema.Pool2DOptions{Window: h.window(), Kind: schema.PoolKind(h.IntN(3)), Kernel: h.size(), CeilMode: yes(), CountIncludePad: yes()}
		return o
	case *schema.ReduceOptions:
		*o = schema.ReduceOptions{Kind: schema.ReduceKind(h.IntN(4)), KeepDims: yes(), NoopWithEmptyAxes: yes()}
		return o
	case *schema.UnaryOptions:
		o.Kind = schema.UnaryKind(h.IntN(15))
		return o
	case *schema.BinaryOptions:
		o.Kind = schema.BinaryKind(h.IntN(16))
		return o
	case *schema.SoftmaxOptions:
		o.Axis, o.Log = h.number(), yes()
		return o
	case *schema.ReshapeOptions:
		o.AllowZero = yes()
		return o
	case *schema.AxisOptions:
		o.Axis = h.number()
		return o
	case *schema.TransposeOptions:
		o.Perm = h.Perm(h.IntN(5))
		return o
	case *schema.PadOptions:
		o.Mode = schema.PadMode(h.IntN(4))
		return o
	case *schema.ShapeOptions:
		o.Start, o.End = int64(h.number()), int64(h.number())
		return o
	case *schema.QuantizeOptions:
		o.Axis = h.number()
		return o
	case *schema.QConv2DOptions:
		o.Window, o.Groups, o.To, o.ZeroPoint, o.Clamp = h.window(), h.number(), h.quantizedType(), h.number(), schema.NoClamp
		return o
	case *schema.QMatMulOptions:
		o.To, o.ZeroPoint, o.Clamp = h.quantizedType(), h.number(), schema.NoClamp
		return o
	case *schema.QBinaryOptions:
		*o = schema.QBinaryOptions{Kind: schema.BinaryKind(h.IntN(3)), To: h.quantizedType(), AScale: 1, BScale: 0.5, AZero: h.number(), Clamp: schema.NoClamp}
		return o
	case *schema.CastOptions:
		o.To = schema.DType(h.IntN(15))
		return o
	}
	return nil
}

// quantizedType is mostly one that quantized operators make.
func (h hostile) quantizedType() schema.DType {
	return []schema.DType{schema.Int8, schema.Uint8, schema.Float32, schema.Int32, schema.Int64}[h.IntN(5)]
}

// quantizedOperand makes operand i of a quantized operator more like one that it takes.
func (h hostile) quantizedOperand(n *Node, i int, x *Tensor) {
	data := schema.Int8
	if h.IntN(2) == 0 {
		data = schema.Uint8
	}
	products := n.Def == &qconv2D || n.Def == &qmatMul
	channels := func() int {
		if n.Def == &qconv2D {
			return n.Inputs[1].Shape[0]
		}
		return n.Inputs[1].Shape[len(n.Inputs[1].Shape)-1]
	}
	switch {
	case n.Def == &quantize && i == 0, n.Def != &lookup && !products && n.Def != &qbinary && i == 1:
		x.retype(schema.Float32)
	case i < 2 && n.Def != &quantize:
		x.retype(data)
	case i == 2 && !products:
		x.Shape = n.Inputs[1].Shape
		x.retype(data)
	case len(n.Inputs[1].Shape) == 0:
	case i == qXZero || i == qWZero:
		x.Shape = []int{1}
		x.retype(n.Inputs[i-qXZero].DType)
	case i == qBias:
		x.Shape = []int{channels()}
		x.retype(schema.Int32)
	case i == qScale || i == qAdd:
		x.Shape = []int{channels()}
		x.retype(schema.Float32)
	}
	switch o := n.Options.(type) {
	case *schema.QuantizeOptions:
		if i == 1 {
			x.Shape = []int{1}
			x.retype(x.DType)
		}
	case *schema.QConv2DOptions:
		o.Groups = 1 + h.IntN(2)
		if i == 1 {
			x.Shape[3] = n.Inputs[0].Shape[3] / o.Groups
			x.retype(x.DType)
		}
	case *schema.QMatMulOptions, *schema.QBinaryOptions:
		if i == 1 {
			x.Shape = slices.Clone(n.Inputs[0].Shape)
			x.retype(x.DType)
		}
	}
	if n.Def == &lookup && i == 1 {
		x.Shape = []int{256}
		x.retype(data)
	}
}

// tensor makes an operand with a value of at most some thousand elements.
func (h hostile) tensor(rank int) *Tensor {
	t := &Tensor{Name: "h", DType: schema.DType(1 + h.IntN(13))}
	if h.IntN(2) == 0 {
		t.DType = []schema.DType{schema.Float32, schema.Int64}[h.IntN(2)]
	}
	t.Shape = []int{}
	for range rank {
		t.Shape = append(t.Shape, min(h.IntN(6), 1+h.IntN(6)))
	}
	if h.IntN(500) == 0 && rank > 1 {
		// Nothing at all, but of great extent.
		t.Shape[0], t.Shape[1] = 0, 1<<28
	}
	if _, err := Count(t.Shape); err != nil || t.DType == schema.Bits && rank == 0 {
		return h.tensor(rank)
	}
	t.Data = AlignedBytes(t.Bytes())
	switch t.DType {
	case schema.Int64:
		for i := range View[int64](t) {
			View[int64](t)[i] = int64(h.number())
			if h.IntN(50) == 0 {
				View[int64](t)[i] = []int64{math.MinInt64, math.MaxInt64, 1 << 40}[h.IntN(3)]
			}
		}
	case schema.Bits:
	default:
		for i := range t.Data {
			t.Data[i] = byte(h.IntN(4))
		}
	}
	return t
}

// retype gives t another type, and the value 0.
func (t *Tensor) retype(d schema.DType) {
	if d != schema.Bits || len(t.Shape) > 0 {
		t.DType = d
	}
	t.Data = AlignedBytes(t.Bytes())
}

// plausible makes operand i of n more like one that the op takes.
func (h hostile) plausible(n *Node, i int, x *Tensor) {
	switch {
	case slices.Contains(quantizedDefs, n.Def):
		h.quantizedOperand(n, i, x)
	case n.Def == &conv2D:
		o := n.Options.(*schema.Conv2DOptions)
		o.Groups = 1 + h.IntN(2)
		if i == 1 {
			x.Shape[3] = n.Inputs[0].Shape[3] / o.Groups
		} else if i == 2 {
			x.Shape = n.Inputs[1].Shape[:1]
		}
		x.retype(schema.Float32)
	case n.Def == &matMul && i == 1:
		x.Shape = append([]int{}, n.Inputs[0].Shape...)
		x.retype(n.Inputs[0].DType)
	case n.Def == &selection && i == 0:
		x.retype(schema.Bool)
	case n.Def == &selection || n.Def == &binary:
		if i == 0 {
			return
		}
		x.Shape = n.Inputs[0].Shape
		x.Data = AlignedBytes(x.Bytes())
		if i == 2 || n.Def == &binary {
			x.retype(n.Inputs[i-1].DType)
		}
	case n.Def == &fill && i == 1:
		x.Shape = []int{1}
		x.Data = AlignedBytes(x.Bytes())
	case i > 0 && n.Def != &concat && n.Def != &gather, n.Def == &fill:
		length := h.IntN(3)
		switch {
		case n.Def == &slice && i > 1:
			length = len(View[int64](n.Inputs[1]))
		case n.Def == &pad && i == 1:
			length = 2 * len(n.Inputs[0].Shape)
		}
		x.DType, x.Shape = schema.Int64, []int{length}
		x.Data = AlignedBytes(x.Bytes())
		for j := range length {
			View[int64](x)[j] = int64(h.number())
			if n.Def == &slice && i == 3 {
				View[int64](x)[j] = int64(j)
			}
		}
	}
}

var quantizedDefs = []*Def{&quantize, &dequantize, &lookup, &qbinary, &qconv2D, &qmatMul}

// TestHostile evaluates random nodes. None may panic, and those that pass Infer with
// outputs of moderate size run.
func TestHostile(t *testing.T) {
	rounds := 75000
	if testing.Short() {
		rounds = 15000
	}
	float := []*Def{
		&conv2D, &matMul, &pool2D, &reduce, &unary, &binary, &selection, &softmax, &reshape, &flatten, &squeeze, &unsqueeze,
		&transpose, &concat, &split, &slice, &gather, &expand, &pad, &fill, &shapeOf, &cast,
	}
	float = append(float, quantizedDefs...)
	ran := map[schema.OpCode]int{}
	for round := range rounds {
		h := hostile{rand.New(rand.NewPCG(11, uint64(round)))}
		d := float[round%len(float)]
		n := &Node{Def: d, Name: "h", Options: h.options(d.Code)}
		inputs := d.MinInputs
		if d.MaxInputs > inputs {
			inputs += h.IntN(d.MaxInputs - inputs + 1)
		} else if d.MaxInputs < 0 {
			inputs += h.IntN(3)
		}
		rank := h.IntN(5)
		if d == &conv2D || d == &pool2D || d == &qconv2D {
			rank = 4
		}
		for i := range inputs {
			x := h.tensor(rank)
			if i > 0 && h.IntN(2) == 0 && d != &gather {
				x.retype(n.Inputs[0].DType)
			}
			if h.IntN(8) > 0 {
				h.plausible(n, i, x)
			}
			n.Inputs = append(n.Inputs, x)
		}
		outputs := d.MinOutputs
		if d.MaxOutputs < 0 {
			outputs += h.IntN(3)
		}
		for range outputs {
			n.Outputs = append(n.Outputs, &Tensor{Name: "y"})
		}
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("round %d, %v, options %+v: panic: %v", round, d.Code, n.Options, fmt.Sprint(n.Inputs, n.Outputs, p))
				}
			}()
			if InferNode(n) != nil {
				return
			}
			for _, y := range n.Outputs {
				if y.Len() > 1<<20 {
					return
				}
			}
			if err := Evaluate(n); err == nil {
				ran[d.Code]++
			}
		}()
	}
	for _, d := range float {
		if ran[d.Code] < rounds/len(float)/200 {
			t.Errorf("%v: only %d of %d random nodes ran", d.Code, ran[d.Code], rounds/len(float))
		}
	}
	t.Log(ran)
}
