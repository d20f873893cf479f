//go:build noasm || !(amd64 || arm64 || arm)

package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwiseKernels are those of instruction sets, best first: there are none here.
var depthwiseKernels []depthwiseKernel

// FunctionsFor is the best set of functions for the features.
func FunctionsFor(isa.Features) *Functions { return &genericFunctions }

// mixRowsFor gives none.
func mixRowsFor(isa.Features, int) (mixRowsFunc, int) { return nil, 0 }

// poolVector is 0: there is no poolRun.
func poolVector(isa.Features, int) int { return 0 }

func poolRun(*windows, int, int, int, []float32, []float32, int, []windowTap, float32) {
	panic("f32: no kernel for pools")
}
