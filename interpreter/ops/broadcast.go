package ops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var binary = Def{Code: schema.Binary, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer: inferBinary, Prepare: prepareBinary, RowWise: rowWiseBinary}

// binaryMaker makes the kernel of one function on one element type.
type binaryMaker func(n *Node, name string) Kernel

// binaryKinds lists for each function the element types of its first operand. The
// second has the same type, except for Pow.
var binaryKinds = map[schema.BinaryKind]map[schema.DType]binaryMaker{
	schema.Add:            fast(func(f *f32.Functions) floatFunc { return f.Add }, numbers(f32.Add[float32], f32.Add[float64], f32.Add[int32], f32.Add[int64], f32.Add[uint64])),
	schema.Sub:            fast(func(f *f32.Functions) floatFunc { return f.Sub }, numbers(f32.Sub[float32], f32.Sub[float64], f32.Sub[int32], f32.Sub[int64], f32.Sub[uint64])),
	schema.Mul:            fast(func(f *f32.Functions) floatFunc { return f.Mul }, numbers(f32.Mul[float32], f32.Mul[float64], f32.Mul[int32], f32.Mul[int64], f32.Mul[uint64])),
	schema.Div:            fast(func(f *f32.Functions) floatFunc { return f.Div }, numbers(f32.Div[float32], f32.Div[float64], f32.DivInt[int32], f32.DivInt[int64], f32.DivInt[uint64])),
	schema.Min:            fast(func(f *f32.Functions) floatFunc { return f.Min }, numbers(f32.Min[float32], f32.Min[float64], f32.Min[int32], f32.Min[int64], f32.Min[uint64])),
	schema.Max:            fast(func(f *f32.Functions) floatFunc { return f.Max }, numbers(f32.Max[float32], f32.Max[float64], f32.Max[int32], f32.Max[int64], f32.Max[uint64])),
	schema.PRelu:          fast(func(f *f32.Functions) floatFunc { return f.PRelu }, numbers(f32.PRelu[float32], f32.PRelu[float64], f32.PRelu[int32], f32.PRelu[int64], f32.PRelu[uint64])),
	schema.Greater:        numbers(f32.Greater[float32], f32.Greater[float64], f32.Greater[int32], f32.Greater[int64], f32.Greater[uint64]),
	schema.GreaterOrEqual: numbers(f32.GreaterOrEqual[float32], f32.GreaterOrEqual[float64], f32.GreaterOrEqual[int32], f32.GreaterOrEqual[int64], f32.GreaterOrEqual[uint64]),
	schema.Less:           numbers(f32.Less[float32], f32.Less[float64], f32.Less[int32], f32.Less[int64], f32.Less[uint64]),
	schema.LessOrEqual:    numbers(f32.LessOrEqual[float32], f32.LessOrEqual[float64], f32.LessOrEqual[int32], f32.LessOrEqual[int64], f32.LessOrEqual[uint64]),
	schema.Mod:            integers(f32.Mod[int32], f32.Mod[int64], f32.Mod[uint64]),
	schema.Fmod:           numbers(f32.Fmod[float32], f32.Fmod[float64], f32.FmodInt[int32], f32.FmodInt[int64], f32.FmodInt[uint64]),
	schema.BitAnd:         integers(f32.BitAnd[int32], f32.BitAnd[int64], f32.BitAnd[uint64]),
	schema.BitOr:          integers(f32.BitOr[int32], f32.BitOr[int64], f32.BitOr[uint64]),
	schema.BitXor:         integers(f32.BitXor[int32], f32.BitXor[int64], f32.BitXor[uint64]),
	schema.ShiftLeft:      integers(f32.ShiftLeft[int32], f32.ShiftLeft[int64], f32.ShiftLeft[uint64]),
	schema.ShiftRight:     integers(f32.ShiftRight[int32], f32.ShiftRight[int64], f32.ShiftRight[uint64]),
	schema.And:            {schema.Bool: with(f32.And)},
	schema.Or:             {schema.Bool: with(f32.Or)},
	schema.Xor:            {schema.Bool: with(f32.Xor)},
	schema.Equal: {
		schema.Float32: with(f32.Equal[float32]), schema.Float64: with(f32.Equal[float64]), schema.Bool: with(f32.Equal[uint8]),
		schema.Int8: with(f32.Equal[int8]), schema.Int16: with(f32.Equal[int16]), schema.Int32: with(f32.Equal[int32]), schema.Int64: with(f32.Equal[int64]),
		schema.Uint8: with(f32.Equal[uint8]), schema.Uint16: with(f32.Equal[uint16]), schema.Uint32: with(f32.Equal[uint32]), schema.Uint64: with(f32.Equal[uint64]),
		schema.Float16: with(f32.EqualHalf),
	},
}

// powKinds lists the functions of Pow by the types of base and exponent.
var powKinds = map[schema.DType]map[schema.DType]binaryMaker{
	schema.Float32: numbers(f32.Pow[float32, float32], f32.Pow[float32, float64], f32.Pow[float32, int32], f32.Pow[float32, int64], f32.Pow[float32, uint64]),
	schema.Float64: numbers(f32.Pow[float64, float32], f32.Pow[float64, float64], f32.Pow[float64, int32], f32.Pow[float64, int64], f32.Pow[float64, uint64]),
	schema.Int32:   numbers(f32.PowInt[int32, float32], f32.PowInt[int32, float64], f32.PowInt[int32, int32], f32.PowInt[int32, int64], f32.PowInt[int32, uint64]),
	schema.Int64:   numbers(f32.PowInt[int64, float32], f32.PowInt[int64, float64], f32.PowInt[int64, int32], f32.PowInt[int64, int64], f32.PowInt[int64, uint64]),
}

// numbers lists functions by element type; that of Pow by the exponent's.
func numbers[A1, A2, A3, A4, A5, B1, B2, B3, B4, B5, R1, R2, R3, R4, R5 Element](
	f f32.BinaryFunc[A1, B1, R1], d f32.BinaryFunc[A2, B2, R2],
	i f32.BinaryFunc[A3, B3, R3], l f32.BinaryFunc[A4, B4, R4], u f32.BinaryFunc[A5, B5, R5],
) map[schema.DType]binaryMaker {
	makers := integers(i, l, u)
	makers[schema.Float32], makers[schema.Float64] = with(f), with(d)
	return makers
}

// integers lists functions on integers by element type; narrower ones are widened before.
func integers[A1, A2, A3, B1, B2, B3, R1, R2, R3 Element](
	i f32.BinaryFunc[A1, B1, R1], l f32.BinaryFunc[A2, B2, R2], u f32.BinaryFunc[A3, B3, R3],
) map[schema.DType]binaryMaker {
	return map[schema.DType]binaryMaker{schema.Int32: with(i), schema.Int64: with(l), schema.Uint64: with(u)}
}

// floatFunc is a function of two float32 operands.
type floatFunc = f32.BinaryFunc[float32, float32, float32]

// fast makes the float32 kernels take the function that pick chooses from the best
// set for the instruction sets in use.
func fast(pick func(*f32.Functions) floatFunc, makers map[schema.DType]binaryMaker) map[schema.DType]binaryMaker {
	makers[schema.Float32] = func(n *Node, name string) Kernel {
		f := f32.FunctionsFor(n.Features)
		return with(pick(f))(n, name+f.Name)
	}
	return makers
}

// with makes kernels that apply fn.
func with[A, B, R Element](fn f32.BinaryFunc[A, B, R]) binaryMaker {
	return func(n *Node, name string) Kernel {
		weight := 2
		if strings.HasSuffix(name, "pow") {
			weight = weightMath
		}
		k := f32.NewBinary(fn, n.Outputs[0].Shape, n.Inputs[0].Shape, n.Inputs[1].Shape, weight, n.Workers.Threads())
		same := n.Outputs[0].DType.Size() == n.Inputs[0].DType.Size()
		return Kernel{Name: name, InPlace: same && k.InPlace(), Run: func(n *Node) error {
			return k.Run(n.Workers, View[R](n.Outputs[0]), View[A](n.Inputs[0]), View[B](n.Inputs[1]))
		}}
	}
}

// kernelName writes the name of an elementwise kernel, as in "binary_greater_or_equal".
func kernelName(family string, kind fmt.Stringer) string {
	name := []byte(family)
	upper := false
	for i, r := range []byte(kind.String()) {
		was := upper
		if upper = r >= 'A' && r <= 'Z'; upper {
			r += 'a' - 'A'
			if !was {
				name = append(name, '_')
			}
		} else if i == 0 {
			name = append(name, '_')
		}
		name = append(name, r)
	}
	return string(name)
}

// binaryMakerOf finds the kernel for the types of the operands.
func binaryMakerOf(n *Node) (schema.BinaryKind, binaryMaker, error) {
	o, err := options[*schema.BinaryOptions](n)
	if err != nil {
		return 0, nil, err
	}
	a, b := n.Inputs[0], n.Inputs[1]
	makers, key := binaryKinds[o.Kind], b.DType
	if o.Kind == schema.Pow {
		makers = powKinds[a.DType]
	} else if makers == nil {
		return 0, nil, fmt.Errorf("binary kind %v is unknown", o.Kind)
	} else if a.DType != b.DType {
		return 0, nil, fmt.Errorf("%v: input 0, %v, and input 1, %v, differ in type", o.Kind, a, b)
	}
	m := makers[key]
	if m == nil {
		return 0, nil, fmt.Errorf("%v: input 0, %v, and input 1, %v: want %s", o.Kind, a, b, typesOf(makers))
	}
	return o.Kind, m, nil
}

// typesOf lists what a table of kernels takes, for messages.
func typesOf(makers map[schema.DType]binaryMaker) string {
	var types []schema.DType
	for d := range makers {
		types = append(types, d)
	}
	if types == nil {
		return "Float32, Float64, Int32 or Int64 as the base"
	}
	slices.Sort(types)
	return listTypes(types)
}

func inferBinary(n *Node) error {
	kind, _, err := binaryMakerOf(n)
	if err != nil {
		return err
	}
	a, b := n.Inputs[0], n.Inputs[1]
	shape, err := broadcastShapes(a.Shape, b.Shape)
	if err != nil {
		return err
	}
	if kind == schema.PRelu {
		if err := broadcastTo(b.Shape, a.Shape); err != nil {
			return fmt.Errorf("PRelu: slope %v: %w", b, err)
		}
	}
	d := a.DType
	switch kind {
	case schema.Greater, schema.GreaterOrEqual, schema.Less, schema.LessOrEqual, schema.Equal, schema.And, schema.Or, schema.Xor:
		d = schema.Bool
	}
	return n.set(0, d, shape)
}

func prepareBinary(n *Node) (Kernel, error) {
	kind, m, err := binaryMakerOf(n)
	if err != nil {
		return Kernel{}, err
	}
	return m(n, kernelName("binary", kind)), nil
}
