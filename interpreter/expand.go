package interpreter

import (
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// expander knows the weights that the file has in fewer bits than they are computed
// in: as bits, as float16 or as int8. What makes floats of them runs while preparing, for
// tensors of any size.
//
//   - Weights that only kernels read which pack them are expanded when they are packed,
//     one tensor at a time, see ops.Tensor.Expand. No interpreter of the model expands
//     them again as long as the packed form is in use.
//   - Others are expanded once. A step between the file and the weights is released when
//     what reads it is computed.
type expander struct {
	*preparer
	expanded map[*ops.Tensor]bool
	readers  map[*ops.Tensor]int // operators that are not computed yet; outputs count, too
	packed   map[*ops.Tensor]bool
	sizes    map[*ops.Tensor]int64 // bytes that expanding takes
	makers   map[*ops.Tensor]*ops.Node
	free     [][]byte
	lent     []byte // what the last Expand returned
}

func newExpander(p *preparer) *expander {
	e := &expander{
		preparer: p,
		expanded: map[*ops.Tensor]bool{}, readers: map[*ops.Tensor]int{},
		packed: map[*ops.Tensor]bool{}, sizes: map[*ops.Tensor]int64{}, makers: map[*ops.Tensor]*ops.Node{},
	}
	for _, n := range p.nodes {
		if n == nil {
			continue
		}
		for _, t := range n.Inputs {
			if t != nil {
				e.readers[t]++
			}
		}
	}
	for _, port := range p.graph.Outputs {
		e.readers[&p.tensors[port.Tensor]]++
	}
	e.findPacked()
	return e
}

// findPacked finds the tensors that are expanded, by how the file describes them, and
// of these the ones that nobody reads but kernels that pack them, or one further step of
// such an expansion: a chain, so that no file makes expanding take long.
func (e *expander) findPacked() {
	for i, n := range e.nodes {
		if n == nil || !expanding[n.Def.Code] {
			continue
		}
		stored := schema.Invalid
		constant, chain := true, 0
		for _, t := range n.Inputs {
			from, ok := e.stored[t]
			switch {
			case ok:
				stored = from
				chain++
			case t == nil || t.Data == nil:
				constant = false
			case n.Def.Code == schema.Bunpack, isNarrow(n):
				stored = t.DType
			}
		}
		// InferNode is still to come, so that the shape is what the file says.
		index := e.graph.Operators[i].Outputs[0]
		if out := &e.graph.Tensors[index]; constant && stored != schema.Invalid && out.DType == schema.Float32 {
			e.stored[&e.tensors[index]] = stored
			e.packed[&e.tensors[index]] = chain <= 1 && !slices.ContainsFunc(out.Shape, func(d int) bool { return d <= 0 })
		}
	}
	for _, port := range e.graph.Outputs {
		delete(e.packed, &e.tensors[port.Tensor])
	}
	for _, n := range slices.Backward(e.nodes) {
		if n == nil {
			continue
		}
		for i, t := range n.Inputs {
			packs := i == n.Def.PackedInput && i > 0 && n.Inputs[0] != t
			further := expanding[n.Def.Code] && e.packed[n.Outputs[0]] && e.readers[t] == 1
			if !packs && !further {
				delete(e.packed, t)
			}
		}
	}
	for i := range e.tensors {
		if e.packed[&e.tensors[i]] {
			e.tensors[i].Packs = &e.part.packs[i]
		}
	}
}

// expanding lists the ops that weights are expanded by.
var expanding = map[schema.OpCode]bool{schema.Bunpack: true, schema.Cast: true, schema.Binary: true, schema.Reshape: true}

// isNarrow reports whether n makes float32 of smaller elements.
func isNarrow(n *ops.Node) bool {
	o, ok := n.Options.(*schema.CastOptions)
	if !ok || o.To != schema.Float32 || n.Input(0) == nil {
		return false
	}
	x := n.Input(0) // nothing has checked that it is there
	return x != nil && (x.DType == schema.Float16 || x.DType == schema.Int8)
}

// expands reports whether n makes floats of constants in fewer bits, or only scales or
// reshapes such floats.
func (e *expander) expands(n *ops.Node) bool {
	if !expanding[n.Def.Code] {
		return false
	}
	for _, t := range n.Inputs {
		if t == nil || t.Data == nil {
			return false
		}
	}
	return n.Def.Code == schema.Bunpack || isNarrow(n) ||
		n.Def.Code != schema.Cast && slices.ContainsFunc(n.Inputs, func(t *ops.Tensor) bool { return e.expanded[t] })
}

// computed notes that n is computed, and returns the bytes that it released.
func (e *expander) computed(n *ops.Node, expands bool) int {
	released := 0
	for _, t := range n.Inputs {
		if t == nil {
			continue
		}
		if e.readers[t]--; e.readers[t] == 0 && e.expanded[t] {
			released += t.Bytes()
			t.Data = nil
		}
	}
	if expands {
		e.expanded[n.Outputs[0]] = true
	}
	return released
}

// later makes the output of n, if it is one that is packed, a tensor that is expanded
// when a kernel packs it.
func (e *expander) later(n *ops.Node) (bool, error) {
	if len(n.Outputs) != 1 || !e.packed[n.Outputs[0]] {
		return false, nil
	}
	t := n.Outputs[0]
	e.sizes[t] = int64(t.Bytes())
	for _, in := range n.Inputs {
		e.sizes[t] += e.sizes[in]
	}
	if err := ops.PrepareNode(n); err != nil {
		return false, err
	}
	t.Expand = func() ([]byte, error) {
		e.giveBack(e.lent)
		var err error
		e.lent, err = e.value(n)
		return e.lent, err
	}
	e.makers[t] = n
	return true, nil
}

// value computes the output of n, in memory from take.
func (e *expander) value(n *ops.Node) ([]byte, error) {
	for _, t := range n.Inputs {
		if from := e.makers[t]; from != nil {
			data, err := e.value(from)
			if err != nil {
				return nil, err
			}
			t.Data = data
			defer func() {
				e.giveBack(t.Data)
				t.Data = nil
			}()
		}
	}
	out := n.Outputs[0]
	out.Data, n.Scratch = e.take(out.Bytes()), ops.AlignedBytes(n.Kernel.Scratch)
	err := ops.RunNode(n)
	data := out.Data
	out.Data, n.Scratch = nil, nil
	return data, err
}

func (e *expander) take(size int) []byte {
	for i, b := range e.free {
		if cap(b) >= size {
			e.free = slices.Delete(e.free, i, i+1)
			return b[:size]
		}
	}
	// Those that are too small would only pile up.
	e.free = nil
	return ops.AlignedBytes(size)
}

func (e *expander) giveBack(b []byte) {
	if b != nil {
		e.free = append(e.free, b)
	}
}

// drop releases the memory of the last expansions.
func (e *expander) drop() { e.free, e.lent = nil, nil }
