package exporter

import (
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// Field numbers of onnx.proto that are written by hand.
const (
	modelIRVersion       = 1
	modelProducerName    = 2
	modelProducerVersion = 3
	modelGraph           = 7
	modelOpsets          = 8
	modelProperties      = 14

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	nodeAttribute  = 5
	attributeName  = 1
	attributeGraph = 6
	attributeType  = 20

	tensorRawData = 9
)

// write writes the model. Its length is known before any constant is computed, so that
// each is in memory only while it is written.
func (g *graph) write(w io.Writer, meta *schema.Metadata) (int64, error) {
	body, err := g.body()
	if err != nil {
		return 0, err
	}
	var heads [][]byte
	total := int64(len(body))
	for _, v := range g.constants {
		head, err := tensorHead(v)
		if err != nil {
			return 0, err
		}
		heads = append(heads, head)
		total += int64(len(head)) + int64(v.constant.bytes())
	}
	model, err := modelHead(meta)
	if err != nil {
		return 0, err
	}
	model = protowire.AppendTag(model, modelGraph, protowire.BytesType)
	model = protowire.AppendVarint(model, uint64(total))
	if total += int64(len(model)); total > onnx.MaxFileBytes {
		return 0, fmt.Errorf("the model takes %d bytes as ONNX, where a binary weight takes four; at most %d are accepted", total, int64(onnx.MaxFileBytes))
	}
	for _, b := range [][]byte{model, body} {
		if _, err := w.Write(b); err != nil {
			return 0, err
		}
	}
	for i, v := range g.constants {
		data, err := v.constant.data()
		if err != nil {
			return 0, fmt.Errorf("constant %q: %w", v.name, err)
		}
		for _, b := range [][]byte{heads[i], data} {
			if _, err := w.Write(b); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

// modelHead is the fields of the model but for the graph.
func modelHead(meta *schema.Metadata) ([]byte, error) {
	b := protowire.AppendTag(nil, modelIRVersion, protowire.VarintType)
	b = protowire.AppendVarint(b, IRVersion)
	name, version, _ := strings.Cut(meta.Producer, " ")
	b = appendString(b, modelProducerName, name)
	b = appendString(b, modelProducerVersion, version)
	opset, err := appendMessage(b, modelOpsets, &onnxpb.OperatorSetIdProto{Domain: proto.String(""), Version: proto.Int64(Opset)})
	if err != nil {
		return nil, err
	}
	b = opset
	for _, p := range meta.Properties {
		if b, err = appendMessage(b, modelProperties, &onnxpb.StringStringEntryProto{Key: &p.Key, Value: &p.Value}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// message is the fields of a node.
func (n *node) message() ([]byte, error) {
	p := &onnxpb.NodeProto{Name: &n.name, OpType: &n.op, Input: names(n.in), Output: names(n.out), Attribute: n.attrs}
	b, err := marshal(p)
	if err != nil {
		return nil, err
	}
	for _, inner := range n.bodies {
		graph, err := inner.graph.body()
		if err != nil {
			return nil, err
		}
		a := appendString(nil, attributeName, inner.attr)
		a = protowire.AppendBytes(protowire.AppendTag(a, attributeGraph, protowire.BytesType), graph)
		a = protowire.AppendVarint(protowire.AppendTag(a, attributeType, protowire.VarintType), uint64(onnxpb.AttributeProto_GRAPH))
		b = protowire.AppendBytes(protowire.AppendTag(b, nodeAttribute, protowire.BytesType), a)
	}
	return b, nil
}

// body is the fields of the graph but for the constants.
func (g *graph) body() ([]byte, error) {
	var b []byte
	for _, n := range g.nodes {
		message, err := n.message()
		if err != nil {
			return nil, err
		}
		b = protowire.AppendBytes(protowire.AppendTag(b, graphNode, protowire.BytesType), message)
	}
	name := g.name
	if name == "" {
		name = "graph" // ONNX wants one
	}
	b = appendString(b, graphName, name)
	for _, list := range []struct {
		field protowire.Number
		ports []port
	}{{graphInput, g.inputs}, {graphOutput, g.outputs}} {
		for _, p := range list.ports {
			info, err := p.info()
			if err != nil {
				return nil, err
			}
			if b, err = appendMessage(b, list.field, info); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// names lists values; one that is absent has the name "".
func names(list []*value) []string {
	var out []string
	for _, v := range list {
		name := ""
		if v != nil {
			name = v.name
		}
		out = append(out, name)
	}
	return out
}

// info declares a port. A dimension that is not known is left open, or the shape.
func (p *port) info() (*onnxpb.ValueInfoProto, error) {
	elem, err := elementType(p.of.DType)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", p.name, err)
	}
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range p.of.Shape {
		dim := &onnxpb.TensorShapeProto_Dimension{}
		if d >= 0 {
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	if p.open {
		shape = nil
	}
	return &onnxpb.ValueInfoProto{
		Name: &p.name,
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(elem)), Shape: shape}}},
	}, nil
}

// elementType is ONNX's number of an element type.
func elementType(d schema.DType) (onnxpb.TensorProto_DataType, error) {
	if d == schema.Bits {
		d = schema.Float32
	}
	t, ok := onnx.ElementType(d)
	if !ok {
		return 0, fmt.Errorf("element type %v has no counterpart in ONNX", d)
	}
	return t, nil
}

// tensorHead is an initializer up to its elements.
func tensorHead(v *value) ([]byte, error) {
	c := v.constant
	elem, err := elementType(c.dtype)
	if err != nil {
		return nil, fmt.Errorf("constant %q: %w", v.name, err)
	}
	p := &onnxpb.TensorProto{Name: &v.name, DataType: proto.Int32(int32(elem))}
	for _, d := range c.shape {
		p.Dims = append(p.Dims, int64(d))
	}
	head, err := marshal(p)
	if err != nil {
		return nil, err
	}
	head = protowire.AppendTag(head, tensorRawData, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(c.bytes()))
	b := protowire.AppendTag(nil, graphInitializer, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(head)+c.bytes()))
	return append(b, head...), nil
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendMessage(b []byte, field protowire.Number, m proto.Message) ([]byte, error) {
	data, err := marshal(m)
	if err != nil {
		return nil, err
	}
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), data), nil
}

func marshal(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}
