package convert

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/converter/exporter"
	"github.com/lce-go/lce/converter/report"
	"github.com/lce-go/lce/schema"
	"github.com/lce-go/lce/tools/internal/cli"
)

// isModel reports whether a regular file holds an .lce model. What cannot be read is none.
func isModel(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return false
	}
	head := make([]byte, 8)
	_, err = io.ReadFull(f, head)
	return err == nil && schema.IsModel(head)
}

// exportFlags are those that an export takes.
var exportFlags = map[string]bool{"output": true, "quiet": true}

// export writes an .lce model as an ONNX model.
func (o *options) export(std cli.Streams, flags *pflag.FlagSet, path string) error {
	var wrong string
	flags.Visit(func(f *pflag.Flag) {
		if wrong == "" && !exportFlags[f.Name] {
			wrong = f.Name
		}
	})
	switch {
	case wrong != "":
		return cli.Usagef("--%s: %s is an .lce model, which is exported; only -o and -q apply then", wrong, path)
	case o.output == "":
		return cli.Usagef("no output: give -o FILE.onnx")
	case filepath.Ext(o.output) == ".lce":
		return cli.Usagef("-o %s: %s is an .lce model already and becomes an ONNX model; want a name that ends in .onnx", o.output, path)
	}
	if err := cli.CheckOutputs([]cli.Output{{Flag: "-o", Path: o.output}}, path); err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m, err := schema.Open(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var sum *exporter.Summary
	err = cli.WriteFile(o.output, func(w io.Writer) (err error) {
		if sum, err = exporter.Export(w, m); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return err
	})
	if err != nil {
		return err
	}
	operators := map[string]int{}
	for _, op := range m.Subgraphs[0].Operators {
		operators[op.Code.String()]++
	}
	return report.WriteExport(std.Out, operators, sum.Nodes, int64(len(data)), sum.Bytes)
}
