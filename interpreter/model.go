package interpreter

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Model is a verified model. It never changes, and any number of Interpreters may
// share it at the same time, from any goroutine.
type Model struct {
	schema *schema.Model
	graph  *schema.Subgraph // the first one
	parts  []part           // all subgraphs
	file   *mapping         // nil for a model that is in ordinary memory
}

// part is a subgraph with its constants.
type part struct {
	graph *schema.Subgraph
	// constants are the values of graph.Tensors, aligned as kernels want them; nil for
	// a tensor that is computed.
	constants [][]byte
	packs     []ops.Packs // of the constants
}

// mapping is a mapped file and those who use it.
type mapping struct {
	mu     sync.Mutex
	data   []byte
	unmap  func([]byte)
	users  int // Interpreters that are not closed
	closed bool
}

// Open maps a .lce file into memory and verifies it. Constants are used where they
// lie in the file, so a model costs little memory and pages load when they are
// needed. On systems without mmap the file is read into memory.
//
// The file must not be changed in place while it is open: what Open verified would
// no longer hold, and reading a mapped page that was truncated away ends the
// process with SIGBUS. Replacing a file by renaming another over it is safe.
func Open(path string) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := open(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func open(f *os.File) (*Model, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		// A pipe or the like has no size to map. One byte above what a model may have is
		// enough for the verifier to refuse it.
		data, err := io.ReadAll(io.LimitReader(f, math.MaxInt32+1))
		if err != nil {
			return nil, err
		}
		return Load(data)
	}
	if info.Size() > math.MaxInt32 {
		return nil, fmt.Errorf("%d bytes are more than a model may have, %d", info.Size(), math.MaxInt32)
	}
	data, unmap, err := mapFile(f, int(info.Size()))
	if err != nil {
		return nil, err
	}
	m, err := Load(data)
	if err != nil {
		unmap(data)
		return nil, err
	}
	m.file = &mapping{data: data, unmap: unmap}
	runtime.AddCleanup(m, (*mapping).drop, m.file)
	return m, nil
}

// Load verifies a model that is in memory, such as one embedded by go:embed. The
// data must not change afterwards. It is used where it is if it is aligned to 64
// bytes, and copied once if not.
func Load(data []byte) (*Model, error) {
	s, err := schema.Open(data)
	if err != nil {
		return nil, err
	}
	return newModel(s), nil
}

// FromSchema makes a model of one that a converter built. s must not change
// afterwards. It is checked as a file would be.
func FromSchema(s *schema.Model) (*Model, error) {
	if err := schema.Check(s); err != nil {
		return nil, err
	}
	return newModel(s), nil
}

func newModel(s *schema.Model) *Model {
	m := &Model{schema: s, graph: s.Subgraphs[0], parts: make([]part, len(s.Subgraphs))}
	for i, g := range s.Subgraphs {
		p := &m.parts[i]
		*p = part{graph: g, constants: make([][]byte, len(g.Tensors)), packs: make([]ops.Packs, len(g.Tensors))}
		for j := range g.Tensors {
			data := g.Tensors[j].Data
			if data != nil && !aligned(data) {
				data = append(ops.AlignedBytes(len(data))[:0], data...)
			}
			p.constants[j] = data
		}
	}
	return m
}

// aligned reports whether data starts at a multiple of 64 bytes.
func aligned(data []byte) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(data)))%64 == 0
}

// Close gives the mapped file back, at once or when the last Interpreter of the
// model is closed. It does nothing for a model in ordinary memory, and may be
// called again. New fails on a closed model.
func (m *Model) Close() error {
	if m.file != nil {
		m.file.close()
	}
	return nil
}

// drop gives the memory back when nothing refers to the model any more.
func (f *mapping) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed, f.users = true, 0
	f.release()
}

func (f *mapping) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.release()
}

// release unmaps if nobody needs the file any more. The lock is held.
func (f *mapping) release() {
	if f.closed && f.users == 0 && f.data != nil {
		f.unmap(f.data)
		f.data = nil
	}
}

// acquire counts an Interpreter that uses the model.
func (m *Model) acquire() error {
	if m.file == nil {
		return nil
	}
	m.file.mu.Lock()
	defer m.file.mu.Unlock()
	if m.file.closed {
		return errClosed("model")
	}
	m.file.users++
	return nil
}

// done takes an acquire back.
func (m *Model) done() {
	if m.file == nil {
		return
	}
	m.file.mu.Lock()
	defer m.file.mu.Unlock()
	m.file.users--
	m.file.release()
}

// Schema returns the model as the file describes it: metadata, tensors, operators.
// It must not be changed. The bytes of its constants are valid until Close, and as long
// as the Model is in use.
func (m *Model) Schema() *schema.Model { return m.schema }

// TensorInfo describes a tensor of a model.
type TensorInfo struct {
	Name  string
	DType schema.DType
	// Shape has a -1 for a dimension that the file leaves open.
	Shape []int
	// Bytes is the size of the data; 0 while a dimension is open.
	Bytes int
	// Constant says that the value is known before the run.
	Constant bool
	// Stored is the element type in the file of weights that are expanded when the model
	// is prepared: Bits, Float16 or Int8. It is Invalid for all others.
	Stored schema.DType
}

// Inputs describes the graph's inputs, by their public names. A dimension of -1 is
// chosen by WithInputShapes or Resize.
func (m *Model) Inputs() []TensorInfo { return m.describe(m.graph.Inputs) }

// Outputs describes the graph's outputs, by their public names.
func (m *Model) Outputs() []TensorInfo { return m.describe(m.graph.Outputs) }

func (m *Model) describe(ports []schema.Port) []TensorInfo {
	infos := make([]TensorInfo, len(ports))
	for i, p := range ports {
		t := &m.graph.Tensors[p.Tensor]
		infos[i] = TensorInfo{Name: p.Name, DType: t.DType, Shape: slices.Clone(t.Shape), Constant: t.Data != nil}
		if !slices.Contains(t.Shape, -1) {
			v := ops.Tensor{DType: t.DType, Shape: t.Shape}
			infos[i].Bytes = v.Bytes()
		}
	}
	return infos
}
