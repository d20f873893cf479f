package interpreter

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
)

// editor reads decisions from fuzzed bytes.
type editor struct{ data []byte }

func (e *editor) next() int {
	if len(e.data) == 0 {
		return 0
	}
	v := e.data[0]
	e.data = e.data[1:]
	return int(v)
}

// extremes are values that tend to break things.
var extremes = []int64{
	0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 100, 1 << 10, 1 << 16, 1<<24 - 1, 1 << 24, 1<<28 - 1, 1 << 28,
	math.MaxInt32 - 1, math.MaxInt32, math.MaxInt32 + 1, 1 << 32, 1 << 40, 1 << 62, math.MaxInt64,
	-1, -2, -3, -4, -8, -32, math.MinInt32, math.MinInt32 - 1, math.MinInt64, math.MinInt64 + 1,
}

func (e *editor) integer() int64 { return extremes[e.next()%len(extremes)] }

// dimension is mostly small, so that what comes out can be run.
func (e *editor) dimension() int {
	if v := e.next(); v < 240 {
		return v % 9
	}
	return int(int32(e.integer()))
}

var floatExtremes = []float32{
	0, 1, -1, 0.5, 2, 6, 1e-30, 1e30, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
	float32(math.Copysign(0, -1)), 1 << 31, -1 << 31, 1 << 63,
}

// edit changes one thing in the graph.
func (e *editor) edit(g *schema.Subgraph) {
	op := &g.Operators[e.next()%len(g.Operators)]
	t := &g.Tensors[e.next()%len(g.Tensors)]
	switch e.next() % 8 {
	case 0:
		if len(op.Inputs) > 0 {
			op.Inputs[e.next()%len(op.Inputs)] = e.next()%(len(g.Tensors)+1) - 1
		}
	case 1:
		op.Inputs = op.Inputs[:e.next()%(len(op.Inputs)+1)]
	case 2:
		op.Inputs = append(op.Inputs, e.next()%(len(g.Tensors)+1)-1)
	case 3:
		e.options(op.Options)
	case 4: // another size, with data to fit
		if len(t.Shape) > 0 {
			t.Shape[e.next()%len(t.Shape)] = e.dimension()
		}
		refit(t)
	case 5: // another rank
		if len(t.Shape) > 0 && e.next()%2 == 0 {
			t.Shape = t.Shape[1:]
		} else {
			t.Shape = append([]int{e.dimension()}, t.Shape...)
		}
		refit(t)
	case 6:
		t.DType = schema.DType(e.next()%int(schema.Bits) + 1)
		refit(t)
	case 7:
		e.value(t)
	}
}

// options sets a field of an operator's options.
func (e *editor) options(o schema.Options) {
	if o == nil {
		return
	}
	v := reflect.ValueOf(o).Elem()
	for v.Kind() == reflect.Struct {
		v = v.Field(e.next() % v.NumField())
	}
	if v.Kind() == reflect.Slice {
		if v.Len() == 0 {
			return
		}
		v = v.Index(e.next() % v.Len())
	}
	switch {
	case v.CanInt():
		x := e.integer()
		if v.Kind() == reflect.Int {
			x = int64(int32(x)) // what a file can hold
		}
		v.SetInt(x)
	case v.CanUint():
		v.SetUint(uint64(e.next() % 16))
	case v.CanFloat():
		v.SetFloat(float64(floatExtremes[e.next()%len(floatExtremes)]))
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	}
}

// value sets an element of a constant.
func (e *editor) value(t *schema.Tensor) {
	size := t.DType.Size()
	if size == 0 || len(t.Data) < size {
		return
	}
	at := e.next() % (len(t.Data) / size) * size
	var b [8]byte
	switch t.DType {
	case schema.Float32:
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(floatExtremes[e.next()%len(floatExtremes)]))
	case schema.Bool:
		b[0] = byte(e.next() % 2)
	default:
		binary.LittleEndian.PutUint64(b[:], uint64(e.integer()))
	}
	copy(t.Data[at:at+size], b[:])
}

// refit gives a constant data of the size that its shape asks for.
func refit(t *schema.Tensor) {
	if t.Data == nil {
		return
	}
	n, err := ops.Count(t.Shape)
	if err != nil || n > 1<<12 {
		return
	}
	v := ops.Tensor{DType: t.DType, Shape: t.Shape}
	data := ops.AlignedBytes(v.Bytes())
	if t.DType != schema.Bits && t.DType != schema.Bool {
		copy(data, t.Data)
	}
	t.Data = data
}

// declare writes the shapes that follow from the operators into the graph, so that
// an edited one is not refused before it is prepared. It stops where there is none.
func declare(g *schema.Subgraph) {
	tensors := make([]ops.Tensor, len(g.Tensors))
	for i, t := range g.Tensors {
		tensors[i] = ops.Tensor{Name: t.Name, DType: t.DType, Shape: append([]int{}, t.Shape...), Data: t.Data}
		for j, d := range t.Shape {
			if d == -1 {
				tensors[i].Shape[j] = 1
			}
		}
	}
	for _, op := range g.Operators {
		n := &ops.Node{Def: ops.Lookup(op.Code), Name: op.Name, Options: op.Options}
		for _, i := range op.Inputs {
			if i < 0 {
				n.Inputs = append(n.Inputs, nil)
				continue
			}
			n.Inputs = append(n.Inputs, &tensors[i])
		}
		for _, i := range op.Outputs {
			n.Outputs = append(n.Outputs, &tensors[i])
		}
		if n.Def == nil || ops.InferNode(n) != nil {
			return
		}
		for _, i := range op.Outputs {
			g.Tensors[i].DType, g.Tensors[i].Shape = tensors[i].DType, tensors[i].Shape
		}
	}
}

// FuzzOps edits operators, operands, options and constants of small models: what
// passes the checks of the schema must be refused with an error or run.
func FuzzOps(f *testing.F) {
	for i := range fuzzModels {
		f.Add(uint8(i), []byte{0, 0, 7, 0, 0}, uint16(0))
		for kind := range byte(8) {
			f.Add(uint8(i), []byte{kind, 3 * kind, kind, 1, 5, 2, kind, 3, 1, 0}, uint16(kind))
		}
	}
	features := isa.Detect()
	f.Fuzz(func(t *testing.T, model uint8, edits []byte, seed uint16) {
		b := newBuilder(t)
		fuzzModels[int(model)%len(fuzzModels)].build(b)
		e := &editor{edits[:min(len(edits), 64)]}
		for len(e.data) > 0 {
			graphs := b.model().Subgraphs
			g := graphs[0]
			if len(graphs) > 1 {
				g = graphs[e.next()%len(graphs)]
			}
			e.edit(g)
		}
		if schema.Check(b.model()) != nil {
			return
		}
		declare(&b.graph)
		m, err := FromSchema(b.model())
		if err != nil {
			return
		}
		fuzzModel(t, m, seed, features)
	})
}
