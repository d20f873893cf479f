//go:build noasm || !(amd64 || arm64 || arm)

package f32

// microKernels are those of instruction sets, best first: there are none here.
var microKernels []microKernel

// rest is nothing where there are no tiles of assembly.
type rest struct{}
