package schema

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/lce-go/lce/schema/internal/fb"
)

func (c *checker) tensor(t *Tensor) error {
	if err := checkName("name", t.Name); err != nil {
		return err
	}
	if err := checkDType(t.DType); err != nil {
		return fmt.Errorf("dtype: %w", err)
	}
	if err := checkShape(t.Shape); err != nil {
		return fmt.Errorf("shape %v: %w", t.Shape[:min(len(t.Shape), maxRank)], err)
	}
	if t.Quantization != nil {
		if err := checkQuantization(t); err != nil {
			return fmt.Errorf("quantization: %w", err)
		}
	}
	if t.Data == nil {
		return nil
	}
	size, err := dataSize(t)
	if err != nil {
		return fmt.Errorf("shape %v: %w", t.Shape, err)
	}
	if int64(len(t.Data)) != size {
		return fmt.Errorf("data: %d bytes, want %d for %v %v", len(t.Data), size, t.DType, t.Shape)
	}
	if err := c.values(t); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}

func checkDType(d DType) error {
	if d == Invalid || int(d) >= len(fb.EnumNamesDType) {
		return fmt.Errorf("%v, want 1..%d", d, len(fb.EnumNamesDType)-1)
	}
	return nil
}

// checkShape counts an unknown dimension as 1, and no dimension as 0: a tensor
// without elements may get some when the model is prepared.
func checkShape(shape []int) error {
	if len(shape) > maxRank {
		return fmt.Errorf("%d dimensions, want at most %d", len(shape), maxRank)
	}
	n := int64(1)
	for _, d := range shape {
		switch {
		case d < -1:
			return fmt.Errorf("dimension %d, want -1 or more", d)
		case d > maxElements:
			return fmt.Errorf("dimension %d, want at most %d", d, maxElements)
		case d > 0:
			if n *= int64(d); n > maxElements {
				return fmt.Errorf("more than %d elements", maxElements)
			}
		}
	}
	return nil
}

// dataSize is the number of bytes of a constant.
func dataSize(t *Tensor) (int64, error) {
	n, last := int64(1), int64(1)
	for _, d := range t.Shape {
		if d < 0 {
			return 0, errors.New("unknown dimension of a constant")
		}
		n, last = n*int64(d), int64(d)
	}
	if t.DType != Bits {
		return n * int64(t.DType.Size()), nil
	}
	if n == 0 {
		return 0, nil
	}
	return n / last * int64(WordsPerRow(int(last))) * 4, nil
}

// values checks that the tail bits of Bits are 0 and that Bools are 0 or 1.
func (c *checker) values(t *Tensor) error {
	key := packedRows{data: unsafe.SliceData(t.Data), size: len(t.Data), cols: -1}
	switch {
	case len(t.Data) == 0:
		return nil
	case t.DType == Bool:
	case t.DType == Bits && len(t.Shape) == 0:
		key.cols = 1
	case t.DType == Bits && t.Shape[len(t.Shape)-1]%32 != 0:
		key.cols = t.Shape[len(t.Shape)-1]
	default:
		return nil
	}
	if c.rows[key] {
		return nil
	}
	if key.cols < 0 {
		for i, b := range t.Data {
			if b > 1 {
				return fmt.Errorf("byte %d of a Bool tensor is %d, want 0 or 1", i, b)
			}
		}
	} else if err := checkTails(t.Data, key.cols); err != nil {
		return err
	}
	c.rows[key] = true
	return nil
}

// checkTails looks at the last word of each row of cols bits, cols%32 != 0.
func checkTails(data []byte, cols int) error {
	row := WordsPerRow(cols) * 4
	tail := ^uint32(0) << (cols % 32)
	for end := row; end <= len(data); end += row {
		b := data[end-4 : end]
		if w := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24; w&tail != 0 {
			return fmt.Errorf("row %d: bits set after the %d elements of a row", end/row-1, cols)
		}
	}
	return nil
}

func checkQuantization(t *Tensor) error {
	q := t.Quantization
	if len(q.Scale) == 0 {
		return errors.New("no scale, want at least one")
	}
	for i, s := range q.Scale {
		if !(s > 0) || math.IsInf(float64(s), 0) {
			return fmt.Errorf("scale[%d]: %v, want a positive number", i, s)
		}
	}
	if len(q.ZeroPoint) != 0 && len(q.ZeroPoint) != len(q.Scale) {
		return fmt.Errorf("%d zero points for %d scales", len(q.ZeroPoint), len(q.Scale))
	}
	for i, z := range q.ZeroPoint {
		if z < math.MinInt32 || z > math.MaxInt32 {
			return fmt.Errorf("zero_point[%d]: %d, want a 32-bit number", i, z)
		}
	}
	if q.Axis < 0 || q.Axis >= max(len(t.Shape), 1) {
		return fmt.Errorf("axis %d out of range [0, %d)", q.Axis, max(len(t.Shape), 1))
	}
	if len(q.Scale) == 1 {
		return nil
	}
	if len(t.Shape) == 0 {
		return fmt.Errorf("%d scales for a scalar", len(q.Scale))
	}
	if d := t.Shape[q.Axis]; d != -1 && d != len(q.Scale) {
		return fmt.Errorf("%d scales for %d elements along axis %d", len(q.Scale), d, q.Axis)
	}
	return nil
}
