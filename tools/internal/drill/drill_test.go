// Package drill breaks the code on purpose, one place at a time, and looks whether the
// test that is named for it fails. make drill runs it.
package drill

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variable names the environment variable that asks for the drill, which builds
// packages some hundred times.
const variable = "LCE_DRILL"

// breakages are all mistakes.
var breakages = slices.Concat(onnxBreakages, passBreakages, deviceBreakages)

// breakage is a mistake that somebody could make.
type breakage struct {
	name     string
	file     string // from the root of the module
	old, new string // old is in the file once
	pkg      string // folder of the package with the test
	test     string // name of the test or subtest that fails then
}

// TestDrill applies each breakage to a copy of its file, in whose place the test is
// built, and wants the test to fail.
func TestDrill(t *testing.T) {
	if os.Getenv(variable) == "" {
		t.Skipf("%s is not set; make drill runs it", variable)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) {
			path := filepath.Join(root, b.file)
			source := b.source(t, root)
			if out := run(t, root, b, path, source); !strings.Contains(out, "--- PASS: "+b.test+" ") {
				t.Fatalf("%s of %s does not pass as the code is:\n%s", b.test, b.pkg, out)
			}
			out := run(t, root, b, path, strings.Replace(source, b.old, b.new, 1))
			if !strings.Contains(out, "--- FAIL: "+b.test+" ") {
				t.Errorf("%s: %q in the place of %q is not caught by %s of %s:\n%s", b.file, b.new, b.old, b.test, b.pkg, out)
			}
		})
	}
}

// source reads the file of a breakage, which has its text once.
func (b *breakage) source(t *testing.T, root string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, b.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), b.old); n != 1 {
		t.Fatalf("%s: %q is there %d times, want once: bring the table up to date", b.file, b.old, n)
	}
	return string(source)
}

// TestTexts checks that the code has the texts of the table: the drill itself is seldom run.
func TestTexts(t *testing.T) {
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) { b.source(t, "../../..") })
	}
}

// run runs the test of a breakage with another text in the place of a file, and gives
// what it prints.
func run(t *testing.T, root string, b breakage, path, source string) string {
	t.Helper()
	dir := t.TempDir()
	other, overlay := filepath.Join(dir, filepath.Base(path)), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{path: other}})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{other: source, overlay: string(list)} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var pattern []string
	for _, part := range strings.Split(b.test, "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	cmd := exec.Command("go", "test", "-v", "-vet=off", "-overlay", overlay, "-run", strings.Join(pattern, "/"), "./"+b.pkg)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return string(out)
}

// TestListed compares the table with the list in CONTRIBUTING.md.
func TestListed(t *testing.T) {
	data, err := os.ReadFile("../../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(data), "| Breakage | In | Caught by |\n|---|---|---|\n")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no table of breakages")
	}
	list, _, _ = strings.Cut(list, "\n\n")
	var want strings.Builder
	for _, b := range breakages {
		want.WriteString("| " + b.name + " | `" + b.file + "` | `" + b.pkg + "`: `" + b.test + "` |\n")
	}
	if strings.TrimSpace(list) != strings.TrimSpace(want.String()) {
		t.Errorf("the list of breakages in CONTRIBUTING.md is not the table's, which is\n%s", want.String())
	}
}
