package passes

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestStoreWeights checks which constants are stored in fewer bits, and by which ops
// they are expanded. What they are rounded to is in testdata/patterns/stored.zip.
func TestStoreWeights(t *testing.T) {
	large := func(b *net, x float32) []float32 {
		w := b.normal(40 * 20)
		w[7] = x
		return w
	}
	product := func(b *net, w []float32) *graph.Value {
		return b.matMul(b.input(3, 40), b.consts([]int{40, 20}, w...), false)
	}
	tests := []struct {
		name   string
		make   func(b *net) *graph.Value
		half   []string // ops that come out
		int8   []string
		noHalf string // part of the note that says why nothing is float16
		noInt8 string
	}{
		{name: "product", make: func(b *net) *graph.Value { return product(b, b.normal(800)) },
			half: []string{"Cast", "MatMul"}, int8: []string{"Cast", "Mul", "MatMul"}},
		{name: "a bias and weights", make: func(b *net) *graph.Value {
			o := &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp}
			return b.add(schema.Conv2D, o, b.input(1, 3, 3, 8), b.consts([]int{600, 1, 1, 8}, b.normal(4800)...), b.consts([]int{600}, b.normal(600)...))
		}, half: []string{"Cast", "Cast", "Conv2D"}, int8: []string{"Cast", "Mul", "Conv2D"}},
		{name: "rows that are picked", make: func(b *net) *graph.Value {
			ids := b.g.AddInput("ids", schema.Int64, []int{4}, nil)
			return b.add(schema.Gather, &schema.AxisOptions{}, b.consts([]int{20, 40}, b.normal(800)...), ids)
		}, half: []string{"Gather", "Cast"}, int8: []string{"Gather", "Gather", "Cast", "Mul"}},
		{name: "columns that are picked", make: func(b *net) *graph.Value {
			ids := b.g.AddInput("ids", schema.Int64, []int{4}, nil)
			return b.add(schema.Gather, &schema.AxisOptions{Axis: 1}, b.consts([]int{20, 40}, b.normal(800)...), ids)
		}, half: []string{"Gather", "Cast"}, int8: []string{"Gather"}},
		{name: "an elementwise operator", make: func(b *net) *graph.Value {
			return b.binary(schema.Mul, b.input(3, 600), b.consts([]int{600}, b.normal(600)...))
		}, half: []string{"Cast", "Mul"}, int8: []string{"Mul"}},
		{name: "a comparison", make: func(b *net) *graph.Value {
			return b.where(b.binary(schema.Greater, b.input(3, 600), b.consts([]int{600}, b.normal(600)...)), 1, 2)
		}, half: []string{"Greater", "Select"}, int8: []string{"Greater", "Select"}},
		{name: "thresholds", make: func(b *net) *graph.Value {
			return b.add(schema.Bsign, &schema.BsignOptions{}, b.input(3, 600), b.consts([]int{600}, b.normal(600)...))
		}, half: []string{"Bsign"}, int8: []string{"Bsign"}},
		{name: "magnitudes of weights of one bit", make: func(b *net) *graph.Value {
			w := b.signs(20*600, 1)
			for i := range w {
				w[i] *= 1 + float32(i%600)
			}
			y := b.matMul(b.input(3, 20), b.consts([]int{20, 600}, w...), false)
			if _, err := packWeights(b.g, nil); err != nil {
				b.t.Fatal(err)
			}
			return y
		}, half: []string{"Bunpack", "Reshape", "Mul", "MatMul"}, int8: []string{"Bunpack", "Reshape", "Mul", "MatMul"}},
		{name: "an output", make: func(b *net) *graph.Value {
			w := b.consts([]int{40, 20}, b.normal(800)...)
			b.output(w)
			return b.matMul(b.input(3, 40), w, false)
		}, half: []string{"MatMul"}, int8: []string{"MatMul"}},
		{name: "few weights", make: func(b *net) *graph.Value { return b.dense(b.input(3, 20), 20, 0.3) },
			half: []string{"MatMul"}, int8: []string{"MatMul"}},
		{name: "short sums", make: func(b *net) *graph.Value {
			return b.matMul(b.input(3, 1), b.consts([]int{1, 2000}, b.normal(2000)...), false)
		}, half: []string{"Cast", "MatMul"}, int8: []string{"MatMul"}},
		{name: "beyond float16", make: func(b *net) *graph.Value { return product(b, large(b, -65520)) },
			half: []string{"MatMul"}, noHalf: "it has -65520, and Float16 ends at 65504", int8: []string{"Cast", "Mul", "MatMul"}},
		{name: "the end of float16", make: func(b *net) *graph.Value { return product(b, large(b, 65519)) },
			half: []string{"Cast", "MatMul"}, int8: []string{"Cast", "Mul", "MatMul"}},
		{name: "tiny weights", make: func(b *net) *graph.Value {
			return product(b, each(b.normal(800), func(v float32) float32 { return v * 1e-6 }))
		}, half: []string{"MatMul"}, noHalf: "Float16 is less exact below 6.1e-05", int8: []string{"Cast", "Mul", "MatMul"}},
		{name: "infinity", make: func(b *net) *graph.Value { return product(b, large(b, float32(math.Inf(1)))) },
			half: []string{"Cast", "MatMul"}, int8: []string{"MatMul"}, noInt8: "it has +Inf, which Int8 has no scale for"},
	}
	for _, tt := range tests {
		for _, mode := range []struct {
			name string
			opts Options
			want []string
			note string
		}{
			{"float16", Options{Float16: true}, tt.half, tt.noHalf},
			{"int8", Options{Int8Weights: true}, tt.int8, tt.noInt8},
		} {
			t.Run(tt.name+"/"+mode.name, func(t *testing.T) {
				b := newNet(t, 1)
				b.output(tt.make(b))
				if err := prepare(b.g); err != nil {
					t.Fatal(err)
				}
				var log Log
				if err := Run(t.Context(), b.g, []Group{storeGroup(mode.opts)}, &log, Observer{}); err != nil {
					t.Fatal(err)
				}
				got := slices.Sorted(slices.Values(codes(b.g)))
				if want := slices.Sorted(slices.Values(mode.want)); !slices.Equal(got, want) {
					t.Errorf("operators %q, want %q", got, want)
				}
				if notes := strings.Join(log.KeptFloat, "; "); mode.note == "" && notes != "" || !strings.Contains(notes, mode.note) {
					t.Errorf("notes %q, want %q", notes, mode.note)
				}
			})
		}
	}
}
