// Package isa says which instruction sets kernels may use. It is the only
// package that asks the CPU.
package isa

import (
	"fmt"
	"os"
	"strings"
)

// Features is a set of instruction set extensions.
type Features uint32

// The instruction sets that kernels name. Each bit means all that the comment lists.
const (
	AVX2         Features = 1 << iota // AVX2 and FMA
	AVX512                            // AVX512F, BW, DQ, VL
	AVX512Popcnt                      // AVX512, VPOPCNTDQ and VNNI
	NEON                              // arm64 or arm SIMD
	DotProd                           // arm64 NEON with SDOT and UDOT
	I8MM                              // DotProd, and matrix products of int8
)

// EnvName is the environment variable that limits the instruction sets in use.
const EnvName = "LCE_ISA"

// names lists what Parse accepts. Each name includes the smaller sets that a CPU
// with it always has.
var names = []struct {
	name string
	bit  Features
	all  Features
}{
	{"avx2", AVX2, AVX2},
	{"avx512", AVX512, AVX2 | AVX512},
	{"avx512popcnt", AVX512Popcnt, AVX2 | AVX512 | AVX512Popcnt},
	{"neon", NEON, NEON},
	{"dotprod", DotProd, NEON | DotProd},
	{"i8mm", I8MM, NEON | DotProd | I8MM},
}

// Has reports whether f holds every feature of need.
func (f Features) Has(need Features) bool { return f&need == need }

// String lists the features by their names, separated by commas; "generic" is none.
func (f Features) String() string {
	var list []string
	for _, n := range names {
		if f&n.bit != 0 {
			list = append(list, n.name)
			f &^= n.bit
		}
	}
	if f != 0 {
		list = append(list, fmt.Sprintf("%#x", uint32(f)))
	}
	if list == nil {
		return "generic"
	}
	return strings.Join(list, ",")
}

// Parse reads a comma-separated list of generic, avx2, avx512, avx512popcnt, neon,
// dotprod and i8mm. A name includes the sets it builds on: avx512popcnt means avx512 and
// avx2 too. generic adds nothing.
func Parse(s string) (Features, error) {
	var f Features
next:
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		if name == "generic" {
			continue
		}
		for _, n := range names {
			if n.name == name {
				f |= n.all
				continue next
			}
		}
		return 0, fmt.Errorf("unknown instruction set %q, want generic, avx2, avx512, avx512popcnt, neon, dotprod or i8mm", name)
	}
	return f, nil
}

// FromEnv is what this CPU has, limited to the sets that the environment variable
// LCE_ISA names (see Parse). Unset or empty limits nothing. An unknown name, or a set
// that the CPU lacks, is an error, and the features are then none.
func FromEnv() (Features, error) {
	s := os.Getenv(EnvName)
	if s == "" {
		return cpu(), nil
	}
	f, err := Parse(s)
	if err != nil {
		return 0, fmt.Errorf("environment variable %s: %w", EnvName, err)
	}
	if lacking := f &^ cpu(); lacking != 0 {
		return 0, fmt.Errorf("environment variable %s: this processor or build has no %v, only %v", EnvName, lacking, cpu())
	}
	return f, nil
}

// Detect is FromEnv for callers that have no use for its error.
func Detect() Features {
	f, _ := FromEnv()
	return f
}

// Levels lists the sets of features that f allows, from the generic one up: each is
// what Parse makes of a name.
func Levels(f Features) []Features {
	levels := []Features{0}
	for _, n := range names {
		if f.Has(n.all) {
			levels = append(levels, n.all)
		}
	}
	return levels
}
