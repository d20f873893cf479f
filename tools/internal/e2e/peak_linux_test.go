package e2e

import (
	"os"
	"syscall"
)

// peakMiB gives the largest resident size that a finished process had, 0 if unknown.
func peakMiB(state *os.ProcessState) int {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return int(usage.Maxrss >> 10)
}
