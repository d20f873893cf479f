package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Named is an array of an .npz file with its name, without the ".npy" of the member.
type Named struct {
	Name string
	*Array
}

// ReadFile reads an .npz file, or an .npy file as one array without a name. Which of
// the two it is depends on the content. Errors do not repeat the path.
func ReadFile(path string) ([]Named, error) {
	f, err := os.Open(path)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("is a directory")
	}
	var head [4]byte
	if n, _ := f.ReadAt(head[:], 0); bytes.HasPrefix(head[:n], []byte("PK")) {
		return ReadZip(f, info.Size())
	}
	a, err := Read(f)
	if err != nil {
		return nil, err
	}
	return []Named{{Array: a}}, nil
}

// ReadZip reads every array of an .npz file of size bytes, in the order of the file.
func ReadZip(r io.ReaderAt, size int64) ([]Named, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not an .npz file: %w", err)
	}
	var arrays []Named
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("member %q is not a .npy file", f.Name)
		}
		a, err := readMember(f)
		if err != nil {
			return nil, fmt.Errorf("member %q: %w", f.Name, err)
		}
		arrays = append(arrays, Named{name, a})
	}
	return arrays, nil
}

func readMember(f *zip.File) (*Array, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Read(r)
}

// WriteZip writes arrays as numpy.savez does, without compression.
func WriteZip(w io.Writer, arrays []Named) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		m, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := Write(m, a.Array); err != nil {
			return fmt.Errorf("member %q: %w", a.Name, err)
		}
	}
	return z.Close()
}
