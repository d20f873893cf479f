//go:build noasm || !(arm64 || arm)

package bpool

func kernelAsm() kernel { return generic }
