// Lce-run runs a .lce model on .npy or .npz inputs.
package main

import (
	"runtime/debug"

	"github.com/lce-go/lce/tools/internal/run"
)

func main() {
	// Nearly all that a run allocates is in use until the end; collecting garbage while
	// a small model loads takes a tenth of the time to its first result.
	debug.SetGCPercent(400)
	run.Command.Main()
}
