package ops

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/schema"
)

// TestSplitUnwanted splits where nobody reads the part in the middle, which takes its
// place all the same.
func TestSplitUnwanted(t *testing.T) {
	for _, tt := range []struct {
		name   string
		inputs []*Tensor
		last   []float32
	}{
		{"equal parts", []*Tensor{floatsOf([]int{6}, 1, 2, 3, 4, 5, 6)}, []float32{5, 6}},
		{"sizes", []*Tensor{floatsOf([]int{6}, 1, 2, 3, 4, 5, 6), longs(2, 3, 1)}, []float32{6}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := nodeOf(&split, &schema.AxisOptions{}, 3, tt.inputs...)
			n.Outputs[1] = nil
			if err := InferNode(n); err != nil {
				t.Fatal(err)
			}
			if err := Evaluate(n); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(View[float32](n.Outputs[0]), []float32{1, 2}); diff != "" {
				t.Errorf("first part: %s", diff)
			}
			if diff := cmp.Diff(View[float32](n.Outputs[2]), tt.last); diff != "" {
				t.Errorf("last part: %s", diff)
			}
		})
	}
}
