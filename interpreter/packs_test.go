package interpreter

import (
	"testing"

	"github.com/lce-go/lce/schema"
)

// window is a filter that is moved by one.
func window(dilation int) schema.Window {
	return schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: dilation, W: dilation}}
}

// TestOneConstantInSeveralLayouts uses weights in operators that pack them differently,
// and for another interpreter and another shape.
func TestOneConstantInSeveralLayouts(t *testing.T) {
	b := newBuilder(t)
	b.open = true
	n := b.input("n", schema.Float32, -1, 9, 9, 4)
	wide := b.input("wide", schema.Float32, -1, 9, 9, 16)
	w := b.floats(16, 3, 3, 4)
	deep := b.floats(16, 3, 3, 1)
	conv := func(x, w, groups, dilation int) int {
		return b.op(schema.Conv2D, &schema.Conv2DOptions{Window: window(dilation), Groups: groups, Clamp: schema.NoClamp}, x, w)
	}
	b.output("conv", conv(n, w, 1, 1))
	b.output("dilated", conv(n, w, 1, 2))
	b.output("grouped", conv(wide, w, 4, 1))
	b.output("depthwise", conv(wide, deep, 16, 1))
	b.output("one channel", conv(b.input("one", schema.Float32, -1, 9, 9, 1), deep, 1, 1))
	rows, square := b.input("rows", schema.Float32, -1, 24), b.floats(24, 24)
	for _, transposed := range []bool{false, true} {
		name := map[bool]string{true: "transposed", false: "matmul"}[transposed]
		b.output(name, b.op(schema.MatMul, &schema.MatMulOptions{TransposeB: transposed, Clamp: schema.NoClamp}, rows, square))
	}
	signs, signs2 := b.input("signs", schema.Bits, -1, 9, 9, 32), b.input("signs2", schema.Bits, -1, 9, 9, 128)
	bw := b.bits(192, 3, 3, 32)
	bconv := func(x, groups, dilation int) int {
		return b.op(schema.BConv2D, &schema.BConv2DOptions{
			Window: window(dilation), Groups: groups, PreClamp: schema.NoClamp, Clamp: schema.NoClamp}, x, bw)
	}
	b.output("bconv", bconv(signs, 1, 1))
	b.output("bconv dilated", bconv(signs, 1, 3))
	b.output("bconv grouped", bconv(signs2, 4, 1))
	m := b.load()
	for _, threads := range []int{1, 3} {
		in, err := New(m, WithThreads(threads))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		check(t, in)
		if err := in.Resize(map[string][]int{"n": {2, 9, 9, 4}, "rows": {5, 24}, "signs": {3, 9, 9, 32}}); err != nil {
			t.Fatal(err)
		}
		check(t, in)
	}
}
