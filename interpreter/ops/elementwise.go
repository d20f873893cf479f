package ops

import (
	"fmt"
	"math"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	unary = Def{Code: schema.Unary, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferUnary, Prepare: prepareUnary, RowWise: rowWiseUnary}
	selection = Def{Code: schema.Select, MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1, Infer: inferSelect, Prepare: prepareSelect}
)

var posInf = float32(math.Inf(1))

// unaryMaker makes a float32 function from the options, out of a set if it is there.
type unaryMaker func(o *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32]

// unaryFuncs lists the float32 functions.
var unaryFuncs = map[schema.UnaryKind]unaryMaker{
	schema.Relu: func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] {
		return f.Clip(0, posInf)
	},
	schema.LeakyRelu: func(o *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.LeakyRelu(o.Alpha) },
	schema.Clip:      func(o *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Clip(o.Alpha, o.Beta) },
	schema.Sigmoid:   func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Sigmoid },
	schema.HardSigmoid: func(o *schema.UnaryOptions, _ *f32.Functions) f32.UnaryFunc[float32] {
		return f32.HardSigmoid(o.Alpha, o.Beta)
	},
	schema.HardSwish:  always(f32.HardSwish(hardSwishAlpha, hardSwishBeta)),
	schema.Tanh:       func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Tanh },
	schema.Erf:        func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Erf },
	schema.Gelu:       func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Gelu },
	schema.GeluTanh:   func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.GeluTanh },
	schema.Swish:      func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Swish },
	schema.Mish:       func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Mish },
	schema.Floor:      always(f32.Floor),
	schema.Ceil:       always(f32.Ceil),
	schema.Reciprocal: always(f32.Reciprocal),
	schema.Softsign:   always(f32.Softsign),
	schema.ThresholdedRelu: func(o *schema.UnaryOptions, _ *f32.Functions) f32.UnaryFunc[float32] {
		return f32.ThresholdedRelu(o.Alpha)
	},
	schema.Neg:   always(f32.Neg[float32]),
	schema.Abs:   always(f32.AbsFloat),
	schema.Sqrt:  always(f32.Sqrt),
	schema.Exp:   func(_ *schema.UnaryOptions, f *f32.Functions) f32.UnaryFunc[float32] { return f.Exp },
	schema.Log:   always(f32.Log),
	schema.Round: always(f32.Round),
	schema.Sign:  always(f32.Sign[float32]),
}

// HardSwish is x*HardSigmoid(x) with these parameters.
const (
	hardSwishAlpha = 1. / 6
	hardSwishBeta  = 0.5
)

func always(fn f32.UnaryFunc[float32]) unaryMaker {
	return func(*schema.UnaryOptions, *f32.Functions) f32.UnaryFunc[float32] { return fn }
}

// unaryTypes lists the functions that take other types than those of unaryFuncs and
// mathFuncs.
var unaryTypes = map[schema.UnaryKind][]schema.DType{
	schema.Neg:  {schema.Float32, schema.Float64, schema.Int32, schema.Int64},
	schema.Abs:  {schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64},
	schema.Sign: {schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64},
	schema.Not:  {schema.Bool},
}

func inferUnary(n *Node) error {
	o, err := options[*schema.UnaryOptions](n)
	if err != nil {
		return err
	}
	types := unaryTypes[o.Kind]
	switch {
	case types != nil:
	case mathFuncs[o.Kind] != nil:
		types = []schema.DType{schema.Float32, schema.Float64}
	case unaryFuncs[o.Kind] != nil:
		types = []schema.DType{schema.Float32}
	default:
		return fmt.Errorf("unary kind %v is unknown", o.Kind)
	}
	if err := n.wantType(0, types...); err != nil {
		return fmt.Errorf("%v: %w", o.Kind, err)
	}
	if o.Kind == schema.Clip && (o.Alpha != o.Alpha || o.Beta != o.Beta) {
		return fmt.Errorf("clip to [%v, %v], want numbers", o.Alpha, o.Beta)
	}
	return n.set(0, n.Inputs[0].DType, n.Inputs[0].Shape)
}

func prepareUnary(n *Node) (Kernel, error) {
	o, err := options[*schema.UnaryOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	switch n.Inputs[0].DType {
	case schema.Bool:
		return unaryKernel(n, o.Kind, f32.Not), nil
	case schema.Int32:
		return unaryKernel(n, o.Kind, numberFunc[int32](o.Kind)), nil
	case schema.Int64:
		return unaryKernel(n, o.Kind, numberFunc[int64](o.Kind)), nil
	case schema.Uint64:
		return unaryKernel(n, o.Kind, numberFunc[uint64](o.Kind)), nil
	case schema.Float64:
		if fn := mathFuncs[o.Kind]; fn != nil {
			return unaryKernel(n, o.Kind, f32.Math[float64](fn(o))), nil
		}
		return unaryKernel(n, o.Kind, numberFunc[float64](o.Kind)), nil
	}
	if unaryFuncs[o.Kind] == nil {
		return unaryKernel(n, o.Kind, f32.Math[float32](mathFuncs[o.Kind](o))), nil
	}
	f := f32.FunctionsFor(n.Features)
	k := unaryKernel(n, o.Kind, unaryFuncs[o.Kind](o, f))
	switch o.Kind {
	case schema.Relu, schema.Clip, schema.LeakyRelu, schema.Sigmoid, schema.Tanh, schema.Exp, schema.Erf, schema.Gelu, schema.GeluTanh, schema.Swish, schema.Mish:
		k.Name += f.Name
	}
	return k, nil
}

// numberFunc is one of the functions that take any number.
func numberFunc[T f32.Number](kind schema.UnaryKind) f32.UnaryFunc[T] {
	switch kind {
	case schema.Neg:
		return f32.Neg[T]
	case schema.Abs:
		return f32.Abs[T]
	}
	return f32.Sign[T]
}

func unaryKernel[T Element](n *Node, kind schema.UnaryKind, fn f32.UnaryFunc[T]) Kernel {
	weight := 1
	switch {
	case cheapMath[kind]:
		weight = 4
	case mathFuncs[kind] != nil:
		weight = weightMath
	}
	u := f32.NewUnary(fn, n.Inputs[0].Len(), weight)
	return Kernel{Name: kernelName("unary", kind), InPlace: true, Run: func(n *Node) error {
		u.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]))
		return nil
	}}
}

func inferSelect(n *Node) error {
	if err := n.wantType(0, schema.Bool); err != nil {
		return err
	}
	a, b := n.Inputs[1], n.Inputs[2]
	if a.DType != b.DType {
		return fmt.Errorf("input 1, %v, and input 2, %v, differ in type", a, b)
	}
	if err := n.refuseBits(1); err != nil {
		return err
	}
	shape, err := broadcastShapes(n.Inputs[0].Shape, a.Shape, b.Shape)
	if err != nil {
		return err
	}
	return n.set(0, a.DType, shape)
}

func prepareSelect(n *Node) (Kernel, error) {
	s := move.NewSelect(n.Outputs[0].Shape, n.Inputs[0].Shape, n.Inputs[1].Shape, n.Inputs[2].Shape, n.Outputs[0].DType.Size(), n.Features)
	return Kernel{Name: "select", Run: func(n *Node) error {
		s.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data, n.Inputs[1].Data, n.Inputs[2].Data)
		return nil
	}}, nil
}
