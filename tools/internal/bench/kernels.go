package bench

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/tools/internal/cli"
)

// kernelTime is how long an operator takes with a kernel.
type kernelTime struct {
	kernel string
	time   time.Duration
	chosen bool
}

// compareKernels measures the operators again with each set of features, and with each
// kernel of binary products in the place of all others, as far as that selects other
// kernels than r's.
func (s *setting) compareKernels(ctx context.Context, r *result) ([][]kernelTime, error) {
	list := make([][]kernelTime, len(r.ops.ops))
	add := func(p *profile, chosen bool) {
		times, _ := p.times()
		for j, op := range p.ops {
			// A step may consist of other operators with other kernels.
			i := slices.IndexFunc(r.ops.ops, func(o interpreter.OpInfo) bool { return o.Name == op.Name && o.Op == op.Op })
			if i < 0 {
				continue
			}
			known := func(k kernelTime) bool { return k.kernel == op.Kernel }
			if !slices.ContainsFunc(list[i], known) {
				list[i] = append(list[i], kernelTime{op.Kernel, times[j], chosen})
			}
		}
	}
	add(r.ops, true)
	all := isa.Detect()
	for _, f := range isa.Levels(all) {
		if f == all {
			continue
		}
		p, err := s.operators(ctx, r.threads, f)
		if err != nil {
			return nil, err
		}
		add(p, false)
	}
	kernels := binaryKernels(all)
	if len(kernels) < 2 || !slices.ContainsFunc(r.ops.ops, isBinary) {
		kernels = nil
	}
	for i := range kernels {
		without := slices.Delete(slices.Clone(kernels), i, i+1)
		p, err := s.operators(ctx, r.threads, all, interpreter.WithoutKernels(without...))
		if err != nil {
			return nil, err
		}
		add(p, false)
	}
	for _, kernels := range list {
		slices.SortStableFunc(kernels, func(a, b kernelTime) int { return cmp.Compare(a.time, b.time) })
	}
	return list, nil
}

// binaryKernels are the names of the kernels of binary products that f allows, without
// the generic one.
func binaryKernels(f isa.Features) []string {
	var names []string
	all := bgemm.Kernels()
	for _, k := range all[:len(all)-1] {
		if f.Has(k.Needs) {
			names = append(names, k.Name)
		}
	}
	return names
}

func isBinary(op interpreter.OpInfo) bool {
	_, binary := MultiplyAdds(op)
	return binary
}

// writeKernels writes the table of --kernels: operators that only one kernel fits are
// left out.
func (r *result) writeKernels(w io.Writer) error {
	fmt.Fprintf(w, "\nkernels that fit, %s (* is the chosen one)\n", threadCount(r.threads))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tmicroseconds\tGMAC/s\tkernel\top\tname")
	for i, kernels := range r.kernels {
		if len(kernels) < 2 {
			continue
		}
		op := r.ops.ops[i]
		macs, _ := MultiplyAdds(op)
		for _, k := range kernels {
			mark, rate := "", ""
			if k.chosen {
				mark = "*"
			}
			if macs > 0 {
				rate = fmt.Sprintf("%.1f", gigaPerSecond(macs, k.time))
			}
			fmt.Fprintf(table, "%s\t%.1f\t%s\t%s\t%s\t%s\n", mark, microseconds(k.time), rate, k.kernel, op.Op, cli.StepName(op))
		}
	}
	return table.Flush()
}
