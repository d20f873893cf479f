// Package schema is the .lce model format: plain Go views of a model, a reader
// that verifies every byte it trusts, and a deterministic writer. It knows
// nothing but FlatBuffers.
//
// The layout rules (NHWC, OHWI, bit order) and the meaning of each operator and
// its options are in lce.fbs.
package schema

import "math"

// Model is a whole .lce file. The first of its subgraphs is the model; the others belong to
// operators, each to one at most. One returned by Open shares memory with the bytes
// it was opened from and must not be changed.
type Model struct {
	FormatVersion uint32 // of the file; Write takes 0 for its own
	Subgraphs     []*Subgraph
	Metadata      Metadata
}

// Metadata says where a model came from.
type Metadata struct {
	Producer     string
	SourceSHA256 string // hexadecimal digest of the source model file
	Opsets       []Opset
	Properties   []KeyValue
}

// Opset is an operator set of the source model.
type Opset struct {
	Domain  string
	Version int64
}

// KeyValue is a free-form property.
type KeyValue struct{ Key, Value string }

// AssumedBinary is the key of a property that lists layers which were made binary
// although they are not in the source model: results are good for measuring only.
const AssumedBinary = "lce.assumed_binary"

// Property is the value of a property, "" if there is none of that key.
func (m *Metadata) Property(key string) string {
	for _, p := range m.Properties {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// Subgraph is a graph whose operators are in an order in which they can run.
type Subgraph struct {
	Name      string
	Tensors   []Tensor
	Operators []Operator
	Inputs    []Port
	Outputs   []Port
}

// Port is a graph input or output.
type Port struct {
	Name   string
	Tensor int // index into Subgraph.Tensors
}

// Tensor describes a value of the graph.
type Tensor struct {
	Name  string
	DType DType
	Shape []int // -1 is unknown until the model is prepared
	// Data holds a constant's elements, row by row, little-endian, aligned to 64
	// bytes in the file. It is nil for a tensor that is computed, and not nil for a
	// constant without elements.
	Data         []byte
	Quantization *Quantization
}

// Quantization is affine: value = Scale*(q - ZeroPoint), per Axis if there are
// several scales.
type Quantization struct {
	Scale     []float32
	ZeroPoint []int64
	Axis      int
}

// Absent is the tensor index of an optional operand that is not given.
const Absent = -1

// Operator is one step of a subgraph.
type Operator struct {
	Code    OpCode
	Version int
	Name    string
	Inputs  []int // indices into Subgraph.Tensors, or Absent
	Outputs []int
	Options Options // nil for an op that has none
}

// Options is one of the *Options pointer types of this package.
type Options interface{ options() }

// Clamp is an inclusive range; use NoClamp for none.
type Clamp struct{ Min, Max float32 }

// NoClamp leaves every value as it is.
var NoClamp = Clamp{Min: float32(math.Inf(-1)), Max: float32(math.Inf(1))}

// Size2D is a height and width.
type Size2D struct{ H, W int }

// Pads counts the rows and columns added around a map.
type Pads struct{ Top, Left, Bottom, Right int }

// Window is the geometry that convolutions and pools share.
type Window struct {
	Strides   Size2D
	Dilations Size2D
	Pads      Pads
}

type (
	// CustomOptions belong to an op that the embedding program registers by Name.
	CustomOptions struct {
		Name string
		Data []byte
	}
	// BsignOptions: with v = negate[c]*x the result is +1 iff v >= threshold (or v >
	// threshold), else -1. A NaN is -1. Invert turns the result around afterwards.
	BsignOptions struct {
		Compare CompareKind
		Invert  bool
	}
	// BConv2DOptions: a tap outside the map counts as PadValue (-1, 0 or +1). The float
	// output is Clamp(PreClamp(float32(dot))*mul + bias), rounded after each operation.
	BConv2DOptions struct {
		Window
		Groups   int
		PadValue int
		PreClamp Clamp
		Clamp    Clamp
	}
	// BGEMMOptions: see BConv2DOptions.
	BGEMMOptions struct {
		PreClamp Clamp
		Clamp    Clamp
	}
	// Conv2DOptions: the result is clamped after the bias. ChannelsFirst is the layout of
	// the input alone.
	Conv2DOptions struct {
		Window
		Groups        int
		Clamp         Clamp
		ChannelsFirst bool
	}
	// MatMulOptions: the transposes swap the last two axes of an operand.
	MatMulOptions struct {
		TransposeA, TransposeB bool
		Clamp                  Clamp
	}
	// Pool2DOptions: padding never wins a maximum; CountIncludePad counts it in an average.
	Pool2DOptions struct {
		Window
		Kind            PoolKind
		Kernel          Size2D
		CeilMode        bool
		CountIncludePad bool
	}
	// ReduceOptions: without an axes operand all axes are reduced, or none with NoopWithEmptyAxes.
	ReduceOptions struct {
		Kind              ReduceKind
		KeepDims          bool
		NoopWithEmptyAxes bool
	}
	// UnaryOptions: Alpha is LeakyRelu's slope; HardSigmoid is max(0, min(1,
	// Alpha*x+Beta)); Clip is to [Alpha, Beta]; Elu and Celu have Alpha, Selu has Alpha
	// and as Beta its gamma; ThresholdedRelu is x > Alpha ? x : 0; Shrink moves x by Beta
	// towards 0 where |x| > Alpha, else it is 0.
	UnaryOptions struct {
		Kind        UnaryKind
		Alpha, Beta float32
	}
	// BinaryOptions: numpy broadcasting; comparisons, And, Or and Xor give Bool.
	BinaryOptions struct{ Kind BinaryKind }
	// SoftmaxOptions: Log asks for log-softmax.
	SoftmaxOptions struct {
		Axis int
		Log  bool
	}
	// ReshapeOptions: without AllowZero a 0 in the shape copies the input's dimension.
	ReshapeOptions struct{ AllowZero bool }
	// AxisOptions is the axis of Concat, Split, Gather, GatherElements, OneHot and Flatten;
	// it may count from the end. For GatherND it is the number of batch axes.
	AxisOptions struct{ Axis int }
	// TransposeOptions: output axis i is input axis Perm[i].
	TransposeOptions struct{ Perm []int }
	// PadOptions are for Pad.
	PadOptions struct{ Mode PadMode }
	// ShapeOptions bound the axes that Shape reports; both may count from the end.
	ShapeOptions struct{ Start, End int64 }
	// CastOptions: floats to integers truncate towards zero.
	CastOptions struct{ To DType }
	// ScatterOptions: places in axis of ScatterElements; ScatterND has none. Reduction says
	// what becomes of the element that was there.
	ScatterOptions struct {
		Axis      int
		Reduction ScatterKind
	}
	// ArgOptions: Min asks for the smallest element, Last for the last of equal ones.
	ArgOptions struct {
		Axis     int
		KeepDims bool
		Min      bool
		Last     bool
	}
	// TopKOptions: Smallest asks for the smallest elements.
	TopKOptions struct {
		Axis     int
		Smallest bool
	}
	// CumSumOptions: an Exclusive sum is of what is before the element; Reverse sums from the
	// end.
	CumSumOptions struct {
		Exclusive bool
		Reverse   bool
	}
	// TriluOptions: Lower keeps what is on the diagonal and below it, else above it.
	TriluOptions struct {
		Lower bool
	}
	// ReverseSequenceOptions: the axes of the sequences and of their steps, not negative.
	ReverseSequenceOptions struct {
		BatchAxis int
		TimeAxis  int
	}
	// PoolNDOptions: as Pool2DOptions, for each spatial axis; Pads are all begins, then all
	// ends. ColumnMajor is the order that indices count in.
	PoolNDOptions struct {
		Kind            PoolKind
		Kernel          []int
		Strides         []int
		Dilations       []int
		Pads            []int
		CeilMode        bool
		CountIncludePad bool
		ColumnMajor     bool
	}
	// ResizeOptions: Cubic is the coefficient of cubic interpolation; with ExcludeOutside it
	// has no weight for what is outside. Extrapolation is the value outside of a crop.
	ResizeOptions struct {
		Mode           ResizeMode
		Coordinates    ResizeCoordinates
		Rounding       ResizeRounding
		Cubic          float32
		ExcludeOutside bool
		Extrapolation  float32
	}
	// LayerNormOptions: Epsilon is added to variances.
	LayerNormOptions struct {
		Epsilon float32
	}
	// RecurrentOptions: Activations are for each direction those of gates, candidates and
	// cells. LinearBeforeReset is a GRU's, InputForget an LSTM's.
	RecurrentOptions struct {
		Kind              RecurrentKind
		Direction         RecurrentDirection
		Activations       []int
		LinearBeforeReset bool
		InputForget       bool
	}
	// QuantizeOptions: the axis of several scales, for Quantize and Dequantize.
	QuantizeOptions struct{ Axis int }
	// QConv2DOptions: the result is of type To, clamped after the zero point.
	QConv2DOptions struct {
		Window
		Groups    int
		To        DType
		ZeroPoint int
		Clamp     Clamp
	}
	// QMatMulOptions: see QConv2DOptions.
	QMatMulOptions struct {
		To        DType
		ZeroPoint int
		Clamp     Clamp
	}
	// QBinaryOptions: Kind is Add or Mul.
	QBinaryOptions struct {
		Kind                    BinaryKind
		To                      DType
		AScale, BScale          float32
		AZero, BZero, ZeroPoint int
		Clamp                   Clamp
	}
	// IfOptions: Then and Else are indices of Model.Subgraphs; Then reads the first
	// ThenInputs operands behind the condition, Else the others.
	IfOptions struct {
		Then, Else, ThenInputs int
	}
	// LoopOptions: Body is an index of Model.Subgraphs.
	LoopOptions struct {
		Body, States, Scanned int
	}
	// NonMaxSuppressionOptions: a box is a center and a size, or two corners.
	NonMaxSuppressionOptions struct{ CenterPointBox bool }
)

func (*CustomOptions) options()            {}
func (*BsignOptions) options()             {}
func (*BConv2DOptions) options()           {}
func (*BGEMMOptions) options()             {}
func (*Conv2DOptions) options()            {}
func (*MatMulOptions) options()            {}
func (*Pool2DOptions) options()            {}
func (*ReduceOptions) options()            {}
func (*UnaryOptions) options()             {}
func (*BinaryOptions) options()            {}
func (*SoftmaxOptions) options()           {}
func (*ReshapeOptions) options()           {}
func (*AxisOptions) options()              {}
func (*TransposeOptions) options()         {}
func (*PadOptions) options()               {}
func (*ShapeOptions) options()             {}
func (*CastOptions) options()              {}
func (*ScatterOptions) options()           {}
func (*ArgOptions) options()               {}
func (*TopKOptions) options()              {}
func (*CumSumOptions) options()            {}
func (*TriluOptions) options()             {}
func (*ReverseSequenceOptions) options()   {}
func (*PoolNDOptions) options()            {}
func (*ResizeOptions) options()            {}
func (*RecurrentOptions) options()         {}
func (*LayerNormOptions) options()         {}
func (*QuantizeOptions) options()          {}
func (*QConv2DOptions) options()           {}
func (*QMatMulOptions) options()           {}
func (*QBinaryOptions) options()           {}
func (*IfOptions) options()                {}
func (*LoopOptions) options()              {}
func (*NonMaxSuppressionOptions) options() {}
