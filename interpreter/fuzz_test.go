package interpreter

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
)

// Bounds for one fuzzed model. fuzzSlack is for bookkeeping, for each byte of the
// file: what schema.Open and the nodes take.
const (
	fuzzMaxMemory = 256 << 10
	fuzzMaxFile   = 64 << 10
	fuzzSlack     = 400
	fuzzBase      = 2 << 20
	fuzzMaxWork   = 1 << 24

	fuzzMaxIterations = 100
)

// FuzzRun opens, prepares and runs mutated models. None may crash the process,
// take more memory than stated, or read or write outside of its tensors.
func FuzzRun(f *testing.F) {
	for _, m := range fuzzModels {
		b := newBuilder(f)
		m.build(b)
		f.Add(b.file(), uint16(0))
		f.Add(b.file(), uint16(7))
	}
	features := isa.Detect()
	f.Fuzz(func(t *testing.T, data []byte, seed uint16) {
		if len(data) > fuzzMaxFile {
			return
		}
		var before, after runtime.MemStats
		measure := seed%64 == 0 // stops the world: not each time
		if measure {
			runtime.ReadMemStats(&before)
		}
		if m, err := Load(data); err == nil {
			fuzzModel(t, m, seed, features)
		}
		if measure {
			runtime.ReadMemStats(&after)
			got := after.TotalAlloc - before.TotalAlloc
			if most := uint64(4*fuzzMaxMemory + fuzzSlack*len(data) + fuzzBase); got > most {
				t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(data), most)
			}
		}
	})
}

// fuzzModel prepares and runs a model that may be nonsense.
func fuzzModel(t *testing.T, m *Model, seed uint16, features isa.Features) {
	if seed%2 == 1 {
		features = 0
	}
	in, err := New(m, WithThreads(1), WithMaxMemory(fuzzMaxMemory), WithFeatures(features), WithMaxIterations(fuzzMaxIterations))
	if err != nil {
		return
	}
	defer in.Close()
	for _, x := range in.Inputs() {
		if seed%3 == 0 {
			fillInput(x, int(seed))
		}
	}
	if work(in) > fuzzMaxWork {
		return
	}
	guards := addGuards(in.prepared)
	if err := in.Run(); err != nil {
		return
	}
	var first [][]byte
	for _, y := range in.Outputs() {
		first = append(first, slices.Clone(y.Bytes()))
	}
	spoil(in.prepared)
	if err := in.Run(); err != nil {
		t.Fatalf("the first run was good, the second one not: %v", err)
	}
	for i, y := range in.Outputs() {
		if !bytes.Equal(y.Bytes(), first[i]) {
			t.Fatalf("output %v depends on what memory held before the run", y)
		}
	}
	for _, g := range guards {
		if !g.intact() {
			t.Fatalf("something wrote around %s", g.what)
		}
	}
	for _, y := range in.Outputs() {
		v := y.now()
		if v.DType == schema.Bits {
			if row, ok := tailsClear(v.Data, v.Cols()); !ok {
				t.Fatalf("output %v: row %d: bits behind the last element", y, row)
			}
		}
	}
}

// spoil fills the arena, but for the inputs, with bytes that have no meaning.
func spoil(p *prepared) {
	for _, n := range p.steps {
		for _, t := range n.Outputs {
			if t != nil {
				garbage(t.Data)
			}
		}
		garbage(n.Scratch)
	}
	for _, l := range p.late {
		for _, m := range l.memory {
			garbage(m)
		}
		garbage(l.node.Scratch)
	}
}

func garbage(data []byte) {
	for i := range data {
		data[i] = byte(201 + 7*i)
	}
}

// work estimates the steps of a run from above, so that fuzzing is not about
// patience: products of the sizes of what each operator reads and writes.
func work(in *Interpreter) float64 {
	sum := 0.0
	for _, n := range in.prepared.steps {
		out := 0.0
		for _, t := range n.Outputs {
			if t != nil {
				out += float64(t.Len())
			}
		}
		each := 1.0
		switch n.Def.Code {
		case schema.Conv2D, schema.BConv2D:
			w := n.Inputs[1].Shape
			each = float64(w[1] * w[2] * w[3])
		case schema.MatMul, schema.BGEMM:
			each = float64(n.Inputs[0].Len())
		case schema.Pool2D, schema.BMaxPool2D:
			k := n.Options.(*schema.Pool2DOptions).Kernel
			x := n.Inputs[0].Shape
			each = float64(min(k.H, x[1]) * min(k.W, x[2]))
		case schema.PoolND:
			for _, k := range n.Options.(*schema.PoolNDOptions).Kernel {
				each *= float64(k)
			}
		}
		sum += out * each
	}
	return sum
}

// guard is memory around a piece of the arena.
type guard struct {
	what string
	data []byte
}

const guardSize = 64

func (g guard) intact() bool {
	for i := 0; i < len(g.data); i += 4 {
		if binary.LittleEndian.Uint32(g.data[i:]) != 0xdeadbeef {
			return false
		}
	}
	return true
}

// addGuards moves all tensors and scratch out of the arena, to memory of their own
// with guards on both sides.
func addGuards(p *prepared) []guard {
	var guards []guard
	move := func(what string, size int) []byte {
		b := ops.AlignedBytes(size + 2*guardSize)
		for _, data := range [][]byte{b[:guardSize], b[guardSize+size:]} {
			for i := 0; i < guardSize; i += 4 {
				binary.LittleEndian.PutUint32(data[i:], 0xdeadbeef)
			}
			guards = append(guards, guard{what, data})
		}
		return b[guardSize : guardSize+size : guardSize+size]
	}
	moved := map[int][]byte{} // by place: tensors that share one in place stay together
	for t, at := range p.place {
		if moved[at] == nil {
			moved[at] = move(t.String(), len(t.Data))
			copy(moved[at], t.Data)
		}
		t.Data = moved[at]
	}
	for _, n := range p.steps {
		n.Scratch = move("the scratch of "+n.Name, len(n.Scratch))
	}
	return guards
}
