package move

// Plan walks operands that are broadcast to a common shape: rows of the result, for
// each of which an operand has either a row of the same length or one element.
type Plan struct {
	Spread
	dims  []int   // axes of the result but the last
	steps [][]int // of each operand, along dims
	step  []int   // of each operand along a row: 1 or 0
}

// NewPlan makes a plan for contiguous operands of the given shapes, which must
// broadcast to shape by numpy's rule. weight is the cost of an element of the
// result, in copies.
func NewPlan(weight int, shape []int, operands ...[]int) *Plan {
	all := make([][]int, len(operands))
	for k, o := range operands {
		all[k] = BroadcastStrides(o, shape)
	}
	p := &Plan{steps: make([][]int, len(operands)), step: make([]int, len(operands))}
	rows, inner := 1, 1
	for i, d := range shape {
		if d == 0 {
			return p
		}
		if d == 1 {
			continue
		}
		joins := len(p.dims) > 0
		for k := range all {
			joins = joins && p.steps[k][len(p.dims)-1] == all[k][i]*d
		}
		if joins {
			p.dims[len(p.dims)-1] *= d
			for k := range all {
				p.steps[k][len(p.dims)-1] = all[k][i]
			}
			continue
		}
		p.dims = append(p.dims, d)
		for k := range all {
			p.steps[k] = append(p.steps[k], all[k][i])
		}
	}
	if last := len(p.dims) - 1; last >= 0 {
		inner = p.dims[last]
		p.dims = p.dims[:last]
		for k := range all {
			p.step[k] = p.steps[k][last]
			p.steps[k] = p.steps[k][:last]
		}
	}
	for _, d := range p.dims {
		rows *= d
	}
	p.Spread = NewSpread(rows, inner, weight, 64)
	return p
}

// Inner is the length of a row.
func (p *Plan) Inner() int { return p.inner }

// Constant reports whether operand k has one element for a row.
func (p *Plan) Constant(k int) bool { return p.step[k] == 0 }

// Offset is where row of the result finds its elements in operand k.
func (p *Plan) Offset(k, row int) int {
	at := 0
	steps := p.steps[k]
	for i := len(p.dims) - 1; i > 0; i-- {
		at += row % p.dims[i] * steps[i]
		row /= p.dims[i]
	}
	if len(p.dims) > 0 {
		at += row * steps[0]
	}
	return at
}

// Whole reports whether operand k is read from front to back, as the result is
// written, so that both may share memory.
func (p *Plan) Whole(k int) bool {
	want := p.inner
	for i := len(p.dims) - 1; i >= 0; i-- {
		if p.steps[k][i] != want {
			return false
		}
		want *= p.dims[i]
	}
	return p.inner <= 1 || p.step[k] == 1
}
