package convert_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/convert"
)

// malformed is a file that lce-convert refuses.
type malformed struct {
	name  string
	spoil func(n *net)
	// want is the whole message, behind the names of the program and of the file.
	want string
}

// maxAlloc bounds the memory that refusing any of the files takes, in all its
// allocations.
const maxAlloc = 64 << 20

// TestMalformed converts models that each have something wrong with them: the
// command says what in one message, exits with 1 and leaves no file.
func TestMalformed(t *testing.T) {
	tests := slices.Concat(malformedFiles, malformedModels, malformedTensors, malformedNodes, malformedOperands)
	if len(tests) < 100 {
		t.Errorf("%d files, want at least 100", len(tests))
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		if seen[tt.name] {
			t.Errorf("%q is there twice", tt.name)
		}
		seen[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "m.onnx")
			n := newNet()
			tt.spoil(n)
			n.write(t, dir)
			before := filesIn(t, dir)

			var stdout, stderr bytes.Buffer
			var was, is runtime.MemStats
			runtime.ReadMemStats(&was)
			status := convert.Command.Run(context.Background(), cli.Streams{Out: &stdout, Err: &stderr},
				[]string{path, "-o", filepath.Join(dir, "m.lce"), "--report", filepath.Join(dir, "m.json")})
			runtime.ReadMemStats(&is)

			if status != 1 {
				t.Errorf("exit status %d, want 1", status)
			}
			lines := strings.Split(tt.want, "\n")
			lines[0] = path + ": " + lines[0]
			want := "lce-convert: " + strings.Join(lines, "\nlce-convert: ") + "\n"
			if got := stderr.String(); got != want {
				t.Errorf("message\n%swant\n%s", got, want)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output has %q", stdout.String())
			}
			if after := filesIn(t, dir); !slices.Equal(after, before) {
				t.Errorf("files %q, want %q", after, before)
			}
			if n := is.TotalAlloc - was.TotalAlloc; n > maxAlloc {
				t.Errorf("%d bytes allocated, want at most %d", n, maxAlloc)
			}
		})
	}
}

// TestSoundNet shows that what TestMalformed spoils is a model that converts.
func TestSoundNet(t *testing.T) {
	dir := t.TempDir()
	newNet().write(t, dir)
	var stderr bytes.Buffer
	out := filepath.Join(dir, "m.lce")
	status := convert.Command.Run(context.Background(), cli.Streams{Out: &bytes.Buffer{}, Err: &stderr},
		[]string{filepath.Join(dir, "m.onnx"), "-o", out})
	if _, err := os.Stat(out); status != 0 || stderr.Len() > 0 || err != nil {
		t.Errorf("exit status %d, %q, %v", status, stderr.String(), err)
	}
}

// filesIn names all that is in a folder.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// net is a small model and what is to become of it.
type net struct {
	*onnxpb.ModelProto
	raw   func(data []byte) []byte // changes the encoded model
	files map[string]string        // what is in the folder beside it
	// folder makes the model itself a folder.
	folder bool
}

// newNet makes a model without a fault, in which the result of a node has the
// node's name, and the node between bn and pool is easily replaced.
func newNet() *net {
	n := &net{
		ModelProto: &onnxpb.ModelProto{
			IrVersion: proto.Int64(8),
			Graph: &onnxpb.GraphProto{
				Name: proto.String("net"),
				Node: []*onnxpb.NodeProto{
					node("conv", "Conv", []string{"x", "w", "b"}, ints("pads", 1, 1, 1, 1)),
					node("bn", "BatchNormalization", []string{"conv", "gamma", "beta", "mean", "var"}),
					node("relu", "Relu", []string{"bn"}),
					node("pool", "MaxPool", []string{"relu"}, ints("kernel_shape", 2, 2), ints("strides", 2, 2)),
					node("flat", "Flatten", []string{"pool"}),
					node("fc", "Gemm", []string{"flat", "fw", "fb"}, integer("transB", 1)),
				},
				Input:  []*onnxpb.ValueInfoProto{value("x", onnxpb.TensorProto_FLOAT, 1, 3, 8, 8)},
				Output: []*onnxpb.ValueInfoProto{value("fc", onnxpb.TensorProto_FLOAT, 1, 10)},
				Initializer: []*onnxpb.TensorProto{
					tensor("w", 4, 3, 3, 3), tensor("b", 4), tensor("gamma", 4), tensor("beta", 4),
					tensor("mean", 4), tensor("var", 4), tensor("fw", 10, 64), tensor("fb", 10),
				},
			},
		},
		files: map[string]string{},
	}
	n.opset(13)
	return n
}

func (n *net) write(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "m.onnx")
	if n.folder {
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(n.ModelProto)
	if err != nil {
		t.Fatal(err)
	}
	if n.raw != nil {
		data = n.raw(data)
	}
	n.files["m.onnx"] = string(data)
	for name, text := range n.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
