package layers

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// ResNet18File is the name of the file of ResNet18Int8.
const ResNet18File = "resnet18_int8.onnx"

// models are all models by the names of their files.
func models() iter.Seq2[string, func() *onnxpb.ModelProto] {
	return func(yield func(string, func() *onnxpb.ModelProto) bool) {
		for _, l := range All() {
			for _, m := range l.models {
				if !yield(l.File(m.variant), m.build) {
					return
				}
			}
		}
		yield(ResNet18File, ResNet18Int8)
	}
}

func encode(m *onnxpb.ModelProto) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// WriteZip writes a zip file of all models, the same bytes each time.
func WriteZip(w io.Writer) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for name, build := range models() {
		data, err := encode(build())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := f.Write(data); err != nil {
			return err
		}
	}
	return z.Close()
}

// Extract writes the models of the zip file at path into a folder.
func Extract(path, folder string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name := range models() {
		if err := extract(z, name, filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return nil
}

func extract(z *zip.ReadCloser, name, to string) error {
	from, err := z.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, from); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
