package onnx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// TestExternalData reads tensors from files beside the model, and refuses files
// elsewhere.
func TestExternalData(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "model")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(root, "outside.bin"), filepath.Join(dir, "w.bin"), filepath.Join(dir, "sub", "w.bin")} {
		if err := os.WriteFile(file, []byte("0123456789ab"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	haveLinks := os.Symlink(filepath.Join(root, "outside.bin"), filepath.Join(dir, "escape.bin")) == nil &&
		os.Symlink("w.bin", filepath.Join(dir, "link.bin")) == nil
	tests := []struct {
		name    string
		entries []string
		want    string // data, or error
		fails   bool
		links   bool
	}{
		{name: "offset and length", entries: []string{"location", "w.bin", "offset", "4", "length", "4", "checksum", "00"}, want: "4567"},
		{name: "to the end", entries: []string{"location", "sub/w.bin", "offset", "8"}, want: "89ab"},
		{name: "link inside", entries: []string{"location", "link.bin", "length", "4"}, want: "0123", links: true},
		{name: "link outside", entries: []string{"location", "escape.bin", "length", "4"}, want: "escapes", fails: true, links: true},
		{name: "absolute", entries: []string{"location", filepath.Join(root, "outside.bin"), "length", "4"}, want: "only files in the folder", fails: true},
		{name: "parent", entries: []string{"location", "../outside.bin", "length", "4"}, want: "only files in the folder", fails: true},
		{name: "parent inside", entries: []string{"location", "sub/../../outside.bin", "length", "4"}, want: "only files in the folder", fails: true},
		{name: "folder", entries: []string{"location", "sub", "length", "4"}, want: "not a regular file", fails: true},
		{name: "missing", entries: []string{"location", "none.bin", "length", "4"}, want: "no such file", fails: true},
		{name: "no location", entries: []string{"offset", "4"}, want: "without a location", fails: true},
		{name: "wrong length", entries: []string{"location", "w.bin", "length", "5"}, want: "5 bytes, the tensor needs 4", fails: true},
		{name: "behind the end", entries: []string{"location", "w.bin", "offset", "9", "length", "4"}, want: "reach behind the end of the file at 12", fails: true},
		{name: "offset behind the end", entries: []string{"location", "w.bin", "offset", "13"}, want: "offset 13 is behind the end", fails: true},
		{name: "huge offset", entries: []string{"location", "w.bin", "offset", "9223372036854775807", "length", "4"}, want: "behind the end", fails: true},
		{name: "negative offset", entries: []string{"location", "w.bin", "offset", "-4", "length", "4"}, want: `offset: "-4" is not a number of bytes`, fails: true},
		{name: "bad length", entries: []string{"location", "w.bin", "length", "x"}, want: `length: "x" is not a number of bytes`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.links && !haveLinks {
				t.Skip("no symbolic links here")
			}
			p := tensorProto(onnxpb.TensorProto_INT32, 1)
			p.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
			p.ExternalData = entries(tt.entries...)
			data := encode(t, constant(p))
			file := filepath.Join(dir, "m.onnx")
			if err := os.WriteFile(file, data, 0o666); err != nil {
				t.Fatal(err)
			}
			f, err := Read(file)
			if tt.fails {
				checkError(t, err, `initializer "c": external data`, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := string(f.Graph.Initializers["c"].Data); got != tt.want {
				t.Errorf("data %q, want %q", got, tt.want)
			}
			if got, want := f.Bytes, int64(len(data)+4); got != want {
				t.Errorf("%d bytes read, want %d", got, want)
			}
		})
	}
}

// externalTensor is a tensor of bytes in a file.
func externalTensor(name string, dtype onnxpb.TensorProto_DataType, dims []int64, location string, offset, length int64) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{
		Name: proto.String(name), DataType: proto.Int32(int32(dtype)), Dims: dims, DataLocation: onnxpb.TensorProto_EXTERNAL.Enum(),
		ExternalData: entries("location", location, "offset", fmt.Sprint(offset), "length", fmt.Sprint(length)),
	}
}

// readTensors writes a model whose outputs are tensors of external data, and reads it.
func readTensors(t *testing.T, dir string, tensors ...*onnxpb.TensorProto) (*File, error) {
	t.Helper()
	m := testModel(&onnxpb.GraphProto{Name: proto.String("g")})
	m.Graph.Initializer = tensors
	for _, p := range tensors {
		m.Graph.Output = append(m.Graph.Output, &onnxpb.ValueInfoProto{Name: p.Name})
	}
	file := filepath.Join(dir, "m.onnx")
	if err := os.WriteFile(file, encode(t, m), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(file)
}

// TestSharedExternalData reads tensors of the same file and of many files: the same bytes
// are there once, and bytes in part are refused.
func TestSharedExternalData(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".bin")), []byte(fmt.Sprint("0123456789abcde", i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	int8s, bools := onnxpb.TensorProto_INT8, onnxpb.TensorProto_BOOL
	f, err := readTensors(t, dir,
		externalTensor("a", int8s, []int64{8}, "0.bin", 0, 8), externalTensor("b", int8s, []int64{8}, "0.bin", 8, 8),
		externalTensor("same", int8s, []int64{2, 4}, "0.bin", 0, 8), externalTensor("flags", bools, []int64{8}, "0.bin", 0, 8),
		externalTensor("other", int8s, []int64{16}, "1.bin", 0, 16), externalTensor("third", int8s, []int64{4}, "2.bin", 12, 4),
		externalTensor("empty", int8s, []int64{0}, "2.bin", 16, 0))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, x := range f.Graph.Initializers {
		got[name] = string(x.Data)
	}
	want := map[string]string{"a": "01234567", "b": "89abcde0", "same": "01234567", "flags": "\x01\x01\x01\x01\x01\x01\x01\x01",
		"other": "0123456789abcde1", "third": "cde2", "empty": ""}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	if a, same := f.Graph.Initializers["a"].Data, f.Graph.Initializers["same"].Data; &a[0] != &same[0] {
		t.Error("the same bytes are there twice")
	}
	if info, err := os.Stat(filepath.Join(dir, "m.onnx")); err != nil || f.Bytes != info.Size()+8+8+16+4 {
		t.Errorf("%d bytes read, want those of the model, %d, and 36; %v", f.Bytes, info.Size(), err)
	}
	_, err = readTensors(t, dir, externalTensor("a", int8s, []int64{12}, "0.bin", 0, 12), externalTensor("b", int8s, []int64{12}, "0.bin", 4, 12))
	checkError(t, err, `initializer "b": external data "0.bin": offset 4 and length 12: tensors share bytes in part`)
}

// TestLargeExternalData reads tensors of more than 2 GiB together, of which the file
// has holes, and takes their memory once.
func TestLargeExternalData(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("more than the address space")
	}
	if os.Getenv("LCE_LARGE") == "" {
		t.Skip("takes 2.4 GB of memory: LCE_LARGE=1 runs it")
	}
	dir := t.TempDir()
	const each = 600 << 20
	file, err := os.Create(filepath.Join(dir, "w.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(4 * each); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("end"), 4*each-3); err != nil {
		t.Fatal(err)
	}
	var tensors []*onnxpb.TensorProto
	for i := range 4 {
		tensors = append(tensors, externalTensor(fmt.Sprint("w", i), onnxpb.TensorProto_FLOAT, []int64{each / 4}, "w.bin", int64(i)*each, each))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := readTensors(t, dir, tensors...)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4*each+(1<<20) {
		t.Errorf("%d bytes allocated for tensors of %d", got, int64(4*each))
	}
	if data := f.Graph.Initializers["w3"].Data; string(data[each-3:]) != "end" {
		t.Errorf("the last tensor ends in %q", data[each-3:])
	}
}
