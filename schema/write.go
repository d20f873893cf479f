package schema

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/lce-go/lce/schema/internal/fb"
)

// Write writes m in the current format version. Equal models give equal bytes.
// Constants with the same bytes are stored once. A model that Open would refuse is
// an error, and then nothing is written. FormatVersion may be 0 for the current one.
//
// A tensor is a constant if its Data is not nil, also when it has no elements.
func Write(w io.Writer, m *Model) error {
	if err := Check(m); err != nil {
		return err
	}
	data, err := encode(m)
	if err != nil {
		return err
	}
	if _, err := open(data); err != nil {
		return fmt.Errorf("reading the model back: %w", err)
	}
	_, err = w.Write(data)
	return err
}

// sharedString and sharedRank bound the strings and vectors that several tables
// share. Longer ones are written for each, so that no file decodes to more than
// what Open allows for its size.
const (
	sharedString = 64
	sharedRank   = 8
)

// encoder writes a model that has passed check. A FlatBuffer is built from its end,
// children before parents.
type encoder struct {
	b       *flatbuffers.Builder
	buffers [][]byte          // distinct data; 0 is no data
	index   map[string]uint32 // of buffers, by their bytes

	// leaves are the strings and vectors that tensors and operators need. Written
	// between the buffers, they take the space that aligning the data leaves free.
	leaves []leaf
	shared map[string]int // index of a leaf that can be used again, by its key
	uses   []int          // the leaf of each use, -1 for none, in the order of the uses

	options map[string]flatbuffers.UOffsetT // by their text
}

// leaf is a string, or a vector if ints is not nil.
type leaf struct {
	text   string
	ints   []int
	offset flatbuffers.UOffsetT // 0 until it is written
}

// size is the number of bytes of a leaf in the file, a multiple of 4.
func (l *leaf) size() int {
	if l.ints != nil {
		return 4 + 4*len(l.ints)
	}
	return 4 + (len(l.text)+1+3)&^3
}

func encode(m *Model) ([]byte, error) {
	e := &encoder{
		buffers: [][]byte{nil},
		index:   map[string]uint32{},
		shared:  map[string]int{},
		options: map[string]flatbuffers.UOffsetT{},
	}
	for _, s := range m.Subgraphs {
		e.collect(s)
	}
	size := e.sizeBound(m)
	if size > math.MaxInt32 {
		return nil, errors.New("the model is larger than the format's 2 GB")
	}
	e.b = flatbuffers.NewBuilder(int(size))

	buffers := e.writeBuffers()
	for i := range e.leaves {
		e.writeLeaf(i)
	}
	subgraphs := make([]flatbuffers.UOffsetT, len(m.Subgraphs))
	for i, s := range m.Subgraphs {
		subgraphs[i] = e.subgraph(s)
	}
	vector := e.b.CreateVectorOfTables(subgraphs)
	metadata := e.metadata(&m.Metadata)

	fb.ModelStart(e.b)
	fb.ModelAddFormatVersion(e.b, FormatVersion)
	fb.ModelAddSubgraphs(e.b, vector)
	fb.ModelAddBuffers(e.b, buffers)
	if metadata != 0 {
		fb.ModelAddMetadata(e.b, metadata)
	}
	e.b.FinishWithFileIdentifier(fb.ModelEnd(e.b), []byte(fileIdentifier))
	return e.b.FinishedBytes(), nil
}

// sizeBound is more than the size of the file, so that the builder never grows,
// which it could not beyond 1 GB.
func (e *encoder) sizeBound(m *Model) int64 {
	const perTable = 256 // vtable, table, entry, padding and a vector's length
	n := int64(4096)
	for _, b := range e.buffers {
		n += int64(len(b)) + perTable
	}
	for i := range e.leaves {
		n += int64(e.leaves[i].size())
	}
	for _, s := range m.Subgraphs {
		n += perTable * int64(1+len(s.Tensors)+2*len(s.Operators)+len(s.Inputs)+len(s.Outputs))
		for i := range s.Tensors {
			if q := s.Tensors[i].Quantization; q != nil {
				n += perTable + 8*int64(len(q.Scale)+len(q.ZeroPoint))
			}
		}
		for i := range s.Operators {
			switch o := s.Operators[i].Options.(type) {
			case *CustomOptions:
				n += int64(len(o.Name) + len(o.Data))
			case *TransposeOptions:
				n += 4 * int64(len(o.Perm))
			}
		}
	}
	n += int64(len(m.Metadata.Producer) + len(m.Metadata.SourceSHA256))
	for _, o := range m.Metadata.Opsets {
		n += perTable + int64(len(o.Domain))
	}
	for _, p := range m.Metadata.Properties {
		n += perTable + int64(len(p.Key)+len(p.Value))
	}
	return n
}

// buffer is the index of the buffer with these bytes.
func (e *encoder) buffer(data []byte) uint32 {
	if data == nil {
		return 0
	}
	i, ok := e.index[string(data)]
	if !ok {
		i = uint32(len(e.buffers))
		e.buffers = append(e.buffers, data)
		e.index[string(data)] = i
	}
	return i
}

// writeBuffers writes the buffers, and leaves in the gaps between them. Aligned from
// the end of the file, data is aligned from its start too: the builder makes the
// length of the file a multiple of the largest alignment.
func (e *encoder) writeBuffers() flatbuffers.UOffsetT {
	// bySize[n] are the leaves of 4n bytes that are not written yet, first last.
	var bySize [dataAlignment / 4][]int
	for i := range slices.Backward(e.leaves) {
		if n := e.leaves[i].size() / 4; n < len(bySize) {
			bySize[n] = append(bySize[n], i)
		}
	}
	data := make([]flatbuffers.UOffsetT, len(e.buffers))
	for i, b := range e.buffers[1:] {
		gap := int(-(int64(e.b.Offset()) + int64(len(b))) & (dataAlignment - 1))
		for n := gap / 4; n > 0; n = min(n, gap/4) {
			last := len(bySize[n]) - 1
			if last < 0 {
				n--
				continue
			}
			e.writeLeaf(bySize[n][last])
			bySize[n] = bySize[n][:last]
			gap -= 4 * n
		}
		e.b.Prep(dataAlignment, len(b))
		data[i+1] = e.b.CreateByteVector(b)
	}
	tables := make([]flatbuffers.UOffsetT, len(e.buffers))
	for i := range tables {
		fb.BufferStart(e.b)
		fb.BufferAddData(e.b, data[i])
		tables[i] = fb.BufferEnd(e.b)
	}
	return e.b.CreateVectorOfTables(tables)
}
