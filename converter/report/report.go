// Package report says what a conversion did: the operators before and after, each
// convolution and dense layer with its cost, what is binary and why the rest is not.
// It reads a finished graph and must not change it.
package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// Report describes a conversion. Its JSON form is stable: fields are only added.
type Report struct {
	Model string `json:"model"`
	// SourceBytes and Bytes are the sizes of the ONNX file, with external data, and of
	// the .lce file.
	SourceBytes int64 `json:"source_bytes"`
	Bytes       int64 `json:"lce_bytes"`
	// FloatBytes is about the size of the .lce file without the options that round weights,
	// 0 if there are none: as much larger as the constants are, which may be more than a
	// file can have. Stored lists what they rounded.
	FloatBytes int64    `json:"lce_float_bytes,omitempty"`
	Stored     []Stored `json:"stored,omitempty"`
	// Before counts the ONNX nodes by type, After the operators of the .lce model.
	Before []OpCount `json:"onnx_ops"`
	After  []OpCount `json:"lce_ops"`
	// Layers are the convolutions and products of matrices in the order they run.
	Layers []Layer `json:"layers"`
	Totals Totals  `json:"totals"`
	// Transposes lists the transposes of activations that are left.
	Transposes []string `json:"transposes"`
	// Kept lists other operators that could have been binary and are not.
	Kept []Kept `json:"kept"`
	// Verified has what a comparison with the ONNX graph found, filled in by who made one.
	Verified []Verified `json:"verified,omitempty"`
	// Notes tell of options that change results, or that did not apply to a constant.
	Notes []string `json:"notes,omitempty"`
}

// OpCount is how often an operator occurs.
type OpCount struct {
	Op    string `json:"op"`
	Count int    `json:"count"`
}

// Stored sums up the constants that are rounded to an element type of the file.
type Stored struct {
	Type       string `json:"type"`
	Tensors    int    `json:"tensors"`
	FloatBytes int64  `json:"float_bytes"` // as float32
	Bytes      int64  `json:"bytes"`       // as stored, with scales
}

// Verified is the difference of an output from the ONNX graph, over all samples.
type Verified struct {
	Output   string  `json:"output"`
	MaxAbs   float64 `json:"max_abs"`
	Relative float64 `json:"relative"` // to the output's range
	// SNR is the signal-to-noise ratio in decibels, nil without a difference.
	SNR         *float64 `json:"snr_db"`
	Rows        int      `json:"rows"`
	ArgmaxFlips int      `json:"argmax_flips"`
	// Stored is of the weights as they are stored in fewer bits, by an option.
	Stored bool `json:"stored,omitempty"`
}

// Layer is a convolution or a product of matrices. In shapes, -1 is a dimension
// that varies.
type Layer struct {
	Name   string `json:"name"`
	Op     string `json:"op"`
	Input  []int  `json:"input"`
	Weight []int  `json:"weight"` // OHWI of a convolution; as stored otherwise
	Output []int  `json:"output"`
	Groups int    `json:"groups,omitempty"`
	Binary bool   `json:"binary"`
	// Reason says why the layer is not binary.
	Reason         string `json:"reason,omitempty"`
	ActivationBits int    `json:"activation_bits"`
	WeightBits     int    `json:"weight_bits"`
	// Results are the types of the outputs: Float32, Bits or both.
	Results []string `json:"results"`
	// MACs is the number of multiplications, with each dimension that varies as 1.
	MACs int64 `json:"macs"`
	// Bytes is the size of the layer's constants.
	Bytes int64 `json:"bytes"`
	// Fused lists the ONNX nodes that the layer computes besides its own.
	Fused []string `json:"fused,omitempty"`
	// FusedOps lists their types, each once, filled in by the caller of New.
	FusedOps []string `json:"fused_ops,omitempty"`
}

// Totals are sums over the model.
type Totals struct {
	MACs             int64   `json:"macs"`
	BinaryMACs       int64   `json:"binary_macs"`
	BinaryShare      float64 `json:"binary_share"` // BinaryMACs / MACs, 0 without layers
	BinaryLayers     int     `json:"binary_layers"`
	Parameters       int64   `json:"parameters"`
	BinaryParameters int64   `json:"binary_parameters"`
	ConstantBytes    int64   `json:"constant_bytes"`
}

// Kept is an operator that stays as it is, and why.
type Kept struct {
	Name   string `json:"name"`
	Op     string `json:"op"`
	Reason string `json:"reason"`
}

// New describes a converted graph. reason gives what the passes recorded about a
// node, "" for nothing. The caller fills in Model, the sizes, Before, Notes and FusedOps.
func New(g *graph.Graph, reason func(node string) string) *Report {
	r := &Report{Before: []OpCount{}, Layers: []Layer{}, Transposes: []string{}, Kept: []Kept{}}
	count := map[string]int{}
	seen := map[*graph.Value]bool{}
	for _, n := range g.All() {
		count[n.Code.String()]++
		for _, v := range n.Inputs {
			if v != nil && v.Const != nil && !seen[v] {
				seen[v] = true
				r.addConstant(n, v)
			}
		}
		if layer, ok := layerOf(n); ok {
			if !layer.Binary {
				layer.Reason = reason(n.Name)
			}
			r.addLayer(layer)
			continue
		}
		if n.Code == schema.Transpose {
			r.Transposes = append(r.Transposes, n.Name)
		}
		if why := reason(n.Name); why != "" {
			r.Kept = append(r.Kept, Kept{Name: n.Name, Op: Kind(n), Reason: why})
		}
	}
	r.After = Counts(count)
	return r
}

// Counts lists operators by falling count, equal ones by name.
func Counts(count map[string]int) []OpCount {
	out := []OpCount{}
	for _, op := range slices.Sorted(maps.Keys(count)) {
		out = append(out, OpCount{Op: op, Count: count[op]})
	}
	slices.SortStableFunc(out, func(a, b OpCount) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// AddStored counts a constant that is rounded to d.
func (r *Report) AddStored(d schema.DType, floatBytes, bytes int64) {
	i := slices.IndexFunc(r.Stored, func(s Stored) bool { return s.Type == d.String() })
	if i < 0 {
		i = len(r.Stored)
		r.Stored = append(r.Stored, Stored{Type: d.String()})
	}
	s := &r.Stored[i]
	s.Tensors++
	s.FloatBytes += floatBytes
	s.Bytes += bytes
}

func (r *Report) addLayer(l Layer) {
	r.Layers = append(r.Layers, l)
	t := &r.Totals
	t.MACs += l.MACs
	if l.Binary {
		t.BinaryMACs += l.MACs
		t.BinaryLayers++
	}
	if t.MACs > 0 {
		t.BinaryShare = float64(t.BinaryMACs) / float64(t.MACs)
	}
}

// addConstant counts a constant; shapes, axes and the like are no parameters.
func (r *Report) addConstant(n *graph.Node, v *graph.Value) {
	t := &r.Totals
	t.ConstantBytes += int64(v.Const.Bytes())
	switch v.DType {
	case schema.Bits:
		t.Parameters += int64(v.Const.Len())
		t.BinaryParameters += int64(v.Const.Len())
	case schema.Int64, schema.Bool:
	default:
		t.Parameters += int64(v.Const.Len())
	}
}

// layerOf describes a node if it is a layer.
func layerOf(n *graph.Node) (Layer, bool) {
	if len(n.Inputs) < 2 || n.Inputs[1] == nil {
		return Layer{}, false
	}
	x, w := n.Inputs[0], n.Inputs[1]
	l := Layer{
		Name: n.Name, Op: n.Code.String(), Input: x.Shape, Weight: w.Shape,
		ActivationBits: activationBits(n), WeightBits: bitsOf(w.DType), Results: []string{},
	}
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		l.Groups = o.Groups
	case *schema.BConv2DOptions:
		l.Groups, l.Binary = o.Groups, true
	case *schema.BGEMMOptions:
		l.Binary = true
	case *schema.QConv2DOptions:
		l.Groups = o.Groups
	case *schema.MatMulOptions, *schema.QMatMulOptions:
	default:
		return Layer{}, false
	}
	for _, v := range n.Outputs {
		if v != nil {
			l.Output = v.Shape
			l.Results = append(l.Results, v.DType.String())
		}
	}
	l.MACs = elements(l.Output) * depth(n)
	for _, v := range n.Inputs {
		if v != nil && v.Const != nil {
			l.Bytes += int64(v.Const.Bytes())
		}
	}
	for _, v := range n.Inputs[1:] {
		if v == nil {
			continue
		}
		if bytes, from := storedBytes(v); from != schema.Invalid {
			l.Bytes += bytes
			if v == w {
				l.WeightBits = bitsOf(from)
			}
		}
	}
	for _, name := range n.Origin {
		if name != n.Name {
			l.Fused = append(l.Fused, name)
		}
	}
	return l, true
}

// storedBytes gives the size and type of the constants that weights are expanded from at
// load, Invalid if they are not stored in fewer bits.
func storedBytes(w *graph.Value) (bytes int64, from schema.DType) {
	if w.Producer == nil {
		return 0, schema.Invalid
	}
	switch w.Producer.Code {
	case schema.Bunpack, schema.Reshape, schema.Binary, schema.Cast:
	default:
		return 0, schema.Invalid
	}
	for _, v := range w.Producer.Inputs {
		if v.Const != nil {
			bytes += int64(v.Const.Bytes())
			switch v.DType {
			case schema.Bits, schema.Float16, schema.Int8:
				from = v.DType
			}
			continue
		}
		more, stored := storedBytes(v)
		if stored == schema.Invalid {
			return 0, schema.Invalid
		}
		bytes, from = bytes+more, stored
	}
	return bytes, from
}

// depth is the number of products in an element of a layer's result.
func depth(n *graph.Node) int64 {
	x, w := n.Inputs[0].Shape, n.Inputs[1].Shape
	if n.Code == schema.Conv2D || n.Code == schema.BConv2D || n.Code == schema.QConv2D {
		return elements(w[1:])
	}
	k := len(x) - 1
	if o, ok := n.Options.(*schema.MatMulOptions); ok && o.TransposeA {
		k--
	}
	if k < 0 {
		return 1
	}
	return elements(x[k : k+1])
}

// elements is the product of the dimensions, unknown ones as 1.
func elements(shape []int) int64 {
	n := int64(1)
	for _, d := range shape {
		if d >= 0 {
			n *= int64(d)
		}
	}
	return n
}

// activationBits is the size of an element of the activation: 2 for two planes of bits.
func activationBits(n *graph.Node) int {
	planes := 1
	if (n.Code == schema.BConv2D || n.Code == schema.BGEMM) && n.Input(5) != nil {
		planes = 2
	}
	return planes * bitsOf(n.Inputs[0].DType)
}

func bitsOf(d schema.DType) int {
	if d == schema.Bits {
		return 1
	}
	return 8 * d.Size()
}

// Kind is the name of what a node computes.
func Kind(n *graph.Node) string {
	switch o := n.Options.(type) {
	case *schema.UnaryOptions:
		return o.Kind.String()
	case *schema.BinaryOptions:
		return o.Kind.String()
	}
	return n.Code.String()
}

// total is the number of operators.
func total(ops []OpCount) int {
	n := 0
	for _, o := range ops {
		n += o.Count
	}
	return n
}

// list writes counts as "4 Conv, 2 Relu".
func list(ops []OpCount) string {
	var s []string
	for _, o := range ops {
		s = append(s, number(int64(o.Count))+" "+o.Op)
	}
	return strings.Join(s, ", ")
}
