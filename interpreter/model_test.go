package interpreter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

func writeModel(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.lce")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	path := writeModel(t, smallModel(t, "dense").file())
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	// The mapping stays until the last Interpreter is closed.
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	check(t, in)
	if _, err := New(m); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("New on a closed model: error %v", err)
	}
	for range 2 {
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if m.file.data != nil {
		t.Error("the file is still mapped")
	}
	if err := in.Run(); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Run on a closed Interpreter: error %v", err)
	}
	if err := in.Resize(nil); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Resize on a closed Interpreter: error %v", err)
	}
}

func TestFailedNewLetsGoOfTheModel(t *testing.T) {
	m, err := Open(writeModel(t, smallModel(t, "dense").file()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(m, WithMaxMemory(1)); err == nil {
		t.Fatal("no error")
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if m.file.data != nil {
		t.Error("the file is still mapped")
	}
}

func TestOpenErrors(t *testing.T) {
	file := smallModel(t, "dense").file()
	for _, tt := range []struct {
		name string
		path string
		want string
	}{
		{"no file", filepath.Join(t.TempDir(), "none.lce"), "none.lce"},
		{"folder", t.TempDir(), ""},
		{"empty", writeModel(t, nil), "malformed model"},
		{"short", writeModel(t, file[:40]), "malformed model"},
		{"no model", writeModel(t, make([]byte, 1000)), "malformed model"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Open(tt.path)
			if err == nil {
				m.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

func TestLoadUnaligned(t *testing.T) {
	file := smallModel(t, "dense").file()
	for off := range 3 {
		m, err := Load(append(make([]byte, off, off+len(file)), file...)[off:])
		if err != nil {
			t.Fatal(err)
		}
		in, err := New(m)
		if err != nil {
			t.Fatal(err)
		}
		check(t, in)
		in.Close()
	}
}

func TestFromSchema(t *testing.T) {
	m, err := FromSchema(smallModel(t, "dense").model())
	if err != nil {
		t.Fatal(err)
	}
	in, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	check(t, in)

	b := smallModel(t, "dense")
	b.graph.Operators[0].Inputs[0] = 1000
	if _, err := FromSchema(b.model()); err == nil {
		t.Error("an operand that does not exist is not an error")
	}
}

func TestModelDescribes(t *testing.T) {
	m := smallModel(t, "shapes").load()
	x := m.Inputs()[0]
	if x.Name != "x" || x.DType != schema.Float32 || x.Shape[0] != -1 || x.Bytes != 0 {
		t.Errorf("input %+v, want x with an open batch", x)
	}
	if got := len(m.Outputs()); got != 2 {
		t.Errorf("%d outputs, want 2", got)
	}
	if m.Schema().Subgraphs[0].Name != "test" {
		t.Errorf("subgraph %q, want test", m.Schema().Subgraphs[0].Name)
	}
}
