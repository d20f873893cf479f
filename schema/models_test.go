package schema

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema/internal/fb"
)

// tinyModel is a binary convolution with a constant of each common kind.
func tinyModel() *Model {
	return &Model{
		FormatVersion: FormatVersion,
		Metadata: Metadata{
			Producer:     "schema test",
			SourceSHA256: strings.Repeat("0123456789abcdef", 4),
			Opsets:       []Opset{{Domain: "", Version: 17}, {Domain: "larq", Version: 1}},
			Properties:   []KeyValue{{Key: "licence", Value: "Apache-2.0"}},
		},
		Subgraphs: []*Subgraph{{
			Name: "main",
			Tensors: []Tensor{
				{Name: "x", DType: Float32, Shape: []int{-1, 4, 4, 40}},
				{Name: "x:bits", DType: Bits, Shape: []int{-1, 4, 4, 40}},
				{Name: "w", DType: Bits, Shape: []int{2, 1, 1, 40}, Data: words(0xdeadbeef, 0x12, 0x600df00d, 0xff)},
				{Name: "mul", DType: Float32, Shape: []int{2}, Data: floats(0.5, -2)},
				{Name: "y", DType: Float32, Shape: []int{-1, 4, 4, 2}},
			},
			Operators: []Operator{
				{Code: Bsign, Version: 1, Name: "sign", Inputs: []int{0}, Outputs: []int{1}, Options: &BsignOptions{}},
				{Code: BConv2D, Version: 1, Name: "conv1", Inputs: []int{1, 2, 3}, Outputs: []int{4}, Options: bconv()},
			},
			Inputs:  []Port{{Name: "x", Tensor: 0}},
			Outputs: []Port{{Name: "y", Tensor: 4}},
		}},
	}
}

func bconv() *BConv2DOptions {
	return &BConv2DOptions{Window: unitWindow, Groups: 1, PreClamp: NoClamp, Clamp: NoClamp}
}

var unitWindow = Window{Strides: Size2D{1, 1}, Dilations: Size2D{1, 1}}

// everyOptions has options of every type, with values other than the defaults and
// with the defaults.
func everyOptions() []Options {
	inf := float32(math.Inf(1))
	negZero := float32(math.Copysign(0, -1))
	window := Window{Strides: Size2D{2, 3}, Dilations: Size2D{4, 5}, Pads: Pads{1, 2, 3, 4}}
	relu := Clamp{Min: 0, Max: inf}
	return []Options{
		&CustomOptions{Name: "my.Op", Data: []byte("opaque\x00\xff")}, &CustomOptions{Name: "é"},
		&BsignOptions{Compare: SignGreater, Invert: true}, &BsignOptions{},
		&BConv2DOptions{Window: window, Groups: 7, PadValue: -1, PreClamp: Clamp{-3, 3}, Clamp: relu}, bconv(),
		&BGEMMOptions{PreClamp: Clamp{negZero, 0}, Clamp: relu}, &BGEMMOptions{PreClamp: NoClamp, Clamp: NoClamp},
		&Conv2DOptions{Window: window, Groups: 3, Clamp: Clamp{0, 6}},
		&Conv2DOptions{Window: unitWindow, Groups: 1, Clamp: NoClamp, ChannelsFirst: true},
		&MatMulOptions{TransposeA: true, Clamp: relu}, &MatMulOptions{TransposeB: true, Clamp: NoClamp},
		&Pool2DOptions{Window: window, Kind: AveragePool, Kernel: Size2D{3, 2}, CeilMode: true, CountIncludePad: true},
		&Pool2DOptions{Window: unitWindow, Kernel: Size2D{1, 1}},
		&ReduceOptions{Kind: ReduceMax, KeepDims: true, NoopWithEmptyAxes: true}, &ReduceOptions{},
		&UnaryOptions{Kind: HardSigmoid, Alpha: 0.2, Beta: 0.5}, &UnaryOptions{Kind: Clip, Alpha: negZero, Beta: 0},
		&UnaryOptions{Kind: Clip, Alpha: 0, Beta: 0}, &UnaryOptions{Kind: LeakyRelu, Alpha: -inf}, &UnaryOptions{Kind: Not},
		&BinaryOptions{Kind: Or}, &BinaryOptions{},
		&SoftmaxOptions{Axis: -1, Log: true}, &SoftmaxOptions{},
		&ReshapeOptions{AllowZero: true}, &ReshapeOptions{},
		&AxisOptions{Axis: -3}, &AxisOptions{},
		&TransposeOptions{Perm: []int{0, 3, 1, 2}}, &TransposeOptions{Perm: []int{}},
		&TransposeOptions{Perm: []int{8, 7, 6, 5, 4, 3, 2, 1, 0}},
		&PadOptions{Mode: PadEdge}, &PadOptions{},
		&ShapeOptions{Start: -2, End: -1}, &ShapeOptions{End: math.MaxInt64},
		&CastOptions{To: Bits}, &CastOptions{To: Float32},
		&ScatterOptions{Axis: -1, Reduction: ScatterMin}, &ScatterOptions{},
		&ArgOptions{Axis: 2, KeepDims: true, Last: true}, &ArgOptions{Min: true},
		&TopKOptions{Axis: -2, Smallest: true}, &TopKOptions{},
		&CumSumOptions{Exclusive: true}, &CumSumOptions{Reverse: true},
		&TriluOptions{Lower: true}, &TriluOptions{},
		&ReverseSequenceOptions{BatchAxis: 1}, &ReverseSequenceOptions{TimeAxis: 2},
		&PoolNDOptions{Kind: AveragePool, Kernel: []int{1, 2, 3}, Strides: []int{4, 5, 6}, Dilations: []int{7, 8, 9}, Pads: []int{0, 1, 2, 3, 4, 5}, CountIncludePad: true},
		&PoolNDOptions{Kernel: []int{1}, Strides: []int{1}, Dilations: []int{1}, Pads: []int{0, 0}, CeilMode: true, ColumnMajor: true},
		&ResizeOptions{Mode: ResizeCubic, Coordinates: ResizeCropAndResize, Rounding: RoundSimple, Cubic: -0.75, ExcludeOutside: true, Extrapolation: 3},
		&ResizeOptions{Cubic: negZero},
		&RecurrentOptions{Kind: GRU, Direction: Bidirectional, Activations: []int{0, 1, 4, 3}, LinearBeforeReset: true},
		&RecurrentOptions{Activations: []int{2}, InputForget: true},
		&LayerNormOptions{Epsilon: 1e-5}, &LayerNormOptions{},
		&QuantizeOptions{Axis: -1}, &QuantizeOptions{},
		&QConv2DOptions{Window: window, Groups: 4, To: Int8, ZeroPoint: -7, Clamp: Clamp{-7, 100}},
		&QConv2DOptions{Window: unitWindow, Groups: 1, To: Int32, Clamp: NoClamp},
		&QMatMulOptions{To: Uint8, ZeroPoint: 255, Clamp: NoClamp}, &QMatMulOptions{To: Float32, Clamp: relu},
		&QBinaryOptions{Kind: Mul, To: Uint8, AScale: 1, BScale: 2, AZero: -4, BZero: 5, ZeroPoint: 6, Clamp: Clamp{6, 255}},
		&QBinaryOptions{To: Int8, AScale: 0.5, BScale: 1, Clamp: NoClamp},
		&IfOptions{Then: 1, Else: 2, ThenInputs: 3}, &LoopOptions{Body: 1, States: 2, Scanned: 3},
		&NonMaxSuppressionOptions{CenterPointBox: true}, &NonMaxSuppressionOptions{},
	}
}

// optionsWithoutGraphs is everyOptions for models of one subgraph.
func optionsWithoutGraphs() []Options {
	return slices.DeleteFunc(everyOptions(), func(o Options) bool {
		kind := optionsType(o)
		return kind == fb.OptionsIfOptions || kind == fb.OptionsLoopOptions
	})
}

// addControl adds an If and a Loop to the first subgraph of m, and their graphs: the branches
// give a, and the body adds b to a state and collects c, which it gets slices of.
func addControl(m *Model) {
	s := m.Subgraphs[0]
	add := func(g *Subgraph, name string, d DType, shape ...int) int {
		g.Tensors = append(g.Tensors, Tensor{Name: name, DType: d, Shape: append([]int{}, shape...)})
		return len(g.Tensors) - 1
	}
	input := func(g *Subgraph, name string, d DType, shape ...int) int {
		t := add(g, name, d, shape...)
		g.Inputs = append(g.Inputs, Port{name, t})
		return t
	}
	cond, count := input(s, "cond", Bool), input(s, "count", Int64, 1)
	a, c := input(s, "a", Float32, 2), input(s, "c", Float32, -1, 2)
	graph := len(m.Subgraphs)
	for _, name := range []string{"then", "else"} {
		g := &Subgraph{Name: name, Operators: []Operator{}}
		g.Outputs = []Port{{"y", input(g, "x", Float32, 2)}}
		m.Subgraphs = append(m.Subgraphs, g)
	}
	body := &Subgraph{Name: "body"}
	input(body, "i", Int64)
	more := input(body, "more", Bool)
	state, slice, b := input(body, "state", Float32, 2), input(body, "slice", Float32, 2), input(body, "b", Float32, 2)
	sum := add(body, "sum", Float32, 2)
	body.Operators = []Operator{{Code: Binary, Version: 1, Name: "add", Inputs: []int{state, b}, Outputs: []int{sum}, Options: &BinaryOptions{Kind: Add}}}
	body.Outputs = []Port{{"more", more}, {"sum", sum}, {"slice", slice}}
	m.Subgraphs = append(m.Subgraphs, body)
	chosen, last, all := add(s, "chosen", Float32, 2), add(s, "last", Float32, 2), add(s, "all", Float32, -1, 2)
	s.Operators = append(s.Operators,
		Operator{Code: If, Version: 1, Name: "if", Inputs: []int{cond, a, a}, Outputs: []int{chosen}, Options: &IfOptions{Then: graph, Else: graph + 1, ThenInputs: 1}},
		Operator{Code: Loop, Version: 1, Name: "loop", Inputs: []int{count, cond, chosen, c, a}, Outputs: []int{last, all}, Options: &LoopOptions{Body: graph + 2, States: 1, Scanned: 1}})
	s.Outputs = append(s.Outputs, Port{"last", last}, Port{"all", all})
}

// everyModel has every operator, every option, every element type.
func everyModel() *Model {
	s := &Subgraph{Name: "all", Inputs: []Port{{"in", 0}}}
	add := func(t Tensor) int {
		s.Tensors = append(s.Tensors, t)
		return len(s.Tensors) - 1
	}
	last := add(Tensor{Name: "in", DType: Float32, Shape: []int{}})
	for d := Float32; d <= Bits; d++ {
		add(Tensor{Name: "empty " + d.String(), DType: d, Shape: []int{0, 3}, Data: []byte{}})
		t := Tensor{Name: "const " + d.String(), DType: d, Shape: []int{3, 2}}
		size, err := dataSize(&t)
		if err != nil {
			panic(err)
		}
		t.Data = bytes.Repeat([]byte{1, 0, 0, 0}, int(size))[:size]
		add(t)
	}
	s.Tensors[2].Quantization = &Quantization{Scale: []float32{0.25}}
	s.Tensors[4].Quantization = &Quantization{Scale: []float32{1, 2}, ZeroPoint: []int64{-5, math.MaxInt32}, Axis: 1}
	used := map[OpCode]bool{}
	op := func(code OpCode, o Options) {
		out := add(Tensor{Name: "out", DType: Float32, Shape: []int{-1, 2}})
		s.Operators = append(s.Operators, Operator{
			Code: code, Version: 1, Name: "op " + code.String(), Options: o,
			Inputs: []int{last, Absent, len(s.Operators) % 20}, Outputs: []int{Absent, out},
		})
		used[code] = true
		last = out
	}
	for _, o := range optionsWithoutGraphs() {
		for code := range operators {
			if pool, ok := o.(*Pool2DOptions); ok && OpCode(code) == BMaxPool2D && pool.Kind != MaxPool {
				continue
			}
			if operators[code].options == optionsType(o) {
				op(OpCode(code), o)
			}
		}
	}
	for code := range operators {
		if !used[OpCode(code)] && operators[code].options == fb.OptionsNONE {
			op(OpCode(code), nil)
		}
	}
	s.Outputs = []Port{{"out", last}, {"again", last}, {"const", 2}}
	other := tinyModel()
	m := &Model{FormatVersion: FormatVersion, Subgraphs: []*Subgraph{s, other.Subgraphs[0]}, Metadata: other.Metadata}
	addControl(m)
	return m
}

func words(w ...uint32) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func floats(f ...float32) []byte {
	var b []byte
	for _, v := range f {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func mustWrite(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustOpen(t testing.TB, data []byte) *Model {
	t.Helper()
	m, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
