//go:build noasm || (!amd64 && !arm64)

package bgemm

func kernelsAsm() []*Kernel { return nil }
