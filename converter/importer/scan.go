package importer

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// importScan makes a Loop over the first axis: what is scanned is transposed and turned
// around before it, and what it collects behind it.
func importScan(c *call) error {
	states, scanned, err := c.scanOperands(c.in)
	if err != nil {
		return err
	}
	collected := len(c.Outputs) - len(states)
	inReverse, err := c.directions("scan_input_directions", len(scanned))
	if err != nil {
		return err
	}
	outReverse, err := c.directions("scan_output_directions", collected)
	if err != nil {
		return err
	}
	axes, err := c.scanAxes("scan_input_axes", len(scanned), func(i int) int { return len(scanned[i].Shape) })
	if err != nil {
		return err
	}
	scanned = slices.Clone(scanned)
	for i := range scanned {
		v := &scanned[i]
		if axes[i] != 0 {
			*v = c.transpose(fmt.Sprintf("scanned_%d", i), *v, moveAxis(len((*v).Shape), axes[i], 0)...)
		}
		if inReverse[i] {
			*v = c.reversed(c.im, fmt.Sprintf("reversed_%d", i), *v)
		}
		// What is appended is inferred later, but the body needs the shapes now.
		if axes[i] != 0 || inReverse[i] {
			if err := c.im.g.InferNode((*v).Producer); err != nil {
				return c.inferError((*v).Producer, err)
			}
		}
	}
	names := c.outputNames()
	out, err := c.im.addScan(c.Name, c.attribute("body").Graph, states, scanned, names)
	if err != nil {
		return err
	}
	copy(c.out, out)
	if axes, err = c.scanAxes("scan_output_axes", collected, func(i int) int { return len(out[len(states)+i].Shape) }); err != nil {
		return err
	}
	for i := range collected {
		v := &c.out[len(states)+i]
		if outReverse[i] {
			*v = c.reversed(c.im, fmt.Sprintf("collected_%d", i), *v)
		}
		if axes[i] != 0 {
			*v = c.transpose(fmt.Sprintf("moved_%d", i), *v, moveAxis(len(out[len(states)+i].Shape), 0, axes[i])...)
		}
	}
	return nil
}

// importScan8 scans axis 1 of what has the batch as axis 0: a Loop over the batch around one
// over the sequence.
func importScan8(c *call) error {
	if len(c.in) < 2 {
		return fmt.Errorf("%d inputs: at least 2 expected", len(c.in))
	}
	if c.in[0] != nil {
		return c.unsupported("input 0, sequence_lens, is not supported; sequences that are all as long as the axis are")
	}
	states, scanned, err := c.scanOperands(c.in[1:])
	if err != nil {
		return err
	}
	reverse, err := c.directions("directions", len(scanned))
	if err != nil {
		return err
	}
	all := slices.Concat(states, scanned)
	for i, v := range all {
		if need := 1 + min(1, max(0, i-len(states)+1)); len(v.Shape) < need {
			return fmt.Errorf("input %d, %s: the batch and, of what is scanned, the sequence are expected as axes", 1+i, c.describe(1+i))
		}
	}
	src := c.attribute("body").Graph
	l := &loop{
		name: c.Name, count: c.im.firstDim(c.name("batch"), all[0]), cond: c.im.always(c.Name), scanned: all, outputs: c.outputNames(),
		inputs: []string{"batch", "condition"},
		fill: func(body *importer, in []*graph.Value) ([]*graph.Value, error) {
			slice := in[2:]
			for i := range scanned {
				if reverse[i] {
					v := &slice[len(states)+i]
					*v = c.reversed(body, fmt.Sprintf("reversed_%d", i), *v)
					if err := body.g.InferNode((*v).Producer); err != nil {
						return nil, err
					}
				}
			}
			var names []string
			for i := range c.Outputs {
				names = append(names, fmt.Sprintf("element_%d", i))
			}
			out, err := body.addScan(c.Name+"/sequence", src, slice[:len(states)], slice[len(states):], names)
			return append([]*graph.Value{in[1]}, out...), err
		},
	}
	for i := range all {
		l.inputs = append(l.inputs, fmt.Sprintf("slice_%d", i))
	}
	out, err := c.im.addLoop(l, &onnx.Graph{})
	copy(c.out, out)
	return err
}

// scanOperands splits the operands of a Scan into states and what is scanned.
func (c *call) scanOperands(in []*graph.Value) (states, scanned []*graph.Value, err error) {
	src := c.attribute("body").Graph
	n := c.int("num_scan_inputs")
	if n < 1 || n > int64(len(in)) {
		return nil, nil, fmt.Errorf("attribute num_scan_inputs is %d: 1 to the %d of the inputs is accepted", n, len(in))
	}
	if slices.Contains(in, nil) {
		return nil, nil, fmt.Errorf("an input is absent: the operator needs all of them")
	}
	states, scanned = in[:len(in)-int(n)], in[len(in)-int(n):]
	if len(src.Inputs) != len(in) || len(src.Outputs) != len(c.Outputs) || len(c.Outputs) < len(states) {
		return nil, nil, fmt.Errorf("attribute body: the graph has %d inputs and %d outputs: %d and %d are expected, at least %d for the states",
			len(src.Inputs), len(src.Outputs), len(in), len(c.Outputs), len(states))
	}
	for i, v := range scanned {
		if len(v.Shape) == 0 {
			return nil, nil, fmt.Errorf("input %d, %s: an axis to scan is expected", len(c.in)-len(scanned)+i, c.describe(len(c.in)-len(scanned)+i))
		}
	}
	return states, scanned, nil
}

// directions reads for each of n operands whether it is scanned, or collected, backwards.
func (c *call) directions(attr string, n int) ([]bool, error) {
	reverse := make([]bool, n)
	if !c.has(attr) {
		return reverse, nil
	}
	list := c.ints(attr)
	if len(list) != n {
		return nil, fmt.Errorf("attribute %s is %v: a list of length %d is expected", attr, list, n)
	}
	for i, d := range list {
		if d != 0 && d != 1 {
			return nil, fmt.Errorf("attribute %s is %v: values of 0 and 1 are accepted", attr, list)
		}
		reverse[i] = d == 1
	}
	return reverse, nil
}

// scanAxes reads an axis for each of n operands, 0 if the attribute is absent.
func (c *call) scanAxes(attr string, n int, rank func(i int) int) ([]int, error) {
	axes := make([]int, n)
	if !c.has(attr) {
		return axes, nil
	}
	list := c.ints(attr)
	if len(list) != n {
		return nil, fmt.Errorf("attribute %s is %v: a list of length %d is expected", attr, list, n)
	}
	for i, a := range list {
		r := int64(rank(i))
		if a < -r || a >= r {
			return nil, fmt.Errorf("attribute %s is %v: axes of %d to %d are accepted for rank %d", attr, list, -r, r-1, r)
		}
		if a < 0 {
			a += r
		}
		axes[i] = int(a)
	}
	return axes, nil
}

// moveAxis is the permutation that puts axis from where to is.
func moveAxis(rank, from, to int) []int {
	var perm []int
	for i := range rank {
		if i != from {
			perm = append(perm, i)
		}
	}
	return slices.Insert(perm, to, from)
}

// reversed turns a value of a graph around along its first axis.
func (c *call) reversed(im *importer, role string, v *graph.Value) *graph.Value {
	list := func(what string, x int64) *graph.Value {
		return im.g.ConstInt64s(c.name(role+"/"+what), []int{1}, []int64{x})
	}
	in := []*graph.Value{v, list("start", -1), list("end", math.MinInt64), list("axis", 0), list("step", -1)}
	return im.g.Append(&graph.Node{Name: c.name(role), Code: schema.Slice, Inputs: in})
}

// firstDim is the size of the first axis.
func (im *importer) firstDim(name string, v *graph.Value) *graph.Value {
	n := &graph.Node{Name: name, Code: schema.Shape, Options: &schema.ShapeOptions{End: 1}, Inputs: []*graph.Value{v}}
	return im.g.Append(n)
}

// addScan adds a Loop over the slices of what is scanned.
func (im *importer) addScan(name string, src *onnx.Graph, states, scanned []*graph.Value, outputs []string) ([]*graph.Value, error) {
	count := im.firstDim(name+"/length", scanned[0])
	if err := im.g.InferNode(count.Producer); err != nil {
		return nil, inferError(count.Producer, err)
	}
	l := &loop{
		name: name, count: count, cond: im.always(name), states: states, scanned: scanned, outputs: outputs,
		inputs: []string{"iteration", "condition"},
		fill: func(body *importer, in []*graph.Value) ([]*graph.Value, error) {
			out, err := fillBody(body, in[2:])
			return append([]*graph.Value{in[1]}, out...), err
		},
	}
	for _, v := range src.Inputs {
		l.inputs = append(l.inputs, v.Name)
	}
	return im.addLoop(l, src)
}
