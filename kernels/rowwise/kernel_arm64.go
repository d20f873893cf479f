//go:build !noasm

package rowwise

import "github.com/lce-go/lce/kernels/isa"

func kernels() []kernel {
	return []kernel{{suffix: "_neon", needs: isa.NEON, tile: 64, code: codesNEON(), run: runNEON}}
}
