package onnx

import (
	"bytes"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// errDamaged is for a file that protobuf cannot decode. Its reasons tell nothing to
// somebody who did not write the encoder.
var errDamaged = errors.New("not an ONNX model, or a damaged or truncated one")

// kinds are files that are taken for ONNX models, by what they begin with.
var kinds = []struct {
	offset int
	magic  string
	is     string
}{
	{0, "version https://git-lfs", "a pointer of Git LFS; git lfs pull fetches the file itself"},
	{0, "PK\x03\x04", "a zip archive, as PyTorch and Keras write it; export the model as ONNX"},
	{0, "\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it; export the model as ONNX"},
	{4, "TFL3", "a TensorFlow Lite model; export the model as ONNX"},
	{4, "LCE1", "an .lce model, which is converted already"},
	{0, "<!DOCTYPE", "an HTML page"},
	{0, "<html", "an HTML page"},
}

// checkKind refuses what is known to be something else than a model.
func checkKind(data []byte) error {
	if len(data) == 0 {
		return errors.New("not an ONNX model: the file is empty")
	}
	for _, k := range kinds {
		if len(data) > k.offset && bytes.HasPrefix(data[k.offset:], []byte(k.magic)) {
			return fmt.Errorf("not an ONNX model but %s", k.is)
		}
	}
	return nil
}

// maxMessages bounds the messages of a model, such as nodes, attributes and tensors.
// One takes two bytes in the file and some hundred in memory.
const maxMessages = 500_000

// checkMessages counts the messages before they are decoded. What is not well
// formed is left to the decoder.
func checkMessages(data []byte, d protoreflect.MessageDescriptor) error {
	left := maxMessages
	deep := countMessages(data, d, recursionLimit, &left)
	if left < 0 {
		return fmt.Errorf("the model has more than %d nodes, attributes, tensors and the like", maxMessages)
	}
	if deep {
		return fmt.Errorf("the model has messages within %d others, as graphs within more than %d others have", recursionLimit, maxDepth-1)
	}
	return nil
}

// countMessages reports whether there are messages deeper than depth.
func countMessages(data []byte, d protoreflect.MessageDescriptor, depth int, left *int) (deep bool) {
	for len(data) > 0 && *left >= 0 {
		if depth == 0 {
			return true
		}
		num, wire, n := protowire.ConsumeTag(data)
		if n < 0 {
			return deep
		}
		data = data[n:]
		if n = protowire.ConsumeFieldValue(num, wire, data); n < 0 {
			return deep
		}
		value := data[:n]
		data = data[n:]
		if f := d.Fields().ByNumber(num); f != nil && f.Message() != nil && wire == protowire.BytesType {
			*left--
			inner, _ := protowire.ConsumeBytes(value)
			deep = countMessages(inner, f.Message(), depth-1, left) || deep
		}
	}
	return deep
}
