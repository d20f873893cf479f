package schema

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/lce-go/lce/schema/internal/fb"
)

// optionsType is the union member that holds o.
func optionsType(o Options) fb.Options {
	switch o.(type) {
	case *CustomOptions:
		return fb.OptionsCustomOptions
	case *BsignOptions:
		return fb.OptionsBsignOptions
	case *BConv2DOptions:
		return fb.OptionsBConv2DOptions
	case *BGEMMOptions:
		return fb.OptionsBGEMMOptions
	case *Conv2DOptions:
		return fb.OptionsConv2DOptions
	case *MatMulOptions:
		return fb.OptionsMatMulOptions
	case *Pool2DOptions:
		return fb.OptionsPool2DOptions
	case *ReduceOptions:
		return fb.OptionsReduceOptions
	case *UnaryOptions:
		return fb.OptionsUnaryOptions
	case *BinaryOptions:
		return fb.OptionsBinaryOptions
	case *SoftmaxOptions:
		return fb.OptionsSoftmaxOptions
	case *ReshapeOptions:
		return fb.OptionsReshapeOptions
	case *AxisOptions:
		return fb.OptionsAxisOptions
	case *TransposeOptions:
		return fb.OptionsTransposeOptions
	case *PadOptions:
		return fb.OptionsPadOptions
	case *ShapeOptions:
		return fb.OptionsShapeOptions
	case *CastOptions:
		return fb.OptionsCastOptions
	case *ScatterOptions:
		return fb.OptionsScatterOptions
	case *ArgOptions:
		return fb.OptionsArgOptions
	case *TopKOptions:
		return fb.OptionsTopKOptions
	case *CumSumOptions:
		return fb.OptionsCumSumOptions
	case *TriluOptions:
		return fb.OptionsTriluOptions
	case *ReverseSequenceOptions:
		return fb.OptionsReverseSequenceOptions
	case *PoolNDOptions:
		return fb.OptionsPoolNDOptions
	case *ResizeOptions:
		return fb.OptionsResizeOptions
	case *RecurrentOptions:
		return fb.OptionsRecurrentOptions
	case *LayerNormOptions:
		return fb.OptionsLayerNormOptions
	case *QuantizeOptions:
		return fb.OptionsQuantizeOptions
	case *QConv2DOptions:
		return fb.OptionsQConv2DOptions
	case *QMatMulOptions:
		return fb.OptionsQMatMulOptions
	case *QBinaryOptions:
		return fb.OptionsQBinaryOptions
	case *IfOptions:
		return fb.OptionsIfOptions
	case *LoopOptions:
		return fb.OptionsLoopOptions
	case *NonMaxSuppressionOptions:
		return fb.OptionsNonMaxSuppressionOptions
	}
	return fb.OptionsNONE
}

// checkOptions checks the values of options that are not nil.
func checkOptions(o Options) error {
	switch o := o.(type) {
	case *CustomOptions:
		if o.Name == "" {
			return errors.New("name: empty")
		}
		return checkName("name", o.Name)
	case *BsignOptions:
		return checkKind("compare", o.Compare, len(fb.EnumNamesCompareKind))
	case *BConv2DOptions:
		if o.PadValue < -1 || o.PadValue > 1 {
			return fmt.Errorf("pad_value: %d, want -1, 0 or 1", o.PadValue)
		}
		return cmp.Or(checkWindow(&o.Window), checkExtent("groups", o.Groups, 1),
			checkClamp("pre_clamp", o.PreClamp), checkClamp("clamp", o.Clamp))
	case *BGEMMOptions:
		return cmp.Or(checkClamp("pre_clamp", o.PreClamp), checkClamp("clamp", o.Clamp))
	case *Conv2DOptions:
		if o.ChannelsFirst && o.Groups != 1 {
			return fmt.Errorf("groups: %d, want 1 of channels first", o.Groups)
		}
		return cmp.Or(checkWindow(&o.Window), checkExtent("groups", o.Groups, 1), checkClamp("clamp", o.Clamp))
	case *MatMulOptions:
		return checkClamp("clamp", o.Clamp)
	case *Pool2DOptions:
		return checkPool(o)
	case *ReduceOptions:
		return checkKind("kind", o.Kind, len(fb.EnumNamesReduceKind))
	case *UnaryOptions:
		return checkUnary(o)
	case *BinaryOptions:
		return checkKind("kind", o.Kind, len(fb.EnumNamesBinaryKind))
	case *SoftmaxOptions:
		return checkAxis(o.Axis)
	case *AxisOptions:
		return checkAxis(o.Axis)
	case *TransposeOptions:
		return checkPerm(o.Perm)
	case *PadOptions:
		return checkKind("mode", o.Mode, len(fb.EnumNamesPadMode))
	case *CastOptions:
		if err := checkDType(o.To); err != nil {
			return fmt.Errorf("to: %w", err)
		}
	case *ScatterOptions:
		return cmp.Or(checkAxis(o.Axis), checkKind("reduction", o.Reduction, len(fb.EnumNamesScatterKind)))
	case *ArgOptions:
		return checkAxis(o.Axis)
	case *TopKOptions:
		return checkAxis(o.Axis)
	case *ReverseSequenceOptions:
		return cmp.Or(checkAxis(o.BatchAxis), checkAxis(o.TimeAxis))
	case *PoolNDOptions:
		return checkPoolND(o)
	case *ResizeOptions:
		return checkResize(o)
	case *RecurrentOptions:
		return checkRecurrent(o)
	case *LayerNormOptions:
		if !(o.Epsilon >= 0) {
			return fmt.Errorf("epsilon: %v, want a number that is not negative", o.Epsilon)
		}
	case *QuantizeOptions:
		return checkAxis(o.Axis)
	case *QConv2DOptions:
		return cmp.Or(checkWindow(&o.Window), checkExtent("groups", o.Groups, 1), checkQuantized(o.To, o.ZeroPoint, o.Clamp))
	case *QMatMulOptions:
		return checkQuantized(o.To, o.ZeroPoint, o.Clamp)
	case *QBinaryOptions:
		return checkQBinary(o)
	}
	return nil // the options of the other operators hold nothing that could be wrong
}

func checkKind[K ~uint8](what string, k K, n int) error {
	if int(k) >= n {
		return fmt.Errorf("%s: %d, want 0..%d", what, uint8(k), n-1)
	}
	return nil
}

func checkExtent(what string, n, least int) error {
	if n < least || n > maxExtent {
		return fmt.Errorf("%s: %d, want %d..%d", what, n, least, maxExtent)
	}
	return nil
}

func checkWindow(w *Window) error {
	return cmp.Or(
		checkExtent("strides.h", w.Strides.H, 1), checkExtent("strides.w", w.Strides.W, 1),
		checkExtent("dilations.h", w.Dilations.H, 1), checkExtent("dilations.w", w.Dilations.W, 1),
		checkExtent("pads.top", w.Pads.Top, 0), checkExtent("pads.left", w.Pads.Left, 0),
		checkExtent("pads.bottom", w.Pads.Bottom, 0), checkExtent("pads.right", w.Pads.Right, 0))
}

func checkPool(o *Pool2DOptions) error {
	err := cmp.Or(checkKind("kind", o.Kind, len(fb.EnumNamesPoolKind)), checkWindow(&o.Window),
		checkExtent("kernel.h", o.Kernel.H, 1), checkExtent("kernel.w", o.Kernel.W, 1))
	if err != nil {
		return err
	}
	for _, d := range []struct {
		what             string
		kernel, dilation int
	}{{"h", o.Kernel.H, o.Dilations.H}, {"w", o.Kernel.W, o.Dilations.W}} {
		if n := int64(d.kernel-1)*int64(d.dilation) + 1; n > maxExtent {
			return fmt.Errorf("kernel.%s: %d dilated by %d spans %d, want at most %d", d.what, d.kernel, d.dilation, n, maxExtent)
		}
	}
	return nil
}

func checkPoolND(o *PoolNDOptions) error {
	n := len(o.Kernel)
	if n == 0 || n > maxRank-2 || len(o.Strides) != n || len(o.Dilations) != n || len(o.Pads) != 2*n {
		return fmt.Errorf("kernel, strides, dilations, pads: %d, %d, %d and %d numbers, want one for each of at most %d axes, and two pads",
			n, len(o.Strides), len(o.Dilations), len(o.Pads), maxRank-2)
	}
	err := checkKind("kind", o.Kind, len(fb.EnumNamesPoolKind))
	taps := int64(1)
	for i := range n {
		err = cmp.Or(err, checkExtent("kernel", o.Kernel[i], 1), checkExtent("strides", o.Strides[i], 1),
			checkExtent("dilations", o.Dilations[i], 1), checkExtent("pads", o.Pads[i], 0), checkExtent("pads", o.Pads[i+n], 0))
		if err != nil {
			return err
		}
		if span := int64(o.Kernel[i]-1)*int64(o.Dilations[i]) + 1; span > maxExtent {
			return fmt.Errorf("kernel: %d dilated by %d spans %d, want at most %d", o.Kernel[i], o.Dilations[i], span, maxExtent)
		}
		if taps *= int64(o.Kernel[i]); taps > maxElements {
			return fmt.Errorf("kernel: %v has more than %d elements", o.Kernel, maxElements)
		}
	}
	return nil
}

func checkRecurrent(o *RecurrentOptions) error {
	const most = 6 // three for each of two directions
	if n := len(o.Activations); n < 1 || n > most {
		return fmt.Errorf("activations: %d, want 1 to %d", n, most)
	}
	for _, a := range o.Activations {
		if a < ActSigmoid || a > ActSoftplus {
			return fmt.Errorf("activations: %d, want %d..%d", a, ActSigmoid, ActSoftplus)
		}
	}
	return cmp.Or(checkKind("kind", o.Kind, len(fb.EnumNamesRecurrentKind)),
		checkKind("direction", o.Direction, len(fb.EnumNamesRecurrentDirection)))
}

func checkResize(o *ResizeOptions) error {
	for _, v := range []float32{o.Cubic, o.Extrapolation} {
		if math.IsNaN(float64(v)) {
			return fmt.Errorf("cubic, extrapolation: %v, %v, want numbers", o.Cubic, o.Extrapolation)
		}
	}
	return cmp.Or(checkKind("mode", o.Mode, len(fb.EnumNamesResizeMode)),
		checkKind("coordinates", o.Coordinates, len(fb.EnumNamesResizeCoordinates)),
		checkKind("rounding", o.Rounding, len(fb.EnumNamesResizeRounding)))
}

func checkClamp(what string, c Clamp) error {
	if !(c.Min <= c.Max) {
		return fmt.Errorf("%s: %v..%v, want numbers min <= max", what, c.Min, c.Max)
	}
	return nil
}

func checkUnary(o *UnaryOptions) error {
	if err := checkKind("kind", o.Kind, len(fb.EnumNamesUnaryKind)); err != nil {
		return err
	}
	if o.Kind == Clip && !(o.Alpha <= o.Beta) {
		return fmt.Errorf("alpha, beta: clip to %v..%v, want numbers alpha <= beta", o.Alpha, o.Beta)
	}
	for _, v := range []float32{o.Alpha, o.Beta} {
		if math.IsNaN(float64(v)) {
			return fmt.Errorf("alpha, beta: %v, %v, want numbers", o.Alpha, o.Beta)
		}
	}
	return nil
}

func checkAxis(axis int) error {
	if axis < -maxRank || axis > maxRank {
		return fmt.Errorf("axis: %d, want %d..%d", axis, -maxRank, maxRank)
	}
	return nil
}

func checkPerm(perm []int) error {
	if len(perm) > maxRank {
		return fmt.Errorf("perm: %d axes, want at most %d", len(perm), maxRank)
	}
	seen := 0
	for _, p := range perm {
		if p < 0 || p >= len(perm) || seen>>p&1 != 0 {
			return fmt.Errorf("perm: %v is not a permutation", perm)
		}
		seen |= 1 << p
	}
	return nil
}

// byteLimits are the numbers that the types of 8 bits hold.
var byteLimits = map[DType][2]int{Int8: {-128, 127}, Uint8: {0, 255}}

// checkQuantized checks what becomes of sums of a quantized product.
func checkQuantized(to DType, zero int, c Clamp) error {
	if err := checkClamp("clamp", c); err != nil {
		return err
	}
	limits, ok := byteLimits[to]
	switch {
	case to == Float32 && zero == 0, to == Int32 && zero == 0 && c == NoClamp:
		return nil
	case !ok:
		return fmt.Errorf("to, zero_point, clamp: %v, %d, %v..%v, want Int8 or Uint8, Float32 without a zero point, or Int32 without both", to, zero, c.Min, c.Max)
	}
	return cmp.Or(checkZero("zero_point", zero, limits), checkBytes(c, limits))
}

func checkZero(what string, zero int, limits [2]int) error {
	if zero < limits[0] || zero > limits[1] {
		return fmt.Errorf("%s: %d, want %d..%d", what, zero, limits[0], limits[1])
	}
	return nil
}

// checkBytes wants a clamp of 8-bit numbers: none, or integers that the type holds.
func checkBytes(c Clamp, limits [2]int) error {
	for _, v := range []float32{c.Min, c.Max} {
		if c != NoClamp && !(v >= float32(limits[0]) && v <= float32(limits[1]) && v == float32(int(v))) {
			return fmt.Errorf("clamp: %v..%v, want integers in %d..%d", c.Min, c.Max, limits[0], limits[1])
		}
	}
	return nil
}

func checkQBinary(o *QBinaryOptions) error {
	limits, ok := byteLimits[o.To]
	if !ok {
		return fmt.Errorf("to: %v, want Int8 or Uint8", o.To)
	}
	if o.Kind != Add && o.Kind != Mul {
		return fmt.Errorf("kind: %v, want Add or Mul", o.Kind)
	}
	for _, v := range []float32{o.AScale, o.BScale} {
		if !(v > 0) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("a_scale, b_scale: %v, %v, want positive numbers", o.AScale, o.BScale)
		}
	}
	either := [2]int{-128, 255}
	return cmp.Or(checkZero("a_zero", o.AZero, either), checkZero("b_zero", o.BZero, either),
		checkZero("zero_point", o.ZeroPoint, limits), checkClamp("clamp", o.Clamp), checkBytes(o.Clamp, limits))
}
