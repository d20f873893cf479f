package layers

import (
	"fmt"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

const (
	float32Type = onnxpb.TensorProto_FLOAT
	uint8Type   = onnxpb.TensorProto_UINT8
)

// conv is a convolution of one square image, padded by half the kernel.
type conv struct {
	size, in, out, kernel int
	stride                int // 0 is 1
	depthwise             bool
}

func (c conv) steps() int   { return max(c.stride, 1) }
func (c conv) outSize() int { return (c.size + c.steps() - 1) / c.steps() }

// inputs is the number of channels that an output channel depends on.
func (c conv) inputs() int {
	if c.depthwise {
		return 1
	}
	return c.in
}

func (c conv) macs() int64 {
	return int64(c.outSize()*c.outSize()) * int64(c.out*c.inputs()*c.kernel*c.kernel)
}

// name tells what the convolution reads, and its outputs where they differ from that.
func (c conv) name() string {
	kind := fmt.Sprintf("%dx%d", c.kernel, c.kernel)
	if c.depthwise {
		kind += "_depthwise"
	}
	name := fmt.Sprintf("%s_%dx%dx%d", kind, c.size, c.size, c.in)
	if c.out != c.in {
		name += fmt.Sprintf("_to_%d", c.out)
	}
	if c.steps() > 1 {
		name += fmt.Sprintf("_stride_%d", c.steps())
	}
	return name
}

func (c conv) attributes() []*onnxpb.AttributeProto {
	p, s := int64(c.kernel/2), int64(c.steps())
	list := []*onnxpb.AttributeProto{ints("pads", p, p, p, p), ints("strides", s, s)}
	if c.depthwise {
		list = append(list, integer("group", int64(c.in)))
	}
	return list
}

// weights adds the weights that make values.
func (c conv) weights(b *builder, make func(n, terms int) []float32) string {
	terms := c.inputs() * c.kernel * c.kernel
	return b.constant(make(c.out*terms, terms), c.out, c.inputs(), c.kernel, c.kernel)
}

// back is the convolution that turns the output channels into the input's again.
func (c conv) back() conv {
	c.in, c.out = c.out, c.in
	return c
}

// chained are the models in float32.
func (c conv) chained() []model {
	return []model{
		{Float, func() *onnxpb.ModelProto { return c.float(1) }},
		{FloatChain, func() *onnxpb.ModelProto { return c.float(ChainLength) }},
	}
}

// float is a chain of n of the convolution; n is odd, as every other one leads back.
func (c conv) float(n int) *onnxpb.ModelProto {
	b := newBuilder(float32Type, 1, c.in, c.size, c.size)
	forth := c.weights(b, normals)
	back := forth
	if c.in != c.out && n > 1 {
		back = c.back().weights(b, normals)
	}
	x := "x"
	for i := range n {
		x = b.node("Conv", []string{x, [2]string{forth, back}[i%2]}, c.attributes()...)
	}
	return b.finish(x, float32Type, 1, c.out, c.outSize(), c.outSize())
}

// binary is n times a sign and the convolution with weights of -1 and +1.
func (c conv) binary(n int) *onnxpb.ModelProto {
	b := newBuilder(float32Type, 1, c.in, c.size, c.size)
	w := c.weights(b, signs)
	x := "x"
	for range n {
		x = b.node("Conv", []string{b.sign(x), w}, c.attributes()...)
	}
	return b.finish(x, float32Type, 1, c.out, c.outSize(), c.outSize())
}

// stem is the convolution and one of 16x16 of its outputs, so that what a runtime does
// to hand on a large map in the layout of ONNX is not counted.
func (c conv) stem() *onnxpb.ModelProto {
	const step = 16
	b := newBuilder(float32Type, 1, c.in, c.size, c.size)
	x := b.node("Conv", []string{"x", c.weights(b, normals)}, c.attributes()...)
	x = b.node("MaxPool", []string{x}, ints("kernel_shape", 1, 1), ints("strides", step, step))
	size := c.outSize() / step
	return b.finish(x, float32Type, 1, c.out, size, size)
}

// int8 is a chain of n of the convolution as QLinearConv: activations of 8 bits without
// sign, weights of 8 bits with a scale for each channel.
func (c conv) int8(n int) *onnxpb.ModelProto {
	b := newBuilder(uint8Type, 1, c.in, c.size, c.size)
	q := b.quantized(c.out, c.in, c.kernel, c.kernel)
	scale, zero := b.constant([]float32{0.02}), b.constant([]uint8{128})
	x := "x"
	for range n {
		x = b.node("QLinearConv", []string{x, scale, zero, q.weights, q.scale, q.zero, scale, zero}, c.attributes()...)
	}
	return b.finish(x, uint8Type, 1, c.out, c.outSize(), c.outSize())
}

// dense is a product of rows x n with n x n; with a sign in front and weights of -1 and
// +1 if it is binary.
func dense(rows, n int, binary bool) *onnxpb.ModelProto {
	b := newBuilder(float32Type, rows, n)
	x, values := "x", normals
	if binary {
		x, values = b.sign(x), signs
	}
	w := b.constant(values(n*n, n), n, n)
	return b.finish(b.node("MatMul", []string{x, w}), float32Type, rows, n)
}
