//go:build noasm || !(amd64 || arm64)

package f32

import "github.com/lce-go/lce/kernels/isa"

// winogradKernelFor gives none.
func winogradKernelFor(isa.Features) *winogradKernel { return nil }
