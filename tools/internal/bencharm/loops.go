package bencharm

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// kernel is a function with an inner loop, and what the same work takes elsewhere.
type kernel struct {
	arch, function, work string
	// product is the instruction that a loop has once for each so many multiply-adds.
	product string
	macs    int
	cpus    []string
	// reference has the multiply-adds a cycle of the loop of Larq Compute Engine, by llvm-mca, of
	// each CPU; 0 for none.
	reference []float64
}

const packages = "github.com/lce-go/lce/kernels/"

var (
	cpus64 = []string{"cortex-a53", "cortex-a55", "cortex-a72", "neoverse-n1", "neoverse-v1"}
	// Those with dot products, and of these those with matrix products.
	cpusDot    = []string{"cortex-a55", "cortex-a510", "neoverse-n1", "neoverse-n2", "neoverse-v1"}
	cpusMatrix = []string{"cortex-a510", "neoverse-n2", "neoverse-v1"}

	cpus32 = []string{"cortex-a9", "cortex-a57"}
)

var kernels = []kernel{
	{"arm64", "bgemm.bgemm_4x4_neon", "binary, 128 channels or more", "cnt", 128, cpus64, []float64{30.8, 34.4, 85.2, 85.3, 170.3}},
	{"arm64", "bgemm.bgemm_8x4_neon", "binary, 64 channels", "cnt", 128, cpus64, []float64{22.3, 27.7, 81.7, 73.0, 102.3}},
	{"arm64", "bgemm.bgemm_16x4_neon", "binary, 32 channels", "cnt", 128, cpus64, nil},
	{"arm64", "bgemm.masked_4x4_neon", "binary, -1, 0 and +1", "cnt", 128, cpus64, nil},
	{"arm64", "bgemm.bgemm_1x4_neon", "binary, single pixels", "cnt", 128, cpus64, nil},
	{"arm64", "f32.gemmTile8NEON", "float", "fmla", 4, cpus64, []float64{2.2, 3.2, 4.0, 8.0, 15.9}},
	{"arm64", "i8.gemm4x8NEON", "int8", "smlal", 32, cpus64, nil},
	{"arm64", "i8.gemm8x8DotProd", "int8, dot products", "sdot", 16, cpusDot, nil},
	{"arm64", "i8.gemm6x16SMMLA", "int8, matrix products", "smmla", 32, cpusMatrix, nil},
	{"arm", "bgemm.bgemm_4x4_neon", "binary, 128 channels or more", "vcnt.8", 128, cpus32, []float64{20.3, 63.6}},
	{"arm", "bgemm.bgemm_8x4_neon", "binary, 64 channels", "vcnt.8", 128, cpus32, []float64{20.3, 63.6}},
	{"arm", "bgemm.masked_4x4_neon", "binary, -1, 0 and +1", "vcnt.8", 128, cpus32, nil},
	{"arm", "f32.gemmTile8NEON", "float", "vmla.f32", 4, cpus32, nil},
	{"arm", "i8.gemm4x8NEON", "int8", "vmlal.s16", 4, cpus32, nil},
}

// extensions are those that the kernels use, for the programs of LLVM.
const extensions = "+neon,+dotprod,+i8mm"

// loop is the body of an inner loop.
type loop struct {
	lines    []string
	products int
}

// rates has, for each CPU, the cycles that an iteration of a loop takes.
func (o *options) rates(ctx context.Context, k *kernel, l *loop) ([]float64, error) {
	triple := map[string]string{"arm64": "aarch64", "arm": "armv7-linux-gnueabihf"}[k.arch]
	cycles := make([]float64, len(k.cpus))
	for i, cpu := range k.cpus {
		const iterations = 200
		cmd := exec.CommandContext(ctx, o.mca, "-mtriple="+triple, "-mcpu="+cpu, "-mattr="+extensions, "-iterations="+strconv.Itoa(iterations))
		cmd.Stdin = strings.NewReader(strings.Join(l.lines, "\n"))
		out, err := output(cmd)
		if err != nil {
			return nil, err
		}
		total := regexp.MustCompile(`Total Cycles:\s+(\d+)`).FindStringSubmatch(out)
		if total == nil {
			return nil, fmt.Errorf("%s for %s says no number of cycles", o.mca, cpu)
		}
		n, err := strconv.ParseFloat(total[1], 64)
		if err != nil {
			return nil, err
		}
		cycles[i] = n / iterations
	}
	return cycles, nil
}

// printLoops prints the table of the loops. It gives the cycles an instruction of the arm64
// kernels on a Cortex-A72, by the names of their functions.
func (o *options) printLoops(ctx context.Context, w io.Writer, programs map[string]*program) (map[string]float64, error) {
	perInstruction := map[string]float64{}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range kernels {
		k := &kernels[i]
		if i == 0 || k.arch != kernels[i-1].arch || !slices.Equal(k.cpus, kernels[i-1].cpus) {
			if err := table.Flush(); err != nil {
				return nil, err
			}
			fmt.Fprintf(table, "%s, multiply-adds a cycle (cycles, as a part of Larq Compute Engine's)\t%s\n", k.arch, strings.Join(k.cpus, "\t"))
		}
		l, err := o.innerLoop(ctx, programs[k.arch], k)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", k.function, k.arch, err)
		}
		cycles, err := o.rates(ctx, k, l)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(table, "%s (%s)", k.work, k.function)
		for j, c := range cycles {
			rate := float64(l.products*k.macs) / c
			fmt.Fprintf(table, "\t%.1f", rate)
			if k.reference != nil {
				fmt.Fprintf(table, " (%.2f)", k.reference[j]/rate)
			}
			if k.cpus[j] == "cortex-a72" {
				perInstruction[packages+k.function+".abi0"] = c / float64(len(l.lines)+1)
			}
		}
		fmt.Fprintln(table)
	}
	return perInstruction, table.Flush()
}

var (
	disassembled = regexp.MustCompile(`^\s*([0-9a-f]+):\s+(.*)$`)
	branch       = regexp.MustCompile(`^(b(?:[.]?[a-z]{2})?|cbn?z|tbn?z)\s.*?0x([0-9a-f]+)\b`)
)

// innerLoop finds the loop of a function with the most products that no branch leaves in
// between.
func (o *options) innerLoop(ctx context.Context, p *program, k *kernel) (*loop, error) {
	var at *symbol
	for i := range p.symbols {
		if p.symbols[i].name == packages+k.function+".abi0" || p.symbols[i].name == packages+k.function {
			if at == nil || p.symbols[i].end-p.symbols[i].start > at.end-at.start {
				at = &p.symbols[i] // the smaller one is a wrapper
			}
		}
	}
	if at == nil {
		return nil, fmt.Errorf("%s has no such function", p.path)
	}
	cmd := exec.CommandContext(ctx, o.objdump, "-d", "--no-show-raw-insn", "--mattr="+extensions,
		fmt.Sprintf("--start-address=%#x", at.start), fmt.Sprintf("--stop-address=%#x", at.end), p.path)
	text, err := output(cmd)
	if err != nil {
		return nil, err
	}
	return cut(text, k.product)
}

// cut finds the loop in a disassembly.
func cut(text, product string) (*loop, error) {
	var lines []string
	places := map[uint64]int{}
	best := &loop{}
	lastBranch := -1
	for line := range strings.Lines(text) {
		m := disassembled.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		address, err := strconv.ParseUint(m[1], 16, 64)
		if err != nil {
			return nil, err
		}
		instruction := strings.TrimSpace(regexp.MustCompile(`\s*(//|<|@).*`).ReplaceAllString(strings.ReplaceAll(m[2], "\t", " "), ""))
		places[address] = len(lines)
		if b := branch.FindStringSubmatch(instruction); b != nil {
			target, err := strconv.ParseUint(b[2], 16, 64)
			if err != nil {
				return nil, err
			}
			if first, seen := places[target]; seen && first > lastBranch {
				l := &loop{lines: lines[first:len(lines):len(lines)]}
				for _, body := range l.lines {
					if name, _, _ := strings.Cut(body, " "); name == product {
						l.products++
					}
				}
				if l.products > best.products {
					best = l
				}
			}
			lastBranch = len(lines)
		}
		lines = append(lines, instruction)
	}
	if best.products == 0 {
		return nil, fmt.Errorf("no loop has an instruction %s", product)
	}
	return best, nil
}
