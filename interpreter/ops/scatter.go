package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	scatterElements = Def{Code: schema.ScatterElements, MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferScatterElements, Prepare: prepareScatterElements}
	scatterND = Def{Code: schema.ScatterND, MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferScatterND, Prepare: prepareScatterND}
)

// combineTypes are the element types that scatters calculate with.
var combineTypes = []schema.DType{schema.Float32, schema.Float64, schema.Int32, schema.Int64, schema.Uint64}

// checkScatter checks what scatters have in common; shape is that of the updates.
func checkScatter(n *Node, o *schema.ScatterOptions, shape []int) error {
	x, updates := n.Inputs[0], n.Inputs[2]
	if updates.DType != x.DType || !slices.Equal(updates.Shape, shape) {
		return fmt.Errorf("input 2, %v: want %v %v", updates, x.DType, shape)
	}
	switch o.Reduction {
	case schema.ScatterNone:
	case schema.ScatterAdd, schema.ScatterMul, schema.ScatterMax, schema.ScatterMin:
		if err := n.wantType(0, combineTypes...); err != nil {
			return fmt.Errorf("%v: %w", o.Reduction, err)
		}
	default:
		return fmt.Errorf("reduction %v, want None, Add, Mul, Max or Min", o.Reduction)
	}
	return n.set(0, x.DType, x.Shape)
}

func inferScatterElements(n *Node) error {
	o, err := options[*schema.ScatterOptions](n)
	if err != nil {
		return err
	}
	if _, err := elementsAxis(n, 1, o.Axis); err != nil {
		return err
	}
	return checkScatter(n, o, n.Inputs[1].Shape)
}

func inferScatterND(n *Node) error {
	o, err := options[*schema.ScatterOptions](n)
	if err != nil {
		return err
	}
	_, shape, err := tuples(n, 0)
	if err != nil {
		return err
	}
	return checkScatter(n, o, shape)
}

// scatterer places updates in dst.
type scatterer[T any] func(dst, updates []T, indices []int64, f move.Combine[T]) error

// scatterKernel copies input 0 and places the updates in it.
func scatterKernel[T Element](name string, n *Node, f move.Combine[T], place scatterer[T]) Kernel {
	c := move.NewCopy(n.Outputs[0].Bytes())
	return Kernel{Name: name, InPlace: true, Run: func(n *Node) error {
		c.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return place(View[T](n.Outputs[0]), View[T](n.Inputs[2]), View[int64](n.Inputs[1]), f)
	}}
}

// combineOf finds the function of a reduction.
func combineOf[T f32.Number](kind schema.ScatterKind) move.Combine[T] {
	switch kind {
	case schema.ScatterAdd:
		return func(a, b T) T { return a + b }
	case schema.ScatterMul:
		return func(a, b T) T { return a * b }
	case schema.ScatterMax:
		return func(a, b T) T { return max(a, b) }
	case schema.ScatterMin:
		return func(a, b T) T { return min(a, b) }
	}
	return move.Replace[T]
}

func prepareScatterElements(n *Node) (Kernel, error) {
	o, err := options[*schema.ScatterOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	axis, err := resolveAxis(int64(o.Axis), len(x.Shape))
	if err != nil {
		return Kernel{}, err
	}
	e := move.NewElements(x.Shape, n.Inputs[1].Shape, axis, x.DType.Size())
	const name = "scatter_elements"
	switch {
	case x.DType == schema.Float32:
		return scatterKernel(name, n, combineOf[float32](o.Reduction), elementsScatterer[float32](e)), nil
	case x.DType == schema.Float64:
		return scatterKernel(name, n, combineOf[float64](o.Reduction), elementsScatterer[float64](e)), nil
	case x.DType == schema.Int32:
		return scatterKernel(name, n, combineOf[int32](o.Reduction), elementsScatterer[int32](e)), nil
	case x.DType == schema.Int64:
		return scatterKernel(name, n, combineOf[int64](o.Reduction), elementsScatterer[int64](e)), nil
	case x.DType.Size() == 8:
		return scatterKernel(name, n, combineOf[uint64](o.Reduction), elementsScatterer[uint64](e)), nil
	case x.DType.Size() == 4:
		return scatterKernel(name, n, move.Replace, elementsScatterer[uint32](e)), nil
	case x.DType.Size() == 2:
		return scatterKernel(name, n, move.Replace, elementsScatterer[uint16](e)), nil
	}
	return scatterKernel(name, n, move.Replace, elementsScatterer[uint8](e)), nil
}

func elementsScatterer[T any](e *move.Elements) scatterer[T] {
	return func(dst, updates []T, indices []int64, f move.Combine[T]) error {
		return move.ScatterElements(e, dst, updates, indices, f)
	}
}

func prepareScatterND(n *Node) (Kernel, error) {
	o, err := options[*schema.ScatterOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	s, _, err := tuples(n, 0)
	if err != nil {
		return Kernel{}, err
	}
	last := n.Inputs[1].Shape[len(n.Inputs[1].Shape)-1]
	count := product(x.Shape[last:])
	const name = "scatter_nd"
	switch {
	case x.DType == schema.Float32:
		return scatterKernel(name, n, combineOf[float32](o.Reduction), slicesScatterer[float32](s, count)), nil
	case x.DType == schema.Float64:
		return scatterKernel(name, n, combineOf[float64](o.Reduction), slicesScatterer[float64](s, count)), nil
	case x.DType == schema.Int32:
		return scatterKernel(name, n, combineOf[int32](o.Reduction), slicesScatterer[int32](s, count)), nil
	case x.DType == schema.Int64:
		return scatterKernel(name, n, combineOf[int64](o.Reduction), slicesScatterer[int64](s, count)), nil
	case x.DType.Size() == 8:
		return scatterKernel(name, n, combineOf[uint64](o.Reduction), slicesScatterer[uint64](s, count)), nil
	case x.DType.Size() == 4:
		return scatterKernel(name, n, move.Replace, slicesScatterer[uint32](s, count)), nil
	case x.DType.Size() == 2:
		return scatterKernel(name, n, move.Replace, slicesScatterer[uint16](s, count)), nil
	}
	return scatterKernel(name, n, move.Replace, slicesScatterer[uint8](s, count)), nil
}

func slicesScatterer[T any](s *move.Slices, count int) scatterer[T] {
	return func(dst, updates []T, indices []int64, f move.Combine[T]) error {
		return move.ScatterSlices(s, dst, updates, count, indices, f)
	}
}
