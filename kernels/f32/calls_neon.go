//go:build arm64 || arm

package f32

// maxCall is what it is elsewhere, of a Cortex-A53 at 1.2 GHz: some 100 microseconds.
const maxCall = 1 << 18
