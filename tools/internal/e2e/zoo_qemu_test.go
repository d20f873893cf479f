package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lce-go/lce/tools/internal/npy"
)

// zooARMVariable names the environment variable with the folder that make zoo wrote, for
// TestZooARM.
const zooARMVariable = "LCE_ZOO_ARM"

// processors are what the networks run on: this machine, with all its instruction sets,
// and what qemu makes of it.
var processors = []struct{ name, arch, qemu string }{
	{name: "native"},
	{"cortex-a53", "arm64", "qemu-aarch64-static"},
	{"cortex-a72", "arm64", "qemu-aarch64-static"},
	{"neoverse-n1", "arm64", "qemu-aarch64-static"},
	{"cortex-a7", "arm", "qemu-arm-static"},
	{"cortex-a15", "arm", "qemu-arm-static"},
}

// TestZooARM runs the networks of make zoo on ARM processors. Their outputs are compared
// with ONNX Runtime's, and all that the operators give with what they give on this machine,
// one by one: see TestReplayModel of package interpreter, which runs under qemu. make
// test-zoo-arm runs the test; otherwise it is skipped.
func TestZooARM(t *testing.T) {
	folder := os.Getenv(zooARMVariable)
	if folder == "" {
		t.Skipf("%s is not set to the folder of the networks: run make test-zoo-arm", zooARMVariable)
	}
	bin := t.TempDir()
	convert := filepath.Join(bin, "lce-convert")
	command(t, nil, "go", "build", "-o", convert, "../../lce-convert")
	for _, arch := range []string{"", "arm64", "arm"} {
		env := []string{"CGO_ENABLED=0"}
		if arch != "" {
			env = append(env, "GOARCH="+arch, "GOARM=7")
		}
		command(t, env, "go", "test", "-c", "-o", filepath.Join(bin, "replay"+arch), "../../../interpreter")
	}
	for _, net := range zoo {
		t.Run(net.name, func(t *testing.T) {
			path := filepath.Join(folder, net.name)
			if _, err := os.Stat(path + ".onnx"); errors.Is(err, fs.ErrNotExist) {
				t.Skipf("%s.onnx is missing: run make zoo ZOO=%s", path, net.name)
			}
			// The child's files, see replayVariable in package interpreter.
			dir := t.TempDir()
			env := []string{"LCE_REPLAY=" + dir}
			command(t, nil, convert, path+".onnx", "-o", filepath.Join(dir, "model.lce"))
			x, y := readArray(t, path+".x.npy"), readArray(t, path+".y.npy")
			if err := os.WriteFile(filepath.Join(dir, "input"), x.Data, 0o666); err != nil {
				t.Fatal(err)
			}
			command(t, env, filepath.Join(bin, "replay"), "-test.run", "^TestRecordModel$")
			for _, p := range processors {
				t.Run(p.name, func(t *testing.T) {
					args := []string{filepath.Join(bin, "replay"+p.arch), "-test.run", "^TestReplayModel$"}
					if p.qemu != "" {
						args = append([]string{p.qemu, "-cpu", p.name}, args...)
					}
					command(t, env, args...)
					output := &npy.Array{DType: y.DType, Data: readFile(t, filepath.Join(dir, "output"))}
					compare(t, float32s(t, output), float32s(t, y))
					t.Logf("%-20s%-12s%s", net.name, p.name, readFile(t, filepath.Join(dir, "report")))
				})
			}
		})
	}
}

// command runs a program with more in its environment; what it prints is shown if it fails.
func command(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
