package benchort

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lce-go/lce/tools/internal/cli"
)

const docs = "../../../docs"

// TestDocumentation holds the page and the chart to the results beside them.
func TestDocumentation(t *testing.T) {
	r, err := readResults(filepath.Join(docs, resultFile))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Layers) == 0 || len(r.Networks) == 0 || len(r.Profiles) != len(profiled) {
		t.Errorf("%s lacks layers, networks or profiles", resultFile)
	}
	page, err := os.ReadFile(filepath.Join(docs, pageFile))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := insert(page, tablesBegin, tablesEnd, r.writeMarkdown); err != nil || !bytes.Equal(page, want) {
		t.Errorf("%s is not what bench-ort report writes: %v", pageFile, err)
	}
	models, err := readModelResults(filepath.Join(docs, modelsFile))
	if err != nil || models == nil {
		t.Fatalf("%s: %v, %v", modelsFile, models, err)
	}
	if want, err := insert(page, modelsBegin, modelsEnd, models.writeMarkdown); err != nil || !bytes.Equal(page, want) {
		t.Errorf("%s lacks the models that bench-ort report writes: %v", pageFile, err)
	}
	chart, err := os.ReadFile(filepath.Join(docs, chartFile))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := r.writeChart(&want); err != nil || !bytes.Equal(chart, want.Bytes()) {
		t.Errorf("%s is not what bench-ort report writes: %v", chartFile, err)
	}
}

func TestChart(t *testing.T) {
	r := results{Machine: "M", GeoMean: 8, Networks: []network{
		{Name: "slow", Binary: true, Ratio: 4}, {Name: "float", Ratio: 0.5}, {Name: "fast", Binary: true, Ratio: 16},
		{Name: "fast", Other: "int8", Binary: true, Ratio: 3},
	}}
	var b strings.Builder
	if err := r.writeChart(&b); err != nil {
		t.Fatal(err)
	}
	bars := map[string]string{} // widths by colour
	var texts []string
	for dec := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attributes := map[string]string{}
			for _, a := range e.Attr {
				attributes[a.Name.Local] = a.Value
			}
			if e.Name.Local == "rect" {
				bars[attributes["fill"]] += attributes["width"] + " "
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(e)); s != "" {
				texts = append(texts, s)
			}
		}
	}
	if got := bars["#1b7f5c"]; got != "510 127 " {
		t.Errorf("widths of binarized networks %q, want the faster one first and in proportion", got)
	}
	if got := bars["#c2571a"]; got != "15 " {
		t.Errorf("widths of float networks %q", got)
	}
	if all := strings.Join(texts, "|"); !strings.Contains(all, "|0|2|4|6|8|10|12|14|16|fast|16.0|slow|4.0|float|0.5|Green: binarized networks, geometric mean 8.0.") {
		t.Errorf("texts %s", all)
	}
}

func TestInsert(t *testing.T) {
	r := results{Machine: "M", Date: "D", ONNXRuntime: "V"}
	page := []byte("before\n" + tablesBegin + "old\n" + tablesEnd + "after\n")
	got, err := insert(page, tablesBegin, tablesEnd, r.writeMarkdown)
	want := "before\n" + tablesBegin + "\nM, D, ONNX Runtime V, one thread.\n\n" + tablesEnd + "after\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", tablesBegin, tablesEnd + tablesBegin} {
		if _, err := insert([]byte(bad), tablesBegin, tablesEnd, r.writeMarkdown); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestReport(t *testing.T) {
	r := results{Machine: "M", Networks: []network{{Name: "a", Binary: true, Ratio: 2}}}
	folder := t.TempDir()
	if err := r.report(folder); err == nil {
		t.Error("no page, no error")
	}
	partial := filepath.Join(folder, "partial.json")
	if err := cli.WriteFile(partial, r.writeJSON); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	status := run(t.Context(), cli.Streams{Out: io.Discard, Err: &stderr}, []string{"report", partial, "--docs", folder})
	if want := "0 layers and the steps of 0 networks"; status != 1 || !strings.Contains(stderr.String(), want) {
		t.Errorf("partial results: exit status %d, %q, want 1, %q", status, stderr.String(), want)
	}
	if err := os.WriteFile(filepath.Join(folder, pageFile), []byte(tablesBegin+tablesEnd), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.report(folder); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pageFile, chartFile, resultFile} {
		if data, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Contains(data, []byte("M")) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

// TestReportModels checks that results of models change their own part of the page only.
func TestReportModels(t *testing.T) {
	folder := t.TempDir()
	page := filepath.Join(folder, pageFile)
	if err := os.WriteFile(page, []byte(tablesBegin+tablesEnd+modelsBegin+modelsEnd), 0o644); err != nil {
		t.Fatal(err)
	}
	r := modelResults{Machine: "M", Date: "D", ONNXRuntime: "V", Models: []network{{Name: "net", ORT: 1, Ours: 4, Ratio: 0.25}}, GeoMean: 0.25}
	path := filepath.Join(folder, "measured.json")
	if err := cli.WriteFile(path, r.writeJSON); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if status := run(t.Context(), cli.Streams{Out: io.Discard, Err: &stderr}, []string{"report", path, "--docs", folder}); status != 0 {
		t.Fatal(stderr.String())
	}
	want := tablesBegin + tablesEnd + modelsBegin + `
M, D, ONNX Runtime V, one thread.

| model | ONNX Runtime ms | ours ms | ratio |      wanted |
|-------|----------------:|--------:|------:|------------:|
| net   |            1.00 |    4.00 |  0.25 | 0.4, missed |

Geometric mean: 0.25 (wanted: 0.8, missed).

` + modelsEnd
	if got, err := os.ReadFile(page); err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
