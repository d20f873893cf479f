package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// recurrentAttrs are the attributes of recurrent layers.
func recurrentAttrs(more ...attr) []attr {
	return append([]attr{
		floatsAttr("activation_alpha"), floatsAttr("activation_beta"), stringsAttr("activations"), floatAttr("clip", 0),
		stringAttr("direction", "forward"), intAttr("hidden_size", 0),
	}, more...)
}

var (
	recurrentDirections = map[string]schema.RecurrentDirection{
		"forward": schema.Forward, "reverse": schema.Reverse, "bidirectional": schema.Bidirectional,
	}
	recurrentFunctions = map[string]int{
		"Sigmoid": schema.ActSigmoid, "Tanh": schema.ActTanh, "Relu": schema.ActRelu, "Softsign": schema.ActSoftsign, "Softplus": schema.ActSoftplus,
	}
)

func importRNN(c *call) error  { return c.recurrent(schema.RNN, "Tanh") }
func importGRU(c *call) error  { return c.recurrent(schema.GRU, "Sigmoid", "Tanh") }
func importLSTM(c *call) error { return c.recurrent(schema.LSTM, "Sigmoid", "Tanh", "Tanh") }

// recurrent makes a Recurrent of sequences first; with layout 1 the operands and results
// are transposed.
func (c *call) recurrent(kind schema.RecurrentKind, functions ...string) error {
	o := &schema.RecurrentOptions{Kind: kind}
	var err error
	if o.Direction, err = choice(c, "direction", recurrentDirections); err != nil {
		return err
	}
	if clip := c.float("clip"); clip != 0 {
		return c.unsupported("attribute clip is %v; only 0, none, is supported", clip)
	}
	if o.Direction == schema.Bidirectional {
		functions = slices.Repeat(functions, 2)
	}
	if given := c.attribute("activations").Strings; len(given) > 0 {
		if len(given) != len(functions) {
			return fmt.Errorf("attribute activations is %q: %d names are expected", given, len(functions))
		}
		functions = given
	}
	for _, name := range functions {
		f, ok := recurrentFunctions[name]
		if !ok {
			return c.unsupported("attribute activations has %q; Sigmoid, Tanh, Relu, Softsign and Softplus are supported", name)
		}
		o.Activations = append(o.Activations, f)
	}
	for name, field := range map[string]*bool{"linear_before_reset": &o.LinearBeforeReset, "input_forget": &o.InputForget} {
		if c.knows(name) {
			if *field, err = c.bool(name); err != nil {
				return err
			}
		}
	}
	layout := false
	if c.knows("layout") {
		if layout, err = c.bool("layout"); err != nil {
			return err
		}
	}
	if size, r := c.int("hidden_size"), c.in[2].Shape; c.has("hidden_size") && len(r) == 3 && r[2] >= 0 && int64(r[2]) != size {
		return fmt.Errorf("attribute hidden_size is %d, but input 2, %s, has %d columns", size, c.describe(2), r[2])
	}
	if err := c.wantType(4, schema.Int32); err != nil {
		return err
	}
	in := slices.Clone(c.in)
	if !layout {
		c.results("", schema.Recurrent, o, trimAbsent(in...), 0, len(c.Outputs))
		return nil
	}
	for _, i := range []int{0, 5, 6} {
		if i < len(in) && in[i] != nil {
			in[i] = c.transpose(fmt.Sprint("steps_first_", i), in[i], 1, 0, 2)
		}
	}
	made := make([]*graph.Value, len(c.Outputs))
	for i := range made {
		made[i] = c.im.g.NewValue(c.name(fmt.Sprint("steps_first_out_", i)))
	}
	c.im.g.Append(&graph.Node{Name: c.name(""), Code: schema.Recurrent, Options: o, Inputs: trimAbsent(in...), Outputs: made})
	for i, v := range made {
		perm := []int{1, 0, 2}
		if i == 0 {
			perm = []int{2, 0, 1, 3}
		}
		c.result(i, fmt.Sprint("batch_first_", i), schema.Transpose, &schema.TransposeOptions{Perm: perm}, v)
	}
	return nil
}
