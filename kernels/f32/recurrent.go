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
	Activations       []func(float64) float64
	LinearBeforeReset bool // of a GRU: the reset gate multiplies what the candidate has of the state
	InputForget       bool // of an LSTM: the forget gate is 1 minus the input gate
}

// Recurrent computes one direction of a recurrent layer, by ONNX's definition: the products
// with the inputs of all steps at once, and those with the state step by step.
type Recurrent struct {
	p          RecurrentParams
	rows       int // of the weights: gates times State
	split      int // rows of the weights that multiply the state before the gates are known
	x, r, last *MatMul
	parts      [9]int64 // elements of the pieces of scratch memory
}

// RecurrentOperands are what a direction reads and writes; nil where absent.
type RecurrentOperands struct {
	X, W, R, B, H0, C0, P []float32
	Lengths               []int32
	Y                     []float32 // of the first step; the next is YStep further on
	YStep                 int
	YH, YC                []float32
}

// NewRecurrent makes a direction.
func NewRecurrent(p RecurrentParams, features isa.Features, threads int) *Recurrent {
	k := &Recurrent{p: p, rows: gates[p.Kind] * p.State}
	k.split = k.rows
	if p.Kind == RecurrentGRU {
		k.split = 2 * p.State
		k.last = k.product(p.Batch, p.State, p.State, features, threads)
	}
	k.x = k.product(p.Steps*p.Batch, p.Input, k.rows, features, threads)
	k.r = k.product(p.Batch, p.State, k.split, features, threads)
	k.parts = k.pieces()
	return k
}

func (k *Recurrent) product(m, inner, n int, features isa.Features, threads int) *MatMul {
	return NewMatMul(MatMulParams{
		M: m, K: inner, N: n, TransposeB: true, CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0},
		Min: float32(math.Inf(-1)), Max: float32(math.Inf(1)),
	}, features, threads)
}

func (k *Recurrent) pieces() [9]int64 {
	n := int64(k.p.Batch)
	list := [9]int64{
		int64(k.p.Steps) * n * int64(k.rows), n * int64(k.rows), n * int64(k.p.State), n * int64(k.p.State), n * int64(k.p.State),
		int64(k.x.PackedLen()), int64(k.r.PackedLen()), int64(max(k.x.ScratchLen(), k.r.ScratchLen())), 0,
	}
	if k.last != nil {
		list[7] = max(list[7], int64(k.last.ScratchLen()))
		list[8] = int64(k.last.PackedLen())
	}
	for i := range list {
		list[i] = (list[i] + 15) &^ 15
	}
	return list
}

// ScratchLen is the number of elements of scratch memory that Run needs.
func (k *Recurrent) ScratchLen() int64 {
	sum := int64(0)
	for _, n := range k.parts {
		sum += n
	}
	return sum
}

// Run computes the outputs.
func (k *Recurrent) Run(pool *parallel.Pool, o *RecurrentOperands, scratch []float32) {
	var piece [9][]float32
	for i, n := range k.parts {
		piece[i], scratch = scratch[:n], scratch[n:]
	}
	p := &k.p
	inputs, recurrent, h, c, reset := piece[0], piece[1], piece[2][:p.Batch*p.State], piece[3][:p.Batch*p.State], piece[4]
	k.x.Pack(pool, piece[5], o.W)
	k.r.Pack(pool, piece[6], o.R[:k.split*p.State])
	if k.last != nil {
		k.last.Pack(pool, piece[8], o.R[k.split*p.State:])
	}
	k.x.Run(pool, inputs[:p.Steps*p.Batch*k.rows], o.X, piece[5], nil, piece[7])
	start(h, o.H0)
	start(c, o.C0)
	for step := range p.Steps {
		k.r.Run(pool, recurrent[:p.Batch*k.split], h, piece[6], nil, piece[7])
		candidates := recurrent[p.Batch*k.split:]
		if k.last != nil && p.LinearBeforeReset {
			k.last.Run(pool, candidates[:p.Batch*p.State], h, piece[8], nil, piece[7])
		} else if k.last != nil {
			for n := range p.Batch {
				if t, ok := k.time(o, step, n); ok {
					k.reset(reset[n*p.State:][:p.State], h[n*p.State:], k.gatesOf(inputs, t, n), recurrent[n*k.split:], o.B)
				}
			}
			k.last.Run(pool, candidates[:p.Batch*p.State], reset[:p.Batch*p.State], piece[8], nil, piece[7])
		}
		for n := range p.Batch {
			t, ok := k.time(o, step, n)
			if !ok {
				if o.Y != nil {
					clear(o.Y[step*o.YStep+n*p.State:][:p.State])
				}
				continue
			}
			state, in, rec := h[n*p.State:][:p.State], k.gatesOf(inputs, t, n), recurrent[n*k.split:]
			switch p.Kind {
			case RecurrentLSTM:
				k.lstm(state, c[n*p.State:], in, rec, o.B, o.P)
			case RecurrentGRU:
				k.gru(state, in, rec, candidates[n*p.State:], o.B)
			default:
				for j := range state {
					state[j] = act(p.Activations[0], in[j]+rec[j]+k.bias(o.B, j))
				}
			}
			if o.Y != nil {
				copy(o.Y[t*o.YStep+n*p.State:], state)
			}
		}
	}
	copy(o.YH, h)
	copy(o.YC, c)
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

func (k *Recurrent) gatesOf(inputs []float32, t, n int) []float32 {
	return inputs[(t*k.p.Batch+n)*k.rows:][:k.rows]
}

// bias is the sum of both biases of row j.
func (k *Recurrent) bias(b []float32, j int) float32 {
	if b == nil {
		return 0
	}
	return b[j] + b[k.rows+j]
}

func act(f func(float64) float64, x float32) float32 { return float32(f(float64(x))) }

// lstm takes a sequence one step on. The gates are input, output, forget and candidate.
func (k *Recurrent) lstm(h, c, in, rec, b, peep []float32) {
	n := len(h)
	f, g, last := k.p.Activations[0], k.p.Activations[1], k.p.Activations[2]
	look := func(i int, v float32) float32 {
		if peep == nil {
			return 0
		}
		return peep[i] * v
	}
	for j := range h {
		gate := func(i int) float32 { return in[i*n+j] + rec[i*n+j] + k.bias(b, i*n+j) }
		input := act(f, gate(0)+look(j, c[j]))
		forget := 1 - input
		if !k.p.InputForget {
			forget = act(f, gate(2)+look(2*n+j, c[j]))
		}
		c[j] = float32(forget*c[j]) + float32(input*act(g, gate(3)))
		h[j] = act(f, gate(1)+look(n+j, c[j])) * act(last, c[j])
	}
}

// reset multiplies the state by the reset gate, the second one.
func (k *Recurrent) reset(dst, h, in, rec, b []float32) {
	n := len(dst)
	for j := range dst {
		dst[j] = h[j] * act(k.p.Activations[0], in[n+j]+rec[n+j]+k.bias(b, n+j))
	}
}

// gru takes a sequence one step on. The gates are update, reset and candidate.
func (k *Recurrent) gru(h, in, rec, candidates, b []float32) {
	n := len(h)
	f, g := k.p.Activations[0], k.p.Activations[1]
	for j := range h {
		update := act(f, in[j]+rec[j]+k.bias(b, j))
		candidate := in[2*n+j] + candidates[j] + k.bias(b, 2*n+j)
		if k.p.LinearBeforeReset {
			gate := act(f, in[n+j]+rec[n+j]+k.bias(b, n+j))
			own := candidates[j]
			candidate = in[2*n+j]
			if b != nil {
				own += b[k.rows+2*n+j]
				candidate += b[2*n+j]
			}
			candidate += float32(gate * own)
		}
		h[j] = float32((1-update)*act(g, candidate)) + float32(update*h[j])
	}
}
