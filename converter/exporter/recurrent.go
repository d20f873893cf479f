package exporter

import (
	"fmt"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

var (
	recurrentForms  = map[schema.RecurrentKind]string{schema.RNN: "RNN", schema.LSTM: "LSTM", schema.GRU: "GRU"}
	directionForms  = map[schema.RecurrentDirection]string{schema.Forward: "forward", schema.Reverse: "reverse", schema.Bidirectional: "bidirectional"}
	activationForms = [...]string{
		schema.ActSigmoid: "Sigmoid", schema.ActTanh: "Tanh", schema.ActRelu: "Relu", schema.ActSoftsign: "Softsign", schema.ActSoftplus: "Softplus",
	}
)

func exportRecurrent(c *call) error {
	o, err := options[*schema.RecurrentOptions](c)
	if err != nil {
		return err
	}
	if err := c.wantRank(2, 3); err != nil {
		return err
	}
	var activations []string
	for _, a := range o.Activations {
		if a < 0 || a >= len(activationForms) {
			return fmt.Errorf("activation %d, want 0 to %d", a, len(activationForms)-1)
		}
		activations = append(activations, activationForms[a])
	}
	size := c.in[2].Shape[2]
	if size < 1 {
		return fmt.Errorf("input 2, %q: the number of states is not known", c.in[2].Name)
	}
	attrs := []*onnxpb.AttributeProto{
		texts("activations", activations...), text("direction", directionForms[o.Direction]), integer("hidden_size", int64(size)),
	}
	switch o.Kind {
	case schema.GRU:
		attrs = append(attrs, flag("linear_before_reset", o.LinearBeforeReset))
	case schema.LSTM:
		attrs = append(attrs, flag("input_forget", o.InputForget))
	}
	c.results(recurrentForms[o.Kind], c.plains(), attrs...)
	return nil
}
