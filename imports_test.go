// Package lce_test holds the rules that concern the repository as a whole.
package lce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lce-go/lce"

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Module     *struct {
		Path, Version string
		Main          bool
	}
}

// platforms are those whose files together make up what is linked anywhere.
var platforms = []string{"linux/amd64", "linux/arm64", "linux/arm"}

// list gives the packages that the given patterns need on any of the platforms, with
// the imports of all.
func list(t *testing.T, patterns ...string) map[string]listed {
	t.Helper()
	packages := map[string]listed{}
	for _, platform := range platforms {
		for _, p := range listOn(t, platform, patterns) {
			p.Imports = append(p.Imports, packages[p.ImportPath].Imports...)
			packages[p.ImportPath] = p
		}
	}
	return packages
}

// listOn runs go list -deps for one platform.
func listOn(t *testing.T, platform string, patterns []string) (packages []listed) {
	t.Helper()
	system, arch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Standard,Imports,Module"}, patterns...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v", platform, err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// within reports whether path is the package root or below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// TestImportDirection holds what design calls one way: tools -> converter ->
// interpreter -> kernels -> schema, and who may use which outside module.
func TestImportDirection(t *testing.T) {
	rules := []struct {
		part     string
		project  []string // parts of the project it may import, besides itself
		external []string // modules outside the standard library
	}{
		{"schema", nil, []string{"github.com/google/flatbuffers"}},
		{"kernels/isa", nil, []string{"golang.org/x/sys"}},
		{"kernels", nil, nil},
		{"interpreter", []string{"schema", "kernels"}, nil},
		{"converter", []string{"schema", "kernels", "interpreter"},
			[]string{"google.golang.org/protobuf", "github.com/x448/float16", "github.com/jedib0t/go-pretty/v6"}},
	}
	for path, p := range list(t, "./schema/...", "./kernels/...", "./interpreter/...", "./converter/...") {
		rel, ok := strings.CutPrefix(path, module+"/")
		if !ok {
			continue
		}
		i := slices.IndexFunc(rules, func(r struct {
			part     string
			project  []string
			external []string
		}) bool {
			return within(rel, r.part)
		})
		if i < 0 {
			t.Errorf("no rule for package %s", rel)
			continue
		}
		rule := rules[i]
		for _, imp := range p.Imports {
			sub, inside := strings.CutPrefix(imp, module+"/")
			first, _, _ := strings.Cut(imp, "/")
			allowed := false
			switch {
			case inside:
				allowed = within(sub, strings.Split(rule.part, "/")[0]) ||
					slices.ContainsFunc(rule.project, func(part string) bool { return within(sub, part) })
			case !strings.Contains(first, "."):
				allowed = true
			default:
				allowed = slices.ContainsFunc(rule.external, func(m string) bool { return within(imp, m) })
			}
			if !allowed {
				t.Errorf("%s must not import %s", rel, imp)
			}
		}
	}
}

// TestDeviceSideLinksLittle checks all that a program which embeds the interpreter links.
func TestDeviceSideLinksLittle(t *testing.T) {
	allowed := []string{
		module + "/schema", module + "/kernels", module + "/interpreter",
		"github.com/google/flatbuffers", "golang.org/x/sys",
	}
	never := []string{"net", "net/http", "os/exec", "encoding/json"}
	for path, p := range list(t, "./interpreter/...") {
		if slices.Contains(never, path) {
			t.Errorf("the interpreter links %s", path)
		}
		if !p.Standard && !slices.ContainsFunc(allowed, func(root string) bool { return within(path, root) }) {
			t.Errorf("the interpreter links %s", path)
		}
	}
}

// TestThirdPartyIsComplete compares THIRD_PARTY.md with the modules that the
// programs of this repository link.
func TestThirdPartyIsComplete(t *testing.T) {
	text, err := os.ReadFile("THIRD_PARTY.md")
	if err != nil {
		t.Fatal(err)
	}
	var stated []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) >= 4 && strings.Contains(cells[1], ".") && strings.Contains(cells[1], "/") {
			stated = append(stated, strings.TrimSpace(cells[1])+" "+strings.TrimSpace(cells[2]))
		}
	}
	var linked []string
	for _, p := range list(t, "./tools/...", "./examples/...") {
		if p.Module != nil && !p.Module.Main {
			linked = append(linked, p.Module.Path+" "+p.Module.Version)
		}
	}
	slices.Sort(linked)
	linked = slices.Compact(linked)
	slices.Sort(stated)
	if !slices.Equal(stated, linked) {
		t.Errorf("THIRD_PARTY.md lists\n%s\nthe programs link\n%s", strings.Join(stated, "\n"), strings.Join(linked, "\n"))
	}
}
