// Package npy reads and writes numpy's .npy and .npz files.
//
// The format is NEP 1 of numpy: a magic string, a version, a header that is a
// Python dictionary literal, and the elements. Versions 1 to 3, both byte orders,
// both memory orders and 0-d arrays are read; arrays are handed out little-endian
// and in C order. A header that lies about the size costs no memory.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

const magic = "\x93NUMPY"

// maxHeader bounds the header; numpy itself refuses more than 10,000 bytes by default.
const maxHeader = 1 << 16

// maxRank is numpy's limit.
const maxRank = 64

// Array is an array in C order with little-endian elements; a Bool is a byte of 0 or 1.
type Array struct {
	DType schema.DType
	Shape []int
	Data  []byte
}

// kinds maps numpy's type codes to element types.
var kinds = map[string]schema.DType{
	"f2": schema.Float16, "f4": schema.Float32, "f8": schema.Float64,
	"i1": schema.Int8, "i2": schema.Int16, "i4": schema.Int32, "i8": schema.Int64,
	"u1": schema.Uint8, "u2": schema.Uint16, "u4": schema.Uint32, "u8": schema.Uint64,
	"b1": schema.Bool,
}

// Read reads one .npy array. The elements must fill the rest of r exactly.
func Read(r io.Reader) (*Array, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	count, err := ops.Count(h.shape)
	if err != nil {
		return nil, err
	}
	want := count * h.dtype.Size()
	// One byte more than wanted shows that something follows.
	data, err := readUpTo(r, want+1)
	if err != nil {
		return nil, fmt.Errorf("read elements: %w", err)
	}
	if len(data) < want {
		return nil, fmt.Errorf("truncated: shape %v of %v needs %d bytes, got %d", h.shape, h.dtype, want, len(data))
	}
	if len(data) > want {
		return nil, fmt.Errorf("bytes after the %d that shape %v of %v needs", want, h.shape, h.dtype)
	}
	if h.bigEndian {
		reverseElements(data, h.dtype.Size())
	}
	if h.dtype == schema.Bool {
		for i, b := range data {
			if b > 1 {
				data[i] = 1
			}
		}
	}
	if h.fortran {
		data = toCOrder(data, h.shape, h.dtype.Size())
	}
	return &Array{DType: h.dtype, Shape: h.shape, Data: data}, nil
}

// readUpTo reads at most n bytes. Memory grows with what is really there: a megabyte,
// enough for an image, and then as much as there was before.
func readUpTo(r io.Reader, n int) ([]byte, error) {
	data := make([]byte, min(n, 1<<20))
	for at := 0; ; {
		got, err := io.ReadFull(r, data[at:])
		at += got
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return data[:at], nil
		case err != nil || at == n:
			return data[:at], err
		}
		data = append(data, make([]byte, min(n-at, at))...)
	}
}

type header struct {
	dtype     schema.DType
	bigEndian bool
	fortran   bool
	shape     []int
}

func readHeader(r io.Reader) (header, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != magic {
		return header{}, errors.New(`not a .npy file: it does not begin with "\x93NUMPY"`)
	}
	sizeBytes := 4
	switch major := start[6]; major {
	case 1:
		sizeBytes = 2
	case 2, 3:
	default:
		return header{}, fmt.Errorf("version %d.%d: only 1 to 3 are known", major, start[7])
	}
	var size [4]byte
	if _, err := io.ReadFull(r, size[:sizeBytes]); err != nil {
		return header{}, errors.New("truncated in the header's length")
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n > maxHeader {
		return header{}, fmt.Errorf("header of %d bytes: at most %d are accepted", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, errors.New("truncated in the header")
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return header{}, fmt.Errorf("header %.80q: %w", strings.TrimSpace(string(text)), err)
	}
	return h, nil
}

// reverseElements swaps the byte order of every element in place.
func reverseElements(data []byte, size int) {
	for i := 0; i+size <= len(data); i += size {
		slices.Reverse(data[i : i+size])
	}
}

// toCOrder moves elements from Fortran order, where the first index varies fastest.
func toCOrder(src []byte, shape []int, size int) []byte {
	strides := make([]int, len(shape)) // of the source, in elements
	step := 1
	for i, d := range shape {
		strides[i] = step
		step *= d
	}
	dst := make([]byte, len(src))
	index := make([]int, len(shape))
	from := 0
	for to := 0; to < len(dst); to += size {
		copy(dst[to:to+size], src[from*size:])
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			from += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= index[axis] * strides[axis]
			index[axis] = 0
		}
	}
	return dst
}

// Write writes a as version 1.0, in C order and little-endian, as numpy.save does.
func Write(w io.Writer, a *Array) error {
	code, err := typeCode(a.DType)
	if err != nil {
		return err
	}
	var shape strings.Builder
	for _, d := range a.Shape {
		fmt.Fprintf(&shape, "%d, ", d)
	}
	dims := strings.TrimSuffix(shape.String(), " ")
	if len(a.Shape) > 1 {
		dims = strings.TrimSuffix(dims, ",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", code, dims)
	const prefix = len(magic) + 4
	pad := 63 - (prefix+len(text))%64 // the elements begin at a multiple of 64
	text += strings.Repeat(" ", pad) + "\n"
	head := binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(text)))
	if _, err := w.Write(append(head, text...)); err != nil {
		return err
	}
	_, err = w.Write(a.Data)
	return err
}

func typeCode(d schema.DType) (string, error) {
	for code, dtype := range kinds {
		if dtype == d {
			if d.Size() == 1 {
				return "|" + code, nil
			}
			return "<" + code, nil
		}
	}
	return "", fmt.Errorf("element type %v has no numpy equivalent", d)
}
