package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/schema"
)

// limits says what is not supported of an operator, where the table does not show it.
var limits = map[string]string{
	"BatchNormalization": "inference; spatial",
	"Cast":               "no strings, bfloat16, float8 and 4-bit integers",
	"CastLike":           "as Cast",
	"Constant":           "numbers in a dense tensor",
	"Conv":               "1-D and 2-D; known kernel size",
	"ConvInteger":        "1-D and 2-D; known kernel size",
	"ConvTranspose":      "1-D and 2-D; known kernel size",
	"DequantizeLinear":   "8 and 16 bits, int32; no blocks",
	"Dropout":            "inference",
	"GRU":                "no clip; activations Sigmoid, Tanh, Relu, Softsign, Softplus",
	"Gemm":               "alpha and beta of 1 for integers",
	"GlobalLpPool":       "p 1 and 2",
	"GroupNormalization": "stash_type 1",
	"If":                 "tensors; the same ranks in both branches, unless the condition is known",
	"LSTM":               "as GRU",
	"LayerNormalization": "stash_type 1",
	"Loop":               "tensors; states keep their rank",
	"LpNormalization":    "p 1 and 2",
	"NonZero":            "no scalars",
	"Pad":                "no wrap",
	"QLinearConv":        "1-D and 2-D; known kernel size",
	"QLinearMatMul":      "scales and zero points of A are a number or one for each row",
	"QuantizeLinear":     "8 and 16 bits; no blocks",
	"RNN":                "as GRU",
	"Resize":             "no antialias; policy stretch; linear and cubic for floats",
	"Scan":               "tensors; no sequence_lens",
}

// pageText is the page about the operators that are supported, in Markdown. types has the
// element types of each.
func pageText(types map[string][]schema.DType) string {
	var b strings.Builder
	b.WriteString(pageHead)
	for i := 0; i < len(table); {
		name, end := table[i].name, i
		var versions []int
		var attrs []string
		in, out := table[i].in, table[i].out
		for ; end < len(table) && table[end].name == name; end++ {
			r := &table[end]
			versions = append(versions, r.since...)
			in = arity{min(in.min, r.in.min), max(in.max, r.in.max)}
			out = arity{min(out.min, r.out.min), max(out.max, r.out.max)}
			for _, a := range r.attrs {
				if !slices.Contains(attrs, a.name) {
					attrs = append(attrs, a.name)
				}
			}
		}
		list := strings.Trim(strings.ReplaceAll(fmt.Sprint(versions), " ", ", "), "[]")
		fmt.Fprintf(&b, "| %s | %s | %s | %v | %v | %s | %s |\n", name, list, typesText(types[name]), in, out, strings.Join(attrs, ", "), limits[name])
		i = end
	}
	return b.String()
}

// String writes the number of operands: 2, 1-3, 1 or more.
func (a arity) String() string {
	switch {
	case a.min == a.max:
		return fmt.Sprint(a.min)
	case a.max == many:
		return fmt.Sprintf("%d or more", a.min)
	default:
		return fmt.Sprintf("%d-%d", a.min, a.max)
	}
}

const pageHead = `# Operators

Written by ` + "`make operators`" + ` from the table of the importer; a test compares them.

The operators of ONNX's own domain that are supported, up to opset 25, with the versions that are
told apart, the element types, the numbers of inputs and outputs over all versions, and the attributes. A version that
is not listed differs from the one before it in types only, or is older than what is supported: then
the message says from which opset on it is.

Types are those of the first operand, of Where of the second, that are computed for any version; ONNX
allows some of them from a later version on only. Floats are float16, float32 and float64, integers
int8 to int64 and uint8 to uint64, numbers both, and all are numbers and bool. What is float16 is
computed in float32. Strings, sequences, optional values, bfloat16, float8, 4-bit types and training
are refused, and so is what the last column excludes, by a message that names the node.

Any operand may be computed while the model runs, such as a shape or axes, but where the
last column says constant. Then a run decides on the shapes of what is behind it.

| Operator | Versions | Types | Inputs | Outputs | Attributes | Limits |
|---|---|---|---|---|---|---|
`
