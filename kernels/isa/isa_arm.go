//go:build !noasm

package isa

import syscpu "golang.org/x/sys/cpu"

// cpu relies on the operating system's report; without one there is no NEON.
func cpu() Features {
	if syscpu.ARM.HasNEON {
		return NEON
	}
	return 0
}
