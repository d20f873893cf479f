// Package layers writes single layers as ONNX models, which bench-ort measures: the
// shapes that networks consist of, in float32, with weights of -1 and +1 behind a sign,
// and quantized to 8 bits. All weights repeat a short random table, as times do not
// depend on them, so that the models compress to almost nothing.
package layers

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// ChainLength is the number of layers in a row of a chain. The time of a chain less
// that of a single layer, divided by ChainLength-1, is the time of a layer without
// what happens once in a run.
const ChainLength = 9

// Variant is a model of a layer.
type Variant string

// The variants of a layer, which has some of them.
const (
	Float      Variant = "float"
	FloatChain Variant = "float_chain" // ChainLength layers
	Binary     Variant = "binary"      // a sign in front, weights of -1 and +1, float32 out
	Bits       Variant = "bits"        // sign, layer, sign, layer
	Int8       Variant = "int8"        // as QLinearConv, uint8 goes in and comes out
	Int8Chain  Variant = "int8_chain"
)

// Layer is a shape and the models of it.
type Layer struct {
	Name   string
	MACs   int64 // multiply-adds, taps on padding included
	models []model
}

// model is a variant and what writes it.
type model struct {
	variant Variant
	build   func() *onnxpb.ModelProto
}

// Has reports whether there is such a variant.
func (l *Layer) Has(v Variant) bool {
	return slices.ContainsFunc(l.models, func(m model) bool { return m.variant == v })
}

// File is the name of the file of a variant.
func (l *Layer) File(v Variant) string { return l.Name + "_" + string(v) + ".onnx" }

// All lists the layers.
func All() []Layer {
	var list []Layer
	for _, c := range []conv{
		{size: 56, in: 64, out: 64, kernel: 3},
		{size: 28, in: 128, out: 128, kernel: 3},
		{size: 14, in: 256, out: 256, kernel: 3},
		{size: 7, in: 512, out: 512, kernel: 3},
		{size: 14, in: 256, out: 256, kernel: 1},
	} {
		list = append(list, Layer{c.name(), c.macs(), append(c.chained(),
			model{Binary, func() *onnxpb.ModelProto { return c.binary(1) }},
			model{Bits, func() *onnxpb.ModelProto { return c.binary(2) }},
			model{Int8, func() *onnxpb.ModelProto { return c.int8(1) }},
			model{Int8Chain, func() *onnxpb.ModelProto { return c.int8(ChainLength) }},
		)})
	}
	for _, c := range []conv{
		{size: 56, in: 64, out: 128, kernel: 1},
		{size: 56, in: 128, out: 128, kernel: 3, depthwise: true},
	} {
		list = append(list, Layer{c.name(), c.macs(), c.chained()})
	}
	for _, c := range []conv{
		{size: 224, in: 3, out: 64, kernel: 7, stride: 2},
		{size: 224, in: 3, out: 64, kernel: 3, stride: 2},
	} {
		list = append(list, Layer{c.name(), c.macs(), []model{{Float, c.stem}}})
	}
	const wide, square = 4096, 1024
	return append(list,
		Layer{fmt.Sprintf("dense_%d", wide), wide * wide,
			[]model{{Binary, func() *onnxpb.ModelProto { return dense(1, wide, true) }}}},
		Layer{fmt.Sprintf("matmul_%d", square), square * square * square,
			[]model{{Float, func() *onnxpb.ModelProto { return dense(square, square, false) }}}},
	)
}
