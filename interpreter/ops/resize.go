package ops

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var resize = Def{Code: schema.Resize, MinInputs: 1, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1, Infer: inferResize, Late: lateSame, Prepare: prepareResize}

// resizing is what becomes of one axis.
type resizing struct {
	in, out    int
	scale      float32
	start, end float32 // of a crop
}

// resizings reads the operands of a Resize, for each axis of x.
func resizings(n *Node) ([]resizing, error) {
	o, err := options[*schema.ResizeOptions](n)
	if err != nil {
		return nil, err
	}
	x := n.Inputs[0]
	rank := len(x.Shape)
	scales, sizes := n.Input(2), n.Input(3)
	if (scales == nil) == (sizes == nil) {
		return nil, errors.New("inputs 2 and 3, scales and sizes: want one of them")
	}
	all := make([]resizing, rank)
	for i, d := range x.Shape {
		all[i].in = d
	}
	if scales != nil {
		list, err := knownFloats(n, 2, rank)
		if err != nil {
			return nil, err
		}
		for i, s := range list {
			out := math.Floor(float64(float32(all[i].in) * s))
			if !(s > 0) || out > MaxElements {
				return nil, fmt.Errorf("input 2, %v: scale %v of axis %d of size %d, want a positive number and at most %d elements", scales, s, i, all[i].in, MaxElements)
			}
			if o.Coordinates == schema.ResizeAlignCorners && out > 1 && out != float64(float32(all[i].in)*s) {
				// ONNX aligns with the corners of the fraction, ONNX Runtime with those of the result.
				return nil, fmt.Errorf("input 2, %v: scale %v of axis %d of size %d gives no whole number of elements, and AlignCorners is not clear then; give sizes", scales, s, i, all[i].in)
			}
			all[i].out, all[i].scale = int(out), s
		}
	} else {
		list, err := n.Known(3)
		if err != nil {
			return nil, err
		}
		if len(list) != rank {
			return nil, fmt.Errorf("input 3, %v: want a size for each of %d axes", sizes, rank)
		}
		for i, s := range list {
			if s < 0 || s > MaxElements || all[i].in == 0 && s > 0 {
				return nil, fmt.Errorf("input 3, %v: size %d of axis %d of size %d, want 0 to %d, and 0 of nothing", sizes, s, i, all[i].in, MaxElements)
			}
			all[i].out, all[i].scale = int(s), 1
			if all[i].in > 0 {
				all[i].scale = float32(s) / float32(all[i].in)
			}
		}
	}
	if o.Coordinates != schema.ResizeCropAndResize {
		return all, nil
	}
	if n.Input(1) == nil {
		return nil, errors.New("input 1, the region, is absent, and CropAndResize needs it")
	}
	roi, err := knownFloats(n, 1, 2*rank)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].start, all[i].end = roi[i], roi[i+rank]
		if d := all[i].end - all[i].start; d-d != 0 || all[i].start-all[i].start != 0 {
			return nil, fmt.Errorf("input 1, %v: region %v, want finite numbers", n.Inputs[1], roi)
		}
	}
	return all, nil
}

// knownFloats gives the float32 operand i, which is a list of count numbers.
func knownFloats(n *Node, i, count int) ([]float32, error) {
	if err := n.wantType(i, schema.Float32); err != nil {
		return nil, err
	}
	t, err := n.Value(i)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(t.Shape, []int{count}) {
		return nil, fmt.Errorf("input %d, %v: want %d numbers", i, t, count)
	}
	return View[float32](t), nil
}

func inferResize(n *Node) error {
	if err := n.refuseBits(0); err != nil {
		return err
	}
	o, err := options[*schema.ResizeOptions](n)
	if err != nil {
		return err
	}
	if o.Mode != schema.ResizeNearest || o.Coordinates == schema.ResizeCropAndResize {
		if err := n.wantType(0, schema.Float32, schema.Float64); err != nil {
			return fmt.Errorf("mode %v, coordinates %v: %w", o.Mode, o.Coordinates, err)
		}
	}
	all, err := resizings(n)
	if err != nil {
		return err
	}
	shape := make([]int, len(all))
	for i, r := range all {
		shape[i] = r.out
	}
	return n.set(0, n.Inputs[0].DType, shape)
}

// original is where element j of the result is in the original, in float32 and by the
// steps of ONNX Runtime: the rounding decides on the nearest element.
func (r resizing) original(c schema.ResizeCoordinates, j int) float64 {
	x, in, out := float32(j), float32(r.in), float32(r.out)
	half := float32((x+0.5)/r.scale) - 0.5
	switch c {
	case schema.ResizeHalfPixelSymmetric:
		offset := float32(in / 2 * float32(1-out/float32(r.scale*in)))
		return float64(offset + half)
	case schema.ResizePytorchHalfPixel:
		if r.out <= 1 {
			return 0
		}
	case schema.ResizeAlignCorners:
		if r.out <= 1 {
			return 0
		}
		return float64(float32(x*(in-1)) / (out - 1))
	case schema.ResizeAsymmetric:
		return float64(x / r.scale)
	case schema.ResizeHalfPixelForNN:
		return float64((x + 0.5) / r.scale)
	case schema.ResizeCropAndResize:
		if r.out <= 1 {
			return float64(0.5 * float32(float32(r.start+r.end)*(in-1)))
		}
		return float64(float32(r.start*(in-1)) + float32(float32(x*float32(r.end-r.start))*(in-1))/(out-1))
	}
	return float64(half)
}

// nearest is the element of the original that a place in it is rounded to.
func (r resizing) nearest(how schema.ResizeRounding, x float64) float64 {
	switch how {
	case schema.RoundPreferCeil:
		return math.Floor(x + 0.5)
	case schema.RoundFloor:
		return math.Floor(x)
	case schema.RoundCeil:
		return math.Ceil(x)
	case schema.RoundSimple:
		if r.scale < 1 {
			return math.Ceil(x)
		}
		return math.Floor(x)
	}
	return math.Ceil(x - 0.5)
}

// cubic are the weights of four neighbours at the distance x, 0 to 1, from the second.
func cubic(a, x float64) [4]float64 {
	near := func(d float64) float64 { return ((a+2)*d-(a+3))*d*d + 1 }
	far := func(d float64) float64 { return ((a*d-5*a)*d+8*a)*d - 4*a }
	return [4]float64{far(x + 1), near(x), near(1 - x), far(2 - x)}
}

// axis makes the table of an axis.
func (r resizing) axis(o *schema.ResizeOptions, axis int) f32.ResizeAxis {
	taps := map[schema.ResizeMode]int{schema.ResizeNearest: 1, schema.ResizeLinear: 2, schema.ResizeCubic: 4}[o.Mode]
	t := f32.ResizeAxis{Axis: axis, Taps: taps, Places: make([]int32, r.out*taps), Weights: make([]float32, r.out*taps)}
	if o.Coordinates == schema.ResizeCropAndResize {
		t.Outside = make([]bool, r.out)
	}
	for j := range r.out {
		x := r.original(o.Coordinates, j)
		if t.Outside != nil {
			t.Outside[j] = !(x >= 0 && x <= float64(r.in-1)) // and NaN, of a region that is too large
		}
		base := math.Floor(x)
		weights := [4]float64{1}
		first := base
		switch o.Mode {
		case schema.ResizeNearest:
			first = r.nearest(o.Rounding, x)
		case schema.ResizeLinear:
			weights = [4]float64{1 - (x - base), x - base}
		case schema.ResizeCubic:
			weights, first = cubic(float64(o.Cubic), x-base), base-1
		}
		sum := 0.0
		for k := range taps {
			place := first + float64(k)
			clamped := math.Min(place, float64(r.in-1))
			if !(clamped > 0) {
				clamped = 0
			}
			if o.ExcludeOutside && place != clamped {
				weights[k] = 0
			}
			sum += weights[k]
			t.Places[j*taps+k] = int32(clamped)
		}
		for k := range taps {
			if o.ExcludeOutside {
				weights[k] /= sum
			}
			t.Weights[j*taps+k] = float32(weights[k])
		}
	}
	return t
}

func prepareResize(n *Node) (Kernel, error) {
	o, err := options[*schema.ResizeOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	all, err := resizings(n)
	if err != nil {
		return Kernel{}, err
	}
	var axes []f32.ResizeAxis
	for i, r := range all {
		// An axis that keeps its size, and every element its place, stays.
		if r.in == r.out && r.scale == 1 && o.Coordinates != schema.ResizeCropAndResize && o.Coordinates != schema.ResizeHalfPixelForNN {
			continue
		}
		axes = append(axes, r.axis(o, i))
	}
	switch d := n.Inputs[0].DType; {
	case o.Mode == schema.ResizeNearest && o.Coordinates != schema.ResizeCropAndResize:
		return nearestKernel(n, axes), nil
	case d == schema.Float64:
		return resizeKernel[float64](n, o, axes), nil
	}
	return resizeKernel[float32](n, o, axes), nil
}

func resizeKernel[T float32 | float64](n *Node, o *schema.ResizeOptions, axes []f32.ResizeAxis) Kernel {
	r := f32.NewResize[T](n.Inputs[0].Shape, axes, o.Extrapolation, n.Features)
	return Kernel{Name: "resize", Scratch: r.ScratchBytes(), Run: func(n *Node) error {
		r.Run(n.Workers, View[T](n.Outputs[0]), View[T](n.Inputs[0]), View[T](&Tensor{Data: n.Scratch}))
		return nil
	}}
}

// nearestKernel gathers along one axis after the other.
func nearestKernel(n *Node, axes []f32.ResizeAxis) Kernel {
	if len(axes) == 0 {
		c := move.NewCopy(n.Outputs[0].Bytes())
		return Kernel{Name: "copy", Run: func(n *Node) error {
			c.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
			return nil
		}}
	}
	dims, size := slices.Clone(n.Inputs[0].Shape), n.Inputs[0].DType.Size()
	gathers := make([]*move.Gather, len(axes))
	longest := 0
	for i, a := range axes {
		gathers[i] = move.NewGather(product(dims[:a.Axis]), dims[a.Axis], product(dims[a.Axis+1:])*size, len(a.Places))
		dims[a.Axis] = len(a.Places)
		if i < len(axes)-1 {
			longest = max(longest, product(dims)*size)
		}
	}
	return Kernel{Name: "resize_nearest", Scratch: min(len(axes)-1, 2) * longest, Run: func(n *Node) error {
		src := n.Inputs[0].Data
		for i, g := range gathers {
			dst := n.Outputs[0].Data
			if i < len(gathers)-1 {
				dst = n.Scratch[i%2*longest:]
			}
			if err := move.RunGather(g, n.Workers, dst, src, axes[i].Places); err != nil {
				return err
			}
			src = dst
		}
		return nil
	}}
}
