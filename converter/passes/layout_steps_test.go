package passes

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// meshSteps add a node or a few to a graph and return the result; nil where no value
// suits.
var meshSteps = []struct {
	name string
	step func(b *mesh) *graph.Value
}{
	{"transpose", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		perm := rapid.Permutation(iota(len(v.Shape))).Draw(b.rt, "perm")
		return b.transpose(v, perm...)
	}},
	{"conv", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		o := b.int("o", 1, 4)
		w := b.random([]int{o, 1, 1, v.Shape[1]})
		y := b.transpose(v, 0, 2, 3, 1)
		y = b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp}, y, w)
		return b.transpose(y, 0, 3, 1, 2)
	}},
	{"binary conv", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		o, c := b.int("o", 1, 4), v.Shape[1]
		w := b.consts([]int{o, 3, 3, c}, b.signs(o*9*c, 0.5)...)
		y := b.transpose(b.step(v), 0, 2, 3, 1)
		y = b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}, y, w)
		y = b.transpose(y, 0, 3, 1, 2)
		if b.int("norm", 0, 1) == 1 {
			y = b.batchNormNCHW(y)
		}
		if b.int("sign", 0, 1) == 1 {
			return b.step(y)
		}
		return y
	}},
	{"relu", func(b *mesh) *graph.Value { return b.unary(schema.Relu, b.pick("v", nil)) }},
	{"sign", func(b *mesh) *graph.Value { return b.unary(schema.Sign, b.pick("v", nil)) }},
	{"constant", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		return b.binary(schema.Add, v, b.random(b.broadcastable(v.Shape)))
	}},
	{"constant first", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		return b.binary(schema.Sub, b.random(b.broadcastable(v.Shape)), v)
	}},
	{"two values", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		w := b.pick("w", func(w *graph.Value) bool { return broadcasts(v, w) })
		return b.binary(schema.Mul, v, w)
	}},
	{"select", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		w := b.pick("w", func(w *graph.Value) bool { return graph.SameShape(v, w) })
		c := b.binary(schema.Greater, v, b.random(b.broadcastable(v.Shape)))
		return b.add(schema.Select, nil, c, w, b.scalar(0.5))
	}},
	{"concat", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		w := b.pick("w", func(w *graph.Value) bool { return joins(v, w, axis) })
		if b.int("negative", 0, 1) == 1 {
			axis -= len(v.Shape)
		}
		return b.add(schema.Concat, &schema.AxisOptions{Axis: axis}, v, w, v)
	}},
	{"split", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		if v.Shape[axis] < 2 {
			return nil
		}
		a := b.g.NewValue(fmt.Sprintf("split%d", b.n))
		c := b.g.NewValue(fmt.Sprintf("split%d", b.n))
		b.n++
		n := &graph.Node{
			Name: fmt.Sprintf("n%d", b.n), Code: schema.Split, Options: &schema.AxisOptions{Axis: axis},
			Inputs: []*graph.Value{v, b.ints(1, int64(v.Shape[axis]-1))}, Outputs: []*graph.Value{a, c},
		}
		b.g.Append(n)
		if err := b.g.InferNode(n); err != nil {
			b.rt.Fatal(err)
		}
		b.keep(a)
		return c
	}},
	{"slice", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		if b.int("axes", 0, 1) == 0 {
			return b.add(schema.Slice, nil, v, b.ints(0, 0), b.ints(1<<40, 2))
		}
		axis := int64(b.int("axis", -len(v.Shape), len(v.Shape)-1))
		return b.add(schema.Slice, nil, v, b.ints(-1), b.ints(-1<<40), b.ints(axis), b.ints(-1))
	}},
	{"gather", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		index := b.g.ConstInt64s(fmt.Sprintf("index%d", b.n), []int{}, []int64{0})
		if b.int("vector", 0, 1) == 1 {
			index = b.ints(0, -1, 0)
		}
		return b.add(schema.Gather, &schema.AxisOptions{Axis: axis}, v, index)
	}},
	{"reduce", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axes := rapid.SliceOfNDistinct(rapid.IntRange(0, len(v.Shape)-1), 1, len(v.Shape), rapid.ID).Draw(b.rt, "axes")
		var list []int64
		for _, a := range axes {
			list = append(list, int64(a))
		}
		return b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: b.int("keep", 0, 1) == 1}, v, b.ints(list...))
	}},
	{"softmax", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		return b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: b.int("axis", -len(v.Shape), len(v.Shape)-1)}, v)
	}},
	{"pad", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		pads := make([]int64, 2*len(v.Shape))
		for i := range pads {
			pads[i] = int64(b.int("pad", 0, 1))
		}
		return b.add(schema.Pad, &schema.PadOptions{}, v, b.ints(pads...), b.scalar(0.25))
	}},
	{"pad axes", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		return b.add(schema.Pad, &schema.PadOptions{}, v, b.ints(1, 0, 2, 0), nil, b.ints(-1, 0))
	}},
	{"resize", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		scales := slices.Repeat([]float32{1}, len(v.Shape))
		scales[b.int("axis", 0, len(v.Shape)-1)] = 2
		scales[b.int("other", 0, len(v.Shape)-1)] = 1.5
		o := &schema.ResizeOptions{Mode: schema.ResizeLinear, Coordinates: schema.ResizeHalfPixel}
		return b.add(schema.Resize, o, v, nil, b.consts([]int{len(scales)}, scales...))
	}},
	{"resize to the size of another", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		factors := slices.Repeat([]int64{1}, len(v.Shape))
		factors[b.int("axis", 0, len(v.Shape)-1)] = 2
		o := &schema.ResizeOptions{Mode: schema.ResizeNearest, Coordinates: schema.ResizeAsymmetric, Rounding: schema.RoundFloor}
		return b.add(schema.Resize, o, v, nil, nil, b.binary(schema.Mul, b.shapeOf(v), b.ints(factors...)))
	}},
	{"unsqueeze", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) < 5 })
		if v == nil {
			return nil
		}
		return b.add(schema.Unsqueeze, nil, v, b.ints(int64(b.int("axis", 0, len(v.Shape)))))
	}},
	{"squeeze", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return slices.Contains(v.Shape, 1) })
		if v == nil {
			return nil
		}
		return b.add(schema.Squeeze, nil, v, b.ints(int64(slices.Index(v.Shape, 1))))
	}},
	{"shuffle", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 && v.Shape[1]%2 == 0 })
		if v == nil || slices.Contains(v.Shape[1:], -1) {
			return nil
		}
		c, h, w := int64(v.Shape[1]), int64(v.Shape[2]), int64(v.Shape[3])
		y := b.reshape(v, 0, 2, c/2, h, w)
		return b.reshape(b.transpose(y, 0, 2, 1, 3, 4), 0, c, h, w)
	}},
	{"flatten", func(b *mesh) *graph.Value { return b.flatten(b.pick("v", ranked(2))) }},
	{"dense", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 2 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		n := b.int("n", 1, 3)
		if b.int("transposed", 0, 1) == 1 {
			return b.matMul(v, b.random([]int{n, v.Shape[1]}), true)
		}
		return b.matMul(v, b.random([]int{v.Shape[1], n}), false)
	}},
	{"flat", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 })
		if v == nil || slices.Contains(v.Shape[1:], -1) {
			return nil
		}
		y := b.transpose(b.unary(schema.Relu, b.transpose(v, 0, 2, 3, 1)), 0, 3, 1, 2)
		f := b.flatten(y)
		for range b.int("steps", 0, 4) {
			k := f.Shape[len(f.Shape)-1]
			switch b.int("step", 0, 7) {
			case 0:
				f = b.binary(schema.Mul, f, b.random([]int{k}))
			case 1:
				f = b.binary(schema.Sub, b.random([]int{1, k}), f)
			case 2:
				f = b.binary(schema.Add, f, b.random([]int{1}))
			case 3:
				f = b.binary(schema.Mul, f, b.unary(schema.Sign, f))
			case 4:
				if len(f.Shape) == 2 {
					f = b.reshape(f, 0, 1, int64(k))
				}
			case 5:
				f = b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, f, b.ints(-1))
			case 6:
				f = b.binary(schema.Add, f, b.flatten(v))
			case 7:
				f = b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: -1}, f)
			}
		}
		if len(f.Shape) == 2 && b.int("dense", 0, 1) == 1 {
			return b.matMul(f, b.random([]int{f.Shape[1], 2}), false)
		}
		return f
	}},
	{"attention", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		perm := iota(len(v.Shape))
		last := len(perm) - 1
		perm[last], perm[last-1] = perm[last-1], perm[last]
		return b.matMul(v, b.transpose(v, perm...), false)
	}},
	{"shape", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		y := b.add(schema.Shape, &schema.ShapeOptions{Start: int64(b.int("from", 0, 1)), End: int64(b.int("to", 1, 4))}, v)
		return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, y)
	}},
}
