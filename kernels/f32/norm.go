package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// NormalizeFunc computes, of a row src, (src[i] - mean) / root(variance + epsilon) * scale[i] +
// bias[i]. The mean, the variance and the difference are float64. scale and bias may be nil, dst
// may be the memory of src.
type NormalizeFunc func(dst, src, scale, bias []float32, epsilon float64)

// LayerNorm normalizes each row of a matrix.
type LayerNorm struct {
	cols                  int
	epsilon               float64
	row                   NormalizeFunc
	spread                move.Spread
	dst, src, scale, bias []float32
}

// NewLayerNorm makes a kernel for rows of cols elements.
func NewLayerNorm(rows, cols int, epsilon float32, f isa.Features) *LayerNorm {
	return &LayerNorm{cols: cols, epsilon: float64(epsilon), row: FunctionsFor(f).Normalize, spread: move.NewSpread(1, rows, 8*cols, 1)}
}

// Run computes dst from src; they may be the same memory. scale and bias may be nil.
func (l *LayerNorm) Run(p *parallel.Pool, dst, src, scale, bias []float32) {
	l.dst, l.src, l.scale, l.bias = dst, src, scale, bias
	p.Run(l.spread.Tiles(), l)
	l.dst, l.src, l.scale, l.bias = nil, nil, nil, nil
}

// Tile does some rows.
func (l *LayerNorm) Tile(i, _ int) {
	_, _, lo, hi := l.spread.Tile(i)
	for r := lo; r < hi; r++ {
		l.row(l.dst[r*l.cols:][:l.cols], l.src[r*l.cols:][:l.cols], l.scale, l.bias, l.epsilon)
	}
}

// normalizeRow is a NormalizeFunc in Go.
func normalizeRow(dst, src, scale, bias []float32, epsilon float64) {
	n := float64(len(src))
	mean := sumRow(src) / n
	factor := 1 / math.Sqrt(squaresRow(src, mean)/n+epsilon)
	scaleRow(dst, src, scale, bias, mean, factor)
}

func sumRow(src []float32) float64 {
	sum := 0.0
	for _, v := range src {
		sum += float64(v)
	}
	return sum
}

// squaresRow sums the squares of what elements are above the mean.
func squaresRow(src []float32, mean float64) float64 {
	sum := 0.0
	for _, v := range src {
		d := float64(v) - mean
		sum += float64(d * d)
	}
	return sum
}

func scaleRow(dst, src, scale, bias []float32, mean, factor float64) {
	for i, v := range src {
		y := float32((float64(v) - mean) * factor)
		if scale != nil {
			y *= scale[i]
		}
		if bias != nil {
			y = float32(y) + bias[i]
		}
		dst[i] = y
	}
}
