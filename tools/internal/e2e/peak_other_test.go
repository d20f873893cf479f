//go:build !linux

package e2e

import "os"

// peakMiB gives the largest resident size that a finished process had, 0 if unknown.
func peakMiB(*os.ProcessState) int { return 0 }
