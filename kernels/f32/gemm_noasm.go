//go:build noasm || !amd64

package f32

// microKernels and depthwiseKernels are those of instruction sets, best first: there
// are none here.
var (
	microKernels     []microKernel
	depthwiseKernels []depthwiseKernel
)

// gemmArgs is a tile as assembly reads it.
type gemmArgs struct{}
