package onnx

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
)

// MaxExternalBytes bounds the external data of a model. A .lce file is smaller, but its
// weights can be so by a factor of 32.
const MaxExternalBytes = min(16<<30, math.MaxInt)

// external reads tensor data from files in the folder of the model, never from
// elsewhere: os.Root also refuses symbolic links that lead outside. Tensors of the same
// bytes share them.
type external struct {
	dir   string
	root  *os.Root // opened by the first read
	files map[string]*dataFile
	bytes int64 // read so far
}

// dataFile is a file of external data. It is open while a tensor is read only, as a model
// may have a file for each.
type dataFile struct {
	size  int64
	left  int64 // bytes that other regions may still name: they do not overlap
	parts map[region][]byte
}

// region is a part of a file.
type region struct{ offset, length int64 }

func (e *external) close() {
	if e.root != nil {
		e.root.Close()
	}
}

// read returns the size bytes that a tensor's external_data entries point to.
func (e *external) read(entries []*onnxpb.StringStringEntryProto, size int) ([]byte, error) {
	var location string
	var offset, length int64 = 0, -1
	for _, kv := range entries {
		var err error
		switch kv.GetKey() {
		case "location":
			location = kv.GetValue()
		case "offset":
			offset, err = parseSize(kv.GetValue())
		case "length":
			length, err = parseSize(kv.GetValue())
		}
		if err != nil {
			return nil, fmt.Errorf("external data: %s: %w", kv.GetKey(), err)
		}
	}
	if location == "" {
		return nil, errors.New("external data without a location: the name of a file is expected")
	}
	data, err := e.readAt(location, offset, length, size)
	if err != nil {
		return nil, fmt.Errorf("external data %q: %w", location, err)
	}
	return data, nil
}

func (e *external) readAt(location string, offset, length int64, size int) ([]byte, error) {
	if e.dir == "" {
		return nil, errors.New("the model is not read from a folder")
	}
	if !filepath.IsLocal(filepath.FromSlash(location)) {
		return nil, errors.New("only files in the folder of the model are accepted")
	}
	name := filepath.FromSlash(location)
	f, err := e.find(name)
	if err != nil {
		return nil, err
	}
	if offset > f.size {
		return nil, fmt.Errorf("offset %d is behind the end of the file at %d", offset, f.size)
	}
	if length < 0 {
		length = f.size - offset
	}
	if length > f.size-offset {
		return nil, fmt.Errorf("offset %d and length %d reach behind the end of the file at %d", offset, length, f.size)
	}
	if length != int64(size) {
		return nil, fmt.Errorf("%d bytes, the tensor needs %d", length, size)
	}
	part := region{offset, length}
	if data, ok := f.parts[part]; ok {
		return data, nil
	}
	if f.left -= length; f.left < 0 {
		return nil, fmt.Errorf("offset %d and length %d: tensors share bytes in part; only tensors of the same bytes, or of none, are accepted", offset, length)
	}
	if e.bytes += length; e.bytes > MaxExternalBytes {
		return nil, fmt.Errorf("the external data of all tensors is above %d bytes", int64(MaxExternalBytes))
	}
	file, err := e.root.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer file.Close()
	data := ops.AlignedBytes(size)
	if _, err := file.ReadAt(data, offset); err != nil && size > 0 {
		return nil, reason(err)
	}
	f.parts[part] = data
	return data, nil
}

// find looks for a file of the folder, once.
func (e *external) find(name string) (*dataFile, error) {
	if f := e.files[name]; f != nil {
		return f, nil
	}
	if e.root == nil {
		root, err := os.OpenRoot(e.dir)
		if err != nil {
			return nil, err
		}
		e.root, e.files = root, map[string]*dataFile{}
	}
	// Opening a named pipe would wait for a writer, so that this comes first.
	info, err := e.root.Stat(name)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f := &dataFile{size: info.Size(), left: info.Size(), parts: map[region][]byte{}}
	e.files[name] = f
	return f, nil
}

// reason drops the operation and the path from a file error, which are said already.
func reason(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a number of bytes, such as 4096", s)
	}
	return n, nil
}
