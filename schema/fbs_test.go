package schema

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/scanner"

	"github.com/google/go-cmp/cmp"

	"github.com/lce-go/lce/schema/internal/fb"
)

// fbsFile is what lce.fbs declares.
type fbsFile struct {
	enums   map[string][]string // names in the order of their values
	unions  map[string][]string
	structs map[string][][2]string // name and type of each field
	tables  map[string][][2]string
	version string // default of Model.format_version
}

// parseFBS reads the part of the FlatBuffers language that lce.fbs uses.
func parseFBS(t *testing.T) *fbsFile {
	t.Helper()
	f, err := os.Open("lce.fbs")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var s scanner.Scanner
	s.Init(f)
	s.Mode = scanner.GoTokens
	next := func() string {
		s.Scan()
		return s.TokenText()
	}
	file := &fbsFile{map[string][]string{}, map[string][]string{}, map[string][][2]string{}, map[string][][2]string{}, ""}
	for {
		switch word := next(); word {
		case "":
			return file
		case "namespace", "file_identifier", "file_extension", "root_type":
			next()
			if got := next(); got != ";" {
				t.Fatalf("%s: %s: got %q, want ;", s.Position, word, got)
			}
		case "enum", "union":
			name := next()
			for got := next(); got != "{"; got = next() {
			}
			var members []string
			for got := next(); got != "}"; got = next() {
				if got != "," {
					members = append(members, got)
				}
			}
			if word == "enum" {
				file.enums[name] = members
			} else {
				file.unions[name] = members
			}
		case "struct", "table":
			name := next()
			next() // {
			var fields [][2]string
			for field := next(); field != "}"; field = next() {
				next() // :
				kind, value := "", ""
				for got := next(); got != ";"; got = next() {
					if got == "=" {
						value = next()
						continue
					}
					kind += got
				}
				fields = append(fields, [2]string{field, kind})
				if name == "Model" && field == "format_version" {
					file.version = value
				}
			}
			if word == "struct" {
				file.structs[name] = fields
			} else {
				file.tables[name] = fields
			}
		default:
			t.Fatalf("%s: unknown declaration %q", s.Position, word)
		}
	}
}

var scalarSizes = map[string]uint8{
	"bool": 1, "byte": 1, "ubyte": 1, "short": 2, "ushort": 2, "int": 4, "uint": 4, "float": 4,
	"long": 8, "ulong": 8, "double": 8,
}

// enumSizes are the types that lce.fbs gives its enums.
var enumSizes = map[string]uint8{"OpCode": 2}

func TestLayoutMatchesFBS(t *testing.T) {
	file := parseFBS(t)
	if len(layout) != len(file.tables) {
		t.Errorf("the layout has %d tables, lce.fbs has %d", len(layout), len(file.tables))
	}
	size := func(kind string) uint8 {
		if _, ok := file.enums[kind]; ok {
			return max(1, enumSizes[kind])
		}
		return scalarSizes[kind]
	}
	structSize := func(kind string) (n uint8) {
		for _, f := range file.structs[kind] {
			n += scalarSizes[f[1]]
		}
		return n
	}
	for _, table := range layout {
		fields, ok := file.tables[table.name]
		if !ok {
			t.Errorf("lce.fbs has no table %q", table.name)
			continue
		}
		var want []string
		for _, f := range fields {
			name, kind := f[0], f[1]
			element, isVector := strings.CutPrefix(strings.TrimSuffix(kind, "]"), "[")
			switch {
			case kind == "string":
				want = append(want, fmt.Sprint(name, str, 0, ""))
			case isVector && file.tables[element] != nil:
				want = append(want, fmt.Sprint(name, children, 0, element))
			case isVector:
				want = append(want, fmt.Sprint(name, vector, scalarSizes[element], ""))
			case file.tables[kind] != nil:
				want = append(want, fmt.Sprint(name, child, 0, kind))
			case file.structs[kind] != nil:
				want = append(want, fmt.Sprint(name, structure, structSize(kind), ""))
			case file.unions[kind] != nil:
				want = append(want, fmt.Sprint(name+"_type", unionType, 1, ""), fmt.Sprint(name, unionRef, 0, ""))
			default:
				want = append(want, fmt.Sprint(name, scalar, size(kind), ""))
			}
		}
		var got []string
		for _, f := range table.fields {
			of := ""
			if f.kind == child || f.kind == children {
				of = layout[f.of].name
			}
			got = append(got, fmt.Sprint(f.name, f.kind, f.size, of))
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("table %s (-layout +lce.fbs):\n%s", table.name, diff)
		}
	}
	var members []string
	for _, id := range optionTables[1:] {
		members = append(members, layout[id].name)
	}
	if diff := cmp.Diff(members, file.unions["Options"]); diff != "" {
		t.Errorf("union Options (-layout +lce.fbs):\n%s", diff)
	}
	if file.version != strconv.Itoa(FormatVersion) {
		t.Errorf("format version: lce.fbs %s, package %d", file.version, FormatVersion)
	}
}

// TestLayoutHasNoCycle holds what bounds the verifier's recursion.
func TestLayoutHasNoCycle(t *testing.T) {
	var walk func(id tableID, path []tableID)
	walk = func(id tableID, path []tableID) {
		if slices.Contains(path, id) {
			t.Fatalf("table %s contains itself", layout[id].name)
		}
		path = append(path, id)
		for _, f := range layout[id].fields {
			switch f.kind {
			case child, children:
				walk(f.of, path)
			case unionRef:
				for _, m := range optionTables[1:] {
					walk(m, path)
				}
			}
		}
	}
	walk(tModel, nil)
}

func TestGeneratedCodeMatchesFBS(t *testing.T) {
	file := parseFBS(t)
	generated := map[string]func(int) string{
		"DType":              func(i int) string { return DType(i).String() },
		"OpCode":             func(i int) string { return OpCode(i).String() },
		"CompareKind":        func(i int) string { return CompareKind(i).String() },
		"PoolKind":           func(i int) string { return PoolKind(i).String() },
		"ReduceKind":         func(i int) string { return ReduceKind(i).String() },
		"PadMode":            func(i int) string { return PadMode(i).String() },
		"UnaryKind":          func(i int) string { return UnaryKind(i).String() },
		"BinaryKind":         func(i int) string { return BinaryKind(i).String() },
		"ScatterKind":        func(i int) string { return ScatterKind(i).String() },
		"RecurrentKind":      func(i int) string { return RecurrentKind(i).String() },
		"RecurrentDirection": func(i int) string { return RecurrentDirection(i).String() },
		"ResizeMode":         func(i int) string { return ResizeMode(i).String() },
		"ResizeCoordinates":  func(i int) string { return ResizeCoordinates(i).String() },
		"ResizeRounding":     func(i int) string { return ResizeRounding(i).String() },
	}
	for enum, names := range file.enums {
		name, ok := generated[enum]
		if !ok {
			t.Errorf("no test for enum %s", enum)
			continue
		}
		for i, want := range names {
			if got := name(i); got != want {
				t.Errorf("%s %d: got %s, want %s", enum, i, got, want)
			}
		}
		if got, want := name(len(names)), fmt.Sprintf("%s(%d)", enum, len(names)); got != want {
			t.Errorf("first value after %s: got %s, want %s", enum, got, want)
		}
	}
	if got, want := len(operators), len(file.enums["OpCode"]); got != want {
		t.Errorf("%d rows in operators for %d op codes", got, want)
	}
	if got, want := len(readers), len(file.unions["Options"])+1; got != want {
		t.Errorf("%d rows in readers for %d members of the union", got, want)
	}
	given := map[fb.Options]bool{}
	for _, o := range everyOptions() {
		given[optionsType(o)] = true
		if got, want := "*schema."+optionsType(o).String(), fmt.Sprintf("%T", o); got != want {
			t.Errorf("options %s are written as %s", want, got)
		}
	}
	for i, name := range file.unions["Options"] {
		member := fb.Options(i + 1)
		if got := member.String(); got != name {
			t.Errorf("union member %d: got %s, want %s", i+1, got, name)
		}
		if !given[member] {
			t.Errorf("no test writes %s", name)
		}
		if readers[member] == nil {
			t.Errorf("no reader for %s", name)
		}
		if !slices.ContainsFunc(operators[:], func(row operator) bool { return row.options == member }) {
			t.Errorf("no operator has %s", name)
		}
	}
	for kind := range file.tables {
		if _, err := os.Stat("internal/fb/" + kind + ".go"); err != nil {
			t.Errorf("no generated code for table %s: %v", kind, err)
		}
	}
}

func TestOperatorRows(t *testing.T) {
	for code, row := range operators {
		if row.version < 1 {
			t.Errorf("%v has no row in operators", OpCode(code))
		}
	}
}
