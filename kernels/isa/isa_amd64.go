//go:build !noasm

package isa

import syscpu "golang.org/x/sys/cpu"

// cpu asks the CPU and the operating system, which must save the registers.
func cpu() Features {
	x := &syscpu.X86
	var f Features
	if x.HasAVX2 && x.HasFMA {
		f |= AVX2
	}
	if f.Has(AVX2) && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
		f |= AVX512
	}
	if f.Has(AVX512) && x.HasAVX512VPOPCNTDQ && x.HasAVX512VNNI {
		f |= AVX512Popcnt
	}
	return f
}
