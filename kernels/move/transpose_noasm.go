//go:build noasm || !(amd64 || arm64 || arm)

package move

import "github.com/lce-go/lce/kernels/isa"

func transposeSquares(isa.Features) transposeSquare { return nil }

func interleaver(isa.Features) func(dst, a, b *uint32, n int) { return nil }
