//go:build noasm || !amd64

package ktest

// PeakMACs is 0 where no peak loop is written.
func PeakMACs() float64 { return 0 }
