package graph

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// maxShown bounds the elements of a constant that Dump writes out.
const maxShown = 8

// Dump writes the graph as stable text, a line for each input, constant (before
// its first reader), node and output. Large constants appear as a CRC-32 of their
// data, and options that have their default are left out. The bodies of a node follow it,
// indented.
func (g *Graph) Dump(w io.Writer) error {
	b := bufio.NewWriter(w)
	g.dump(b)
	return b.Flush()
}

func (g *Graph) dump(b io.Writer) {
	fmt.Fprintf(b, "graph %s\n", strconv.Quote(g.Name))
	for _, v := range g.Inputs {
		fmt.Fprintf(b, "input %s", typed(v))
		for _, d := range v.Dims {
			if d != "" {
				fmt.Fprintf(b, " dims %q", v.Dims)
				break
			}
		}
		fmt.Fprintln(b)
	}
	shown := map[*Value]bool{}
	constant := func(v *Value) {
		if v != nil && v.Const != nil && !shown[v] {
			shown[v] = true
			fmt.Fprintf(b, "const %s = %s\n", typed(v), contents(v.Const))
		}
	}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			constant(v)
		}
		fmt.Fprintf(b, "%s = %v(%s)", list(n.Outputs, typed), n.Code, list(n.Inputs, ref))
		if o := DescribeOptions(n.Options); o != "" {
			fmt.Fprintf(b, " {%s}", o)
		}
		fmt.Fprintf(b, " # %s", n.Name)
		if len(n.Origin) > 0 {
			fmt.Fprintf(b, " from %s", strings.Join(n.Origin, ", "))
		}
		fmt.Fprintln(b)
		for _, body := range n.Bodies {
			for line := range strings.Lines(body.String()) {
				fmt.Fprintf(b, "  %s", line)
			}
		}
	}
	for _, o := range g.Outputs {
		constant(o.Value)
		fmt.Fprintf(b, "output %s = %s\n", strconv.Quote(o.Name), ref(o.Value))
	}
}

// String is the dump of the graph.
func (g *Graph) String() string {
	var b strings.Builder
	if err := g.Dump(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

func list(vs []*Value, f func(*Value) string) string {
	s := make([]string, len(vs))
	for i, v := range vs {
		s[i] = f(v)
	}
	return strings.Join(s, ", ")
}

func ref(v *Value) string {
	if v == nil {
		return "-"
	}
	return "%" + v.Name
}

func typed(v *Value) string {
	if v == nil {
		return "-"
	}
	if v.Shape == nil {
		return ref(v)
	}
	return fmt.Sprintf("%s %v%v", ref(v), v.DType, v.Shape)
}

// contents shows a small constant in full, a large one by its checksum.
func contents(t *ops.Tensor) string {
	if t.DType == schema.Bits || t.Len() > maxShown {
		return fmt.Sprintf("crc32 %08x", crc32.ChecksumIEEE(t.Data))
	}
	switch t.DType {
	case schema.Float32:
		return fmt.Sprint(ops.View[float32](t))
	case schema.Float64:
		return fmt.Sprint(ops.View[float64](t))
	case schema.Int32:
		return fmt.Sprint(ops.View[int32](t))
	case schema.Int64:
		return fmt.Sprint(ops.View[int64](t))
	}
	return fmt.Sprintf("% x", t.Data)
}

// DescribeOptions writes the options of an op that do not have their default, as
// in "Strides=2x2 Groups=4".
func DescribeOptions(o schema.Options) string {
	if o == nil {
		return ""
	}
	var out []string
	describe(reflect.ValueOf(o).Elem(), &out)
	return strings.Join(out, " ")
}

func describe(s reflect.Value, out *[]string) {
	for i := range s.NumField() {
		f, name := s.Field(i), s.Type().Field(i).Name
		switch x := f.Interface().(type) {
		case schema.Window:
			describe(f, out)
		case schema.Size2D:
			if x != (schema.Size2D{H: 1, W: 1}) {
				*out = append(*out, fmt.Sprintf("%s=%dx%d", name, x.H, x.W))
			}
		case schema.Pads:
			if x != (schema.Pads{}) {
				*out = append(*out, fmt.Sprintf("%s=[%d %d %d %d]", name, x.Top, x.Left, x.Bottom, x.Right))
			}
		case schema.Clamp:
			if x != schema.NoClamp {
				*out = append(*out, fmt.Sprintf("%s=[%v %v]", name, x.Min, x.Max))
			}
		case int:
			if name != "Groups" || x != 1 {
				*out = append(*out, fmt.Sprintf("%s=%d", name, x))
			}
		case int64:
			if name != "End" || x != math.MaxInt64 {
				*out = append(*out, fmt.Sprintf("%s=%d", name, x))
			}
		case bool:
			if x {
				*out = append(*out, name)
			}
		case float32:
			if x != 0 {
				*out = append(*out, fmt.Sprintf("%s=%v", name, x))
			}
		default:
			*out = append(*out, fmt.Sprintf("%s=%v", name, x))
		}
	}
}
