package bencharm

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/tools/internal/bench"
)

// pluginSource counts how often qemu executes each block of instructions.
//
//go:embed plugin/blocks.c
var pluginSource []byte

// buildPlugin compiles the plugin of qemu.
func buildPlugin(ctx context.Context, folder string) (string, error) {
	source, plugin := filepath.Join(folder, "blocks.c"), filepath.Join(folder, "blocks.so")
	if err := os.WriteFile(source, pluginSource, 0o666); err != nil {
		return "", err
	}
	_, err := output(exec.CommandContext(ctx, "gcc", "-O2", "-shared", "-fPIC", "-o", plugin, source))
	return plugin, err
}

// counted has the processors whose instructions are counted.
var counted = map[string]string{"arm64": "cortex-a72", "arm": "cortex-a7"}

// countRuns counts the instructions of lce-bench with so many runs, by function.
func (o *options) countRuns(ctx context.Context, p *program, plugin, model string, runs int) (map[string]uint64, error) {
	blocks := plugin + ".out"
	qemu := *o.qemu[p.arch]
	cmd := exec.CommandContext(ctx, qemu, "-cpu", counted[p.arch], "-plugin", plugin, p.path, model, "--threads", "1", "--runs", strconv.Itoa(runs))
	cmd.Env = append(os.Environ(), "BLOCKS="+blocks)
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(blocks)
	if err != nil {
		return nil, fmt.Errorf("%s has written no counts; one with plugins is needed: %w", qemu, err)
	}
	counts := map[string]uint64{}
	for line := range strings.Lines(string(text)) {
		var address, length, times uint64
		if _, err := fmt.Sscanf(line, "%x %d %d", &address, &length, &times); err != nil {
			return nil, fmt.Errorf("counts of %s: %q: %w", qemu, line, err)
		}
		counts[p.function(address)] += length * times
	}
	return counts, nil
}

// perRun counts the instructions of one run, by function: the difference of many runs and
// one leaves out what happens once.
func (o *options) perRun(ctx context.Context, p *program, plugin, model string) (map[string]float64, error) {
	const more = 5
	one, err := o.countRuns(ctx, p, plugin, model, 1)
	if err != nil {
		return nil, err
	}
	many, err := o.countRuns(ctx, p, plugin, model, 1+more)
	if err != nil {
		return nil, err
	}
	counts := map[string]float64{}
	for name, n := range many {
		if d := float64(n) - float64(one[name]); d > 0 {
			counts[name] = d / more
		}
	}
	return counts, nil
}

// convolutions are the functions, by how they begin, that compute convolutions and dense
// layers with what is fused to them.
var convolutions = []string{
	packages + "bgemm.", packages + "bconv.", packages + "i8.", packages + "f32.gemm", packages + "f32.(*Conv",
	packages + "f32.depthwise", packages + "f32.(*Depthwise", packages + "f32.strip", packages + "f32.pixels",
	packages + "f32.(*tile)", packages + "f32.winograd", packages + "f32.(*winograd",
}

// clock and others describe a Raspberry Pi 4: kernels take the cycles that llvm-mca gives their
// inner loops on a Cortex-A72, all other instructions one cycle each, and memory none.
const (
	clock  = 1.5e9
	others = 1.0
)

// published has the milliseconds on a Raspberry Pi 4 that Larq Compute Engine's
// documentation gives for one thread, by the file names of make bench-arm.
var published = map[string]float64{"quicknet_small.lce": 27.7, "quicknet.lce": 45.0, "quicknet_large.lce": 77.0}

// printModel prints what a run of a model takes.
func (o *options) printModel(ctx context.Context, w io.Writer, programs map[string]*program, plugin, model string, perInstruction map[string]float64) error {
	binary, float, err := multiplyAdds(model)
	if err != nil {
		return err
	}
	for _, arch := range []string{"arm64", "arm"} {
		counts, err := o.perRun(ctx, programs[arch], plugin, model)
		if err != nil {
			return err
		}
		var all, inside, cycles float64
		for name, n := range counts {
			all += n
			if slices.ContainsFunc(convolutions, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				inside += n
			}
			if c, ok := perInstruction[name]; ok {
				cycles += n * c
			} else {
				cycles += n * others
			}
		}
		fmt.Fprintf(w, "\n%s on %s: %.1f million instructions a run", filepath.Base(model), arch, all/1e6)
		if binary > 0 {
			fmt.Fprintf(w, ", %.4f for each of %.0f million binary multiply-adds", all/float64(binary), float64(binary)/1e6)
		}
		if float > 0 {
			fmt.Fprintf(w, ", %.1f million others", float64(float)/1e6)
		}
		fmt.Fprintf(w, "\noutside of convolutions and dense layers: %.1f %%\n", 100*(1-inside/all))
		if arch == "arm64" {
			fmt.Fprintf(w, "modelled on a Raspberry Pi 4 (Cortex-A72, 1.5 GHz, no cache misses): %.1f ms", 1e3*cycles/clock)
			if ms, ok := published[filepath.Base(model)]; ok {
				fmt.Fprintf(w, "; Larq Compute Engine publishes %.1f ms", ms)
			}
			fmt.Fprintln(w)
		}
		names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, name := range names[:min(o.functions, len(names))] {
			fmt.Fprintf(table, "%.2f million\t%.1f %%\t  %s\n", counts[name]/1e6, 100*counts[name]/all, strings.TrimPrefix(name, "github.com/lce-go/lce/"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// multiplyAdds counts those of a run of a model, of binary layers and of all others.
func multiplyAdds(path string) (binary, others int64, err error) {
	model, err := interpreter.Open(path)
	if err != nil {
		return 0, 0, err
	}
	in, err := interpreter.New(model)
	if err != nil {
		return 0, 0, err
	}
	for _, op := range in.Operators() {
		if n, isBinary := bench.MultiplyAdds(op); isBinary {
			binary += n
		} else {
			others += n
		}
	}
	return binary, others, nil
}
