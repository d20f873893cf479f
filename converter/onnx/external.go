package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
)

// external reads tensor data from files in the folder of the model, never from
// elsewhere: os.Root also refuses symbolic links that lead outside.
type external struct {
	dir  string
	root *os.Root // opened by the first read
	left int64    // bytes that may still be read; many tensors can name the same bytes
}

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
	if e.root == nil {
		root, err := os.OpenRoot(e.dir)
		if err != nil {
			return nil, err
		}
		e.root = root
	}
	name := filepath.FromSlash(location)
	// Opening a named pipe would wait for a writer, so that this comes first.
	info, err := e.root.Stat(name)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if offset > info.Size() {
		return nil, fmt.Errorf("offset %d is behind the end of the file at %d", offset, info.Size())
	}
	if length < 0 {
		length = info.Size() - offset
	}
	if length > info.Size()-offset {
		return nil, fmt.Errorf("offset %d and length %d reach behind the end of the file at %d", offset, length, info.Size())
	}
	if length != int64(size) {
		return nil, fmt.Errorf("%d bytes, the tensor needs %d", length, size)
	}
	if e.left -= length; e.left < 0 {
		return nil, fmt.Errorf("the external data of all tensors is above %d bytes", int64(MaxFileBytes))
	}
	f, err := e.root.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	data := ops.AlignedBytes(size)
	if _, err := f.ReadAt(data, offset); err != nil && size > 0 {
		return nil, reason(err)
	}
	return data, nil
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
