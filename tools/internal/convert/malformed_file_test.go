package convert_test

import (
	"bytes"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// whole makes the file something else than a model.
func whole(content string) func(*net) {
	return func(n *net) { n.raw = func([]byte) []byte { return []byte(content) } }
}

// truncate keeps the given part of the file.
func truncate(part, of int) func(*net) {
	return func(n *net) { n.raw = func(data []byte) []byte { return data[:len(data)*part/of] } }
}

// malformedFiles are files that are no models, damaged, or lack their external data.
var malformedFiles = []malformed{
	{"empty file", whole(""), `not an ONNX model: the file is empty`},
	{"text", whole("This is not a model.\n"), `not an ONNX model, or a damaged or truncated one`},
	{"PNG image", whole("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"), `not an ONNX model, or a damaged or truncated one`},
	{"zip archive", whole("PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00\x00\x00"), `not an ONNX model but a zip archive, as PyTorch and Keras write it; export the model as ONNX`},
	{"HDF5 file", whole("\x89HDF\r\n\x1a\n\x00\x00\x00\x00\x00\x08\x08\x00"), `not an ONNX model but an HDF5 file, as Keras writes it; export the model as ONNX`},
	{"TensorFlow Lite model", whole("\x1c\x00\x00\x00TFL3\x14\x00 \x00"), `not an ONNX model but a TensorFlow Lite model; export the model as ONNX`},
	{"Git LFS pointer", whole("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"), `not an ONNX model but a pointer of Git LFS; git lfs pull fetches the file itself`},
	{"HTML page", whole("<!DOCTYPE html>\n<html><body>404</body></html>\n"), `not an ONNX model but an HTML page`},
	{"folder", func(n *net) { n.folder = true }, `is a directory`},
	{"zeros", whole(strings.Repeat("\x00", 1000)), `not an ONNX model, or a damaged or truncated one`},
	{"cut after one byte", truncate(1, 100000), `not an ONNX model: the file is empty`},
	{"cut in the graph's length", func(n *net) {
		n.raw = func(data []byte) []byte { return data[:bytes.IndexByte(data, 0x3a)+2] }
	}, `not an ONNX model, or a damaged or truncated one`},
	{"cut at a tenth", truncate(1, 10), `not an ONNX model, or a damaged or truncated one`},
	{"cut in the middle", truncate(1, 2), `not an ONNX model, or a damaged or truncated one`},
	{"cut before the opset", func(n *net) {
		n.raw = func(data []byte) []byte { return data[:bytes.LastIndexByte(data, 0x42)] }
	}, `the model does not import the default operator set; versions 1 to 25 are accepted`},
	{"last byte missing", func(n *net) {
		n.raw = func(data []byte) []byte { return data[:len(data)-1] }
	}, `not an ONNX model, or a damaged or truncated one`},
	{"length beyond the end", func(n *net) {
		n.raw = func(data []byte) []byte { return append(data, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f) }
	}, `not an ONNX model, or a damaged or truncated one`},
	{"deep nesting", func(n *net) {
		n.raw = func(data []byte) []byte { return append(data, nested(10000)...) }
	}, `the model has messages within 40 others, as graphs within more than 7 others have`},
	{"deep groups", func(n *net) {
		n.raw = func(data []byte) []byte { return append(data, bytes.Repeat([]byte{0xf3, 0x07}, 1_000_000)...) }
	}, `not an ONNX model, or a damaged or truncated one`},
	{"a million nodes without an operator", func(n *net) {
		n.raw = func(data []byte) []byte { return append(data, repeated(1, 1_000_000)...) }
	}, `the model has more than 500000 nodes, attributes, tensors and the like`},
	{"a million attributes", func(n *net) {
		n.raw = func(data []byte) []byte {
			one := protowire.AppendBytes(protowire.AppendTag(nil, 5, protowire.BytesType), nil)
			node := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), bytes.Repeat(one, 1_000_000))
			return append(data, protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), node)...)
		}
	}, `the model has more than 500000 nodes, attributes, tensors and the like`},
	{"a million initializers without a name", func(n *net) {
		n.raw = func(data []byte) []byte { return append(data, repeated(5, 1_000_000)...) }
	}, `the model has more than 500000 nodes, attributes, tensors and the like`},

	{"external data missing", func(n *net) { n.external("location", "nothing.bin") }, `initializer "w": external data "nothing.bin": no such file or directory`},
	{"external data of an absolute path", func(n *net) { n.external("location", "/etc/passwd") }, `initializer "w": external data "/etc/passwd": only files in the folder of the model are accepted`},
	{"external data in the folder above", func(n *net) { n.external("location", "../w.bin") }, `initializer "w": external data "../w.bin": only files in the folder of the model are accepted`},
	{"external data by way of a folder", func(n *net) { n.external("location", "a/../../w.bin") }, `initializer "w": external data "a/../../w.bin": only files in the folder of the model are accepted`},
	{"external data without a location", func(n *net) { n.external("offset", "0") }, `initializer "w": external data without a location: the name of a file is expected`},
	{"external data that is the folder", func(n *net) { n.external("location", ".") }, `initializer "w": external data ".": not a regular file`},
	{"external data too short", func(n *net) {
		n.external("location", "w.bin", "offset", "32")
	}, `initializer "w": external data "w.bin": 400 bytes, the tensor needs 432`},
	{"external data behind the end", func(n *net) {
		n.external("location", "w.bin", "offset", "433")
	}, `initializer "w": external data "w.bin": offset 433 is behind the end of the file at 432`},
	{"external data reaching behind the end", func(n *net) {
		n.external("location", "w.bin", "offset", "4", "length", "432")
	}, `initializer "w": external data "w.bin": offset 4 and length 432 reach behind the end of the file at 432`},
	{"external data of another length", func(n *net) {
		n.external("location", "w.bin", "length", "431")
	}, `initializer "w": external data "w.bin": 431 bytes, the tensor needs 432`},
	{"external data of negative offset", func(n *net) {
		n.external("location", "w.bin", "offset", "-1")
	}, `initializer "w": external data: offset: "-1" is not a number of bytes, such as 4096`},
	{"external data of a length that is no number", func(n *net) {
		n.external("location", "w.bin", "length", "432.0")
	}, `initializer "w": external data: length: "432.0" is not a number of bytes, such as 4096`},
	{"external data of huge offset", func(n *net) {
		n.external("location", "w.bin", "offset", "9223372036854775808")
	}, `initializer "w": external data: offset: "9223372036854775808" is not a number of bytes, such as 4096`},
	{"external data and raw data", func(n *net) {
		n.external("location", "w.bin")
		n.tensor("w").RawData = make([]byte, 432)
	}, `initializer "w": 432 bytes of raw data and external data: only one of them is accepted`},
	{"external data of unknown kind", func(n *net) {
		n.external("location", "w.bin")
		n.tensor("w").DataLocation = onnxpb.TensorProto_DataLocation(7).Enum()
	}, `initializer "w": data location 7: 0, in the model, or 1, external, is accepted`},
}

// nested is a graph in the attribute of a node in a graph, and so on.
func nested(depth int) []byte {
	var data []byte
	for range depth {
		for _, field := range []protowire.Number{6, 5, 1} { // attribute g, node attribute, graph node
			data = protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), data)
		}
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), data)
}

// repeated is a graph with so many empty messages in a field.
func repeated(field protowire.Number, count int) []byte {
	one := protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), nil)
	return protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), bytes.Repeat(one, count))
}
