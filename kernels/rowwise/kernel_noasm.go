//go:build noasm || !(amd64 || arm64 || arm)

package rowwise

func kernels() []kernel { return nil }
