package lce_test

import (
	"os"
	"strings"
	"testing"
)

// TestScriptsInDocs checks that the pages show the scripts that are beside them, whole.
func TestScriptsInDocs(t *testing.T) {
	tests := []struct{ page, script string }{
		{"docs/bnn-in-onnx.md", "docs/export_pytorch.py"},
		{"docs/bnn-in-onnx.md", "docs/export_brevitas.py"},
		{"docs/bnn-in-onnx.md", "docs/export_keras.py"},
		{"README.md", "docs/export_pytorch.py"},
	}
	for _, tt := range tests {
		t.Run(tt.page+" "+tt.script, func(t *testing.T) {
			page, err := os.ReadFile(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			script, err := os.ReadFile(tt.script)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), "```python\n"+string(script)+"```\n") {
				t.Errorf("%s does not show %s as it is", tt.page, tt.script)
			}
		})
	}
}
