//go:build !noasm

package ktest

import (
	"time"

	"github.com/lce-go/lce/kernels/isa"
)

// peak_avx512popcnt runs n times 24 x (xor, popcount, add) on 512-bit registers.
//
//go:noescape
func peak_avx512popcnt(n int)

// PeakMACs measures, for about 30 microseconds, how many binary multiply-adds a
// second this core does in a loop of xor, popcount and add on registers; 0 if it
// lacks the instructions.
func PeakMACs() float64 {
	if !isa.Detect().Has(isa.AVX512Popcnt) {
		return 0
	}
	const n = 2500
	start := time.Now()
	peak_avx512popcnt(n)
	return n * 24 * 512 / time.Since(start).Seconds()
}
