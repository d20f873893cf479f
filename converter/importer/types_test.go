package importer

import (
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/schema"
)

// caseArchives have the cases of single operators whose results are known from elsewhere.
var caseArchives = []string{"../../testdata/nodetests/cases.zip", "../../testdata/importer/cases.zip"}

// operandOfType is the operand whose element types the page tells, where that is not the
// first one.
var operandOfType = map[string]int{"Where": 1}

// operatorTypes tries each operator with every element type: in the models of its cases the
// inputs that have the type of the operand get another one. A type is in the result if any
// model is imported with it and does something.
func operatorTypes(t *testing.T) map[string][]schema.DType {
	t.Helper()
	types, idle := map[string][]schema.DType{}, map[string][]schema.DType{}
	for _, file := range caseArchives {
		for _, data := range onnxtest.Files(t, file, "/model.onnx") {
			f, err := onnx.Parse(data, "")
			if err != nil {
				t.Fatal(err)
			}
			op := only(f.Graph)
			if op == nil {
				continue
			}
			for d := schema.Float32; d <= schema.Bool; d++ {
				g := imported(f, op, d)
				if g == nil {
					continue
				}
				found := types
				if len(g.Nodes) == 0 {
					found = idle
				}
				if !slices.Contains(found[op.OpType], d) {
					found[op.OpType] = append(found[op.OpType], d)
				}
			}
		}
	}
	for name := range idle {
		if types[name] == nil {
			types[name] = idle[name] // such as Identity
		}
	}
	return types
}

// only is the node of a graph that has no other but constants.
func only(g *onnx.Graph) (found *onnx.Node) {
	for _, n := range g.Nodes {
		switch {
		case n.OpType == "Constant" && n.Domain == "":
		case found != nil || n.Domain != "":
			return nil
		default:
			found = n
		}
	}
	return found
}

// imported is the graph of a model with another type of the operand of a node, or nil if it
// is refused. The type of a constant operand stays.
func imported(f *onnx.File, n *onnx.Node, d schema.DType) *graph.Graph {
	operand := operandOfType[n.OpType]
	if operand >= len(n.Inputs) {
		return nil
	}
	g := *f.Graph
	g.Inputs, g.Outputs = slices.Clone(g.Inputs), slices.Clone(g.Outputs)
	was := schema.Invalid
	for _, v := range g.Inputs {
		if v.Name == n.Inputs[operand] {
			was = v.DType
		}
	}
	if k := g.Initializers[n.Inputs[operand]]; k != nil {
		was = k.DType
		if was != d {
			return nil
		}
	}
	for i := range g.Inputs {
		if g.Inputs[i].DType == was {
			g.Inputs[i].DType = d
		}
	}
	for i := range g.Outputs {
		g.Outputs[i].DType = schema.Invalid // whatever comes out
	}
	changed := *f
	changed.Graph = &g
	made, err := Import(&changed, Options{})
	if err != nil || was == schema.Invalid {
		return nil
	}
	return made
}

// typeGroups have names of their own in the page; the first one has all types in order.
var typeGroups = []struct {
	name  string
	types []schema.DType
}{
	{"all", []schema.DType{schema.Float16, schema.Float32, schema.Float64, schema.Int8, schema.Int16, schema.Int32, schema.Int64, schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64, schema.Bool}},
	{"numbers", []schema.DType{schema.Float16, schema.Float32, schema.Float64, schema.Int8, schema.Int16, schema.Int32, schema.Int64, schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64}},
	{"integers", []schema.DType{schema.Int8, schema.Int16, schema.Int32, schema.Int64, schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64}},
	{"floats", []schema.DType{schema.Float16, schema.Float32, schema.Float64}},
}

// typesText lists element types, groups by their names.
func typesText(types []schema.DType) string {
	left := slices.Clone(types)
	var names []string
	for _, g := range typeGroups {
		missing := slices.ContainsFunc(g.types, func(d schema.DType) bool { return !slices.Contains(left, d) })
		if !missing {
			names = append(names, g.name)
			left = slices.DeleteFunc(left, func(d schema.DType) bool { return slices.Contains(g.types, d) })
		}
	}
	for _, d := range typeGroups[0].types {
		if slices.Contains(left, d) {
			names = append(names, strings.ToLower(d.String()))
		}
	}
	return strings.Join(names, ", ")
}
