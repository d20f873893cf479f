//go:build noasm || (!amd64 && !arm64 && !arm)

package bgemm

func kernelsAsm() []*Kernel { return nil }

func depthwiseKernelsAsm() []*Kernel { return nil }
