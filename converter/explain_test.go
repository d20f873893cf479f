package converter_test

import (
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
)

// TestExplain follows nodes of a trained network through the conversion.
func TestExplain(t *testing.T) {
	f, err := onnx.Read("../testdata/models/fashion_cnn_kept_op17.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, node string
		want       []string // in this order
	}{
		{"fused layer", "/conv2/Conv", []string{
			`node "/conv2/Conv": Conv(/step1/Sign_output_0, /conv2/binary/Where_output_0) -> /conv2/Conv_output_0`,
			`  import: Transpose "/conv2/Conv/weights_ohwi" -> Float32 64x3x3x64;`,
			`  binarize/binarize-conv: BConv2D "/conv2/Conv" -> Float32 ?x14x14x64`,
			`  fuse/fuse-threshold: BConv2D "/conv2/Conv" -> Bits ?x14x14x64`,
			`in the .lce model: BConv2D "/conv2/Conv"`,
			`  options Pads=[1 1 1 1] PadValue=0`,
			`  x Bits ?x14x14x64, from BConv2D "/conv1/Conv"`,
			`  weights Bits 64x3x3x64`,
			`  threshold Int32 64, `,
			`  also computes /norm2/BatchNormalization`,
		}},
		{"by its output", "/conv2/Conv_output_0", []string{`node "/conv2/Conv": `}},
		{"fused into another", "/norm2/BatchNormalization", []string{
			`  import: Mul "/norm2/BatchNormalization" -> Float32 ?x64x14x14;`,
			`  fuse/fuse-threshold: BConv2D "/conv2/Conv" -> Bits ?x14x14x64`,
			`in the .lce model: BConv2D "/conv2/Conv"`,
		}},
		{"float layer", "/stem/Conv", []string{
			`stays as it is: first layer: activation comes from the graph input "input"; the weights are not binary either`,
		}},
		{"constant", "/conv2/binary/Where", []string{
			`gone: its value is a constant, or nothing needs it`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res, err := converter.Convert(t.Context(), f, converter.Options{Explain: tc.node})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := res.Explanation.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			rest := b.String()
			for _, want := range tc.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q in\n%s", want, b.String())
				}
				rest = after
			}
		})
	}
	_, err = converter.Convert(t.Context(), f, converter.Options{Explain: "/conv2/Konv"})
	if want := `explain: no node, and no output of one, is named "/conv2/Konv"; there is "/conv2/Conv"`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("unknown node: got %v, want %s", err, want)
	}
}
