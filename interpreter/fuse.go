package interpreter

import (
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// fuser gathers row-wise operators into passes, which go over memory once.
//
// A pass begins with a row-wise operator and takes in what reads its value: all Bsigns,
// then one operator that changes the value, then what reads the new one. A pass takes
// place where one of its members was. A member that is further on comes forward if all
// it reads is there by then; else the pass is put off to its place, if nobody needs the
// results of the pass before.
type fuser struct {
	nodes   []*ops.Node
	place   []int               // where each node takes place: its index, or that of its pass
	inPass  []bool              // the node is a member of a pass
	made    map[*ops.Tensor]int // place where a tensor is computed; none for what is there all the time
	readers map[*ops.Tensor][]int
	wanted  map[*ops.Tensor]bool // what is read behind all steps
}

// readBehind lists what is read behind all steps: the outputs of the graph, and what
// operators that wait for the run read.
func (p *preparer) readBehind() []*ops.Tensor {
	var list []*ops.Tensor
	for _, port := range p.graph.Outputs {
		list = append(list, &p.tensors[port.Tensor])
	}
	for _, l := range p.late {
		list = append(list, l.node.Inputs...)
	}
	return list
}

// fuse puts passes in the place of row-wise operators.
func (p *preparer) fuse(nodes []*ops.Node) []*ops.Node {
	f := &fuser{
		nodes: nodes, place: make([]int, len(nodes)), inPass: make([]bool, len(nodes)),
		made: map[*ops.Tensor]int{}, readers: map[*ops.Tensor][]int{}, wanted: map[*ops.Tensor]bool{},
	}
	for _, t := range p.readBehind() {
		f.wanted[t] = true
	}
	for i, n := range nodes {
		f.place[i] = i
		for _, t := range n.Inputs {
			if t != nil {
				f.readers[t] = append(f.readers[t], i)
			}
		}
		for _, t := range n.Outputs {
			if t != nil {
				f.made[t] = i
			}
		}
	}
	passes := map[int]*ops.Node{}
	for i := range nodes {
		if g := f.start(i); g != nil {
			passes[g.place] = g.node()
		}
	}
	var out []*ops.Node
	for i, n := range nodes {
		switch {
		case passes[i] != nil:
			out = append(out, passes[i])
		case !f.inPass[i]:
			out = append(out, n)
		}
	}
	return out
}

// group is a pass while it grows.
type group struct {
	*fuser
	place   int
	members []int
	values  []int               // input of each member that is its value
	taken   map[*ops.Tensor]int // how many members have a tensor as their value
	value   *ops.Tensor
}

// start makes the pass that begins with node i; nil if there is none.
func (f *fuser) start(i int) *group {
	if f.inPass[i] {
		return nil
	}
	n := f.nodes[i]
	value := 0
	if _, ok := n.RowStep(0); !ok {
		if _, ok = n.RowStep(1); !ok {
			return nil
		}
		value = 1
	}
	g := &group{fuser: f, place: i, taken: map[*ops.Tensor]int{}, value: n.Inputs[value]}
	if n.Def.Code != schema.Bsign {
		g.signs(i) // before the value changes
	}
	g.take(i, value)
	for g.grow() {
	}
	return g
}

// signs takes in the Bsigns behind node i that read the value.
func (g *group) signs(i int) {
	for _, r := range g.readers[g.value] {
		if n := g.nodes[r]; r > i && n.Def.Code == schema.Bsign && !g.inPass[r] {
			if _, ok := n.RowStep(0); ok {
				g.take(r, 0)
			}
		}
	}
}

// take makes node i the next member.
func (g *group) take(i, value int) {
	n := g.nodes[i]
	g.members, g.values = append(g.members, i), append(g.values, value)
	g.taken[n.Inputs[value]]++
	g.inPass[i] = true
	g.put(i)
	if n.Def.Code != schema.Bsign {
		g.value = n.Outputs[0]
	}
}

// put says that node i takes place where the group does.
func (g *group) put(i int) {
	g.fuser.place[i] = g.place
	g.made[g.nodes[i].Outputs[0]] = g.place
}

// grow takes in readers of the value; false if there are none that can be.
func (g *group) grow() bool {
	before := len(g.members)
	g.signs(g.place)
	later, laterValue := -1, 0
	change, changeValue := -1, 0
	for _, i := range g.readers[g.value] {
		n := g.nodes[i]
		value := slices.Index(n.Inputs, g.value)
		if _, ok := n.RowStep(value); !ok || g.inPass[i] {
			continue
		}
		switch {
		case n.Def.Code == schema.Bsign:
		case change < 0 && g.ready(i):
			change, changeValue = i, value
		case later < 0 && g.canWait(i):
			later, laterValue = i, value
		}
	}
	if change < 0 && later >= 0 {
		g.place = later
		for _, i := range g.members {
			g.put(i)
		}
		change, changeValue = later, laterValue
	}
	if change >= 0 {
		g.take(change, changeValue)
	}
	return len(g.members) > before
}

// ready reports whether all that node i reads is there where the group takes place.
func (g *group) ready(i int) bool {
	for _, t := range g.nodes[i].Inputs {
		if t == nil {
			continue
		}
		if at, ok := g.made[t]; ok && (at > g.place || at == g.place && !g.makes(t)) {
			return false
		}
	}
	return true
}

// makes reports whether a member computes t.
func (g *group) makes(t *ops.Tensor) bool {
	return slices.ContainsFunc(g.members, func(i int) bool { return g.nodes[i].Outputs[0] == t })
}

// canWait reports whether the group may take place where node i does: nobody else reads
// its results before.
func (g *group) canWait(i int) bool {
	if i < g.place {
		return false
	}
	for _, m := range g.members {
		for _, r := range g.readers[g.nodes[m].Outputs[0]] {
			if at := g.fuser.place[r]; r != i && at <= i && !slices.Contains(g.members, r) {
				return false
			}
		}
	}
	return true
}

// node is the group as one node.
func (g *group) node() *ops.Node {
	var members []*ops.Node
	for _, i := range g.members {
		members = append(members, g.nodes[i])
	}
	return ops.NewPass(members, g.values, func(t *ops.Tensor) bool {
		return g.wanted[t] || len(g.readers[t]) > g.taken[t]
	})
}
