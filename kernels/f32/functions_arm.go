//go:build !noasm

package f32

const geluStepNEON = 8

// withDoubles changes nothing: vectors have no float64 here.
func withDoubles(f Functions) Functions { return f }
