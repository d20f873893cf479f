//go:build noasm || !(amd64 || arm64 || arm)

package isa

func cpu() Features { return 0 }
