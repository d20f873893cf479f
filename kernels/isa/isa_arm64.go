//go:build !noasm

package isa

import syscpu "golang.org/x/sys/cpu"

// cpu asks for what not every core has; Go on arm64 requires SIMD.
func cpu() Features {
	f := NEON
	if syscpu.ARM64.HasASIMDDP {
		f |= DotProd
	}
	if f.Has(DotProd) && syscpu.ARM64.HasI8MM {
		f |= I8MM
	}
	return f
}
