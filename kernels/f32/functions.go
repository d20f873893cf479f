package f32

// Functions are the elementwise functions that instruction sets have kernels for. All
// sets compute the same; exponential functions with errors below 0.501 units in the last
// place, Erf with errors below 3e-7 of the result, Gelu, GeluTanh, Swish and Mish below 3e-7 of the operand.
type Functions struct {
	Name                                string // ends the names of kernels; empty for Go
	Add, Sub, Mul, Div, Max, Min, PRelu BinaryFunc[float32, float32, float32]
	Clip                                func(lo, hi float32) UnaryFunc[float32]
	LeakyRelu                           func(alpha float32) UnaryFunc[float32]
	Exp, Sigmoid, Tanh                  UnaryFunc[float32]
	Erf, Gelu, GeluTanh                 UnaryFunc[float32]
	Swish, Mish                         UnaryFunc[float32]
	Softmax                             SoftmaxFunc
	Normalize                           NormalizeFunc
	AddRows                             AddRowsFunc[float32]
	AddRowsWide                         AddRowsFunc[float64]
}

var genericFunctions = Functions{
	Add: Add[float32], Sub: Sub[float32], Mul: Mul[float32], Div: Div[float32], Max: Max[float32], Min: Min[float32], PRelu: PRelu[float32],
	Clip: Clip, LeakyRelu: LeakyRelu, Exp: Exp, Sigmoid: Sigmoid, Tanh: Tanh, Softmax: softmaxRow, Normalize: normalizeRow,
	Erf: Erf, Gelu: Gelu, GeluTanh: GeluTanh, Swish: Swish, Mish: Mish,
	AddRows: addRows[float32], AddRowsWide: addRows[float64],
}
