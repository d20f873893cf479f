package e2e

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// testImages reads the 10,000 test images, as inputs of the networks, and their labels.
func testImages(t *testing.T) (images []float32, labels []byte) {
	t.Helper()
	if testing.Short() {
		t.Skip("10,000 images take long under emulation and the race detector; the first 100 are run elsewhere")
	}
	dir, asked := os.LookupEnv("FASHION_MNIST")
	if !asked {
		dir = "/usr/share/datasets/fashion-mnist"
		if _, err := os.Stat(dir); err != nil {
			t.Skip("install Debian's package dataset-fashion-mnist, or set FASHION_MNIST to its folder")
		}
	}
	pixels := readIDX(t, filepath.Join(dir, "t10k-images-idx3-ubyte.gz"), 16)
	images = make([]float32, len(pixels))
	for i, p := range pixels {
		images[i] = float32(p) / 256
	}
	labels = readIDX(t, filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"), 8)
	if len(labels) != 10000 || len(images) != 10000*28*28 {
		t.Fatalf("%s: got %d labels and %d pixels, want 10000 images of 28x28", dir, len(labels), len(images))
	}
	return images, labels
}

// readIDX gives the elements of a compressed IDX file, which follow a header of the given size.
func readIDX(t *testing.T, path string, header int) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	data, err := io.ReadAll(z)
	if err != nil || len(data) < header {
		t.Fatalf("%s: %d bytes: %v", path, len(data), err)
	}
	return data[header:]
}

// reference is what testdata/train/golden.py measured with ONNX Runtime.
type reference struct {
	Accuracy float64 `json:"accuracy"`
	Ties     int     `json:"images_with_argmax_ties"`
}

func referenceAccuracy(t *testing.T) map[string]reference {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata, "fashion", "accuracy.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]reference
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}
