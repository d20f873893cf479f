package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestReadChannelsFirstBehindCasts checks that an image of another type is read as it
// comes, too.
func TestReadChannelsFirstBehindCasts(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net, image *graph.Value, cast func(schema.DType, *graph.Value) *graph.Value) *graph.Value
		want []string
	}{
		{"casts", func(b *net, image *graph.Value, cast func(schema.DType, *graph.Value) *graph.Value) *graph.Value {
			return cast(schema.Float32, cast(schema.Float16, image))
		}, []string{"Cast", "Cast", "Conv2D"}},
		{"another reader between", func(b *net, image *graph.Value, cast func(schema.DType, *graph.Value) *graph.Value) *graph.Value {
			half := cast(schema.Float16, image)
			b.output(cast(schema.Float32, half))
			return cast(schema.Float32, half)
		}, []string{"Transpose", "Cast", "Cast", "Cast", "Conv2D"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newNet(t, 1)
			cast := func(to schema.DType, x *graph.Value) *graph.Value {
				return b.add(schema.Cast, &schema.CastOptions{To: to}, x)
			}
			image := b.add(schema.Transpose, &schema.TransposeOptions{Perm: []int{0, 2, 3, 1}}, b.input(2, 3, 6, 5))
			x := tt.make(b, image, cast)
			o := &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}
			b.output(b.add(schema.Conv2D, o, x, b.consts([]int{4, 3, 3, 3}, b.normal(108)...)))
			b.convert(1e-6)
			b.wantCodes(tt.want...)
		})
	}
}
