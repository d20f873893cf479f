// Package bencharm is the command bench-arm.
package bencharm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lce-go/lce/tools/internal/cli"
)

// Command is bench-arm.
var Command = cli.Command{
	Name:     "bench-arm",
	Synopsis: "[MODEL.lce ...] [options]",
	About: `Cuts the inner loops out of a program built for arm64 and for 32-bit ARM, and prints how
many multiply-adds a cycle llvm-mca makes of them. Of each model, counts the instructions
of a run on both with qemu and prints those per multiply-add, the functions that take
most, and the latency on a Raspberry Pi 4 that a model of it gives. Runs in the root of
the repository.`,
	Examples: `  bench-arm
  bench-arm build/quicknet.lce --functions 20`,
	Setup: setup,
}

type options struct {
	mca, objdump string
	qemu         map[string]*string // by architecture
	functions    int
}

func setup(flags *pflag.FlagSet) func(context.Context, cli.Streams, []string) error {
	var o options
	flags.StringVar(&o.mca, "mca", "llvm-mca-19", "the `PROGRAM` llvm-mca")
	flags.StringVar(&o.objdump, "objdump", "llvm-objdump-19", "the `PROGRAM` llvm-objdump")
	o.qemu = map[string]*string{
		"arm64": flags.String("qemu", "qemu-aarch64", "the `PROGRAM` qemu-aarch64, one that takes plugins: no static one does"),
		"arm":   flags.String("qemu-arm", "qemu-arm", "the `PROGRAM` qemu-arm, likewise"),
	}
	flags.IntVar(&o.functions, "functions", 10, "print the `N` functions that take most instructions")
	return func(ctx context.Context, std cli.Streams, models []string) error { return o.run(ctx, std, models) }
}

func (o *options) run(ctx context.Context, std cli.Streams, models []string) error {
	if o.functions < 0 {
		return cli.Usagef("--functions %d: want 0 or more", o.functions)
	}
	folder, err := os.MkdirTemp("", "bench-arm")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	programs := map[string]*program{}
	for _, arch := range []string{"arm64", "arm"} {
		if programs[arch], err = build(ctx, folder, arch); err != nil {
			return err
		}
	}
	perInstruction, err := o.printLoops(ctx, std.Out, programs)
	if err != nil || len(models) == 0 {
		return err
	}
	plugin, err := buildPlugin(ctx, folder)
	if err != nil {
		return err
	}
	for _, path := range models {
		if err := o.printModel(ctx, std.Out, programs, plugin, path, perInstruction); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// program is lce-bench for an architecture.
type program struct {
	arch, path string
	symbols    []symbol // by address
}

// symbol is a function.
type symbol struct {
	name       string
	start, end uint64
}

// build builds lce-bench and lists its functions.
func build(ctx context.Context, folder, arch string) (*program, error) {
	p := &program{arch: arch, path: filepath.Join(folder, "lce-bench-"+arch)}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", p.path, "./tools/lce-bench")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOARM=7")
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	list, err := output(exec.CommandContext(ctx, "go", "tool", "nm", "-n", p.path))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(list) {
		var s symbol
		var kind string
		if n, _ := fmt.Sscanf(line, "%x %s", &s.start, &kind); n != 2 || !strings.EqualFold(kind, "t") {
			continue
		}
		_, s.name, _ = strings.Cut(strings.TrimSpace(line), " "+kind+" ")
		if n := len(p.symbols); n > 0 {
			p.symbols[n-1].end = s.start
		}
		p.symbols = append(p.symbols, s)
	}
	return p, nil
}

// function is the function that an address is in.
func (p *program) function(address uint64) string {
	i, found := slices.BinarySearchFunc(p.symbols, address, func(s symbol, a uint64) int {
		return int(min(max(int64(s.start-a), -1), 1))
	})
	if !found {
		i--
	}
	if i < 0 {
		return "?"
	}
	return p.symbols[i].name
}

// output is what a command prints; of one that fails, the error has the last line.
func output(cmd *exec.Cmd) (string, error) {
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, lines[len(lines)-1])
	}
	return out.String(), nil
}
