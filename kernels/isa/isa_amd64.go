//go:build !noasm

package isa

import "github.com/klauspost/cpuid/v2"

// cpu asks the CPU and the operating system, which must save the registers.
func cpu() Features {
	var f Features
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		f |= AVX2
	}
	if f.Has(AVX2) && cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL) {
		f |= AVX512
	}
	if f.Has(AVX512) && cpuid.CPU.Supports(cpuid.AVX512VPOPCNTDQ) {
		f |= AVX512Popcnt
	}
	return f
}
