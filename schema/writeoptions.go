package schema

import (
	"fmt"
	"math"
	"reflect"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/lce-go/lce/schema/internal/fb"
)

// checkOptionsGiven refuses options that are a nil pointer, which only a model made
// in memory can have.
func checkOptionsGiven(m *Model) error {
	for i, s := range m.Subgraphs {
		if s == nil {
			continue // check reports it
		}
		for j := range s.Operators {
			op := &s.Operators[j]
			if op.Options != nil && reflect.ValueOf(op.Options).IsNil() {
				return fmt.Errorf("subgraph %d: operator %d (%v %q): options: nil %T", i, j, op.Code, clip(op.Name), op.Options)
			}
		}
	}
	return nil
}

// sharedOptions writes options once for all operators that have the same. Custom
// options may be large and are not shared.
func (e *encoder) sharedOptions(o Options) flatbuffers.UOffsetT {
	switch o := o.(type) {
	case nil:
		return 0
	case *CustomOptions:
		return e.custom(o)
	case *TransposeOptions:
		if len(o.Perm) > sharedRank {
			return e.transpose(o)
		}
	case *PoolNDOptions:
		return e.poolND(o)
	case *RecurrentOptions:
		return e.recurrent(o)
	}
	key := fmt.Sprintf("%T%+v", o, o)
	off, ok := e.options[key]
	if !ok {
		off = e.writeOptions(o)
		e.options[key] = off
	}
	return off
}

func (e *encoder) writeOptions(o Options) flatbuffers.UOffsetT {
	b := e.b
	switch o := o.(type) {
	case *BsignOptions:
		fb.BsignOptionsStart(b)
		fb.BsignOptionsAddCompare(b, fb.CompareKind(o.Compare))
		fb.BsignOptionsAddInvert(b, o.Invert)
	case *BConv2DOptions:
		fb.BConv2DOptionsStart(b)
		e.window(&o.Window, fb.BConv2DOptionsAddStrides, fb.BConv2DOptionsAddDilations, fb.BConv2DOptionsAddPads)
		fb.BConv2DOptionsAddPreClamp(b, e.clamp(o.PreClamp))
		fb.BConv2DOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.BConv2DOptionsAddGroups(b, int32(o.Groups))
		fb.BConv2DOptionsAddPadValue(b, int8(o.PadValue))
	case *BGEMMOptions:
		fb.BGEMMOptionsStart(b)
		fb.BGEMMOptionsAddPreClamp(b, e.clamp(o.PreClamp))
		fb.BGEMMOptionsAddClamp(b, e.clamp(o.Clamp))
	case *Conv2DOptions:
		fb.Conv2DOptionsStart(b)
		e.window(&o.Window, fb.Conv2DOptionsAddStrides, fb.Conv2DOptionsAddDilations, fb.Conv2DOptionsAddPads)
		fb.Conv2DOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.Conv2DOptionsAddGroups(b, int32(o.Groups))
		fb.Conv2DOptionsAddChannelsFirst(b, o.ChannelsFirst)
	case *MatMulOptions:
		fb.MatMulOptionsStart(b)
		fb.MatMulOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.MatMulOptionsAddTransposeA(b, o.TransposeA)
		fb.MatMulOptionsAddTransposeB(b, o.TransposeB)
	case *Pool2DOptions:
		fb.Pool2DOptionsStart(b)
		e.window(&o.Window, fb.Pool2DOptionsAddStrides, fb.Pool2DOptionsAddDilations, fb.Pool2DOptionsAddPads)
		fb.Pool2DOptionsAddKernel(b, e.size(o.Kernel, Size2D{1, 1}))
		fb.Pool2DOptionsAddKind(b, fb.PoolKind(o.Kind))
		fb.Pool2DOptionsAddCeilMode(b, o.CeilMode)
		fb.Pool2DOptionsAddCountIncludePad(b, o.CountIncludePad)
	case *ReduceOptions:
		fb.ReduceOptionsStart(b)
		fb.ReduceOptionsAddKind(b, fb.ReduceKind(o.Kind))
		fb.ReduceOptionsAddKeepDims(b, o.KeepDims)
		fb.ReduceOptionsAddNoopWithEmptyAxes(b, o.NoopWithEmptyAxes)
	case *UnaryOptions:
		fb.UnaryOptionsStart(b)
		e.float(1, o.Alpha)
		e.float(2, o.Beta)
		fb.UnaryOptionsAddKind(b, fb.UnaryKind(o.Kind))
	case *BinaryOptions:
		fb.BinaryOptionsStart(b)
		fb.BinaryOptionsAddKind(b, fb.BinaryKind(o.Kind))
	case *SoftmaxOptions:
		fb.SoftmaxOptionsStart(b)
		fb.SoftmaxOptionsAddAxis(b, int32(o.Axis))
		fb.SoftmaxOptionsAddLog(b, o.Log)
	case *ReshapeOptions:
		fb.ReshapeOptionsStart(b)
		fb.ReshapeOptionsAddAllowZero(b, o.AllowZero)
	case *IfOptions:
		fb.IfOptionsStart(b)
		fb.IfOptionsAddThenGraph(b, int32(o.Then))
		fb.IfOptionsAddElseGraph(b, int32(o.Else))
		fb.IfOptionsAddThenInputs(b, int32(o.ThenInputs))
	case *LoopOptions:
		fb.LoopOptionsStart(b)
		fb.LoopOptionsAddBody(b, int32(o.Body))
		fb.LoopOptionsAddStates(b, int32(o.States))
		fb.LoopOptionsAddScanned(b, int32(o.Scanned))
	case *NonMaxSuppressionOptions:
		fb.NonMaxSuppressionOptionsStart(b)
		fb.NonMaxSuppressionOptionsAddCenterPointBox(b, o.CenterPointBox)
	case *AxisOptions:
		fb.AxisOptionsStart(b)
		fb.AxisOptionsAddAxis(b, int32(o.Axis))
	case *TransposeOptions:
		return e.transpose(o)
	case *PadOptions:
		fb.PadOptionsStart(b)
		fb.PadOptionsAddMode(b, fb.PadMode(o.Mode))
	case *ShapeOptions:
		fb.ShapeOptionsStart(b)
		fb.ShapeOptionsAddStart(b, o.Start)
		fb.ShapeOptionsAddEnd(b, o.End)
	case *CastOptions:
		fb.CastOptionsStart(b)
		fb.CastOptionsAddTo(b, fb.DType(o.To))
	case *ScatterOptions:
		fb.ScatterOptionsStart(b)
		fb.ScatterOptionsAddAxis(b, int32(o.Axis))
		fb.ScatterOptionsAddReduction(b, fb.ScatterKind(o.Reduction))
	case *ArgOptions:
		fb.ArgOptionsStart(b)
		fb.ArgOptionsAddAxis(b, int32(o.Axis))
		fb.ArgOptionsAddKeepDims(b, o.KeepDims)
		fb.ArgOptionsAddMin(b, o.Min)
		fb.ArgOptionsAddLast(b, o.Last)
	case *TopKOptions:
		fb.TopKOptionsStart(b)
		fb.TopKOptionsAddAxis(b, int32(o.Axis))
		fb.TopKOptionsAddSmallest(b, o.Smallest)
	case *CumSumOptions:
		fb.CumSumOptionsStart(b)
		fb.CumSumOptionsAddExclusive(b, o.Exclusive)
		fb.CumSumOptionsAddReverse(b, o.Reverse)
	case *LayerNormOptions:
		fb.LayerNormOptionsStart(b)
		e.float(0, o.Epsilon)
	case *QuantizeOptions:
		fb.QuantizeOptionsStart(b)
		fb.QuantizeOptionsAddAxis(b, int32(o.Axis))
	case *QConv2DOptions:
		fb.QConv2DOptionsStart(b)
		e.window(&o.Window, fb.QConv2DOptionsAddStrides, fb.QConv2DOptionsAddDilations, fb.QConv2DOptionsAddPads)
		fb.QConv2DOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.QConv2DOptionsAddGroups(b, int32(o.Groups))
		fb.QConv2DOptionsAddTo(b, fb.DType(o.To))
		fb.QConv2DOptionsAddZeroPoint(b, int32(o.ZeroPoint))
	case *QMatMulOptions:
		fb.QMatMulOptionsStart(b)
		fb.QMatMulOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.QMatMulOptionsAddTo(b, fb.DType(o.To))
		fb.QMatMulOptionsAddZeroPoint(b, int32(o.ZeroPoint))
	case *QBinaryOptions:
		fb.QBinaryOptionsStart(b)
		fb.QBinaryOptionsAddClamp(b, e.clamp(o.Clamp))
		fb.QBinaryOptionsAddKind(b, fb.BinaryKind(o.Kind))
		fb.QBinaryOptionsAddTo(b, fb.DType(o.To))
		fb.QBinaryOptionsAddAScale(b, o.AScale)
		fb.QBinaryOptionsAddBScale(b, o.BScale)
		fb.QBinaryOptionsAddAZero(b, int32(o.AZero))
		fb.QBinaryOptionsAddBZero(b, int32(o.BZero))
		fb.QBinaryOptionsAddZeroPoint(b, int32(o.ZeroPoint))
	case *TriluOptions:
		fb.TriluOptionsStart(b)
		fb.TriluOptionsAddLower(b, o.Lower)
	case *ReverseSequenceOptions:
		fb.ReverseSequenceOptionsStart(b)
		fb.ReverseSequenceOptionsAddBatchAxis(b, int32(o.BatchAxis))
		fb.ReverseSequenceOptionsAddTimeAxis(b, int32(o.TimeAxis))
	case *ResizeOptions:
		fb.ResizeOptionsStart(b)
		e.float(3, o.Cubic)
		e.float(5, o.Extrapolation)
		fb.ResizeOptionsAddMode(b, fb.ResizeMode(o.Mode))
		fb.ResizeOptionsAddCoordinates(b, fb.ResizeCoordinates(o.Coordinates))
		fb.ResizeOptionsAddRounding(b, fb.ResizeRounding(o.Rounding))
		fb.ResizeOptionsAddExcludeOutside(b, o.ExcludeOutside)
	default:
		panic(fmt.Sprintf("schema: options %T passed the check", o))
	}
	return b.EndObject()
}

func (e *encoder) custom(o *CustomOptions) flatbuffers.UOffsetT {
	name := e.string(o.Name)
	var data flatbuffers.UOffsetT
	if len(o.Data) > 0 {
		data = e.b.CreateByteVector(o.Data)
	}
	fb.CustomOptionsStart(e.b)
	fb.CustomOptionsAddName(e.b, name)
	fb.CustomOptionsAddData(e.b, data)
	return fb.CustomOptionsEnd(e.b)
}

func (e *encoder) transpose(o *TransposeOptions) flatbuffers.UOffsetT {
	var perm flatbuffers.UOffsetT
	if len(o.Perm) > 0 {
		perm = e.ints(o.Perm)
	}
	fb.TransposeOptionsStart(e.b)
	fb.TransposeOptionsAddPerm(e.b, perm)
	return fb.TransposeOptionsEnd(e.b)
}

func (e *encoder) poolND(o *PoolNDOptions) flatbuffers.UOffsetT {
	kernel, strides, dilations, pads := e.ints(o.Kernel), e.ints(o.Strides), e.ints(o.Dilations), e.ints(o.Pads)
	b := e.b
	fb.PoolNDOptionsStart(b)
	fb.PoolNDOptionsAddKernel(b, kernel)
	fb.PoolNDOptionsAddStrides(b, strides)
	fb.PoolNDOptionsAddDilations(b, dilations)
	fb.PoolNDOptionsAddPads(b, pads)
	fb.PoolNDOptionsAddKind(b, fb.PoolKind(o.Kind))
	fb.PoolNDOptionsAddCeilMode(b, o.CeilMode)
	fb.PoolNDOptionsAddCountIncludePad(b, o.CountIncludePad)
	fb.PoolNDOptionsAddColumnMajor(b, o.ColumnMajor)
	return fb.PoolNDOptionsEnd(b)
}

func (e *encoder) recurrent(o *RecurrentOptions) flatbuffers.UOffsetT {
	activations := e.ints(o.Activations)
	b := e.b
	fb.RecurrentOptionsStart(b)
	fb.RecurrentOptionsAddActivations(b, activations)
	fb.RecurrentOptionsAddKind(b, fb.RecurrentKind(o.Kind))
	fb.RecurrentOptionsAddDirection(b, fb.RecurrentDirection(o.Direction))
	fb.RecurrentOptionsAddLinearBeforeReset(b, o.LinearBeforeReset)
	fb.RecurrentOptionsAddInputForget(b, o.InputForget)
	return fb.RecurrentOptionsEnd(b)
}

// addStructure is a generated function that adds a structure just written.
type addStructure func(*flatbuffers.Builder, flatbuffers.UOffsetT)

// window leaves out steps of 1 and pads of 0: absent means the same.
func (e *encoder) window(w *Window, strides, dilations, pads addStructure) {
	strides(e.b, e.size(w.Strides, Size2D{1, 1}))
	dilations(e.b, e.size(w.Dilations, Size2D{1, 1}))
	if p := w.Pads; p != (Pads{}) {
		pads(e.b, fb.CreatePads(e.b, int32(p.Top), int32(p.Left), int32(p.Bottom), int32(p.Right)))
	}
}

func (e *encoder) size(s, absent Size2D) flatbuffers.UOffsetT {
	if s == absent {
		return 0
	}
	return fb.CreateSize2D(e.b, int32(s.H), int32(s.W))
}

func (e *encoder) clamp(c Clamp) flatbuffers.UOffsetT {
	if c == NoClamp {
		return 0
	}
	return fb.CreateClamp(e.b, c.Min, c.Max)
}

// float writes what the generated functions take for the default: -0.
func (e *encoder) float(slot int, v float32) {
	if math.Float32bits(v) != 0 {
		e.b.PrependFloat32(v)
		e.b.Slot(slot)
	}
}
