//go:build noasm || !(amd64 || arm64 || arm)

package bits

func signKernelsAsm() []signKernel { return nil }

func unpackKernelsAsm() []unpackKernel { return nil }
