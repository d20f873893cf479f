package interpreter

import (
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
)

// chain joins passes with the steps that compute what they read, so that both run band
// by band.
//
// The step comes to the place of the pass, which must be before all others that read its
// results. Where several can, the last one does.
func (p *preparer) chain() {
	made, readers := map[*ops.Tensor]int{}, map[*ops.Tensor][]int{}
	for _, t := range p.readBehind() {
		readers[t] = append(readers[t], len(p.steps))
	}
	for i, n := range p.steps {
		for _, t := range n.Outputs {
			made[t] = i
		}
		for _, t := range n.Inputs {
			readers[t] = append(readers[t], i)
		}
	}
	for i, n := range p.steps {
		head, through := -1, (*ops.Tensor)(nil)
		for _, t := range n.Inputs {
			h, ok := made[t]
			if t == nil || !ok || h <= head || p.steps[h] == nil || p.steps[h].Kernel.Bands == nil {
				continue
			}
			early := func(t *ops.Tensor) bool {
				return t != nil && slices.ContainsFunc(readers[t], func(r int) bool { return r < i })
			}
			if !slices.ContainsFunc(p.steps[h].Outputs, early) {
				head, through = h, t
			}
		}
		if head < 0 {
			continue
		}
		if c := ops.NewChain(p.steps[head], n, through, len(readers[through]) == 1); c != nil {
			p.steps[i], p.steps[head] = c, nil
		}
	}
	p.steps = slices.DeleteFunc(p.steps, func(n *ops.Node) bool { return n == nil })
}
