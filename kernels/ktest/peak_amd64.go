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

// peak_avx2 runs n times 16 x (look-up, add) on 256-bit registers.
//
//go:noescape
func peak_avx2(n int)

// PeakMACs measures, for about 30 microseconds, how many binary multiply-adds a
// second this core does in a loop on registers of the instructions of the binary
// kernels that need those features: xor, popcount and add for AVX512Popcnt, table
// look-up of 4 bits and add for AVX2. It is 0 for others and if the core lacks them.
func PeakMACs(needs isa.Features) float64 {
	if !isa.Detect().Has(needs) {
		return 0
	}
	var macs float64
	start := time.Now()
	switch needs {
	case isa.AVX512Popcnt:
		const n = 2500
		peak_avx512popcnt(n)
		macs = n * 24 * 512
	case isa.AVX2:
		const n = 10000
		peak_avx2(n)
		macs = n * 16 * 4 * 32
	}
	return macs / time.Since(start).Seconds()
}
