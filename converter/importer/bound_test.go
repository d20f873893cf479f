package importer_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// TestBoundedWork imports small files that ask for a lot.
func TestBoundedWork(t *testing.T) {
	const far = 8000
	pads := attribute("pads", []int64{far, far, far, far})
	strides := attribute("strides", []int64{2*far + 1, 2*far + 1})
	one := float32s("c", []int64{1, 1, 1, 1}, 1)
	long := make([]*onnxpb.NodeProto, 5000)
	for i := range long {
		long[i] = &onnxpb.NodeProto{OpType: proto.String("Mul"), Input: s{"x", "x"}, Output: s{string(rune(0x4e00 + i))}}
		if i > 0 {
			long[i].Input = s{long[i-1].Output[0], long[i-1].Output[0]}
		}
	}
	tests := []struct {
		name  string
		model *onnxpb.ModelProto
	}{
		{"convolution of constants", single(13, nil, tp{one}, node("Conv", s{"c", "c"}, s{"y"}, pads, strides))},
		{"pool of a constant", single(13, nil, tp{one}, node("AveragePool", s{"c"}, s{"y"}, attribute("kernel_shape", []int64{far, far}), attribute("count_include_pad", 1), pads, strides))},
		{"expanded constant", single(13, nil, tp{one, int64s("s", []int64{2}, 1<<14, 1<<13)}, node("Expand", s{"c", "s"}, s{"y"}))},
		{"expanded beyond all bounds", single(13, nil, tp{one, int64s("s", []int64{2}, 1<<62, 1<<62)}, node("Expand", s{"c", "s"}, s{"y"}))},
		{"filled", single(13, nil, tp{int64s("s", []int64{1}, 1<<27)}, node("ConstantOfShape", s{"s"}, s{"y"}))},
		{"padded", single(13, nil, tp{one, int64s("p", []int64{8}, 0, 0, far, far, 0, 0, far, far)}, node("Pad", s{"c", "p"}, s{"y"}))},
		{"long chain", model(13, &onnxpb.GraphProto{Input: vi{floats("x", "n")}, Node: long, Output: values(long[len(long)-1].Output[0])})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := marshal(t, tt.model)
			before := allocated()
			importBytes(t, data)
			if got, most := allocated()-before, uint64(32<<20+256*len(data)); got > most {
				t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(data), most)
			}
		})
	}
}
