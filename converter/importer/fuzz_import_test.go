package importer_test

import (
	"encoding/binary"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
)

// FuzzImport edits well-formed models, which mutated bytes seldom are, so that the
// importer itself gets nodes that are wrong. The rules are those of FuzzParse.
func FuzzImport(f *testing.F) {
	var seeds []*onnxpb.ModelProto
	var ops []string
	seen := map[string]bool{}
	for _, file := range []string{"../../testdata/nodetests/cases.zip", "../../testdata/importer/cases.zip"} {
		for _, c := range onnxtest.Cases(f, file, 1) {
			var m onnxpb.ModelProto
			if err := proto.Unmarshal(c.Model, &m); err != nil {
				f.Fatal(err)
			}
			seeds = append(seeds, &m)
			for _, n := range m.Graph.Node {
				if !seen[n.GetOpType()] {
					seen[n.GetOpType()] = true
					ops = append(ops, n.GetOpType())
				}
			}
		}
	}
	for _, q := range quantCases() {
		seeds = append(seeds, q.model("onnx.brevitas", 0))
	}
	for i := range seeds {
		f.Add(uint16(i), []byte{byte(i), byte(i / 3), byte(i / 7), byte(i / 11)})
	}
	f.Fuzz(func(t *testing.T, which uint16, script []byte) {
		if len(script) > 64 {
			return
		}
		m := proto.Clone(seeds[int(which)%len(seeds)]).(*onnxpb.ModelProto)
		e := editor{script: script, ops: ops}
		for len(e.script) > 0 {
			e.edit(m)
		}
		data := marshal(t, m)
		before := allocated()
		importBytes(t, data)
		if got, most := allocated()-before, uint64(64<<20+(64<<10)*len(data)); got > most {
			t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(data), most)
		}
	})
}

// editor changes a model as a script of bytes says.
type editor struct {
	script []byte
	ops    []string
}

// next takes a byte of the script, as a number below n.
func (e *editor) next(n int) int {
	if len(e.script) == 0 || n == 0 {
		return 0
	}
	b := int(e.script[0])
	e.script = e.script[1:]
	return b % n
}

// number takes a number that is likely to be special.
func (e *editor) number() int64 {
	special := []int64{0, 1, -1, 2, -2, 3, 4, 5, 7, 8, 16, 31, 64, 255, 1 << 12, 1 << 16, 1 << 24, 1 << 28, 1 << 31, -1 << 31, 1 << 40, 1 << 62, -1 << 63, 1<<63 - 1}
	return special[e.next(len(special))]
}

// edit makes one change.
func (e *editor) edit(m *onnxpb.ModelProto) {
	graphs := graphsOf(m)
	g := graphs[0]
	if len(graphs) > 1 {
		g = graphs[e.next(len(graphs))]
	}
	kind := e.next(14)
	var n *onnxpb.NodeProto
	if len(g.Node) > 0 {
		n = g.Node[e.next(len(g.Node))]
	}
	switch {
	case kind == 0:
		m.OpsetImport[0].Version = proto.Int64(int64(7 + e.next(15)))
	case kind <= 3 && len(g.Input) > 0:
		e.editInput(g.Input[e.next(len(g.Input))].Type.GetTensorType())
	case kind <= 6 && len(g.Initializer) > 0:
		e.editTensor(g.Initializer[e.next(len(g.Initializer))])
	case n == nil:
	case kind <= 9 && len(n.Attribute) > 0:
		e.editAttribute(n.Attribute[e.next(len(n.Attribute))])
	case kind == 10:
		n.OpType = proto.String(e.ops[e.next(len(e.ops))])
	case kind == 11 && len(n.Input) > 0:
		n.Input = n.Input[:len(n.Input)-1]
	case kind == 12 && len(n.Input) > 0:
		n.Input = append(n.Input, n.Input[e.next(len(n.Input))])
	case kind == 13 && len(n.Input) > 1:
		i, j := e.next(len(n.Input)), e.next(len(n.Input))
		n.Input[i], n.Input[j] = n.Input[j], n.Input[i]
	case len(n.Attribute) > 0:
		n.Attribute = n.Attribute[1:]
	default:
		n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{
			Name: proto.String([]string{"axis", "axes", "pads", "strides", "kernel_shape", "to"}[e.next(6)]),
			Type: onnxpb.AttributeProto_INTS.Enum(), Ints: []int64{e.number(), e.number()},
		})
	}
}

// graphsOf lists the graph of a model, those within it, and the nodes of functions as graphs.
func graphsOf(m *onnxpb.ModelProto) []*onnxpb.GraphProto {
	graphs := []*onnxpb.GraphProto{m.Graph}
	for _, f := range m.Functions {
		graphs = append(graphs, &onnxpb.GraphProto{Node: f.Node})
	}
	for i := 0; i < len(graphs); i++ {
		for _, n := range graphs[i].Node {
			for _, a := range n.Attribute {
				if a.G != nil {
					graphs = append(graphs, a.G)
				}
			}
		}
	}
	return graphs
}

func (e *editor) editInput(p *onnxpb.TypeProto_Tensor) {
	if p == nil {
		return // of a graph within another
	}
	if e.next(4) == 0 {
		p.ElemType = proto.Int32(int32(1 + e.next(13)))
		return
	}
	if p.Shape == nil || len(p.Shape.Dim) == 0 {
		p.Shape = &onnxpb.TensorShapeProto{Dim: []*onnxpb.TensorShapeProto_Dimension{{}}}
		return
	}
	d := p.Shape.Dim[e.next(len(p.Shape.Dim))]
	switch e.next(4) {
	case 0:
		d.Value = nil
	case 1:
		d.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "n"}
	case 2:
		d.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: e.number()}
	case 3:
		p.Shape.Dim = append(p.Shape.Dim, d)
	}
}

func (e *editor) editTensor(p *onnxpb.TensorProto) {
	switch e.next(4) {
	case 0:
		p.DataType = proto.Int32(int32(1 + e.next(13)))
	case 1:
		if len(p.Dims) > 0 {
			p.Dims[e.next(len(p.Dims))] = e.number()
		} else {
			p.Dims = []int64{1}
		}
	default:
		if len(p.RawData) >= 8 {
			at := e.next(len(p.RawData)/8) * 8
			binary.LittleEndian.PutUint64(p.RawData[at:], uint64(e.number()))
		} else if len(p.Int64Data) > 0 {
			p.Int64Data[e.next(len(p.Int64Data))] = e.number()
		}
	}
}

func (e *editor) editAttribute(a *onnxpb.AttributeProto) {
	switch {
	case len(a.Ints) > 0 && e.next(4) == 0:
		a.Ints = append(a.Ints, e.number())
	case len(a.Ints) > 0:
		a.Ints[e.next(len(a.Ints))] = e.number()
	case a.I != nil:
		a.I = proto.Int64(e.number())
	case a.F != nil:
		a.F = proto.Float32(float32(e.number()) / 3)
	case a.S != nil:
		a.S = []byte([]string{"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "constant", "reflect", "edge", ""}[e.next(8)])
	}
}
