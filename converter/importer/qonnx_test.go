package importer_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// inDomain sets the domain of a node.
func inDomain(domain string, n *onnxpb.NodeProto) *onnxpb.NodeProto {
	n.Domain = proto.String(domain)
	return n
}

// quantCase is a node of QONNX, and its results on x by the definitions of QONNX.
type quantCase struct {
	name  string
	op    string
	dims  []int // of x
	x     []float32
	in    []*onnxpb.TensorProto // the other operands
	attrs []*onnxpb.AttributeProto
	want  []float32
}

func scalarTensor(name string, x float32) *onnxpb.TensorProto { return float32s(name, nil, x) }

func quantOperands(scale, zero, bits float32) []*onnxpb.TensorProto {
	return []*onnxpb.TensorProto{scalarTensor("s", scale), scalarTensor("z", zero), scalarTensor("b", bits)}
}

func quantCases() []quantCase {
	negZero := float32(math.Copysign(0, -1))
	row := []float32{-2, -0.5, negZero, 0, 0.5, 2}
	dims := []int{2, 3}
	a := func(name string, value any) *onnxpb.AttributeProto { return attribute(name, value) }
	return []quantCase{
		{"bipolar", "BipolarQuant", dims, row, []*onnxpb.TensorProto{scalarTensor("s", 1)}, nil, []float32{-1, -1, 1, 1, 1, 1}},
		{"bipolar scaled", "BipolarQuant", dims, row, []*onnxpb.TensorProto{scalarTensor("s", 0.25)}, nil, []float32{-0.25, -0.25, 0.25, 0.25, 0.25, 0.25}},
		{"bipolar scaled by row", "BipolarQuant", dims, row, []*onnxpb.TensorProto{float32s("s", []int64{2, 1}, 3, -2)}, nil, []float32{-3, -3, 3, -2, -2, -2}},
		{"1 bit", "Quant", dims, row, quantOperands(0.5, 0, 1), nil, []float32{-0.5, -0.5, 0.5, 0.5, 0.5, 0.5}},
		// y = x/0.5 + 1 = -3, 0, 1, 1, 2, 5; (+-1 - 1) * 0.5
		{"1 bit with a zero point", "Quant", dims, row, quantOperands(0.5, 1, 1), []*onnxpb.AttributeProto{a("signed", 1), a("narrow", 0), a("rounding_mode", "FLOOR")}, []float32{-1, 0, 0, 0, 0, 0}},
		// y = x/0.5 = -4, -1, 0, 0, 1, 4 in [0, 1]
		{"1 bit unsigned", "Quant", dims, row, quantOperands(0.5, 0, 1), []*onnxpb.AttributeProto{a("signed", 0)}, []float32{0, 0, 0, 0, 0.5, 0.5}},
		// Half to even: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, -0.5 -> 0, -1.5 -> -2; [-2, 1]
		{"2 bits round half to even", "Quant", []int{6}, []float32{0.5, 1.5, 2.5, -0.5, -1.5, -9}, quantOperands(1, 0, 2), nil, []float32{0, 1, 1, 0, -2, -2}},
		{"2 bits narrow", "Quant", []int{4}, []float32{9, 0.6, -0.6, -9}, quantOperands(1, 0, 2), []*onnxpb.AttributeProto{a("narrow", 1)}, []float32{1, 1, -1, -1}},
		// y = x/0.1 + 3 = 0, 3, 8, 103 in [0, 15]; (y - 3) * 0.1
		{"4 bits unsigned with a zero point", "IntQuant", []int{4}, []float32{-0.3, 0, 0.5, 10}, quantOperands(0.1, 3, 4), []*onnxpb.AttributeProto{a("signed", 0)}, []float32{-0.3, 0, 0.5, 1.2}},
		{"2 bits unsigned narrow", "Quant", []int{3}, []float32{-1, 1.7, 9}, quantOperands(1, 0, 2), []*onnxpb.AttributeProto{a("signed", 0), a("narrow", 1)}, []float32{0, 2, 2}},
		{"8 bits by channel", "Quant", []int{1, 2, 2}, []float32{1, -300, 1, 0.3},
			[]*onnxpb.TensorProto{float32s("s", []int64{2, 1}, 2, 0.25), scalarTensor("z", 0), scalarTensor("b", 8)}, nil, []float32{0, -256, 1, 0.25}},
		{"one threshold", "MultiThreshold", dims, row, []*onnxpb.TensorProto{float32s("t", []int64{1, 1}, 0)},
			[]*onnxpb.AttributeProto{a("out_dtype", "BIPOLAR"), a("out_scale", 2.0), a("out_bias", -1.0)}, []float32{-1, -1, 1, 1, 1, 1}},
		{"one threshold for each channel", "MultiThreshold", []int{1, 2, 1, 2}, []float32{0, 1, 0, 1}, []*onnxpb.TensorProto{float32s("t", []int64{2, 1}, 0, 0.5)},
			[]*onnxpb.AttributeProto{a("out_scale", 2.0), a("out_bias", -1.0), a("data_layout", "NCHW")}, []float32{1, 1, -1, 1}},
		{"channels last", "MultiThreshold", []int{1, 2, 1, 2}, []float32{0, 1, 0, 0}, []*onnxpb.TensorProto{float32s("t", []int64{2, 1}, 0, 0.5)},
			[]*onnxpb.AttributeProto{a("data_layout", "NHWC")}, []float32{1, 1, 1, 0}},
		{"three thresholds", "MultiThreshold", []int{4, 1}, []float32{0, 1, 2.5, 9}, []*onnxpb.TensorProto{float32s("t", []int64{1, 3}, 1, 2, 3)},
			[]*onnxpb.AttributeProto{a("out_scale", 0.5)}, []float32{0, 0.5, 1, 1.5}},
	}
}

// model makes the model of a case: the operands are initializers, and the domain is
// imported as version opset, 0 for not.
func (q quantCase) model(domain string, opset int64) *onnxpb.ModelProto {
	in := s{"x"}
	for _, t := range q.in {
		in = append(in, t.GetName())
	}
	size := make([]any, len(q.dims))
	for i, d := range q.dims {
		size[i] = d
	}
	m := single(13, vi{floats("x", size...)}, q.in, inDomain(domain, node(q.op, in, s{"y"}, q.attrs...)))
	if opset != 0 {
		m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String(domain), Version: proto.Int64(opset)})
	}
	return m
}

// TestQONNX runs QONNX's operators under each name of their domain, on operands and on
// constants, with values computed by hand.
func TestQONNX(t *testing.T) {
	for _, domain := range []string{"onnx.brevitas", "finn.custom_op.general", "qonnx.custom_op.general"} {
		for _, opset := range []int64{0, 1, 2} {
			for _, q := range quantCases() {
				t.Run(fmt.Sprint(domain, " ", opset, " ", q.name), func(t *testing.T) {
					x := &onnx.Tensor{DType: schema.Float32, Shape: q.dims, Data: bytesOf(q.x)}
					y := run(t, marshal(t, q.model(domain, opset)), []*onnx.Tensor{x})[0]
					compare(t, y, &onnx.Tensor{DType: schema.Float32, Shape: q.dims, Data: bytesOf(q.want)})
				})
			}
		}
	}
}

func bytesOf(x []float32) []byte {
	t := &ops.Tensor{DType: schema.Float32, Shape: []int{len(x)}}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[float32](t), x)
	return t.Data
}

// TestQONNXErrors imports nodes of QONNX that are wrong or not supported.
func TestQONNXErrors(t *testing.T) {
	x := vi{floats("x", 1, 2, 3, 3)}
	quant := func(attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
		return node("Quant", s{"x", "s", "z", "b"}, s{"y"}, attrs...)
	}
	threshold := func(attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
		return node("MultiThreshold", s{"x", "t"}, s{"y"}, attrs...)
	}
	testRefused(t, []refused{
		{"unknown operator", single(13, x, nil, inDomain("onnx.brevitas", node("Trunc", s{"x"}, s{"y"}))), `node "y": Trunc (domain onnx.brevitas, not imported): of this domain, BipolarQuant`},
		{"unknown domain", single(13, x, nil, inDomain("com.example", node("Quant", s{"x"}, s{"y"}))), "operators of this domain are not supported"},
		{"rounding", single(13, x, quantOperands(1, 0, 2), inDomain("onnx.brevitas", quant(attribute("rounding_mode", "FLOOR")))), `rounding_mode is "FLOOR"; only ROUND`},
		{"bits that are computed", single(13, vi{x[0], floats("b")}, quantOperands(1, 0, 2)[:2], inDomain("onnx.brevitas", quant())), "the number of bits, must be one constant"},
		{"half a bit", single(13, x, quantOperands(1, 0, 0.5), inDomain("onnx.brevitas", quant())), "the number of bits, is 0.5; whole numbers from 1 to 24"},
		{"signed", single(13, x, quantOperands(1, 0, 1), inDomain("onnx.brevitas", quant(attribute("signed", 2)))), "attribute signed is 2: 0 or 1"},
		{"attribute", single(13, x, quantOperands(1, 0, 1), inDomain("onnx.brevitas", quant(attribute("axis", 2)))), `attribute "axis" is not known`},
		{"operands", single(13, x, nil, inDomain("onnx.brevitas", node("BipolarQuant", s{"x"}, s{"y"}))), "1 input: 2 expected"},
		{"scale that does not broadcast", single(13, x, tp{float32s("s", []int64{5}, 1, 2, 3, 4, 5)}, inDomain("onnx.brevitas", node("BipolarQuant", s{"x", "s"}, s{"y"}))), `node "y" (BipolarQuant): `},
		{"many thresholds", single(13, x, tp{float32s("t", []int64{1, 16}, slices.Repeat([]float32{1}, 16)...)}, inDomain("onnx.brevitas", threshold())), "1 to 15 thresholds for each channel"},
		{"thresholds of another rank", single(13, x, tp{float32s("t", []int64{1}, 1)}, inDomain("onnx.brevitas", threshold())), "a constant of rank 2"},
		{"channels", single(13, x, tp{float32s("t", []int64{3, 1}, 1, 2, 3)}, inDomain("onnx.brevitas", threshold())), "2 channels, as input 0"},
		{"layout", single(13, x, tp{float32s("t", []int64{1, 1}, 1)}, inDomain("onnx.brevitas", threshold(attribute("data_layout", "CN")))), `attribute data_layout is "CN"`},
	})
}
