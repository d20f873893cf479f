package schema

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOpenVersion1 opens a file that the first version of this package wrote. It
// stays as it is whatever Write makes today, and so does tinyModel.
func TestOpenVersion1(t *testing.T) {
	data, err := os.ReadFile("testdata/tiny_v1.lce")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mustOpen(t, data), tinyModel(), sameFloats); diff != "" {
		t.Errorf("tiny_v1.lce (-got +want):\n%s", diff)
	}
}
