//go:build noasm || !amd64

package move

import "github.com/lce-go/lce/kernels/isa"

func transposeSquares(isa.Features) func(dst, src *uint32, dstStep, srcStep, squares int) { return nil }
