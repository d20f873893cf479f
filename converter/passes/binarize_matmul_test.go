package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestProductsOfSigns checks which ops are needed to bring two signs into the order of a
// BGEMM, and what it computes.
func TestProductsOfSigns(t *testing.T) {
	perm := func(p ...int) func(b *net, v *graph.Value) *graph.Value {
		return func(b *net, v *graph.Value) *graph.Value {
			return b.add(schema.Transpose, &schema.TransposeOptions{Perm: p}, v)
		}
	}
	same := func(_ *net, v *graph.Value) *graph.Value { return v }
	tests := []struct {
		name         string
		a, b         []int
		moveA, moveB func(b *net, v *graph.Value) *graph.Value
		transposeB   bool
		want         []string
	}{
		{"transposed by the product", []int{2, 3, 8}, []int{2, 4, 8}, same, same, true, []string{"Bsign", "Bsign", "BGEMM"}},
		{"transposed before", []int{2, 3, 8}, []int{2, 4, 8}, same, perm(0, 2, 1), false, []string{"Bsign", "Bsign", "BGEMM"}},
		{"not transposed", []int{2, 3, 8}, []int{2, 8, 4}, same, same, false, []string{"Bsign", "Bsign", "Bunpack", "Transpose", "Bsign", "BGEMM"}},
		{"first transposed", []int{8, 3}, []int{4, 8}, perm(1, 0), same, true, []string{"Bsign", "Bunpack", "Transpose", "Bsign", "Bsign", "BGEMM"}},
		{"heads", []int{2, 3, 4, 8}, []int{2, 5, 4, 8}, perm(0, 2, 1, 3), perm(0, 2, 3, 1), false,
			[]string{"Bsign", "Transpose", "Bsign", "Transpose", "BGEMM"}},
		{"one batch", []int{2, 3, 8}, []int{1, 4, 8}, same, same, true, []string{"Bsign", "Bsign", "Squeeze", "BGEMM"}},
		{"both repeated", []int{3, 1, 2, 8}, []int{1, 2, 4, 8}, same, same, true, []string{"Bsign", "Bsign", "Expand", "Expand", "BGEMM"}},
		{"first repeated", []int{3, 8}, []int{2, 4, 8}, same, same, true, []string{"Bsign", "Bsign", "Expand", "BGEMM"}},
		{"two vectors", []int{8}, []int{8}, same, same, false, []string{"Bsign", "Bsign", "Unsqueeze", "Unsqueeze", "BGEMM", "Squeeze"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 80)
			y := test.moveA(b, b.step(b.input(test.a...)))
			b.output(b.matMul(y, test.moveB(b, b.step(b.input(test.b...))), test.transposeB))
			b.convert(0)
			b.wantCodes(test.want...)
		})
	}
}
