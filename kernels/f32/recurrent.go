package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// RecurrentKind is a recurrent layer.
type RecurrentKind int

// The recurrent layers.
const (
	RecurrentRNN RecurrentKind = iota
	RecurrentLSTM
	RecurrentGRU
)

// gates is the number of gates of each kind.
var gates = [...]int{RecurrentRNN: 1, RecurrentLSTM: 4, RecurrentGRU: 3}

// RecurrentParams describes one direction of a recurrent layer.
type RecurrentParams struct {
	Kind                       RecurrentKind
	Steps, Batch, Input, State int
	Reverse                    bool
	// Activations are applied to gates, candidates and, of an LSTM, the cells.
	Activations       []UnaryFunc[float32]
	LinearBeforeReset bool // of a GRU: the reset gate multiplies what the candidate has of the state
	InputForget       bool // of an LSTM: the forget gate is 1 minus the input gate
}

// Recurrent computes one direction of a recurrent layer, by ONNX's definition: the products
// with the inputs of all steps at once, and those with the state step by step.
type Recurrent struct {
	p          RecurrentParams
	f          *Functions
	rows       int // of the weights: gates times State
	split      int // rows of the weights that multiply the state before the gates are known
	x, r, last *MatMul
	parts      recurrentParts[int64] // elements of scratch memory

	scratch recurrentParts[[]float32]
}

// recurrentParts are the pieces of scratch memory of a run. own is the bias that is added to
// products with the state.
type recurrentParts[T any] struct {
	inputs, products, h, c, reset, candidate, transposed, bias, own T
}

// RecurrentOperands are what a direction reads and writes; nil where absent.
type RecurrentOperands struct {
	X, B, H0, C0, P []float32
	W, R            []float32 // as packed by PackW and PackR
	Lengths         []int32
	Y               []float32 // of the first step; the next is YStep further on
	YStep           int
	YH, YC          []float32
}

// NewRecurrent makes a direction.
func NewRecurrent(p RecurrentParams, features isa.Features, threads int) *Recurrent {
	k := &Recurrent{p: p, f: FunctionsFor(features), rows: gates[p.Kind] * p.State}
	k.split = k.rows
	if p.Kind == RecurrentGRU && !p.LinearBeforeReset {
		k.split = 2 * p.State
		k.last = k.product(p.Batch, p.State, p.State, features, threads)
	}
	k.x = k.product(p.Steps*p.Batch, p.Input, k.rows, features, threads)
	k.r = k.product(p.Batch, p.State, k.split, features, threads)
	n := int64(p.Batch) * int64(p.State)
	k.parts = recurrentParts[int64]{
		inputs: int64(p.Steps) * int64(p.Batch) * int64(k.rows), products: int64(p.Batch) * int64(k.split),
		h: n, c: n, reset: n, candidate: n, transposed: int64(max(k.x.ScratchLen(), k.r.ScratchLen())),
		bias: int64(k.rows), own: int64(k.rows),
	}
	return k
}

func (k *Recurrent) product(m, inner, n int, features isa.Features, threads int) *MatMul {
	return NewMatMul(MatMulParams{
		M: m, K: inner, N: n, TransposeB: true, CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0},
		Min: float32(math.Inf(-1)), Max: float32(math.Inf(1)),
	}, features, threads)
}

// PackedLayout says all that the packed forms depend on, besides the weights.
func (k *Recurrent) PackedLayout() (w, r string) {
	w, r = k.x.PackedLayout(), k.r.PackedLayout()
	if k.last != nil {
		r += ", " + k.last.PackedLayout()
	}
	return w, r
}

// PackedLen is the number of elements of the packed weights of inputs and of the state.
func (k *Recurrent) PackedLen() (w, r int64) {
	w, r = k.x.PackedLen(), k.r.PackedLen()
	if k.last != nil {
		r += k.last.PackedLen()
	}
	return w, r
}

// PackW packs the weights that multiply inputs.
func (k *Recurrent) PackW(pool *parallel.Pool, dst, w []float32) { k.x.Pack(pool, dst, w) }

// PackR packs the weights that multiply the state.
func (k *Recurrent) PackR(pool *parallel.Pool, dst, r []float32) {
	k.r.Pack(pool, dst, r[:k.split*k.p.State])
	if k.last != nil {
		k.last.Pack(pool, dst[k.r.PackedLen():], r[k.split*k.p.State:])
	}
}

// each calls f with the pieces of scratch memory, in the order in which they lie.
func (k *Recurrent) each(f func(piece *[]float32, n int64)) {
	s, n := &k.scratch, &k.parts
	f(&s.inputs, n.inputs)
	f(&s.products, n.products)
	f(&s.h, n.h)
	f(&s.c, n.c)
	f(&s.reset, n.reset)
	f(&s.candidate, n.candidate)
	f(&s.transposed, n.transposed)
	f(&s.bias, n.bias)
	f(&s.own, n.own)
}

// ScratchLen is the number of elements of scratch memory that Run needs.
func (k *Recurrent) ScratchLen() int64 {
	sum := int64(0)
	k.each(func(_ *[]float32, n int64) { sum += aligned16(n) })
	return sum
}

func aligned16(n int64) int64 { return (n + 15) &^ 15 }

// Run computes the outputs.
func (k *Recurrent) Run(pool *parallel.Pool, o *RecurrentOperands, scratch []float32) {
	k.each(func(piece *[]float32, n int64) { *piece, scratch = scratch[:n], scratch[aligned16(n):] })
	p, s := &k.p, &k.scratch
	k.addBiases(o.B)
	k.x.Run(pool, s.inputs, o.X, o.W, s.bias, s.transposed)
	start(s.h, o.H0)
	start(s.c, o.C0)
	for step := range p.Steps {
		k.r.Run(pool, s.products, s.h, o.R, s.own[:k.split], s.transposed)
		if k.last != nil {
			k.resets(pool, o, step)
		}
		for n := range p.Batch {
			t, ok := k.time(o, step, n)
			if !ok {
				if o.Y != nil {
					clear(o.Y[step*o.YStep+n*p.State:][:p.State])
				}
				continue
			}
			h := s.h[n*p.State:][:p.State]
			k.advance(o, t, n, h)
			if o.Y != nil {
				copy(o.Y[t*o.YStep+n*p.State:], h)
			}
		}
	}
	copy(o.YH, s.h)
	copy(o.YC, s.c)
	k.scratch = recurrentParts[[]float32]{}
}

// addBiases makes of both biases of each row one, but for the candidates of a GRU whose reset
// gate multiplies a bias.
func (k *Recurrent) addBiases(b []float32) {
	s := &k.scratch
	clear(s.bias)
	clear(s.own)
	if b == nil {
		return
	}
	together := k.rows
	if k.p.Kind == RecurrentGRU && k.p.LinearBeforeReset {
		together = 2 * k.p.State
		copy(s.own[together:], b[k.rows+together:])
	}
	copy(s.bias, b[:k.rows])
	k.f.Add(s.bias[:together], s.bias[:together], b[k.rows:][:together])
}

func start(state, from []float32) {
	if from == nil {
		clear(state)
		return
	}
	copy(state, from)
}

// time is the step of the input that sequence n is at; false behind its end.
func (k *Recurrent) time(o *RecurrentOperands, step, n int) (int, bool) {
	length := k.p.Steps
	if o.Lengths != nil {
		length = int(o.Lengths[n])
	}
	if step >= length {
		return 0, false
	}
	if k.p.Reverse {
		return length - 1 - step, true
	}
	return step, true
}

// gatesOf is what inputs give to the gates of sequence n at step t.
func (k *Recurrent) gatesOf(t, n int) []float32 {
	return k.scratch.inputs[(t*k.p.Batch+n)*k.rows:][:k.rows]
}

// advance takes sequence n, with the state h, one step on.
func (k *Recurrent) advance(o *RecurrentOperands, t, n int, h []float32) {
	s := &k.scratch
	in, rec := k.gatesOf(t, n), s.products[n*k.split:][:k.split]
	switch k.p.Kind {
	case RecurrentLSTM:
		k.f.Add(in, in, rec)
		k.lstm(h, s.c[n*k.p.State:][:k.p.State], in, o.P)
	case RecurrentGRU:
		k.gru(h, in, rec, s.candidate[n*k.p.State:][:k.p.State])
	default:
		k.f.Add(h, in, rec)
		k.p.Activations[0](h, h)
	}
}

// lstm takes a sequence one step on. The gates are input, output, forget and candidate, and peep
// has the weights of the cells in the first three, or is nil.
func (k *Recurrent) lstm(h, c, all, peep []float32) {
	n := len(h)
	f, add, mul := k.p.Activations[0], k.f.Add, k.f.Mul
	gate := func(i int) []float32 { return all[i*n:][:n] }
	input, output, forget, candidate := gate(0), gate(1), gate(2), gate(3)
	look := func(i int) {
		if peep != nil {
			mul(h, peep[i*n:][:n], c)
			add(gate(i), gate(i), h)
		}
	}
	look(0)
	look(2)
	f(input, input)
	if k.p.InputForget {
		for j, v := range input {
			forget[j] = 1 - v
		}
	} else {
		f(forget, forget)
	}
	k.p.Activations[1](candidate, candidate)
	mul(c, c, forget)
	mul(candidate, candidate, input)
	add(c, c, candidate)
	look(1)
	f(output, output)
	k.p.Activations[2](h, c)
	mul(h, h, output)
}

// resets computes what the candidates of a GRU have of the state, times its reset gate.
func (k *Recurrent) resets(pool *parallel.Pool, o *RecurrentOperands, step int) {
	s, size := &k.scratch, k.p.State
	for n := range k.p.Batch {
		if t, ok := k.time(o, step, n); ok {
			gate := s.reset[n*size:][:size]
			k.f.Add(gate, k.gatesOf(t, n)[size:2*size], s.products[n*k.split+size:][:size])
			k.p.Activations[0](gate, gate)
			k.f.Mul(gate, gate, s.h[n*size:][:size])
		}
	}
	k.last.Run(pool, s.candidate, s.reset, o.R[k.r.PackedLen():], nil, s.transposed)
}

// gru takes a sequence one step on. The gates are update, reset and candidate, which comes from in
// and either rec or own.
func (k *Recurrent) gru(h, in, rec, own []float32) {
	n := len(h)
	f, add, mul := k.p.Activations[0], k.f.Add, k.f.Mul
	update, candidate := in[:n], in[2*n:]
	if k.p.LinearBeforeReset {
		add(in[:2*n], in[:2*n], rec[:2*n])
		f(in[:2*n], in[:2*n])
		own = rec[2*n:]
		mul(own, own, in[n:2*n])
	} else {
		add(update, update, rec[:n])
		f(update, update)
	}
	add(candidate, candidate, own)
	k.p.Activations[1](candidate, candidate)
	// (1-update)*candidate + update*h
	k.f.Sub(h, h, candidate)
	mul(h, h, update)
	add(h, h, candidate)
}
