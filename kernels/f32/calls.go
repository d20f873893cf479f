//go:build !(arm64 || arm)

package f32

// maxCall bounds the products, or the elements of windows of a pool, of a call of assembly, which
// cannot be interrupted: some 50 microseconds of AVX2. What cannot be cut further is left to Go.
const maxCall = 1 << 20
