package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
)

// row says how an operator looks from an operator version on
// and how it is imported.
type row struct {
	name string
	// since lists the operator versions that the row covers, of those in force at the
	// opsets that are read. It ends where the next row of the same name begins.
	since   []int
	in, out arity
	attrs   []attr
	build   func(c *call) error
}

// arity bounds a number of operands; a max of many is unbounded. Operands below min
// may not be absent.
type arity struct{ min, max int }

const many = 1<<31 - 1

// attr is an attribute that an operator knows.
type attr struct {
	name     string
	kind     onnx.AttributeKind
	required bool
	def      onnx.Attribute // the value if the node does not have it
}

func intAttr(name string, def int64) attr {
	return attr{name: name, kind: onnx.AttrInt, def: onnx.Attribute{Int: def}}
}

func floatAttr(name string, def float32) attr {
	return attr{name: name, kind: onnx.AttrFloat, def: onnx.Attribute{Float: def}}
}

func stringAttr(name, def string) attr {
	return attr{name: name, kind: onnx.AttrString, def: onnx.Attribute{String: def}}
}

// The attributes of these kinds have no default: has tells whether they are there.
func intsAttr(name string) attr    { return attr{name: name, kind: onnx.AttrInts} }
func floatsAttr(name string) attr  { return attr{name: name, kind: onnx.AttrFloats} }
func stringsAttr(name string) attr { return attr{name: name, kind: onnx.AttrStrings} }
func tensorAttr(name string) attr  { return attr{name: name, kind: onnx.AttrTensor} }

func graphAttr(name string) attr { return attr{name: name, kind: onnx.AttrGraph, required: true} }

func need(a attr) attr {
	a.required = true
	return a
}

// rows finds the rows of an operator, in the order of their versions.
var rows = func() map[string][]*row {
	m := map[string][]*row{}
	for i := range table {
		m[table[i].name] = append(m[table[i].name], &table[i])
	}
	return m
}()

// ended has the last opsets of operators that are no more.
var ended = map[string]int64{"Scatter": 10, "Upsample": 9}

// lookup finds the row that is in force at an opset, and the operator version.
func lookup(op string, opset int64) (*row, int) {
	var found *row
	version := 0
	for _, r := range rows[op] {
		for _, v := range r.since {
			if int64(v) <= opset {
				found, version = r, v
			}
		}
	}
	return found, version
}

// call is a node that is being imported.
type call struct {
	*onnx.Node
	im      *importer
	row     *row
	opset   int64          // of its domain
	version int            // of the operator
	in      []*graph.Value // nil where absent
	given   []*graph.Value // in before anything is widened
	out     []*graph.Value // what build makes, one for each of Outputs
	attrs   map[string]*onnx.Attribute
}

// check finds the row of a node and checks what can be checked without its
// operands: their number, and the attributes.
func (im *importer) check(n *onnx.Node) (*call, error) {
	c := &call{Node: n, im: im, opset: im.file.OpsetOf(n), out: make([]*graph.Value, len(n.Outputs)), attrs: map[string]*onnx.Attribute{}}
	if n.Domain != "" && n.Domain != microsoftDomain && !slices.Contains(qonnxDomains, n.Domain) {
		return nil, c.unsupported("operators of this domain are not supported; those of ai.onnx, of QONNX and some of com.microsoft are")
	}
	if err := c.find(); err != nil {
		return nil, err
	}
	if err := c.row.in.check("input", n.Inputs); err != nil {
		return nil, err
	}
	if err := c.row.out.check("output", n.Outputs); err != nil {
		return nil, err
	}
	return c, c.decodeAttributes()
}

// find sets the row and the version of the operator.
func (c *call) find() (err error) {
	if c.Domain != "" {
		c.version = 1
		if c.Domain == microsoftDomain {
			c.row, err = microsoftRow(c)
		} else {
			c.row, err = qonnxRow(c)
		}
		return err
	}
	if last := ended[c.OpType]; last != 0 && c.opset > last {
		return c.unsupported("the operator ended with opset %d", last)
	}
	if c.row, c.version = lookup(c.OpType, c.opset); c.row != nil {
		return c.checkFunctionOpset()
	}
	if all := rows[c.OpType]; len(all) > 0 {
		return c.unsupported("it is supported from opset %d on", all[0].since[0])
	}
	return c.unsupported("%s", unknown(c.OpType))
}

// checkFunctionOpset refuses a node of a function that means something else at the opset of
// the model: ONNX does not allow that, and runtimes differ in which one they take.
func (c *call) checkFunctionOpset() error {
	of := c.im.file.Opset("")
	if r, version := lookup(c.OpType, of); r != c.row {
		return c.unsupported("the function that it comes from imports opset %d with version %d of the operator, the model opset %d with version %d; the same version is expected",
			c.opset, c.version, of, version)
	}
	return nil
}

func (a arity) check(what string, names []string) error {
	for i := range min(a.min, len(names)) {
		if names[i] == "" {
			return fmt.Errorf("%s %d is absent: the operator needs it", what, i)
		}
	}
	has := what + "s"
	if len(names) == 1 {
		has = what
	}
	switch n := len(names); {
	case n >= a.min && n <= a.max:
		return nil
	case a.min == a.max:
		return fmt.Errorf("%d %s: %d expected", n, has, a.min)
	case a.max == many:
		return fmt.Errorf("%d %s: at least %d expected", n, has, a.min)
	default:
		return fmt.Errorf("%d %s: %d to %d expected", n, has, a.min, a.max)
	}
}

// decodeAttributes fills c.attrs with what the node has.
func (c *call) decodeAttributes() error {
	for i := range c.Attributes {
		a := &c.Attributes[i]
		spec := c.row.attr(a.Name)
		switch {
		case spec == nil:
			return fmt.Errorf("attribute %q is not known to version %d of the operator, which has %s", a.Name, c.version, c.row.attrNames())
		case c.attrs[a.Name] != nil:
			return fmt.Errorf("attribute %s is there twice: once is accepted", a.Name)
		case a.Kind != spec.kind:
			return fmt.Errorf("attribute %s has type %v: %v is expected", a.Name, a.Kind, spec.kind)
		case a.Err != nil:
			return fmt.Errorf("attribute %s: %w", a.Name, a.Err)
		}
		c.attrs[a.Name] = a
	}
	for _, spec := range c.row.attrs {
		if spec.required && c.attrs[spec.name] == nil {
			return fmt.Errorf("attribute %s is missing: the operator needs it", spec.name)
		}
	}
	return nil
}

// attrNames lists the attributes for messages.
func (r *row) attrNames() string {
	var names []string
	for _, a := range r.attrs {
		names = append(names, a.name)
	}
	switch last := len(names) - 1; last {
	case -1:
		return "none"
	case 0:
		return names[0]
	default:
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
}

func (r *row) attr(name string) *attr {
	for i := range r.attrs {
		if r.attrs[i].name == name {
			return &r.attrs[i]
		}
	}
	return nil
}
