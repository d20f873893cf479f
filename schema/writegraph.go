package schema

import (
	"encoding/binary"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/lce-go/lce/schema/internal/fb"
)

// collect finds the buffers and leaves of s. The uses of leaves come in the order in
// which subgraph asks for them.
func (e *encoder) collect(s *Subgraph) {
	e.useString(s.Name)
	for i := range s.Tensors {
		t := &s.Tensors[i]
		e.buffer(t.Data)
		e.useString(t.Name)
		e.useInts(t.Shape, len(t.Shape) <= sharedRank)
	}
	for i := range s.Operators {
		op := &s.Operators[i]
		e.useString(op.Name)
		e.useInts(op.Inputs, false)
		e.useInts(op.Outputs, false)
	}
	for _, ports := range [][]Port{s.Inputs, s.Outputs} {
		for _, p := range ports {
			e.useString(p.Name)
		}
	}
}

// useString leaves an empty string out: absent means the same.
func (e *encoder) useString(s string) {
	if s == "" {
		e.uses = append(e.uses, -1)
		return
	}
	e.use(leaf{text: s}, "s"+s, len(s) <= sharedString)
}

func (e *encoder) useInts(v []int, share bool) {
	if len(v) == 0 {
		e.uses = append(e.uses, -1)
		return
	}
	key := ""
	if share {
		b := []byte{'v'}
		for _, n := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
		}
		key = string(b)
	}
	e.use(leaf{ints: v}, key, share)
}

func (e *encoder) use(l leaf, key string, share bool) {
	i := len(e.leaves)
	if share {
		if j, ok := e.shared[key]; ok {
			e.uses = append(e.uses, j)
			return
		}
		e.shared[key] = i
	}
	e.leaves = append(e.leaves, l)
	e.uses = append(e.uses, i)
}

// leaf returns the offset of the next use, 0 for none.
func (e *encoder) leaf() flatbuffers.UOffsetT {
	i := e.uses[0]
	e.uses = e.uses[1:]
	if i < 0 {
		return 0
	}
	return e.leaves[i].offset
}

// writeLeaf writes leaf i if that has not been done.
func (e *encoder) writeLeaf(i int) {
	l := &e.leaves[i]
	switch {
	case l.offset != 0:
	case l.ints != nil:
		l.offset = e.ints(l.ints)
	default:
		l.offset = e.b.CreateString(l.text)
	}
}

func (e *encoder) ints(v []int) flatbuffers.UOffsetT {
	e.b.StartVector(4, len(v), 4)
	for i := len(v) - 1; i >= 0; i-- {
		e.b.PrependInt32(int32(v[i]))
	}
	return e.b.EndVector(len(v))
}

// string writes a string that is not shared, and nothing for an empty one.
func (e *encoder) string(s string) flatbuffers.UOffsetT {
	if s == "" {
		return 0
	}
	return e.b.CreateString(s)
}

// tables writes a vector of offsets, and nothing for an empty one.
func (e *encoder) tables(offsets []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	if len(offsets) == 0 {
		return 0
	}
	return e.b.CreateVectorOfTables(offsets)
}

func (e *encoder) subgraph(s *Subgraph) flatbuffers.UOffsetT {
	name := e.leaf()
	tensors := make([]flatbuffers.UOffsetT, len(s.Tensors))
	for i := range s.Tensors {
		tensors[i] = e.tensor(&s.Tensors[i])
	}
	operators := make([]flatbuffers.UOffsetT, len(s.Operators))
	for i := range s.Operators {
		operators[i] = e.operator(&s.Operators[i])
	}
	inputs, outputs := e.ports(s.Inputs), e.ports(s.Outputs)
	tensorVector, operatorVector := e.tables(tensors), e.tables(operators)

	fb.SubgraphStart(e.b)
	fb.SubgraphAddName(e.b, name)
	fb.SubgraphAddTensors(e.b, tensorVector)
	fb.SubgraphAddOperators(e.b, operatorVector)
	fb.SubgraphAddInputs(e.b, inputs)
	fb.SubgraphAddOutputs(e.b, outputs)
	return fb.SubgraphEnd(e.b)
}

// tensor adds the fields of four bytes first, so that the table needs no padding
// between them.
func (e *encoder) tensor(t *Tensor) flatbuffers.UOffsetT {
	name, shape := e.leaf(), e.leaf()
	var quantization flatbuffers.UOffsetT
	if q := t.Quantization; q != nil {
		quantization = e.quantization(q)
	}
	fb.TensorStart(e.b)
	fb.TensorAddName(e.b, name)
	fb.TensorAddShape(e.b, shape)
	fb.TensorAddBuffer(e.b, e.buffer(t.Data))
	fb.TensorAddQuantization(e.b, quantization)
	fb.TensorAddDtype(e.b, fb.DType(t.DType))
	return fb.TensorEnd(e.b)
}

func (e *encoder) quantization(q *Quantization) flatbuffers.UOffsetT {
	e.b.StartVector(4, len(q.Scale), 4)
	for i := len(q.Scale) - 1; i >= 0; i-- {
		e.b.PrependFloat32(q.Scale[i])
	}
	scale := e.b.EndVector(len(q.Scale))
	var zero flatbuffers.UOffsetT
	if len(q.ZeroPoint) > 0 {
		e.b.StartVector(8, len(q.ZeroPoint), 8)
		for i := len(q.ZeroPoint) - 1; i >= 0; i-- {
			e.b.PrependInt64(q.ZeroPoint[i])
		}
		zero = e.b.EndVector(len(q.ZeroPoint))
	}
	fb.QuantizationStart(e.b)
	fb.QuantizationAddScale(e.b, scale)
	fb.QuantizationAddZeroPoint(e.b, zero)
	fb.QuantizationAddAxis(e.b, int32(q.Axis))
	return fb.QuantizationEnd(e.b)
}

func (e *encoder) operator(op *Operator) flatbuffers.UOffsetT {
	name, inputs, outputs := e.leaf(), e.leaf(), e.leaf()
	options := e.sharedOptions(op.Options)
	fb.OperatorStart(e.b)
	fb.OperatorAddVersion(e.b, int32(op.Version))
	fb.OperatorAddName(e.b, name)
	fb.OperatorAddInputs(e.b, inputs)
	fb.OperatorAddOutputs(e.b, outputs)
	fb.OperatorAddOptions(e.b, options)
	fb.OperatorAddCode(e.b, fb.OpCode(op.Code))
	fb.OperatorAddOptionsType(e.b, optionsType(op.Options))
	return fb.OperatorEnd(e.b)
}

func (e *encoder) ports(ports []Port) flatbuffers.UOffsetT {
	offsets := make([]flatbuffers.UOffsetT, len(ports))
	for i, p := range ports {
		name := e.leaf()
		fb.PortStart(e.b)
		fb.PortAddName(e.b, name)
		fb.PortAddTensor(e.b, int32(p.Tensor))
		offsets[i] = fb.PortEnd(e.b)
	}
	return e.tables(offsets)
}

// metadata writes nothing if there is none.
func (e *encoder) metadata(m *Metadata) flatbuffers.UOffsetT {
	if m.Producer == "" && m.SourceSHA256 == "" && len(m.Opsets) == 0 && len(m.Properties) == 0 {
		return 0
	}
	opsets := make([]flatbuffers.UOffsetT, len(m.Opsets))
	for i, o := range m.Opsets {
		domain := e.string(o.Domain)
		fb.OpsetStart(e.b)
		fb.OpsetAddVersion(e.b, o.Version)
		fb.OpsetAddDomain(e.b, domain)
		opsets[i] = fb.OpsetEnd(e.b)
	}
	properties := make([]flatbuffers.UOffsetT, len(m.Properties))
	for i, p := range m.Properties {
		key, value := e.string(p.Key), e.string(p.Value)
		fb.KeyValueStart(e.b)
		fb.KeyValueAddKey(e.b, key)
		fb.KeyValueAddValue(e.b, value)
		properties[i] = fb.KeyValueEnd(e.b)
	}
	opsetVector, propertyVector := e.tables(opsets), e.tables(properties)
	producer, digest := e.string(m.Producer), e.string(m.SourceSHA256)

	fb.MetadataStart(e.b)
	fb.MetadataAddProducer(e.b, producer)
	fb.MetadataAddSourceSha256(e.b, digest)
	fb.MetadataAddOpsets(e.b, opsetVector)
	fb.MetadataAddProperties(e.b, propertyVector)
	return fb.MetadataEnd(e.b)
}
