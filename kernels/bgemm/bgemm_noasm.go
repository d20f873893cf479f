//go:build noasm || !amd64

package bgemm

func kernelsAsm() []*Kernel { return nil }

// kernelWork is what the kernels of this platform need for each thread.
type kernelWork struct{}
