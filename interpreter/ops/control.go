package ops

import (
	"fmt"

	"github.com/lce-go/lce/schema"
)

// Ops that run graphs. The interpreter runs them, as the shapes of their results depend on
// what a run decides; here they have the checks of what decides it.
var (
	ifOp = Def{Code: schema.If, MinInputs: 1, MaxInputs: -1, MinOutputs: 1, MaxOutputs: -1,
		Infer: inferIf, Prepare: prepareControl}
	loop = Def{Code: schema.Loop, MinInputs: 2, MaxInputs: -1, MinOutputs: 1, MaxOutputs: -1,
		Infer: inferLoop, Prepare: prepareControl}
)

// inferIf checks the condition. The shapes of the outputs wait for the run.
func inferIf(n *Node) error {
	if err := checkOne(n, 0, schema.Bool); err != nil {
		return err
	}
	return &UnknownValueError{what: n.Inputs[0].String()}
}

// inferLoop checks the count and the condition.
func inferLoop(n *Node) error {
	if err := checkOne(n, 0, schema.Int64); err != nil {
		return err
	}
	if err := checkOne(n, 1, schema.Bool); err != nil {
		return err
	}
	return &UnknownValueError{what: n.Inputs[0].String()}
}

func checkOne(n *Node, i int, d schema.DType) error {
	if err := n.wantType(i, d); err != nil {
		return err
	}
	if t := n.Inputs[i]; t.Len() != 1 {
		return fmt.Errorf("input %d, %v: want one element", i, t)
	}
	return nil
}

func prepareControl(n *Node) (Kernel, error) {
	return Kernel{}, fmt.Errorf("only an interpreter runs the graphs of %v", n.Def.Code)
}
