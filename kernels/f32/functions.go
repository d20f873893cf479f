package f32

// Functions are the elementwise functions that instruction sets have kernels for. All
// sets compute the same.
type Functions struct {
	Name                           string // ends the names of kernels; empty for Go
	Add, Sub, Mul, Max, Min, PRelu BinaryFunc[float32, float32, float32]
	Clip                           func(lo, hi float32) UnaryFunc[float32]
	LeakyRelu                      func(alpha float32) UnaryFunc[float32]
	AddRows                        AddRowsFunc[float32]
	AddRowsWide                    AddRowsFunc[float64]
}

var genericFunctions = Functions{
	Add: Add[float32], Sub: Sub[float32], Mul: Mul[float32], Max: Max[float32], Min: Min[float32], PRelu: PRelu[float32],
	Clip: Clip, LeakyRelu: LeakyRelu, AddRows: addRows[float32], AddRowsWide: addRows[float64],
}
