//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package bench

import (
	"runtime"
	"syscall"
)

// peakRSS is the largest resident memory of the process so far, in bytes; 0 if the
// system does not tell.
func peakRSS() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
