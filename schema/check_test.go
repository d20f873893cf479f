package schema

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestWriteRefuses(t *testing.T) {
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	long := strings.Repeat("n", maxName+1)
	sub := func(f func(s *Subgraph)) func(m *Model) { return func(m *Model) { f(m.Subgraphs[0]) } }
	tensor := func(i int, f func(t *Tensor)) func(m *Model) {
		return func(m *Model) { f(&m.Subgraphs[0].Tensors[i]) }
	}
	op := func(f func(op *Operator)) func(m *Model) { return func(m *Model) { f(&m.Subgraphs[0].Operators[1]) } }
	options := func(code OpCode, o Options) func(m *Model) {
		return op(func(op *Operator) { op.Code, op.Options = code, o })
	}
	conv := func(f func(o *BConv2DOptions)) func(m *Model) {
		return op(func(op *Operator) { f(op.Options.(*BConv2DOptions)) })
	}
	pool := func(f func(o *Pool2DOptions)) func(m *Model) {
		o := &Pool2DOptions{Window: unitWindow, Kernel: Size2D{2, 2}}
		f(o)
		return options(Pool2D, o)
	}
	quantized := func(q Quantization) func(m *Model) { return tensor(3, func(t *Tensor) { t.Quantization = &q }) }
	const conv1 = `subgraph 0: operator 1 (BConv2D "conv1"): `

	tests := []struct {
		name string
		edit func(m *Model)
		want string
	}{
		{"newer", func(m *Model) { m.FormatVersion = 7 }, "format version 7 is newer than this program's 1"},
		{"no subgraph", func(m *Model) { m.Subgraphs = nil }, "no subgraph, want at least one"},
		{"nil subgraph", func(m *Model) { m.Subgraphs[0] = nil }, "subgraph 0 is nil"},
		{"producer", func(m *Model) { m.Metadata.Producer = long }, "metadata: producer: 65536 bytes, want at most 65535"},
		{"digest not hex", func(m *Model) { m.Metadata.SourceSHA256 = strings.Repeat("x", 64) }, "want 64 hexadecimal digits"},
		{"digest short", func(m *Model) { m.Metadata.SourceSHA256 = "ab" }, `metadata: source_sha256: "ab", want 64 hexadecimal digits`},
		{"opset domain", func(m *Model) { m.Metadata.Opsets[1].Domain = "\xff" }, `metadata: opset 1: domain: "\xff" is not UTF-8`},
		{"opset version", func(m *Model) { m.Metadata.Opsets[0].Version = -1 }, `metadata: opset 0 (""): version -1, want at least 0`},
		{"property key", func(m *Model) { m.Metadata.Properties[0].Key = "\xff" }, "metadata: property 0: key: "},
		{"property value", func(m *Model) { m.Metadata.Properties[0].Value = long }, `metadata: property 0 ("licence"): value: `},
		{"subgraph name", sub(func(s *Subgraph) { s.Name = "a\x80" }), `subgraph 0: name: "a\x80" is not UTF-8`},
		{"no outputs", sub(func(s *Subgraph) { s.Outputs = nil }), "subgraph 0: no outputs, want at least one"},

		{"input out of range", sub(func(s *Subgraph) { s.Inputs[0].Tensor = 5 }), `input 0 ("x"): tensor 5 out of range [0, 5)`},
		{"input absent", sub(func(s *Subgraph) { s.Inputs[0].Tensor = Absent }), `input 0 ("x"): tensor -1 out of range [0, 5)`},
		{"input unnamed", sub(func(s *Subgraph) { s.Inputs[0].Name = "" }), "subgraph 0: input 0 has no name"},
		{"input name", sub(func(s *Subgraph) { s.Inputs[0].Name = "\xc0" }), `subgraph 0: input 0: name: "\xc0" is not UTF-8`},
		{"input constant", sub(func(s *Subgraph) { s.Inputs[0].Tensor = 2 }), `input 0 ("x"): tensor 2 is a constant`},
		{"input twice", sub(func(s *Subgraph) { s.Inputs = append(s.Inputs, Port{"z", 0}) }), `input 1 ("z"): tensor 0 is another input already`},
		{"input names", sub(func(s *Subgraph) { s.Inputs = append(s.Inputs, Port{"x", 1}) }), `input 1 ("x"): input 0 has the same name`},
		{"output names", sub(func(s *Subgraph) { s.Outputs = append(s.Outputs, Port{"y", 1}) }), `output 1 ("y"): output 0 has the same name`},
		{"output out of range", sub(func(s *Subgraph) { s.Outputs[0].Tensor = 99 }), `output 0 ("y"): tensor 99 out of range [0, 5)`},
		{"output never computed", sub(func(s *Subgraph) { s.Operators = s.Operators[:1] }), `output 0 ("y"): tensor 4 is never computed`},

		{"tensor name", tensor(1, func(t *Tensor) { t.Name = long }), "subgraph 0: tensor 1 (\"nnn"},
		{"dtype invalid", tensor(1, func(t *Tensor) { t.DType = Invalid }), `tensor 1 ("x:bits"): dtype: Invalid, want 1..13`},
		{"dtype unknown", tensor(1, func(t *Tensor) { t.DType = 14 }), `tensor 1 ("x:bits"): dtype: DType(14), want 1..13`},
		{"rank", tensor(0, func(t *Tensor) { t.Shape = make([]int, 17) }), "17 dimensions, want at most 16"},
		{"dimension", tensor(0, func(t *Tensor) { t.Shape[2] = -2 }), `tensor 0 ("x"): shape [-1 4 -2 40]: dimension -2, want -1 or more`},
		{"large dimension", tensor(0, func(t *Tensor) { t.Shape = []int{0, math.MaxInt32} }), "dimension 2147483647, want at most 268435455"},
		{"elements", tensor(0, func(t *Tensor) { t.Shape = []int{0, 1 << 14, 1 << 14} }), "more than 268435455 elements"},
		{"elements overflow", tensor(0, func(t *Tensor) { t.Shape = []int{1 << 27, 1 << 27, 1 << 27} }), "more than 268435455 elements"},
		{"constant's shape", tensor(3, func(t *Tensor) { t.Shape[0] = -1 }), `tensor 3 ("mul"): shape [-1]: unknown dimension of a constant`},
		{"constant short", tensor(3, func(t *Tensor) { t.Data = t.Data[:7] }), "data: 7 bytes, want 8 for Float32 [2]"},
		{"constant empty", tensor(3, func(t *Tensor) { t.Data = []byte{} }), "data: 0 bytes, want 8 for Float32 [2]"},
		{"bits long", tensor(2, func(t *Tensor) { t.Shape[3] = 32 }), "data: 16 bytes, want 8 for Bits [2 1 1 32]"},
		{"tail bits", tensor(2, func(t *Tensor) { t.Data[13] = 1 }), `tensor 2 ("w"): data: row 1: bits set after the 40 elements of a row`},
		{"tail of a scalar", tensor(2, func(t *Tensor) { t.Shape, t.Data = nil, words(2) }), "row 0: bits set after the 1 elements"},
		{"bool", tensor(3, func(t *Tensor) { t.DType, t.Data = Bool, []byte{1, 2} }), "data: byte 1 of a Bool tensor is 2, want 0 or 1"},

		{"no scale", quantized(Quantization{}), "quantization: no scale, want at least one"},
		{"zero scale", quantized(Quantization{Scale: []float32{0}}), "quantization: scale[0]: 0, want a positive number"},
		{"nan scale", quantized(Quantization{Scale: []float32{1, nan}}), "quantization: scale[1]: NaN, want a positive number"},
		{"infinite scale", quantized(Quantization{Scale: []float32{inf}}), "quantization: scale[0]: +Inf, want a positive number"},
		{"zero points", quantized(Quantization{Scale: []float32{1, 2}, ZeroPoint: []int64{1}}), "quantization: 1 zero points for 2 scales"},
		{"zero point", quantized(Quantization{Scale: []float32{1}, ZeroPoint: []int64{1 << 31}}), "zero_point[0]: 2147483648, want a 32-bit number"},
		{"quantization axis", quantized(Quantization{Scale: []float32{1, 2}, Axis: 1}), "quantization: axis 1 out of range [0, 1)"},
		{"scales", quantized(Quantization{Scale: []float32{1, 2, 3}}), "quantization: 3 scales for 2 elements along axis 0"},
		{"scales of a scalar", tensor(0, func(t *Tensor) { t.Shape, t.Quantization = nil, &Quantization{Scale: []float32{1, 2}} }), "2 scales for a scalar"},

		{"code", op(func(op *Operator) { op.Code = 9999 }), `operator 1 (OpCode(9999) "conv1"): code 9999, want 0..`},
		{"version 0", op(func(op *Operator) { op.Version = 0 }), conv1 + "version 0, want 1..1"},
		{"version 2", op(func(op *Operator) { op.Version = 2 }), conv1 + "version 2, want 1..1"},
		{"op name", op(func(op *Operator) { op.Name = "\xff" }), `name: "\xff" is not UTF-8`},
		{"operand out of range", op(func(op *Operator) { op.Inputs[1] = 99 }), conv1 + "inputs[1]: tensor 99 out of range [0, 5)"},
		{"operand negative", op(func(op *Operator) { op.Inputs[2] = -2 }), conv1 + "inputs[2]: tensor -2 out of range [0, 5)"},
		{"operand its own", op(func(op *Operator) { op.Inputs[0] = 4 }), conv1 + "inputs[0]: tensor 4 is read before it is computed"},
		{"order", sub(func(s *Subgraph) { s.Operators[0], s.Operators[1] = s.Operators[1], s.Operators[0] }),
			`operator 0 (BConv2D "conv1"): inputs[0]: tensor 1 is read before it is computed`},
		{"result out of range", op(func(op *Operator) { op.Outputs[0] = 5 }), conv1 + "outputs[0]: tensor 5 out of range [0, 5)"},
		{"result negative", op(func(op *Operator) { op.Outputs[0] = -7 }), conv1 + "outputs[0]: tensor -7 out of range [0, 5)"},
		{"result an input", op(func(op *Operator) { op.Outputs[0] = 0 }), conv1 + "outputs[0]: tensor 0 has a value already"},
		{"result a constant", op(func(op *Operator) { op.Outputs[0] = 3 }), conv1 + "outputs[0]: tensor 3 has a value already"},
		{"result of another", op(func(op *Operator) { op.Outputs[0] = 1 }), conv1 + "outputs[0]: tensor 1 has a value already"},
		{"result twice", op(func(op *Operator) { op.Outputs = []int{4, 4} }), conv1 + "outputs[1]: tensor 4 has a value already"},
		{"no results", op(func(op *Operator) { op.Outputs = nil }), conv1 + "no outputs, want at least one"},
		{"absent results", op(func(op *Operator) { op.Outputs = []int{Absent} }), conv1 + "no outputs, want at least one"},

		{"options missing", op(func(op *Operator) { op.Options = nil }), conv1 + "options: NONE, want BConv2DOptions"},
		{"options of another", op(func(op *Operator) { op.Options = &BGEMMOptions{} }), conv1 + "options: BGEMMOptions, want BConv2DOptions"},
		{"options too many", options(Bunpack, &BGEMMOptions{}), "options: BGEMMOptions, want NONE"},
		{"options nil", op(func(op *Operator) { op.Options = (*BConv2DOptions)(nil) }), conv1 + "options: nil *schema.BConv2DOptions"},
		{"stride", conv(func(o *BConv2DOptions) { o.Strides.H = 0 }), conv1 + "options: strides.h: 0, want 1..16777216"},
		{"stride large", conv(func(o *BConv2DOptions) { o.Strides.W = 1<<24 + 1 }), "strides.w: 16777217, want 1..16777216"},
		{"dilation h", conv(func(o *BConv2DOptions) { o.Dilations.H = -1 }), "dilations.h: -1, want 1.."},
		{"dilation w", conv(func(o *BConv2DOptions) { o.Dilations.W = 0 }), "dilations.w: 0, want 1.."},
		{"pad top", conv(func(o *BConv2DOptions) { o.Pads.Top = -1 }), "pads.top: -1, want 0.."},
		{"pad left", conv(func(o *BConv2DOptions) { o.Pads.Left = -1 }), "pads.left: -1, want 0.."},
		{"pad bottom", conv(func(o *BConv2DOptions) { o.Pads.Bottom = 1 << 30 }), "pads.bottom: 1073741824, want 0..16777216"},
		{"pad right", conv(func(o *BConv2DOptions) { o.Pads.Right = -1 }), "pads.right: -1, want 0.."},
		{"groups", conv(func(o *BConv2DOptions) { o.Groups = 0 }), "groups: 0, want 1.."},
		{"pad value", conv(func(o *BConv2DOptions) { o.PadValue = 2 }), "pad_value: 2, want -1, 0 or 1"},
		{"pre-clamp", conv(func(o *BConv2DOptions) { o.PreClamp.Min = nan }), "pre_clamp: NaN..+Inf, want numbers min <= max"},
		{"clamp", conv(func(o *BConv2DOptions) { o.Clamp = Clamp{2, 1} }), "clamp: 2..1, want numbers min <= max"},
		{"conv groups", options(Conv2D, &Conv2DOptions{Window: unitWindow, Groups: 1<<24 + 1}), "groups: 16777217, want 1.."},
		{"conv clamp", options(Conv2D, &Conv2DOptions{Window: unitWindow, Groups: 1, Clamp: Clamp{0, nan}}), "clamp: 0..NaN, want"},
		{"conv groups of channels first", options(Conv2D, &Conv2DOptions{Window: unitWindow, Groups: 2, Clamp: NoClamp, ChannelsFirst: true}), "groups: 2, want 1 of channels first"},
		{"conv stride", options(Conv2D, &Conv2DOptions{Groups: 1}), "strides.h: 0, want 1.."},
		{"bgemm pre-clamp", options(BGEMM, &BGEMMOptions{PreClamp: Clamp{1, 0}}), "pre_clamp: 1..0, want"},
		{"bgemm clamp", options(BGEMM, &BGEMMOptions{Clamp: Clamp{1, 0}}), "options: clamp: 1..0, want"},
		{"matmul clamp", options(MatMul, &MatMulOptions{Clamp: Clamp{1, 0}}), "clamp: 1..0, want"},
		{"bsign", options(Bsign, &BsignOptions{Compare: 2}), "compare: 2, want 0..1"},
		{"pool kind", pool(func(o *Pool2DOptions) { o.Kind = 2 }), "kind: 2, want 0..1"},
		{"pool kernel h", pool(func(o *Pool2DOptions) { o.Kernel.H = 0 }), "kernel.h: 0, want 1.."},
		{"pool kernel w", pool(func(o *Pool2DOptions) { o.Kernel.W = 1<<24 + 1 }), "kernel.w: 16777217, want 1.."},
		{"pool stride", pool(func(o *Pool2DOptions) { o.Strides.W = 0 }), "strides.w: 0, want 1.."},
		{"pool extent", pool(func(o *Pool2DOptions) { o.Kernel.W, o.Dilations.W = 1<<12+2, 1<<12 }),
			"kernel.w: 4098 dilated by 4096 spans 16781313, want at most 16777216"},
		{"average of bits", options(BMaxPool2D, &Pool2DOptions{Window: unitWindow, Kernel: Size2D{1, 1}, Kind: AveragePool}), "kind: Average, want Max"},
		{"reduce", options(Reduce, &ReduceOptions{Kind: 255}), "kind: 255, want 0.."},
		{"unary", options(Unary, &UnaryOptions{Kind: 255}), "kind: 255, want 0.."},
		{"unary nan", options(Unary, &UnaryOptions{Kind: LeakyRelu, Alpha: nan}), "alpha, beta: NaN, 0, want numbers"},
		{"clip nan", options(Unary, &UnaryOptions{Kind: Clip, Beta: nan}), "alpha, beta: clip to 0..NaN, want"},
		{"clip empty", options(Unary, &UnaryOptions{Kind: Clip, Alpha: 1}), "alpha, beta: clip to 1..0, want numbers alpha <= beta"},
		{"binary", options(Binary, &BinaryOptions{Kind: 255}), "kind: 255, want 0.."},
		{"softmax", options(Softmax, &SoftmaxOptions{Axis: 17}), "axis: 17, want -16..16"},
		{"axis", options(Concat, &AxisOptions{Axis: -17}), "axis: -17, want -16..16"},
		{"perm long", options(Transpose, &TransposeOptions{Perm: make([]int, 17)}), "perm: 17 axes, want at most 16"},
		{"perm twice", options(Transpose, &TransposeOptions{Perm: []int{1, 1}}), "perm: [1 1] is not a permutation"},
		{"perm range", options(Transpose, &TransposeOptions{Perm: []int{0, 2}}), "perm: [0 2] is not a permutation"},
		{"perm negative", options(Transpose, &TransposeOptions{Perm: []int{-1, 0}}), "perm: [-1 0] is not a permutation"},
		{"pad mode", options(Pad, &PadOptions{Mode: 3}), "mode: 3, want 0..2"},
		{"scatter", options(ScatterND, &ScatterOptions{Reduction: 255}), "reduction: 255, want 0.."},
		{"arg axis", options(ArgReduce, &ArgOptions{Axis: 17}), "axis: 17, want -16..16"},
		{"top axis", options(TopK, &TopKOptions{Axis: -17}), "axis: -17, want -16..16"},
		{"reverse axis", options(ReverseSequence, &ReverseSequenceOptions{TimeAxis: 99}), "axis: 99, want -16..16"},
		{"pool nd lengths", options(PoolND, &PoolNDOptions{Kernel: []int{1, 1}, Strides: []int{1, 1}, Dilations: []int{1, 1}, Pads: []int{0, 0}}), "2, 2, 2 and 2 numbers, want one for each"},
		{"pool nd stride", options(PoolND, &PoolNDOptions{Kernel: []int{1}, Strides: []int{0}, Dilations: []int{1}, Pads: []int{0, 0}}), "strides: 0, want 1.."},
		{"pool nd pad", options(PoolND, &PoolNDOptions{Kernel: []int{1}, Strides: []int{1}, Dilations: []int{1}, Pads: []int{0, -1}}), "pads: -1, want 0.."},
		{"pool nd taps", options(PoolND, &PoolNDOptions{Kernel: []int{1 << 16, 1 << 16}, Strides: []int{1, 1}, Dilations: []int{1, 1}, Pads: []int{0, 0, 0, 0}}), "has more than"},
		{"resize mode", options(Resize, &ResizeOptions{Mode: 255}), "mode: 255, want 0..2"},
		{"resize nan", options(Resize, &ResizeOptions{Cubic: nan}), "cubic, extrapolation: NaN, 0, want numbers"},
		{"recurrent kind", options(Recurrent, &RecurrentOptions{Kind: 255, Activations: []int{1}}), "kind: 255, want 0..2"},
		{"recurrent activations", options(Recurrent, &RecurrentOptions{}), "activations: 0, want 1 to 6"},
		{"recurrent activation", options(Recurrent, &RecurrentOptions{Activations: []int{5}}), "activations: 5, want 0..4"},
		{"cast", options(Cast, &CastOptions{}), "to: Invalid, want 1..13"},
		{"custom", options(Custom, &CustomOptions{}), "name: empty"},
		{"custom name", options(Custom, &CustomOptions{Name: "\xff"}), `name: "\xff" is not UTF-8`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tinyModel()
			tt.edit(m)
			var b bytes.Buffer
			err := Write(&b, m)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want %q", err, tt.want)
			}
			if b.Len() != 0 {
				t.Errorf("%d bytes written", b.Len())
			}
			// The same model in a file is refused by Open with the same words.
			if checkOptionsGiven(m) != nil || m.Subgraphs != nil && m.Subgraphs[0] == nil || tt.name == "newer" {
				return
			}
			data, err := encode(m)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(data)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: got error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestSharedDataIsCheckedOnce opens a file in which a thousand tensors of Bits and
// of Bool use the same large buffer.
func TestSharedDataIsCheckedOnce(t *testing.T) {
	m := constants(make([]byte, 1<<18))
	s := m.Subgraphs[0]
	for i := range 2000 {
		tensor := Tensor{DType: Bool, Shape: []int{1 << 18}, Data: s.Tensors[0].Data}
		if i%2 == 0 {
			tensor.DType, tensor.Shape = Bits, []int{1 << 16, 31}
		}
		s.Tensors = append(s.Tensors, tensor)
	}
	file := mustWrite(t, m)
	c := checker{rows: map[packedRows]bool{}}
	if err := c.subgraph(mustOpen(t, file).Subgraphs[0]); err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.rows), 2; got != want {
		t.Errorf("data looked at %d times, want %d", got, want)
	}
}
