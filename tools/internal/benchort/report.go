package benchort

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/layers"
)

// The tables of the page are between these lines.
const (
	tablesBegin = "<!-- tables: written by bench-ort report -->\n"
	tablesEnd   = "<!-- end of tables -->\n"
)

// The files of the report in the folder of the documentation.
const (
	pageFile   = "performance.md"
	chartFile  = "performance.svg"
	resultFile = "performance.json"
)

func setupReport(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	docs := flags.String("docs", "docs", "`FOLDER` of "+pageFile)
	return func(_ context.Context, _ cli.Streams, args []string) error {
		if len(args) != 1 {
			return cli.Usagef("want one file of results, got %d operands", len(args))
		}
		r, err := readResults(args[0])
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if all := len(layers.All()); len(r.Layers) < all || len(r.Profiles) < len(profiled) {
			return fmt.Errorf("%s: %d layers and the steps of %d networks, want %d and %d: measure without --only",
				args[0], len(r.Layers), len(r.Profiles), all, len(profiled))
		}
		return r.report(*docs)
	}
}

// report writes the results, the chart, and the tables into the page.
func (r *results) report(docs string) error {
	path := filepath.Join(docs, pageFile)
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if page, err = r.insert(page); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{resultFile, r.writeJSON},
		{chartFile, r.writeChart},
		{pageFile, func(w io.Writer) error {
			_, err := w.Write(page)
			return err
		}},
	} {
		if err := cli.WriteFile(filepath.Join(docs, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

// insert gives the page with new tables.
func (r *results) insert(page []byte) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(tablesBegin))
	_, after, closed := bytes.Cut(rest, []byte(tablesEnd))
	if !found || !closed {
		return nil, fmt.Errorf("want a line %q and after it a line %q", tablesBegin, tablesEnd)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(tablesBegin + "\n")
	if err := r.writeMarkdown(&b); err != nil {
		return nil, err
	}
	b.WriteString("\n" + tablesEnd)
	b.Write(after)
	return b.Bytes(), nil
}
