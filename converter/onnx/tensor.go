package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// dtypes gives ONNX's element types their counterparts.
var dtypes = map[onnxpb.TensorProto_DataType]schema.DType{
	onnxpb.TensorProto_FLOAT:   schema.Float32,
	onnxpb.TensorProto_FLOAT16: schema.Float16,
	onnxpb.TensorProto_DOUBLE:  schema.Float64,
	onnxpb.TensorProto_INT8:    schema.Int8,
	onnxpb.TensorProto_UINT8:   schema.Uint8,
	onnxpb.TensorProto_INT16:   schema.Int16,
	onnxpb.TensorProto_UINT16:  schema.Uint16,
	onnxpb.TensorProto_INT32:   schema.Int32,
	onnxpb.TensorProto_UINT32:  schema.Uint32,
	onnxpb.TensorProto_INT64:   schema.Int64,
	onnxpb.TensorProto_UINT64:  schema.Uint64,
	onnxpb.TensorProto_BOOL:    schema.Bool,
}

// knownTypes names the keys of dtypes for messages.
const knownTypes = "FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits"

// DType gives the element type for ONNX's number of it, as the attribute of Cast
// has it.
func DType(n int64) (schema.DType, error) {
	if n < 0 || n > math.MaxInt32 {
		return schema.Invalid, fmt.Errorf("element type %d does not exist; %s are supported", n, knownTypes)
	}
	return dtype(int32(n))
}

func dtype(n int32) (schema.DType, error) {
	t := onnxpb.TensorProto_DataType(n)
	if d, ok := dtypes[t]; ok {
		return d, nil
	}
	if name, ok := onnxpb.TensorProto_DataType_name[n]; ok {
		return schema.Invalid, fmt.Errorf("element type %s is not supported; %s are", name, knownTypes)
	}
	return schema.Invalid, fmt.Errorf("element type %d does not exist; %s are supported", n, knownTypes)
}

// ElementType gives ONNX's number of an element type, and whether there is one.
func ElementType(d schema.DType) (onnxpb.TensorProto_DataType, bool) {
	for t, have := range dtypes {
		if have == d {
			return t, true
		}
	}
	return 0, false
}

// tensor decodes a constant. Memory is allocated only after the file has proved to
// have the data.
func (d *decoder) tensor(p *onnxpb.TensorProto) (*Tensor, error) {
	dt, err := dtype(p.GetDataType())
	if err != nil {
		return nil, err
	}
	if p.Segment != nil {
		return nil, errors.New("tensors in segments are not supported; store it whole")
	}
	t := &Tensor{Name: clean(p.GetName()), DType: dt, Shape: make([]int, len(p.Dims))}
	for i, n := range p.Dims {
		if n < 0 || n > ops.MaxElements {
			return nil, fmt.Errorf("dimension %d is %d: 0 to %d is accepted", i, n, ops.MaxElements)
		}
		t.Shape[i] = int(n)
	}
	count, err := ops.Count(t.Shape)
	if err != nil {
		return nil, err
	}
	size := count * dt.Size()
	switch location := p.GetDataLocation(); {
	case location != onnxpb.TensorProto_DEFAULT && location != onnxpb.TensorProto_EXTERNAL:
		return nil, fmt.Errorf("data location %d: %d, in the model, or %d, external, is accepted",
			location, onnxpb.TensorProto_DEFAULT, onnxpb.TensorProto_EXTERNAL)
	case location == onnxpb.TensorProto_EXTERNAL && len(p.RawData) > 0:
		return nil, fmt.Errorf("%d bytes of raw data and external data: only one of them is accepted", len(p.RawData))
	case location == onnxpb.TensorProto_EXTERNAL:
		t.Data, err = d.external.read(p.GetExternalData(), size)
	case p.RawData != nil:
		if len(p.RawData) != size {
			return nil, fmt.Errorf("raw data has %d bytes, %v %v needs %d", len(p.RawData), dt, t.Shape, size)
		}
		// The decoded message is not used again: large data, which is aligned, needs no copy.
		if t.Data = p.RawData; !ops.Aligned(t.Data) {
			t.Data = ops.AlignedBytes(size)
			copy(t.Data, p.RawData)
		}
	default:
		t.Data, err = typedData(p, dt, t.Shape, count)
	}
	if err != nil {
		return nil, err
	}
	if dt == schema.Bool {
		t.Data = bytes.Clone(t.Data) // other tensors may share it
		for i, b := range t.Data {
			if b != 0 {
				t.Data[i] = 1
			}
		}
	}
	return t, nil
}

// typedData packs the elements of the field that ONNX assigns to the type.
func typedData(p *onnxpb.TensorProto, dt schema.DType, shape []int, count int) ([]byte, error) {
	le := binary.LittleEndian
	var field string
	var have int
	var put func(b []byte, i int) error
	switch dt {
	case schema.Float32:
		field, have = "float_data", len(p.FloatData)
		put = func(b []byte, i int) error { le.PutUint32(b, math.Float32bits(p.FloatData[i])); return nil }
	case schema.Float64:
		field, have = "double_data", len(p.DoubleData)
		put = func(b []byte, i int) error { le.PutUint64(b, math.Float64bits(p.DoubleData[i])); return nil }
	case schema.Int64:
		field, have = "int64_data", len(p.Int64Data)
		put = func(b []byte, i int) error { le.PutUint64(b, uint64(p.Int64Data[i])); return nil }
	case schema.Uint64:
		field, have = "uint64_data", len(p.Uint64Data)
		put = func(b []byte, i int) error { le.PutUint64(b, p.Uint64Data[i]); return nil }
	case schema.Uint32:
		field, have = "uint64_data", len(p.Uint64Data)
		put = func(b []byte, i int) error {
			if p.Uint64Data[i] > math.MaxUint32 {
				return fmt.Errorf("element %d is %d: %v has 0 to %d", i, p.Uint64Data[i], dt, uint32(math.MaxUint32))
			}
			le.PutUint32(b, uint32(p.Uint64Data[i]))
			return nil
		}
	default:
		field, have = "int32_data", len(p.Int32Data)
		lo, hi := int32Range(dt)
		put = func(b []byte, i int) error {
			v := p.Int32Data[i]
			if v < lo || v > hi {
				return fmt.Errorf("element %d is %d: %v has %d to %d", i, v, dt, lo, hi)
			}
			switch len(b) {
			case 1:
				b[0] = byte(v)
			case 2:
				le.PutUint16(b, uint16(v))
			default:
				le.PutUint32(b, uint32(v))
			}
			return nil
		}
	}
	if have != count {
		return nil, fmt.Errorf("%s has %d elements, %v %v needs %d", field, have, dt, shape, count)
	}
	size := dt.Size()
	data := ops.AlignedBytes(count * size)
	for i := range count {
		if err := put(data[i*size:][:size], i); err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
	}
	return data, nil
}

// int32Range bounds the values that the narrow types have in int32_data; a float16
// is there as its 16 bits.
func int32Range(dt schema.DType) (lo, hi int32) {
	switch dt {
	case schema.Int8:
		return math.MinInt8, math.MaxInt8
	case schema.Uint8:
		return 0, math.MaxUint8
	case schema.Int16:
		return math.MinInt16, math.MaxInt16
	case schema.Uint16, schema.Float16:
		return 0, math.MaxUint16
	case schema.Bool:
		return 0, 1
	}
	return math.MinInt32, math.MaxInt32
}
