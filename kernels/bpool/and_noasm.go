//go:build noasm || !arm64

package bpool

func kernelAsm() kernel { return generic }
