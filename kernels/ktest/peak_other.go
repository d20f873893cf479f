//go:build noasm || !amd64

package ktest

import "github.com/lce-go/lce/kernels/isa"

// PeakMACs is 0 where no peak loop is written.
func PeakMACs(isa.Features) float64 { return 0 }
