//go:build !noasm

package f32

// withDoubles changes nothing: vectors have neither float64 nor a division here.
func withDoubles(f Functions) Functions { return f }
