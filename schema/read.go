package schema

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/lce-go/lce/schema/internal/fb"
)

// dataAlignment is the alignment in bytes of every constant's data.
const dataAlignment = 64

// Open checks data and returns the model in it. After that every index, size and
// parameter in the model is known to be in range; operand counts and the shapes of
// computed tensors are not checked here.
//
// Constants are slices of data, which must stay unchanged as long as the model is
// in use; the rest is copied. If data does not start at a multiple of 64 bytes, as
// is common for embedded files, Open copies it once. Apart from that copy it
// allocates at most 24 bytes for each byte of data, and 8 KB.
//
// An error wraps ErrMalformed and names the field, except for a file of a newer
// format version and for that of CheckMachine.
func Open(data []byte) (*Model, error) {
	if err := CheckMachine(); err != nil {
		return nil, err
	}
	m, err := open(data)
	if newer := errNewer(0); errors.As(err, &newer) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m, nil
}

// CheckMachine fails on a big-endian machine: the data of models is little-endian, and
// computed where it lies. Open, Check and Write fail likewise.
func CheckMachine() error {
	if bigEndian {
		return errors.New("models cannot be used on a big-endian machine: their data is little-endian")
	}
	return nil
}

func open(data []byte) (*Model, error) {
	used, err := verify(data)
	if err != nil {
		return nil, err
	}
	if address := uintptr(unsafe.Pointer(unsafe.SliceData(data))); address%dataAlignment != 0 {
		data = append(alignedBytes(len(data))[:0], data...)
	}
	r := &reader{file: fb.GetRootAsModel(data, 0), ints: make([]int, 0, used.ints)}
	r.text.Grow(used.strings)
	m, err := r.model()
	if err != nil {
		return nil, err
	}
	if err := check(m); err != nil {
		return nil, err
	}
	return m, nil
}

// alignedBytes allocates n bytes at a multiple of dataAlignment.
func alignedBytes(n int) []byte {
	b := make([]byte, n+dataAlignment-1)
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (dataAlignment - 1))
	return b[off : off+n : off+n]
}

// reader decodes a verified file.
type reader struct {
	file    *fb.Model
	ints    []int           // all shapes, operands and permutations, allocated at once
	text    strings.Builder // all strings, likewise
	buffers [][]byte

	// The accessors of structures, here so that none is allocated for each operator.
	size  fb.Size2D
	pads  fb.Pads
	clamp fb.Clamp
}

func (r *reader) string(b []byte) string {
	start := r.text.Len()
	r.text.Write(b)
	return r.text.String()[start:]
}

// intVector copies a vector of n elements.
func (r *reader) intVector(n int, at func(int) int32) []int {
	start := len(r.ints)
	for i := range n {
		r.ints = append(r.ints, int(at(i)))
	}
	return r.ints[start:len(r.ints):len(r.ints)]
}

func (r *reader) model() (*Model, error) {
	m := &Model{
		FormatVersion: r.file.FormatVersion(),
		Subgraphs:     make([]*Subgraph, r.file.SubgraphsLength()),
		Metadata:      r.metadata(),
	}
	if err := r.readBuffers(); err != nil {
		return nil, err
	}
	var sub fb.Subgraph
	for i := range m.Subgraphs {
		r.file.Subgraphs(&sub, i)
		s, err := r.subgraph(&sub)
		if err != nil {
			return nil, fmt.Errorf("subgraph %d: %w", i, err)
		}
		m.Subgraphs[i] = s
	}
	return m, nil
}

func (r *reader) metadata() Metadata {
	var f fb.Metadata
	if r.file.Metadata(&f) == nil {
		return Metadata{}
	}
	meta := Metadata{Producer: r.string(f.Producer()), SourceSHA256: r.string(f.SourceSha256())}
	if n := f.OpsetsLength(); n > 0 {
		meta.Opsets = make([]Opset, n)
		var opset fb.Opset
		for i := range meta.Opsets {
			f.Opsets(&opset, i)
			meta.Opsets[i] = Opset{Domain: r.string(opset.Domain()), Version: opset.Version()}
		}
	}
	if n := f.PropertiesLength(); n > 0 {
		meta.Properties = make([]KeyValue, n)
		var kv fb.KeyValue
		for i := range meta.Properties {
			f.Properties(&kv, i)
			meta.Properties[i] = KeyValue{Key: r.string(kv.Key()), Value: r.string(kv.Value())}
		}
	}
	return meta
}

// readBuffers finds the data of all constants. Buffer 0 stands for none.
func (r *reader) readBuffers() error {
	r.buffers = make([][]byte, r.file.BuffersLength())
	base := uintptr(unsafe.Pointer(unsafe.SliceData(r.file.Table().Bytes)))
	left := len(r.file.Table().Bytes)
	var f fb.Buffer
	for i := range r.buffers {
		r.file.Buffers(&f, i)
		data := f.DataBytes()
		if i == 0 {
			if len(data) != 0 {
				return fmt.Errorf("buffer 0: %d bytes, must be empty", len(data))
			}
			continue
		}
		if len(data) == 0 {
			r.buffers[i] = []byte{} // a constant without elements, not nil
			continue
		}
		if off := uintptr(unsafe.Pointer(unsafe.SliceData(data))) - base; off%dataAlignment != 0 {
			return fmt.Errorf("buffer %d: data at byte %d, not a multiple of %d", i, off, dataAlignment)
		}
		// Overlapping buffers would make the checks of their contents quadratic.
		if left -= len(data); left < 0 {
			return fmt.Errorf("buffer %d: buffers overlap: together they are larger than the file", i)
		}
		r.buffers[i] = data[:len(data):len(data)]
	}
	return nil
}

func (r *reader) subgraph(f *fb.Subgraph) (*Subgraph, error) {
	s := &Subgraph{
		Name:      r.string(f.Name()),
		Tensors:   make([]Tensor, f.TensorsLength()),
		Operators: make([]Operator, f.OperatorsLength()),
		Inputs:    make([]Port, f.InputsLength()),
		Outputs:   make([]Port, f.OutputsLength()),
	}
	var tensor fb.Tensor
	for i := range s.Tensors {
		f.Tensors(&tensor, i)
		if err := r.tensor(&s.Tensors[i], &tensor); err != nil {
			return nil, fmt.Errorf("tensor %d (%q): %w", i, s.Tensors[i].Name, err)
		}
	}
	var op fb.Operator
	for i := range s.Operators {
		f.Operators(&op, i)
		s.Operators[i] = Operator{
			Code:    OpCode(op.Code()),
			Version: int(op.Version()),
			Name:    r.string(op.Name()),
			Inputs:  r.intVector(op.InputsLength(), op.Inputs),
			Outputs: r.intVector(op.OutputsLength(), op.Outputs),
			Options: r.options(&op),
		}
	}
	var port fb.Port
	for i := range s.Inputs {
		f.Inputs(&port, i)
		s.Inputs[i] = Port{Name: r.string(port.Name()), Tensor: int(port.Tensor())}
	}
	for i := range s.Outputs {
		f.Outputs(&port, i)
		s.Outputs[i] = Port{Name: r.string(port.Name()), Tensor: int(port.Tensor())}
	}
	return s, nil
}

func (r *reader) tensor(t *Tensor, f *fb.Tensor) error {
	t.Name = r.string(f.Name())
	t.DType = DType(f.Dtype())
	t.Shape = r.intVector(f.ShapeLength(), f.Shape)
	if b := f.Buffer(); b != 0 {
		if int64(b) >= int64(len(r.buffers)) {
			return fmt.Errorf("buffer %d out of range [0, %d)", b, len(r.buffers))
		}
		t.Data = r.buffers[b]
	}
	var q fb.Quantization
	if f.Quantization(&q) == nil {
		return nil
	}
	t.Quantization = &Quantization{Axis: int(q.Axis())}
	if n := q.ScaleLength(); n > 0 {
		t.Quantization.Scale = make([]float32, n)
		for i := range n {
			t.Quantization.Scale[i] = q.Scale(i)
		}
	}
	if n := q.ZeroPointLength(); n > 0 {
		t.Quantization.ZeroPoint = make([]int64, n)
		for i := range n {
			t.Quantization.ZeroPoint[i] = q.ZeroPoint(i)
		}
	}
	return nil
}
