package schema

import (
	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/lce-go/lce/schema/internal/fb"
)

// readers decode the members of the union Options, by their number.
var readers = [...]func(r *reader, t flatbuffers.Table) Options{
	fb.OptionsCustomOptions:            readCustom,
	fb.OptionsBsignOptions:             readBsign,
	fb.OptionsBConv2DOptions:           readBConv2D,
	fb.OptionsBGEMMOptions:             readBGEMM,
	fb.OptionsConv2DOptions:            readConv2D,
	fb.OptionsMatMulOptions:            readMatMul,
	fb.OptionsPool2DOptions:            readPool2D,
	fb.OptionsReduceOptions:            readReduce,
	fb.OptionsUnaryOptions:             readUnary,
	fb.OptionsBinaryOptions:            readBinary,
	fb.OptionsSoftmaxOptions:           readSoftmax,
	fb.OptionsReshapeOptions:           readReshape,
	fb.OptionsAxisOptions:              readAxis,
	fb.OptionsTransposeOptions:         readTranspose,
	fb.OptionsPadOptions:               readPad,
	fb.OptionsShapeOptions:             readShape,
	fb.OptionsCastOptions:              readCast,
	fb.OptionsScatterOptions:           readScatter,
	fb.OptionsArgOptions:               readArg,
	fb.OptionsTopKOptions:              readTopK,
	fb.OptionsCumSumOptions:            readCumSum,
	fb.OptionsTriluOptions:             readTrilu,
	fb.OptionsReverseSequenceOptions:   readReverseSequence,
	fb.OptionsPoolNDOptions:            readPoolND,
	fb.OptionsResizeOptions:            readResize,
	fb.OptionsRecurrentOptions:         readRecurrent,
	fb.OptionsLayerNormOptions:         readLayerNorm,
	fb.OptionsQuantizeOptions:          readQuantize,
	fb.OptionsQConv2DOptions:           readQConv2D,
	fb.OptionsQMatMulOptions:           readQMatMul,
	fb.OptionsQBinaryOptions:           readQBinary,
	fb.OptionsIfOptions:                readIf,
	fb.OptionsLoopOptions:              readLoop,
	fb.OptionsNonMaxSuppressionOptions: readNonMaxSuppression,
}

// options returns nil for an operator without options.
func (r *reader) options(f *fb.Operator) Options {
	var t flatbuffers.Table
	if f.OptionsType() == fb.OptionsNONE || !f.Options(&t) {
		return nil
	}
	return readers[f.OptionsType()](r, t)
}

// readClamp, readSteps and readPads give an absent structure its meaning.

func readClamp(c *fb.Clamp) Clamp {
	if c == nil {
		return NoClamp
	}
	return Clamp{Min: c.Min(), Max: c.Max()}
}

func readSteps(s *fb.Size2D) Size2D {
	if s == nil {
		return Size2D{H: 1, W: 1}
	}
	return Size2D{H: int(s.H()), W: int(s.W())}
}

func readPads(p *fb.Pads) Pads {
	if p == nil {
		return Pads{}
	}
	return Pads{Top: int(p.Top()), Left: int(p.Left()), Bottom: int(p.Bottom()), Right: int(p.Right())}
}

func readCustom(r *reader, t flatbuffers.Table) Options {
	var f fb.CustomOptions
	f.Init(t.Bytes, t.Pos)
	o := &CustomOptions{Name: r.string(f.Name())}
	if d := f.DataBytes(); len(d) > 0 {
		o.Data = d[:len(d):len(d)]
	}
	return o
}

func readBsign(_ *reader, t flatbuffers.Table) Options {
	var f fb.BsignOptions
	f.Init(t.Bytes, t.Pos)
	return &BsignOptions{Compare: CompareKind(f.Compare()), Invert: f.Invert()}
}

func readBConv2D(r *reader, t flatbuffers.Table) Options {
	var f fb.BConv2DOptions
	f.Init(t.Bytes, t.Pos)
	return &BConv2DOptions{
		Window: Window{
			Strides:   readSteps(f.Strides(&r.size)),
			Dilations: readSteps(f.Dilations(&r.size)),
			Pads:      readPads(f.Pads(&r.pads)),
		},
		Groups:   int(f.Groups()),
		PadValue: int(f.PadValue()),
		PreClamp: readClamp(f.PreClamp(&r.clamp)),
		Clamp:    readClamp(f.Clamp(&r.clamp)),
	}
}

func readBGEMM(r *reader, t flatbuffers.Table) Options {
	var f fb.BGEMMOptions
	f.Init(t.Bytes, t.Pos)
	return &BGEMMOptions{PreClamp: readClamp(f.PreClamp(&r.clamp)), Clamp: readClamp(f.Clamp(&r.clamp))}
}

func readConv2D(r *reader, t flatbuffers.Table) Options {
	var f fb.Conv2DOptions
	f.Init(t.Bytes, t.Pos)
	return &Conv2DOptions{
		Window: Window{
			Strides:   readSteps(f.Strides(&r.size)),
			Dilations: readSteps(f.Dilations(&r.size)),
			Pads:      readPads(f.Pads(&r.pads)),
		},
		Groups:        int(f.Groups()),
		Clamp:         readClamp(f.Clamp(&r.clamp)),
		ChannelsFirst: f.ChannelsFirst(),
	}
}

func readMatMul(r *reader, t flatbuffers.Table) Options {
	var f fb.MatMulOptions
	f.Init(t.Bytes, t.Pos)
	return &MatMulOptions{TransposeA: f.TransposeA(), TransposeB: f.TransposeB(), Clamp: readClamp(f.Clamp(&r.clamp))}
}

func readPool2D(r *reader, t flatbuffers.Table) Options {
	var f fb.Pool2DOptions
	f.Init(t.Bytes, t.Pos)
	return &Pool2DOptions{
		Window: Window{
			Strides:   readSteps(f.Strides(&r.size)),
			Dilations: readSteps(f.Dilations(&r.size)),
			Pads:      readPads(f.Pads(&r.pads)),
		},
		Kind:            PoolKind(f.Kind()),
		Kernel:          readSteps(f.Kernel(&r.size)),
		CeilMode:        f.CeilMode(),
		CountIncludePad: f.CountIncludePad(),
	}
}

func readReduce(_ *reader, t flatbuffers.Table) Options {
	var f fb.ReduceOptions
	f.Init(t.Bytes, t.Pos)
	return &ReduceOptions{
		Kind:              ReduceKind(f.Kind()),
		KeepDims:          f.KeepDims(),
		NoopWithEmptyAxes: f.NoopWithEmptyAxes(),
	}
}

func readUnary(_ *reader, t flatbuffers.Table) Options {
	var f fb.UnaryOptions
	f.Init(t.Bytes, t.Pos)
	return &UnaryOptions{Kind: UnaryKind(f.Kind()), Alpha: f.Alpha(), Beta: f.Beta()}
}

func readBinary(_ *reader, t flatbuffers.Table) Options {
	var f fb.BinaryOptions
	f.Init(t.Bytes, t.Pos)
	return &BinaryOptions{Kind: BinaryKind(f.Kind())}
}

func readSoftmax(_ *reader, t flatbuffers.Table) Options {
	var f fb.SoftmaxOptions
	f.Init(t.Bytes, t.Pos)
	return &SoftmaxOptions{Axis: int(f.Axis()), Log: f.Log()}
}

func readReshape(_ *reader, t flatbuffers.Table) Options {
	var f fb.ReshapeOptions
	f.Init(t.Bytes, t.Pos)
	return &ReshapeOptions{AllowZero: f.AllowZero()}
}

func readAxis(_ *reader, t flatbuffers.Table) Options {
	var f fb.AxisOptions
	f.Init(t.Bytes, t.Pos)
	return &AxisOptions{Axis: int(f.Axis())}
}

func readTranspose(r *reader, t flatbuffers.Table) Options {
	var f fb.TransposeOptions
	f.Init(t.Bytes, t.Pos)
	return &TransposeOptions{Perm: r.intVector(f.PermLength(), f.Perm)}
}

func readPad(_ *reader, t flatbuffers.Table) Options {
	var f fb.PadOptions
	f.Init(t.Bytes, t.Pos)
	return &PadOptions{Mode: PadMode(f.Mode())}
}

func readShape(_ *reader, t flatbuffers.Table) Options {
	var f fb.ShapeOptions
	f.Init(t.Bytes, t.Pos)
	return &ShapeOptions{Start: f.Start(), End: f.End()}
}

func readCast(_ *reader, t flatbuffers.Table) Options {
	var f fb.CastOptions
	f.Init(t.Bytes, t.Pos)
	return &CastOptions{To: DType(f.To())}
}

func readScatter(_ *reader, t flatbuffers.Table) Options {
	var f fb.ScatterOptions
	f.Init(t.Bytes, t.Pos)
	return &ScatterOptions{
		Axis:      int(f.Axis()),
		Reduction: ScatterKind(f.Reduction()),
	}
}

func readArg(_ *reader, t flatbuffers.Table) Options {
	var f fb.ArgOptions
	f.Init(t.Bytes, t.Pos)
	return &ArgOptions{
		Axis:     int(f.Axis()),
		KeepDims: f.KeepDims(),
		Min:      f.Min(),
		Last:     f.Last(),
	}
}

func readTopK(_ *reader, t flatbuffers.Table) Options {
	var f fb.TopKOptions
	f.Init(t.Bytes, t.Pos)
	return &TopKOptions{
		Axis:     int(f.Axis()),
		Smallest: f.Smallest(),
	}
}

func readCumSum(_ *reader, t flatbuffers.Table) Options {
	var f fb.CumSumOptions
	f.Init(t.Bytes, t.Pos)
	return &CumSumOptions{
		Exclusive: f.Exclusive(),
		Reverse:   f.Reverse(),
	}
}

func readTrilu(_ *reader, t flatbuffers.Table) Options {
	var f fb.TriluOptions
	f.Init(t.Bytes, t.Pos)
	return &TriluOptions{
		Lower: f.Lower(),
	}
}

func readReverseSequence(_ *reader, t flatbuffers.Table) Options {
	var f fb.ReverseSequenceOptions
	f.Init(t.Bytes, t.Pos)
	return &ReverseSequenceOptions{
		BatchAxis: int(f.BatchAxis()),
		TimeAxis:  int(f.TimeAxis()),
	}
}

func readPoolND(r *reader, t flatbuffers.Table) Options {
	var f fb.PoolNDOptions
	f.Init(t.Bytes, t.Pos)
	return &PoolNDOptions{
		Kind:            PoolKind(f.Kind()),
		Kernel:          r.intVector(f.KernelLength(), f.Kernel),
		Strides:         r.intVector(f.StridesLength(), f.Strides),
		Dilations:       r.intVector(f.DilationsLength(), f.Dilations),
		Pads:            r.intVector(f.PadsLength(), f.Pads),
		CeilMode:        f.CeilMode(),
		CountIncludePad: f.CountIncludePad(),
		ColumnMajor:     f.ColumnMajor(),
	}
}

func readResize(_ *reader, t flatbuffers.Table) Options {
	var f fb.ResizeOptions
	f.Init(t.Bytes, t.Pos)
	return &ResizeOptions{
		Mode:           ResizeMode(f.Mode()),
		Coordinates:    ResizeCoordinates(f.Coordinates()),
		Rounding:       ResizeRounding(f.Rounding()),
		Cubic:          f.Cubic(),
		ExcludeOutside: f.ExcludeOutside(),
		Extrapolation:  f.Extrapolation(),
	}
}

func readRecurrent(r *reader, t flatbuffers.Table) Options {
	var f fb.RecurrentOptions
	f.Init(t.Bytes, t.Pos)
	return &RecurrentOptions{
		Kind:              RecurrentKind(f.Kind()),
		Direction:         RecurrentDirection(f.Direction()),
		Activations:       r.intVector(f.ActivationsLength(), f.Activations),
		LinearBeforeReset: f.LinearBeforeReset(),
		InputForget:       f.InputForget(),
	}
}

func readLayerNorm(_ *reader, t flatbuffers.Table) Options {
	var f fb.LayerNormOptions
	f.Init(t.Bytes, t.Pos)
	return &LayerNormOptions{Epsilon: f.Epsilon()}
}

func readQuantize(_ *reader, t flatbuffers.Table) Options {
	var f fb.QuantizeOptions
	f.Init(t.Bytes, t.Pos)
	return &QuantizeOptions{Axis: int(f.Axis())}
}

func readQConv2D(r *reader, t flatbuffers.Table) Options {
	var f fb.QConv2DOptions
	f.Init(t.Bytes, t.Pos)
	return &QConv2DOptions{
		Window: Window{
			Strides:   readSteps(f.Strides(&r.size)),
			Dilations: readSteps(f.Dilations(&r.size)),
			Pads:      readPads(f.Pads(&r.pads)),
		},
		Groups:    int(f.Groups()),
		To:        DType(f.To()),
		ZeroPoint: int(f.ZeroPoint()),
		Clamp:     readClamp(f.Clamp(&r.clamp)),
	}
}

func readQMatMul(r *reader, t flatbuffers.Table) Options {
	var f fb.QMatMulOptions
	f.Init(t.Bytes, t.Pos)
	return &QMatMulOptions{To: DType(f.To()), ZeroPoint: int(f.ZeroPoint()), Clamp: readClamp(f.Clamp(&r.clamp))}
}

func readQBinary(r *reader, t flatbuffers.Table) Options {
	var f fb.QBinaryOptions
	f.Init(t.Bytes, t.Pos)
	return &QBinaryOptions{
		Kind: BinaryKind(f.Kind()), To: DType(f.To()), AScale: f.AScale(), BScale: f.BScale(),
		AZero: int(f.AZero()), BZero: int(f.BZero()), ZeroPoint: int(f.ZeroPoint()), Clamp: readClamp(f.Clamp(&r.clamp)),
	}
}

func readIf(_ *reader, t flatbuffers.Table) Options {
	var f fb.IfOptions
	f.Init(t.Bytes, t.Pos)
	return &IfOptions{Then: int(f.ThenGraph()), Else: int(f.ElseGraph()), ThenInputs: int(f.ThenInputs())}
}

func readLoop(_ *reader, t flatbuffers.Table) Options {
	var f fb.LoopOptions
	f.Init(t.Bytes, t.Pos)
	return &LoopOptions{Body: int(f.Body()), States: int(f.States()), Scanned: int(f.Scanned())}
}

func readNonMaxSuppression(_ *reader, t flatbuffers.Table) Options {
	var f fb.NonMaxSuppressionOptions
	f.Init(t.Bytes, t.Pos)
	return &NonMaxSuppressionOptions{CenterPointBox: f.CenterPointBox()}
}
