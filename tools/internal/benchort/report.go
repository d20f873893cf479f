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

// The tables of the page are between these lines, and that of the models.
const (
	tablesBegin = "<!-- tables: written by bench-ort report -->\n"
	tablesEnd   = "<!-- end of tables -->\n"
	modelsBegin = "<!-- models: written by bench-ort report -->\n"
	modelsEnd   = "<!-- end of models -->\n"
)

// The files of the report in the folder of the documentation.
const (
	pageFile   = "performance.md"
	chartFile  = "performance.svg"
	resultFile = "performance.json"
	modelsFile = "performance_models.json"
)

func setupReport(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	docs := flags.String("docs", "docs", "`FOLDER` of "+pageFile)
	return func(_ context.Context, _ cli.Streams, args []string) error {
		if len(args) == 0 {
			return cli.Usagef("want files of results, got no operands")
		}
		for _, path := range args {
			if err := reportFile(path, *docs); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return nil
	}
}

// reportFile reports what a file of compare or models holds.
func reportFile(path, docs string) error {
	models, err := readModelResults(path)
	if err != nil {
		return err
	}
	if models != nil {
		return models.report(docs)
	}
	r, err := readResults(path)
	if err != nil {
		return err
	}
	if all := len(layers.All()); len(r.Layers) < all || len(r.Profiles) < len(profiled) {
		return fmt.Errorf("%d layers and the steps of %d networks, want %d and %d: measure without --only",
			len(r.Layers), len(r.Profiles), all, len(profiled))
	}
	return r.report(docs)
}

// report writes the results, the chart, and the tables into the page.
func (r *results) report(docs string) error {
	if err := insertTables(docs, tablesBegin, tablesEnd, r.writeMarkdown); err != nil {
		return err
	}
	if err := cli.WriteFile(filepath.Join(docs, resultFile), r.writeJSON); err != nil {
		return err
	}
	return cli.WriteFile(filepath.Join(docs, chartFile), r.writeChart)
}

// insertTables writes new tables between two lines of the page.
func insertTables(docs, begin, end string, write func(io.Writer) error) error {
	path := filepath.Join(docs, pageFile)
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if page, err = insert(page, begin, end, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return cli.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	})
}

// insert gives the page with new tables between two lines.
func insert(page []byte, begin, end string, write func(io.Writer) error) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("want a line %q and after it a line %q", begin, end)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(begin + "\n")
	if err := write(&b); err != nil {
		return nil, err
	}
	b.WriteString("\n" + end)
	b.Write(after)
	return b.Bytes(), nil
}
