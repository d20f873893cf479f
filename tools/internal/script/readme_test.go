package script

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/convert"
)

// TestReadme converts the network of README.md, which must show what is printed; rounding
// errors are those of a processor.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const prompt = "    $ bin/lce-convert "
	_, example, ok := strings.Cut(string(page), prompt)
	if !ok {
		t.Fatalf("README.md has no line that begins with %q", prompt)
	}
	example, _, _ = strings.Cut(example, "\n\n")
	call, want, _ := strings.Cut(example, "\n    ")
	args := strings.Fields(strings.Replace(call, "cnn.lce", filepath.Join(t.TempDir(), "cnn.lce"), 1))
	t.Chdir("../../..")
	var out, errs bytes.Buffer
	if status := convert.Command.Run(t.Context(), cli.Streams{Out: &out, Err: &errs}, args); status != 0 {
		t.Fatalf("exit status %d: %s", status, errs.String())
	}
	rounding := regexp.MustCompile(`\d[.\d]*e-\d+`)
	want = rounding.ReplaceAllString(strings.ReplaceAll(want, "\n    ", "\n"), "E")
	if got := rounding.ReplaceAllString(strings.TrimRight(out.String(), "\n"), "E"); got != want {
		t.Errorf("README.md shows\n%s\nwant\n%s", want, out.String())
	}
}
