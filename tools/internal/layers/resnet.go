package layers

import (
	"math"
	"math/rand/v2"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// quantized names the constants of a convolution with weights of 8 bits.
type quantized struct{ weights, scale, zero string }

// quantized adds weights of 8 bits, with a scale for each output channel, the first
// dimension. Sums of products keep the size of what goes in.
func (b *builder) quantized(shape ...int) quantized {
	r := rand.New(rand.NewPCG(3, 0))
	count := 1
	for _, d := range shape {
		count *= d
	}
	channels := shape[0]
	const deviation = 73 // of integers from -127 to 127
	scales := make([]float32, channels)
	for i := range scales {
		scales[i] = float32(1 / (deviation * math.Sqrt(float64(count/channels))))
	}
	return quantized{
		weights: b.constant(repeat(count, func() int8 { return int8(r.IntN(255) - 127) }), shape...),
		scale:   b.constant(scales, channels),
		zero:    b.constant(make([]int8, channels), channels),
	}
}

// resnet is a ResNet-18 in the form of quantization tools: each value passes through
// QuantizeLinear and DequantizeLinear, each weight through DequantizeLinear.
type resnet struct{ *builder }

// ResNet18Int8 is a ResNet-18 for images of 224x224, quantized to 8 bits.
func ResNet18Int8() *onnxpb.ModelProto {
	const classes = 1000
	b := resnet{newBuilder(float32Type, 1, 3, 224, 224)}
	x := b.quantize("x", 128)
	x = b.relu(b.conv(x, conv{size: 224, in: 3, out: 64, kernel: 7, stride: 2}))
	x = b.quantize(b.node("MaxPool", []string{x}, ints("kernel_shape", 3, 3), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1)), 0)
	in, size := 64, 56
	for stage, out := range []int{64, 128, 256, 512} {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = b.block(x, conv{size: size, in: in, out: out, kernel: 3, stride: stride})
			in, size = out, size/stride
		}
	}
	x = b.quantize(b.node("GlobalAveragePool", []string{x}), 0)
	x = b.node("Flatten", []string{x})
	y := b.node("Gemm", []string{x, b.weights(classes, in)}, integer("transB", 1))
	return b.finish(b.quantize(y, 128), float32Type, 1, classes)
}

// block adds two convolutions and the shortcut around them.
func (b resnet) block(x string, c conv) string {
	y := b.relu(b.conv(x, c))
	y = b.quantize(b.conv(y, conv{size: c.outSize(), in: c.out, out: c.out, kernel: 3}), 128)
	if c.in != c.out {
		x = b.quantize(b.conv(x, conv{size: c.size, in: c.in, out: c.out, kernel: 1, stride: c.stride}), 128)
	}
	return b.relu(b.node("Add", []string{y, x}))
}

func (b resnet) conv(x string, c conv) string {
	return b.node("Conv", []string{x, b.weights(c.out, c.in, c.kernel, c.kernel)}, c.attributes()...)
}

// weights adds quantized weights as floats.
func (b resnet) weights(shape ...int) string {
	q := b.quantized(shape...)
	return b.node("DequantizeLinear", []string{q.weights, q.scale, q.zero}, integer("axis", 0))
}

func (b resnet) relu(x string) string { return b.quantize(b.node("Relu", []string{x}), 0) }

// quantize rounds x to 8 bits without sign.
func (b resnet) quantize(x string, zero uint8) string {
	scale, z := b.constant([]float32{0.02}), b.constant([]uint8{zero})
	return b.node("DequantizeLinear", []string{b.node("QuantizeLinear", []string{x, scale, z}), scale, z})
}
