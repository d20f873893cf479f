//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package bench

// peakRSS is 0: this system does not tell the peak of resident memory.
func peakRSS() int64 { return 0 }
