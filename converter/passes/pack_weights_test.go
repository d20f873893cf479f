package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestPackWeights checks which float layers get weights of one bit, and that the
// expanded weights are the same to the bit.
func TestPackWeights(t *testing.T) {
	packed := func(layer string, more ...string) []string {
		return append(append([]string{"Bunpack", "Reshape"}, more...), layer)
	}
	tests := []struct {
		name string
		make func(b *net) *graph.Value
		want []string
	}{
		{"conv of one magnitude", func(b *net) *graph.Value {
			return b.conv(b.input(1, 5, 5, 3), []int{19, 3, 3, 3}, 0.3, nil, window(1, 1))
		}, packed("Conv2D", "Mul")},
		{"conv of -1 and 1", func(b *net) *graph.Value {
			return b.conv(b.input(1, 5, 5, 3), []int{19, 3, 3, 3}, 1, nil, window(1, 1))
		}, packed("Conv2D")},
		{"conv of magnitudes per channel, with a dead one", func(b *net) *graph.Value {
			w := b.signs(19*27, 1)
			for i := range w {
				w[i] *= float32(i/27) * 0.1
			}
			o := &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}
			return b.add(schema.Conv2D, o, b.input(1, 5, 5, 3), b.consts([]int{19, 3, 3, 3}, w...))
		}, packed("Conv2D", "Mul")},
		{"product", func(b *net) *graph.Value { return b.dense(b.input(2, 37), 17, 0.3) }, packed("MatMul", "Mul")},
		{"product with magnitudes per output", func(b *net) *graph.Value {
			w := b.signs(37*17, 1)
			for i := range w {
				w[i] *= 1 + float32(i%17)
			}
			return b.matMul(b.input(2, 37), b.consts([]int{37, 17}, w...), false)
		}, packed("MatMul", "Mul")},
		{"product with transposed weights", func(b *net) *graph.Value {
			w := b.signs(37*17, 1)
			for i := range w {
				w[i] *= 1 + float32(i/37)
			}
			return b.matMul(b.input(2, 37), b.consts([]int{17, 37}, w...), true)
		}, packed("MatMul", "Mul")},
		{"shared weights", func(b *net) *graph.Value {
			w := b.consts([]int{32, 32}, b.signs(1024, 0.1)...)
			return b.matMul(b.matMul(b.input(2, 32), w, false), w, false)
		}, packed("MatMul", "Mul", "MatMul")},
		{"weights read along two axes", func(b *net) *graph.Value {
			w := b.consts([]int{32, 32}, b.signs(1024, 0.1)...)
			return b.matMul(b.matMul(b.input(2, 32), w, false), w, true)
		}, []string{"MatMul", "MatMul"}},
		{"weights that are also added", func(b *net) *graph.Value {
			w := b.consts([]int{32, 32}, b.signs(1024, 0.1)...)
			return b.binary(schema.Add, b.matMul(b.input(32, 32), w, false), w)
		}, []string{"MatMul", "Add"}},
		{"magnitudes per input", func(b *net) *graph.Value {
			w := b.signs(37*17, 1)
			for i := range w {
				w[i] *= 1 + float32(i/17)
			}
			return b.matMul(b.input(2, 37), b.consts([]int{37, 17}, w...), false)
		}, []string{"MatMul"}},
		{"magnitudes that differ by rounding", func(b *net) *graph.Value {
			w := b.signs(37*17, 1)
			w[5] *= 1.0000001
			return b.matMul(b.input(2, 37), b.consts([]int{37, 17}, w...), false)
		}, []string{"MatMul"}},
		{"few weights", func(b *net) *graph.Value { return b.dense(b.input(2, 7), 17, 0.3) }, []string{"MatMul"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(test.make(b))
			b.convert(0)
			b.wantCodes(test.want...)
		})
	}
}
