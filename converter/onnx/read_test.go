package onnx

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// testModel wraps a graph at IR version 8 and opset 13.
func testModel(g *onnxpb.GraphProto) *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(13)}},
		Graph:       g,
	}
}

func encode(t testing.TB, m *onnxpb.ModelProto) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func outputs(names ...string) []*onnxpb.ValueInfoProto {
	var v []*onnxpb.ValueInfoProto
	for _, name := range names {
		v = append(v, &onnxpb.ValueInfoProto{Name: proto.String(name)})
	}
	return v
}

// inputs declares float32 vectors.
func inputs(names ...string) []*onnxpb.ValueInfoProto {
	v := outputs(names...)
	for _, in := range v {
		in.Type = floatType(3)
	}
	return v
}

func floatType(dims ...int64) *onnxpb.TypeProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{
			Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d},
		})
	}
	return &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{
		ElemType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Shape: shape,
	}}}
}

func testNode(name, op string, in, out []string) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{Name: proto.String(name), OpType: proto.String(op), Input: in, Output: out}
}

// constant is a model whose output is an initializer.
func constant(p *onnxpb.TensorProto) *onnxpb.ModelProto {
	p.Name = proto.String("c")
	return testModel(&onnxpb.GraphProto{Initializer: []*onnxpb.TensorProto{p}, Output: outputs("c")})
}

func tensorProto(d onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{DataType: proto.Int32(int32(d)), Dims: dims}
}

// TestTensorEncodings reads one tensor in each encoding that ONNX has for it.
func TestTensorEncodings(t *testing.T) {
	type T = onnxpb.TensorProto
	le := binary.LittleEndian
	half := []byte{0, 0x3c, 0, 0xc0} // 1, -2
	tests := []struct {
		name   string
		dtype  onnxpb.TensorProto_DataType
		fields *T
		want   schema.DType
		data   []byte
	}{
		{"float raw", onnxpb.TensorProto_FLOAT, &T{RawData: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}, schema.Float32, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
		{"float typed", onnxpb.TensorProto_FLOAT, &T{FloatData: []float32{1, -2}}, schema.Float32, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
		{"double raw", onnxpb.TensorProto_DOUBLE, &T{RawData: make([]byte, 16)}, schema.Float64, make([]byte, 16)},
		{"double typed", onnxpb.TensorProto_DOUBLE, &T{DoubleData: []float64{1, -2}}, schema.Float64, le.AppendUint64(le.AppendUint64(nil, math.Float64bits(1)), math.Float64bits(-2))},
		{"float16 raw", onnxpb.TensorProto_FLOAT16, &T{RawData: half}, schema.Float16, half},
		{"float16 typed", onnxpb.TensorProto_FLOAT16, &T{Int32Data: []int32{0x3c00, 0xc000}}, schema.Float16, half},
		{"int8 typed", onnxpb.TensorProto_INT8, &T{Int32Data: []int32{-128, 127}}, schema.Int8, []byte{0x80, 0x7f}},
		{"uint8 typed", onnxpb.TensorProto_UINT8, &T{Int32Data: []int32{0, 255}}, schema.Uint8, []byte{0, 255}},
		{"int16 typed", onnxpb.TensorProto_INT16, &T{Int32Data: []int32{-2, 258}}, schema.Int16, []byte{0xfe, 0xff, 2, 1}},
		{"uint16 typed", onnxpb.TensorProto_UINT16, &T{Int32Data: []int32{65535, 258}}, schema.Uint16, []byte{0xff, 0xff, 2, 1}},
		{"int32 typed", onnxpb.TensorProto_INT32, &T{Int32Data: []int32{-1, 2}}, schema.Int32, []byte{255, 255, 255, 255, 2, 0, 0, 0}},
		{"uint32 typed", onnxpb.TensorProto_UINT32, &T{Uint64Data: []uint64{math.MaxUint32, 2}}, schema.Uint32, []byte{255, 255, 255, 255, 2, 0, 0, 0}},
		{"int64 raw", onnxpb.TensorProto_INT64, &T{RawData: le.AppendUint64(le.AppendUint64(nil, 3), 4)}, schema.Int64, le.AppendUint64(le.AppendUint64(nil, 3), 4)},
		{"int64 typed", onnxpb.TensorProto_INT64, &T{Int64Data: []int64{3, 4}}, schema.Int64, le.AppendUint64(le.AppendUint64(nil, 3), 4)},
		{"uint64 typed", onnxpb.TensorProto_UINT64, &T{Uint64Data: []uint64{3, math.MaxUint64}}, schema.Uint64, le.AppendUint64(le.AppendUint64(nil, 3), math.MaxUint64)},
		{"bool raw", onnxpb.TensorProto_BOOL, &T{RawData: []byte{0, 7}}, schema.Bool, []byte{0, 1}},
		{"bool typed", onnxpb.TensorProto_BOOL, &T{Int32Data: []int32{0, 1}}, schema.Bool, []byte{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tensorProto(tt.dtype, 2)
			proto.Merge(p, tt.fields)
			f, err := Parse(encode(t, constant(p)), "")
			if err != nil {
				t.Fatal(err)
			}
			want := &Tensor{Name: "c", DType: tt.want, Shape: []int{2}, Data: tt.data}
			if diff := cmp.Diff(f.Graph.Initializers["c"], want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTensorErrors reads tensors that lie.
func TestTensorErrors(t *testing.T) {
	with := func(p *onnxpb.TensorProto, change func(p *onnxpb.TensorProto)) *onnxpb.TensorProto {
		change(p)
		return p
	}
	float := onnxpb.TensorProto_FLOAT
	tests := []struct {
		name string
		p    *onnxpb.TensorProto
		want string
	}{
		{"short raw data", with(tensorProto(float, 2), func(p *onnxpb.TensorProto) { p.RawData = make([]byte, 7) }), "raw data has 7 bytes, Float32 [2] needs 8"},
		{"no data", tensorProto(float, 1<<20, 1<<7), "float_data has 0 elements, Float32 [1048576 128] needs 134217728"},
		{"data in the wrong field", with(tensorProto(float, 1), func(p *onnxpb.TensorProto) { p.Int32Data = []int32{1} }), "float_data has 0 elements"},
		{"huge dimension", tensorProto(float, 1<<62), "dimension 0 is 4611686018427387904"},
		{"huge product", tensorProto(float, 1<<20, 1<<20, 1<<20, 1<<20), "more than"},
		{"negative dimension", tensorProto(float, -1), "dimension 0 is -1"},
		{"int8 out of range", with(tensorProto(onnxpb.TensorProto_INT8, 1), func(p *onnxpb.TensorProto) { p.Int32Data = []int32{128} }), "int32_data: element 0 is 128: Int8 has -128 to 127"},
		{"uint32 out of range", with(tensorProto(onnxpb.TensorProto_UINT32, 1), func(p *onnxpb.TensorProto) { p.Uint64Data = []uint64{1 << 32} }), "uint64_data: element 0 is 4294967296"},
		{"string", tensorProto(onnxpb.TensorProto_STRING, 0), "element type STRING is not supported"},
		{"bfloat16", tensorProto(onnxpb.TensorProto_BFLOAT16, 0), "element type BFLOAT16 is not supported"},
		{"unknown type", tensorProto(99, 0), "element type 99 does not exist"},
		{"segment", with(tensorProto(float, 0), func(p *onnxpb.TensorProto) { p.Segment = &onnxpb.Opaque{} }), "segments"},
		{"external without a folder", with(tensorProto(float, 1), func(p *onnxpb.TensorProto) {
			p.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
			p.ExternalData = entries("location", "w.bin")
		}), "not read from a folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(encode(t, constant(tt.p)), "")
			checkError(t, err, `initializer "c": `, tt.want)
		})
	}
}

func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}

// entries makes key and value pairs.
func entries(kv ...string) []*onnxpb.StringStringEntryProto {
	var e []*onnxpb.StringStringEntryProto
	for i := 0; i < len(kv); i += 2 {
		e = append(e, &onnxpb.StringStringEntryProto{Key: proto.String(kv[i]), Value: proto.String(kv[i+1])})
	}
	return e
}

// TestVersions checks which versions of the format and of the operators are read.
func TestVersions(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *onnxpb.ModelProto)
		want   string // "" if it is read
	}{
		{"IR 3", func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(3) }, ""},
		{"IR 13", func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(13) }, ""},
		{"IR 2", func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(2) }, "IR version 2: 3 or later"},
		{"no IR version", func(m *onnxpb.ModelProto) { m.IrVersion = nil }, "it has no IR version, 3 or later"},
		{"opset 1", func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(1) }, ""},
		{"opset 21 by its long name", func(m *onnxpb.ModelProto) {
			m.OpsetImport[0] = &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(21)}
		}, ""},
		{"opset 0", func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(0) }, "version 0 of the default operator set: 1 to 25"},
		{"opset 26", func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(26) }, "version 26 of the default operator set: 1 to 25"},
		{"no opset", func(m *onnxpb.ModelProto) { m.OpsetImport = nil }, "does not import the default operator set"},
		{"other opset only", func(m *onnxpb.ModelProto) { m.OpsetImport[0].Domain = proto.String("x") }, "does not import the default operator set"},
		{"two opsets", func(m *onnxpb.ModelProto) {
			m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(12)})
		}, `operator set "ai.onnx" is imported as version 13 and as version 12`},
		{"no graph", func(m *onnxpb.ModelProto) { m.Graph = nil }, "no graph"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := constant(tensorProto(onnxpb.TensorProto_FLOAT, 0))
			tt.change(m)
			_, err := Parse(encode(t, m), "")
			if tt.want != "" {
				checkError(t, err, tt.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFile checks what is known of a model beside its graph.
func TestFile(t *testing.T) {
	m := constant(tensorProto(onnxpb.TensorProto_FLOAT, 0))
	m.ProducerName, m.ProducerVersion = proto.String("tool"), proto.String("1.2")
	m.MetadataProps = entries("author", "bad \xff byte")
	m.Functions = []*onnxpb.FunctionProto{{Name: proto.String("Gelu"), Domain: proto.String("pkg")}}
	m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("pkg"), Version: proto.Int64(1)})
	data := encode(t, m)
	f, err := Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(f.SHA256) != 64 {
		t.Errorf("digest %q, want 64 digits", f.SHA256)
	}
	f.SHA256, f.Graph = "", nil
	want := &File{
		IRVersion: 8, Producer: "tool 1.2", Bytes: int64(len(data)),
		Opsets:     []schema.Opset{{Version: 13}, {Domain: "pkg", Version: 1}},
		Properties: []schema.KeyValue{{Key: "author", Value: "bad \uFFFD byte"}},
	}
	if diff := cmp.Diff(f, want); diff != "" {
		t.Error(diff)
	}
}

// TestDamaged reads files that are not models.
func TestDamaged(t *testing.T) {
	whole := encode(t, constant(tensorProto(onnxpb.TensorProto_FLOAT, 0)))
	// A type nested in types, far deeper than any model needs.
	deep := []byte{}
	for range 10000 {
		deep = append(protowire.AppendVarint([]byte{0x3a}, uint64(len(deep))), deep...)
		if len(deep) > 1<<16 {
			break
		}
	}
	for name, data := range map[string][]byte{
		"truncated": whole[:len(whole)-1],
		"text":      []byte("this is not a model"),
		"huge len":  {0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(data, "")
			checkError(t, err, "not an ONNX model, or a damaged or truncated one")
		})
	}
	for name, data := range map[string][]byte{"empty": nil, "nested": deep} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(data, ""); err == nil {
				t.Error("no error")
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.onnx")); !os.IsNotExist(err) {
		t.Errorf("error %v, want that of a missing file", err)
	}
}
