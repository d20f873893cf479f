package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
)

// TestTable checks the order of the rows and their versions, which lookup relies on.
func TestTable(t *testing.T) {
	for i := range table {
		r := &table[i]
		if !slices.IsSorted(r.since) || len(r.since) == 0 {
			t.Errorf("%s: versions %v", r.name, r.since)
		}
		if i == 0 {
			continue
		}
		before := &table[i-1]
		switch order := strings.Compare(before.name, r.name); {
		case order > 0:
			t.Errorf("%s is behind %s", r.name, before.name)
		case order == 0 && r.since[0] <= before.since[len(before.since)-1]:
			t.Errorf("%s: versions %v are behind %v", r.name, r.since, before.since)
		}
	}
}

// operatorsPage is where the page about the operators is, and operatorsVariable the
// environment variable that has it written.
const (
	operatorsPage     = "../../docs/operators.md"
	operatorsVariable = "LCE_OPERATORS"
)

// TestOperatorsPage checks that the page about the operators says what the table does.
func TestOperatorsPage(t *testing.T) {
	want := pageText(operatorTypes(t))
	if os.Getenv(operatorsVariable) != "" {
		if err := os.WriteFile(operatorsPage, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(operatorsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not fresh: run make operators", operatorsPage)
	}
	for name := range limits {
		if rows[name] == nil {
			t.Errorf("there are limits of %s, which is not in the table", name)
		}
	}
}

func TestLookup(t *testing.T) {
	tests := []struct {
		op      string
		opset   int64
		version int // 0 for none
	}{
		{"Relu", 7, 6}, {"Relu", 13, 13}, {"Relu", 21, 14}, {"Conv", 10, 1}, {"Conv", 11, 11},
		{"Softmax", 12, 11}, {"Softmax", 13, 13}, {"Where", 8, 0}, {"Where", 9, 9}, {"Frobnicate", 13, 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.op, tt.opset), func(t *testing.T) {
			r, version := lookup(tt.op, tt.opset)
			if version != tt.version || (r != nil) != (tt.version != 0) {
				t.Errorf("version %d, want %d", version, tt.version)
			}
			if r != nil && !slices.Contains(r.since, version) {
				t.Errorf("version %d is not in the row %v", version, r.since)
			}
		})
	}
}

// TestEveryRowHasACase checks that each row of the table is imported by one of the
// cases whose results are known from elsewhere.
func TestEveryRowHasACase(t *testing.T) {
	seen := map[*row]bool{}
	files, err := filepath.Glob("../../testdata/patterns/*.zip")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Concat(files, caseArchives) {
		for name, data := range onnxtest.Files(t, file, ".onnx") {
			m, err := onnx.Parse(data, "")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, n := range m.Graph.Nodes {
				found, _ := lookup(n.OpType, m.Opset(""))
				seen[found] = true
			}
		}
	}
	for i := range table {
		if r := &table[i]; !seen[r] {
			t.Errorf("%s of versions %v has no case", r.name, r.since)
		}
	}
}
