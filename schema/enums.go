package schema

import "github.com/lce-go/lce/schema/internal/fb"

// DType is an element type.
type DType uint8

// The element types. Bits is packed, see lce.fbs.
const (
	Invalid = DType(fb.DTypeInvalid)
	Float32 = DType(fb.DTypeFloat32)
	Float16 = DType(fb.DTypeFloat16)
	Float64 = DType(fb.DTypeFloat64)
	Int8    = DType(fb.DTypeInt8)
	Uint8   = DType(fb.DTypeUint8)
	Int16   = DType(fb.DTypeInt16)
	Uint16  = DType(fb.DTypeUint16)
	Int32   = DType(fb.DTypeInt32)
	Uint32  = DType(fb.DTypeUint32)
	Int64   = DType(fb.DTypeInt64)
	Uint64  = DType(fb.DTypeUint64)
	Bool    = DType(fb.DTypeBool)
	Bits    = DType(fb.DTypeBits)
)

// OpCode names an operator.
type OpCode uint16

// The operators; lce.fbs says what each computes.
const (
	Custom            = OpCode(fb.OpCodeCustom)
	Bsign             = OpCode(fb.OpCodeBsign)
	Bunpack           = OpCode(fb.OpCodeBunpack)
	BConv2D           = OpCode(fb.OpCodeBConv2D)
	BGEMM             = OpCode(fb.OpCodeBGEMM)
	BMaxPool2D        = OpCode(fb.OpCodeBMaxPool2D)
	Conv2D            = OpCode(fb.OpCodeConv2D)
	MatMul            = OpCode(fb.OpCodeMatMul)
	Pool2D            = OpCode(fb.OpCodePool2D)
	Reduce            = OpCode(fb.OpCodeReduce)
	Unary             = OpCode(fb.OpCodeUnary)
	Binary            = OpCode(fb.OpCodeBinary)
	Select            = OpCode(fb.OpCodeSelect)
	Softmax           = OpCode(fb.OpCodeSoftmax)
	Reshape           = OpCode(fb.OpCodeReshape)
	Flatten           = OpCode(fb.OpCodeFlatten)
	Squeeze           = OpCode(fb.OpCodeSqueeze)
	Unsqueeze         = OpCode(fb.OpCodeUnsqueeze)
	Transpose         = OpCode(fb.OpCodeTranspose)
	Concat            = OpCode(fb.OpCodeConcat)
	Split             = OpCode(fb.OpCodeSplit)
	Slice             = OpCode(fb.OpCodeSlice)
	Gather            = OpCode(fb.OpCodeGather)
	Expand            = OpCode(fb.OpCodeExpand)
	Pad               = OpCode(fb.OpCodePad)
	Fill              = OpCode(fb.OpCodeFill)
	Shape             = OpCode(fb.OpCodeShape)
	Cast              = OpCode(fb.OpCodeCast)
	Tile              = OpCode(fb.OpCodeTile)
	NonZero           = OpCode(fb.OpCodeNonZero)
	OneHot            = OpCode(fb.OpCodeOneHot)
	GatherElements    = OpCode(fb.OpCodeGatherElements)
	GatherND          = OpCode(fb.OpCodeGatherND)
	Range             = OpCode(fb.OpCodeRange)
	ScatterElements   = OpCode(fb.OpCodeScatterElements)
	ScatterND         = OpCode(fb.OpCodeScatterND)
	ArgReduce         = OpCode(fb.OpCodeArgReduce)
	TopK              = OpCode(fb.OpCodeTopK)
	CumSum            = OpCode(fb.OpCodeCumSum)
	Trilu             = OpCode(fb.OpCodeTrilu)
	ReverseSequence   = OpCode(fb.OpCodeReverseSequence)
	PoolND            = OpCode(fb.OpCodePoolND)
	Resize            = OpCode(fb.OpCodeResize)
	Recurrent         = OpCode(fb.OpCodeRecurrent)
	LayerNorm         = OpCode(fb.OpCodeLayerNorm)
	Quantize          = OpCode(fb.OpCodeQuantize)
	Dequantize        = OpCode(fb.OpCodeDequantize)
	QConv2D           = OpCode(fb.OpCodeQConv2D)
	QMatMul           = OpCode(fb.OpCodeQMatMul)
	QBinary           = OpCode(fb.OpCodeQBinary)
	Lookup            = OpCode(fb.OpCodeLookup)
	If                = OpCode(fb.OpCodeIf)
	Loop              = OpCode(fb.OpCodeLoop)
	NonMaxSuppression = OpCode(fb.OpCodeNonMaxSuppression)
)

// CompareKind is Bsign's comparison.
type CompareKind uint8

// The comparisons of Bsign.
const (
	SignGreaterOrEqual = CompareKind(fb.CompareKindGreaterOrEqual)
	SignGreater        = CompareKind(fb.CompareKindGreater)
)

// PoolKind is what a pool takes of its window.
type PoolKind uint8

// The pools.
const (
	MaxPool     = PoolKind(fb.PoolKindMax)
	AveragePool = PoolKind(fb.PoolKindAverage)
)

// ReduceKind is what a reduction computes.
type ReduceKind uint8

// The reductions.
const (
	ReduceMean = ReduceKind(fb.ReduceKindMean)
	ReduceSum  = ReduceKind(fb.ReduceKindSum)
	ReduceMax  = ReduceKind(fb.ReduceKindMax)
	ReduceProd = ReduceKind(fb.ReduceKindProd)
	ReduceMin  = ReduceKind(fb.ReduceKindMin)
)

// PadMode is where padded elements come from.
type PadMode uint8

// The modes of Pad.
const (
	PadConstant = PadMode(fb.PadModeConstant)
	PadReflect  = PadMode(fb.PadModeReflect)
	PadEdge     = PadMode(fb.PadModeEdge)
)

// UnaryKind is an elementwise function of one operand.
type UnaryKind uint8

// The unary functions. Round is half to even; Sign keeps 0; Not is for Bool.
const (
	Relu            = UnaryKind(fb.UnaryKindRelu)
	LeakyRelu       = UnaryKind(fb.UnaryKindLeakyRelu)
	Sigmoid         = UnaryKind(fb.UnaryKindSigmoid)
	HardSigmoid     = UnaryKind(fb.UnaryKindHardSigmoid)
	Tanh            = UnaryKind(fb.UnaryKindTanh)
	Clip            = UnaryKind(fb.UnaryKindClip)
	Neg             = UnaryKind(fb.UnaryKindNeg)
	Abs             = UnaryKind(fb.UnaryKindAbs)
	Sqrt            = UnaryKind(fb.UnaryKindSqrt)
	Exp             = UnaryKind(fb.UnaryKindExp)
	Log             = UnaryKind(fb.UnaryKindLog)
	Round           = UnaryKind(fb.UnaryKindRound)
	Sign            = UnaryKind(fb.UnaryKindSign)
	Not             = UnaryKind(fb.UnaryKindNot)
	Floor           = UnaryKind(fb.UnaryKindFloor)
	Ceil            = UnaryKind(fb.UnaryKindCeil)
	Reciprocal      = UnaryKind(fb.UnaryKindReciprocal)
	Erf             = UnaryKind(fb.UnaryKindErf)
	Sin             = UnaryKind(fb.UnaryKindSin)
	Cos             = UnaryKind(fb.UnaryKindCos)
	Tan             = UnaryKind(fb.UnaryKindTan)
	Asin            = UnaryKind(fb.UnaryKindAsin)
	Acos            = UnaryKind(fb.UnaryKindAcos)
	Atan            = UnaryKind(fb.UnaryKindAtan)
	Sinh            = UnaryKind(fb.UnaryKindSinh)
	Cosh            = UnaryKind(fb.UnaryKindCosh)
	Asinh           = UnaryKind(fb.UnaryKindAsinh)
	Acosh           = UnaryKind(fb.UnaryKindAcosh)
	Atanh           = UnaryKind(fb.UnaryKindAtanh)
	Softplus        = UnaryKind(fb.UnaryKindSoftplus)
	Softsign        = UnaryKind(fb.UnaryKindSoftsign)
	Elu             = UnaryKind(fb.UnaryKindElu)
	Selu            = UnaryKind(fb.UnaryKindSelu)
	Celu            = UnaryKind(fb.UnaryKindCelu)
	HardSwish       = UnaryKind(fb.UnaryKindHardSwish)
	ThresholdedRelu = UnaryKind(fb.UnaryKindThresholdedRelu)
	Shrink          = UnaryKind(fb.UnaryKindShrink)
	Mish            = UnaryKind(fb.UnaryKindMish)
	Gelu            = UnaryKind(fb.UnaryKindGelu)
	GeluTanh        = UnaryKind(fb.UnaryKindGeluTanh)
	Swish           = UnaryKind(fb.UnaryKindSwish)
)

// BinaryKind is an elementwise function of two operands.
type BinaryKind uint8

// The binary functions. PRelu is x < 0 ? slope*x : x. Mod has the sign of the divisor,
// Fmod that of the dividend.
const (
	Add            = BinaryKind(fb.BinaryKindAdd)
	Sub            = BinaryKind(fb.BinaryKindSub)
	Mul            = BinaryKind(fb.BinaryKindMul)
	Div            = BinaryKind(fb.BinaryKindDiv)
	Pow            = BinaryKind(fb.BinaryKindPow)
	Min            = BinaryKind(fb.BinaryKindMin)
	Max            = BinaryKind(fb.BinaryKindMax)
	PRelu          = BinaryKind(fb.BinaryKindPRelu)
	Greater        = BinaryKind(fb.BinaryKindGreater)
	GreaterOrEqual = BinaryKind(fb.BinaryKindGreaterOrEqual)
	Less           = BinaryKind(fb.BinaryKindLess)
	LessOrEqual    = BinaryKind(fb.BinaryKindLessOrEqual)
	Equal          = BinaryKind(fb.BinaryKindEqual)
	And            = BinaryKind(fb.BinaryKindAnd)
	Or             = BinaryKind(fb.BinaryKindOr)
	Xor            = BinaryKind(fb.BinaryKindXor)
	Mod            = BinaryKind(fb.BinaryKindMod)
	Fmod           = BinaryKind(fb.BinaryKindFmod)
	BitAnd         = BinaryKind(fb.BinaryKindBitAnd)
	BitOr          = BinaryKind(fb.BinaryKindBitOr)
	BitXor         = BinaryKind(fb.BinaryKindBitXor)
	ShiftLeft      = BinaryKind(fb.BinaryKindShiftLeft)
	ShiftRight     = BinaryKind(fb.BinaryKindShiftRight)
)

// ScatterKind is what a scattered element does to the one that is there.
type ScatterKind uint8

// The reductions of scatters.
const (
	ScatterNone = ScatterKind(fb.ScatterKindNone)
	ScatterAdd  = ScatterKind(fb.ScatterKindAdd)
	ScatterMul  = ScatterKind(fb.ScatterKindMul)
	ScatterMax  = ScatterKind(fb.ScatterKindMax)
	ScatterMin  = ScatterKind(fb.ScatterKindMin)
)

// RecurrentKind is a recurrent layer.
type RecurrentKind uint8

// The recurrent layers.
const (
	RNN  = RecurrentKind(fb.RecurrentKindRNN)
	LSTM = RecurrentKind(fb.RecurrentKindLSTM)
	GRU  = RecurrentKind(fb.RecurrentKindGRU)
)

// RecurrentDirection is the order of the steps.
type RecurrentDirection uint8

// The directions of recurrent layers.
const (
	Forward       = RecurrentDirection(fb.RecurrentDirectionForward)
	Reverse       = RecurrentDirection(fb.RecurrentDirectionReverse)
	Bidirectional = RecurrentDirection(fb.RecurrentDirectionBidirectional)
)

// The activations of recurrent layers.
const (
	ActSigmoid = iota
	ActTanh
	ActRelu
	ActSoftsign
	ActSoftplus
)

// ResizeMode is how Resize interpolates.
type ResizeMode uint8

// The modes of Resize.
const (
	ResizeNearest = ResizeMode(fb.ResizeModeNearest)
	ResizeLinear  = ResizeMode(fb.ResizeModeLinear)
	ResizeCubic   = ResizeMode(fb.ResizeModeCubic)
)

// ResizeCoordinates is where an element of a resized map is in the original.
type ResizeCoordinates uint8

// The coordinates of Resize, by ONNX's names.
const (
	ResizeHalfPixel          = ResizeCoordinates(fb.ResizeCoordinatesHalfPixel)
	ResizeHalfPixelSymmetric = ResizeCoordinates(fb.ResizeCoordinatesHalfPixelSymmetric)
	ResizePytorchHalfPixel   = ResizeCoordinates(fb.ResizeCoordinatesPytorchHalfPixel)
	ResizeAlignCorners       = ResizeCoordinates(fb.ResizeCoordinatesAlignCorners)
	ResizeAsymmetric         = ResizeCoordinates(fb.ResizeCoordinatesAsymmetric)
	ResizeHalfPixelForNN     = ResizeCoordinates(fb.ResizeCoordinatesHalfPixelForNN)
	ResizeCropAndResize      = ResizeCoordinates(fb.ResizeCoordinatesCropAndResize)
)

// ResizeRounding is which neighbour is the nearest.
type ResizeRounding uint8

// The roundings of Resize. Simple rounds down, and up where the map gets smaller.
const (
	RoundPreferFloor = ResizeRounding(fb.ResizeRoundingPreferFloor)
	RoundPreferCeil  = ResizeRounding(fb.ResizeRoundingPreferCeil)
	RoundFloor       = ResizeRounding(fb.ResizeRoundingFloor)
	RoundCeil        = ResizeRounding(fb.ResizeRoundingCeil)
	RoundSimple      = ResizeRounding(fb.ResizeRoundingSimple)
)

// String gives the name used in lce.fbs, or a number in parentheses for an unknown value.
func (d DType) String() string              { return fb.DType(d).String() }
func (c OpCode) String() string             { return fb.OpCode(c).String() }
func (k CompareKind) String() string        { return fb.CompareKind(k).String() }
func (k PoolKind) String() string           { return fb.PoolKind(k).String() }
func (k ReduceKind) String() string         { return fb.ReduceKind(k).String() }
func (m PadMode) String() string            { return fb.PadMode(m).String() }
func (k UnaryKind) String() string          { return fb.UnaryKind(k).String() }
func (k BinaryKind) String() string         { return fb.BinaryKind(k).String() }
func (k ScatterKind) String() string        { return fb.ScatterKind(k).String() }
func (k RecurrentKind) String() string      { return fb.RecurrentKind(k).String() }
func (k RecurrentDirection) String() string { return fb.RecurrentDirection(k).String() }
func (k ResizeMode) String() string         { return fb.ResizeMode(k).String() }
func (k ResizeCoordinates) String() string  { return fb.ResizeCoordinates(k).String() }
func (k ResizeRounding) String() string     { return fb.ResizeRounding(k).String() }

// Size is the number of bytes of an element, 0 for Bits and unknown types.
func (d DType) Size() int {
	switch d {
	case Int8, Uint8, Bool:
		return 1
	case Float16, Int16, Uint16:
		return 2
	case Float32, Int32, Uint32:
		return 4
	case Float64, Int64, Uint64:
		return 8
	}
	return 0
}

// WordsPerRow is the number of 32-bit words that hold a row of n packed elements.
func WordsPerRow(n int) int { return (n + 31) / 32 }
