//go:build noasm || !(amd64 || arm64 || arm)

package i8

// kernels and vectorFunctions are those of instruction sets, best first: there are none here.
var (
	kernels         []kernel
	vectorFunctions []functions
)
