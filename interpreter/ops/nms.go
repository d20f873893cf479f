package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/schema"
)

var nonMaxSuppression = Def{Code: schema.NonMaxSuppression, MinInputs: 2, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1,
	Infer: inferNonMaxSuppression, Late: lateNonMaxSuppression, Prepare: prepareNonMaxSuppression}

// checkBoxes checks all but values.
func checkBoxes(n *Node) error {
	if _, err := options[*schema.NonMaxSuppressionOptions](n); err != nil {
		return err
	}
	types := []schema.DType{schema.Float32, schema.Float32, schema.Int64, schema.Float32, schema.Float32}
	for i, t := range n.Inputs {
		if t == nil {
			continue
		}
		if err := n.wantType(i, types[i]); err != nil {
			return err
		}
		if i >= 2 && t.Len() != 1 {
			return fmt.Errorf("input %d, %v: want one number", i, t)
		}
	}
	for i := range 2 {
		if err := n.wantRank(i, 3); err != nil {
			return err
		}
	}
	boxes, scores := n.Inputs[0], n.Inputs[1]
	if boxes.Shape[2] != 4 {
		return fmt.Errorf("input 0, %v: want four numbers for each box", boxes)
	}
	if boxes.Shape[0] != scores.Shape[0] || boxes.Shape[1] != scores.Shape[2] {
		return fmt.Errorf("input 1, %v: want scores of %d batches and %d boxes, as in %v", scores, boxes.Shape[0], boxes.Shape[1], boxes)
	}
	return nil
}

// selectBoxes computes the result, or fails with an UnknownValueError.
func selectBoxes(n *Node) ([]int64, error) {
	o, err := options[*schema.NonMaxSuppressionOptions](n)
	if err != nil {
		return nil, err
	}
	for i := range n.Inputs {
		if _, err := n.Value(i); err != nil {
			return nil, err
		}
	}
	limits := f32.BoxLimits{AnyScore: true}
	boxes, scores := n.Inputs[0], n.Inputs[1]
	if t := n.Input(2); t != nil {
		limits.Most = int(max(0, min(View[int64](t)[0], int64(boxes.Shape[1]))))
	}
	if t := n.Input(3); t != nil {
		if limits.IoU = View[float32](t)[0]; !(limits.IoU >= 0 && limits.IoU <= 1) {
			return nil, fmt.Errorf("input 3, %v: an overlap of %v, want 0 to 1", t, limits.IoU)
		}
	}
	if t := n.Input(4); t != nil {
		limits.Score, limits.AnyScore = View[float32](t)[0], false
	}
	var selected []int64
	b, s := View[float32](boxes), View[float32](scores)
	for i := range boxes.Shape[0] {
		perBoxes, perScores := product(boxes.Shape[1:]), product(scores.Shape[1:])
		selected = f32.SelectBoxes(selected, i, b[i*perBoxes:(i+1)*perBoxes], s[i*perScores:(i+1)*perScores], o.CenterPointBox, limits)
	}
	return selected, nil
}

func inferNonMaxSuppression(n *Node) error {
	if err := checkBoxes(n); err != nil {
		return err
	}
	selected, err := selectBoxes(n)
	if err != nil {
		return err
	}
	n.inferred = selected
	return n.set(0, schema.Int64, []int{len(selected) / 3, 3})
}

func lateNonMaxSuppression(n *Node) error {
	n.setLate(0, schema.Int64, []int{-1, 3})
	return checkBoxes(n)
}

// prepareNonMaxSuppression has the result already: no operand can change without another
// Infer, as all of them decide on the shape.
func prepareNonMaxSuppression(n *Node) (Kernel, error) {
	selected := slices.Clone(n.inferred)
	return Kernel{Name: "non_max_suppression", Run: func(n *Node) error {
		copy(View[int64](n.Outputs[0]), selected)
		return nil
	}}, nil
}
