//go:build noasm || !amd64

package rowwise

func kernels() []kernel { return nil }
