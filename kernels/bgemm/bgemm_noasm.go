//go:build noasm || !amd64

package bgemm

func kernelsAsm() []*Kernel { return nil }
