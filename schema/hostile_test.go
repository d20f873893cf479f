package schema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/lce-go/lce/schema/internal/fb"
)

// openHostile opens data that may be anything. A model it gives must be one that
// Write accepts, and the memory taken for it is bounded.
func openHostile(t testing.TB, data []byte) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := Open(data)
	runtime.ReadMemStats(&after)
	// The stated bound, one copy for the alignment and some room for messages and for
	// what else the process does.
	const room = 64 << 10
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64((allocFactor+1)*len(data)+allocBase+room); got > limit {
		t.Fatalf("Open of %d bytes allocated %d, the limit is %d (error %v)", len(data), got, limit, err)
	}
	if err != nil {
		if newer := errNewer(0); !errors.Is(err, ErrMalformed) && !errors.As(err, &newer) {
			t.Fatalf("error %v does not wrap ErrMalformed", err)
		}
		if len(err.Error()) > 4096 {
			t.Fatalf("error of %d bytes: %.200s", len(err.Error()), err)
		}
		return err
	}
	touch(m)
	return nil
}

// touch reads every byte that the model refers to.
func touch(m *Model) (sum int) {
	for _, s := range m.Subgraphs {
		for _, t := range s.Tensors {
			sum += len(t.Name)
			for _, b := range t.Data {
				sum += int(b)
			}
		}
		for _, op := range s.Operators {
			for _, i := range append(slices.Clone(op.Inputs), op.Outputs...) {
				if i != Absent {
					sum += len(s.Tensors[i].Shape)
				}
			}
			if o, ok := op.Options.(*CustomOptions); ok {
				sum += bytes.Count(o.Data, []byte{0})
			}
		}
	}
	return sum
}

func TestOpenTruncated(t *testing.T) {
	file := mustWrite(t, tinyModel())
	for n := range file {
		// The padding at the end belongs to no object.
		if err := openHostile(t, file[:n]); err == nil && len(bytes.TrimRight(file[n:], "\x00")) != 0 {
			t.Errorf("the first %d of %d bytes are accepted", n, len(file))
		}
	}
}

func TestOpenBitFlips(t *testing.T) {
	file := mustWrite(t, tinyModel())
	refused := 0
	for i := range len(file) * 8 {
		file[i/8] ^= 1 << (i % 8)
		if openHostile(t, file) != nil {
			refused++
		}
		file[i/8] ^= 1 << (i % 8)
	}
	if refused < len(file) {
		t.Errorf("%d of %d flipped bits refused", refused, len(file)*8)
	}
	mustOpen(t, file)
}

// TestOpenWords puts values that tend to hurt at every place of a file of all
// operators; in short tests at every fifth.
func TestOpenWords(t *testing.T) {
	step := 4
	if testing.Short() {
		step *= 5
	}
	file := mustWrite(t, everyModel())
	values := []uint32{0, 1, 4, 0x7f, 0xffff, uint32(len(file)), 1 << 28, 1 << 30, math.MaxInt32, 1 << 31, math.MaxUint32 - 3, math.MaxUint32}
	for p := 0; p+4 <= len(file); p += step {
		old := binary.LittleEndian.Uint32(file[p:])
		for _, v := range values {
			binary.LittleEndian.PutUint32(file[p:], v)
			if m, err := Open(file); err == nil {
				touch(m)
			}
		}
		binary.LittleEndian.PutUint32(file[p:], old)
	}
	mustOpen(t, file)
}

func TestOpenRandomMutations(t *testing.T) {
	file := mustWrite(t, everyModel())
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		data := slices.Clone(file)
		for range 1 + rng.IntN(8) {
			switch p := rng.IntN(len(data)); rng.IntN(3) {
			case 0:
				data[p] = byte(rng.Uint32())
			case 1:
				n := min(len(data)-p, rng.IntN(16))
				copy(data[p:], data[rng.IntN(len(data)-n):][:n])
			case 2:
				data = data[:max(p, len(data)-64)]
			}
		}
		openHostile(t, data)
	}
}

func TestOpenRefuses(t *testing.T) {
	tiny := mustWrite(t, tinyModel())
	root := int(binary.LittleEndian.Uint32(tiny))
	edit := func(f func(b []byte)) []byte {
		b := slices.Clone(tiny)
		f(b)
		return b
	}
	put := func(p int, v uint32) []byte {
		return edit(func(b []byte) { binary.LittleEndian.PutUint32(b[p:], v) })
	}
	// build makes a file of the subgraph tables that sub gives, without any check.
	build := func(sub func(b *flatbuffers.Builder) flatbuffers.UOffsetT) []byte {
		b := flatbuffers.NewBuilder(0)
		s := b.CreateVectorOfTables([]flatbuffers.UOffsetT{sub(b)})
		fb.ModelStart(b)
		fb.ModelAddSubgraphs(b, s)
		b.FinishWithFileIdentifier(fb.ModelEnd(b), []byte(fileIdentifier))
		return b.FinishedBytes()
	}
	withOperator := func(op func(b *flatbuffers.Builder)) []byte {
		return build(func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			fb.CastOptionsStart(b)
			cast := fb.CastOptionsEnd(b)
			fb.OperatorStart(b)
			fb.OperatorAddOptions(b, cast)
			op(b)
			ops := b.CreateVectorOfTables([]flatbuffers.UOffsetT{fb.OperatorEnd(b)})
			fb.SubgraphStart(b)
			fb.SubgraphAddOperators(b, ops)
			return fb.SubgraphEnd(b)
		})
	}
	withBuffers := func(buffers func(b *flatbuffers.Builder) []flatbuffers.UOffsetT) []byte {
		b := flatbuffers.NewBuilder(0)
		v := b.CreateVectorOfTables(buffers(b))
		fb.ModelStart(b)
		fb.ModelAddBuffers(b, v)
		b.FinishWithFileIdentifier(fb.ModelEnd(b), []byte(fileIdentifier))
		return b.FinishedBytes()
	}
	buffer := func(b *flatbuffers.Builder, data []byte, align int) flatbuffers.UOffsetT {
		b.Prep(align, len(data))
		v := b.CreateByteVector(data)
		fb.BufferStart(b)
		fb.BufferAddData(b, v)
		return fb.BufferEnd(b)
	}
	empty := func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
		fb.BufferStart(b)
		return fb.BufferEnd(b)
	}

	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "0 bytes are too few for a model"},
		{"text", []byte("not a model at all"), `no model: file identifier "a mo"`},
		{"onnx", []byte("\x08\x08\x12\x07pytorch\x1a\x05"), `no model: file identifier "pyto", want "LCE1"`},
		{"root 0", put(0, 0), "root: offset at byte 0 is 0"},
		{"root far", put(0, 1<<31), "root: offset at byte 0 leads to byte 2147483648, past the end"},
		{"root odd", put(0, 13), "root: offset at byte 0 leads to byte 13, not a multiple of 4"},
		{"root at the end", put(0, uint32(len(tiny))), "past the end"},
		{"vtable before the file", put(root, 1<<30), "vtable at byte -10737"},
		{"vtable after the file", put(root, uint32(0xffffffff)-1<<30), "vtable at byte 10737"},
		{"vtable odd", edit(func(b []byte) { b[root]++ }), "want an even position"},
		{"vtable size", edit(func(b []byte) {
			p := root - int(int32(binary.LittleEndian.Uint32(b[root:])))
			binary.LittleEndian.PutUint16(b[p:], 0xfffe)
		}), "vtable of 65534 bytes"},
		{"vtable size odd", edit(func(b []byte) {
			b[root-int(int32(binary.LittleEndian.Uint32(b[root:])))]++
		}), "vtable of"},
		{"field outside", edit(func(b []byte) {
			p := root - int(int32(binary.LittleEndian.Uint32(b[root:])))
			binary.LittleEndian.PutUint16(b[p+6:], 0xfffc)
		}), "subgraphs: 4 bytes at 65532 in the table"},
		{"field on the vtable's offset", edit(func(b []byte) {
			p := root - int(int32(binary.LittleEndian.Uint32(b[root:])))
			binary.LittleEndian.PutUint16(b[p+6:], 2)
		}), "subgraphs: 4 bytes at 2 in the table"},
		{"field misaligned", edit(func(b []byte) {
			p := root - int(int32(binary.LittleEndian.Uint32(b[root:])))
			b[p+6]++
		}), "not a multiple of 4"},
		{"empty model", withBuffers(func(b *flatbuffers.Builder) []flatbuffers.UOffsetT { return nil }), "no subgraph"},
		{"option without type", withOperator(func(b *flatbuffers.Builder) {}), "subgraphs: 0: operators: 0: options: value without a type"},
		{"unknown option", withOperator(func(b *flatbuffers.Builder) { fb.OperatorAddOptionsType(b, 255) }), "options: unknown type 255, want 0.."},
		{"type without option", build(func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			fb.OperatorStart(b)
			fb.OperatorAddOptionsType(b, fb.OptionsCastOptions)
			ops := b.CreateVectorOfTables([]flatbuffers.UOffsetT{fb.OperatorEnd(b)})
			fb.SubgraphStart(b)
			fb.SubgraphAddOperators(b, ops)
			return fb.SubgraphEnd(b)
		}), "options: type CastOptions without a value"},
		{"buffer 0", withBuffers(func(b *flatbuffers.Builder) []flatbuffers.UOffsetT {
			return []flatbuffers.UOffsetT{buffer(b, []byte{1}, 64)}
		}), "buffer 0: 1 bytes, must be empty"},
		{"misaligned buffer", withBuffers(func(b *flatbuffers.Builder) []flatbuffers.UOffsetT {
			return []flatbuffers.UOffsetT{empty(b), buffer(b, make([]byte, 64), 64), buffer(b, make([]byte, 12), 4)}
		}), "not a multiple of 64"},
		{"overlapping buffers", withBuffers(func(b *flatbuffers.Builder) []flatbuffers.UOffsetT {
			one := buffer(b, make([]byte, 1<<12), 64)
			return []flatbuffers.UOffsetT{empty(b), one, one}
		}), "buffer 2: buffers overlap"},
		{"no such buffer", build(func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			fb.TensorStart(b)
			fb.TensorAddBuffer(b, math.MaxUint32)
			tensors := b.CreateVectorOfTables([]flatbuffers.UOffsetT{fb.TensorEnd(b)})
			fb.SubgraphStart(b)
			fb.SubgraphAddTensors(b, tensors)
			return fb.SubgraphEnd(b)
		}), `subgraph 0: tensor 0 (""): buffer 4294967295 out of range [0, 0)`},
		{"string without an end", edit(func(b []byte) {
			b[bytes.Index(b, []byte("conv1\x00"))+5] = 'x'
		}), "string of 5 bytes"},
		{"long string", edit(func(b []byte) {
			binary.LittleEndian.PutUint32(b[bytes.Index(b, []byte("conv1\x00"))-4:], math.MaxUint32)
		}), "operators: 1: name: 4294967295 elements of 1 bytes"},
		{"format version 0", edit(func(b []byte) { setVersion(t, b, 0) }), "format version 0 does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := openHostile(t, tt.data)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// setVersion makes a file of tinyModel one of another format version, by giving
// Model's field the place of the metadata's offset.
func setVersion(t *testing.T, file []byte, version uint32) {
	t.Helper()
	root := int(binary.LittleEndian.Uint32(file))
	vt := root - int(int32(binary.LittleEndian.Uint32(file[root:])))
	if n := binary.LittleEndian.Uint16(file[vt:]); n != 12 {
		t.Fatalf("the vtable of Model has %d bytes, want 12", n)
	}
	binary.LittleEndian.PutUint16(file[vt+4:], binary.LittleEndian.Uint16(file[vt+10:]))
	binary.LittleEndian.PutUint16(file[vt+10:], 0)
	binary.LittleEndian.PutUint32(file[root+int(binary.LittleEndian.Uint16(file[vt+4:])):], version)
}

func TestOpenNewerVersion(t *testing.T) {
	file := mustWrite(t, tinyModel())
	setVersion(t, file, 1)
	mustOpen(t, file)
	setVersionOnly := bytes.Clone(file)
	root := int(binary.LittleEndian.Uint32(file))
	vt := root - int(int32(binary.LittleEndian.Uint32(file[root:])))
	at := root + int(binary.LittleEndian.Uint16(file[vt+4:]))
	binary.LittleEndian.PutUint32(setVersionOnly[at:], 7)
	// What a newer file holds elsewhere may be unknown here and must not matter.
	binary.LittleEndian.PutUint32(setVersionOnly[root+int(binary.LittleEndian.Uint16(file[vt+6:])):], 0)
	_, err := Open(setVersionOnly)
	if want := "format version 7 is newer than this program's 1"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	if errors.Is(err, ErrMalformed) {
		t.Error("a newer file is called malformed")
	}
}

// TestOpenSharedTables opens small files that would decode to much more than their
// size, because they use the same tables, strings or vectors again and again.
func TestOpenSharedTables(t *testing.T) {
	const n = 20000
	repeat := func(off flatbuffers.UOffsetT) []flatbuffers.UOffsetT {
		return slices.Repeat([]flatbuffers.UOffsetT{off}, n)
	}
	model := func(b *flatbuffers.Builder, subgraphs []flatbuffers.UOffsetT) []byte {
		v := b.CreateVectorOfTables(subgraphs)
		fb.ModelStart(b)
		fb.ModelAddSubgraphs(b, v)
		b.FinishWithFileIdentifier(fb.ModelEnd(b), []byte(fileIdentifier))
		return b.FinishedBytes()
	}
	tensors := func(b *flatbuffers.Builder, name string, rank int) flatbuffers.UOffsetT {
		s := b.CreateString(name)
		b.StartVector(4, rank, 4)
		for range rank {
			b.PrependInt32(1)
		}
		shape := b.EndVector(rank)
		fb.TensorStart(b)
		fb.TensorAddName(b, s)
		fb.TensorAddShape(b, shape)
		fb.TensorAddDtype(b, fb.DTypeFloat32)
		v := b.CreateVectorOfTables(repeat(fb.TensorEnd(b)))
		fb.SubgraphStart(b)
		fb.SubgraphAddTensors(b, v)
		return fb.SubgraphEnd(b)
	}
	for _, tt := range []struct {
		name string
		make func(b *flatbuffers.Builder) []byte
	}{
		{"subgraphs of tensors", func(b *flatbuffers.Builder) []byte { return model(b, repeat(tensors(b, "t", 1))) }},
		{"names", func(b *flatbuffers.Builder) []byte {
			return model(b, []flatbuffers.UOffsetT{tensors(b, strings.Repeat("n", maxName), 1)})
		}},
		{"shapes", func(b *flatbuffers.Builder) []byte {
			return model(b, []flatbuffers.UOffsetT{tensors(b, "t", 1<<16)})
		}},
		{"operators", func(b *flatbuffers.Builder) []byte {
			fb.BConv2DOptionsStart(b)
			conv := fb.BConv2DOptionsEnd(b)
			fb.OperatorStart(b)
			fb.OperatorAddOptionsType(b, fb.OptionsBConv2DOptions)
			fb.OperatorAddOptions(b, conv)
			v := b.CreateVectorOfTables(repeat(fb.OperatorEnd(b)))
			fb.SubgraphStart(b)
			fb.SubgraphAddOperators(b, v)
			return model(b, []flatbuffers.UOffsetT{fb.SubgraphEnd(b)})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := openHostile(t, tt.make(flatbuffers.NewBuilder(0)))
			if want := "it uses parts of itself too often"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want %q", err, want)
			}
		})
	}
}

// TestMemoryBound holds the stated bound for files that are costly for their size
// and still accepted.
func TestMemoryBound(t *testing.T) {
	many := &Subgraph{}
	for i := range 5000 {
		many.Tensors = append(many.Tensors, Tensor{Name: strings.Repeat("n", sharedString), DType: Bool,
			Shape: make([]int, sharedRank), Data: []byte{}})
		many.Outputs = append(many.Outputs, Port{Name: string(rune(0x4e00 + i)), Tensor: i})
	}
	ops := &Subgraph{Tensors: []Tensor{{Name: "x", DType: Float32}}, Inputs: []Port{{"x", 0}}}
	for i := range 5000 {
		ops.Tensors = append(ops.Tensors, Tensor{DType: Float32})
		ops.Operators = append(ops.Operators, Operator{Code: BConv2D, Version: 1, Name: "n",
			Outputs: []int{i + 1}, Options: bconv()})
	}
	ops.Outputs = []Port{{"y", 1}}
	bools := &Subgraph{Outputs: []Port{{"y", 0}}}
	for i := range 5000 {
		bools.Tensors = append(bools.Tensors, Tensor{DType: Bool, Shape: []int{2}, Data: []byte{byte(i) & 1, byte(i) >> 1 & 1}})
	}
	for _, tt := range []struct {
		name string
		s    *Subgraph
	}{{"tensors", many}, {"operators", ops}, {"constants", bools}} {
		t.Run(tt.name, func(t *testing.T) {
			data := mustWrite(t, &Model{Subgraphs: []*Subgraph{tt.s}})
			if err := openHostile(t, data); err != nil {
				t.Fatal(err)
			}
		})
	}
}
