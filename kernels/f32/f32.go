// Package f32 has the float32 compute kernels: convolution, matrix product, pools,
// reductions, softmax and elementwise functions. Those that models also use on
// integers are generic. Kernels work on slices in NHWC layout, and know neither
// tensors nor graphs.
//
// A kernel is made once for fixed shapes and run many times; a run allocates
// nothing, and gives the same bits for any number of threads. Shapes must be
// consistent and slices long enough: that is the caller's business, and a mistake
// there is a panic.
package f32

// Number is an element type of arithmetic.
type Number interface {
	float32 | float64 | int8 | uint8 | int32 | int64 | uint64
}
