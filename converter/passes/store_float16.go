package passes

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

// The finite values of float16 end at maxHalf; below minHalf they lose bits.
const (
	maxHalf = 65504
	minHalf = 1.0 / (1 << 14)
)

// asHalf stores w as float16, rounded to the nearest, ties to even. It stays as it is,
// with a note, if a number is too large for float16, or all of them are so small that
// float16 has fewer bits for them.
func (s *storage) asHalf(w *graph.Value) error {
	values := floats(w)
	data := ops.AlignedBytes(2 * len(values))
	largest := 0.0
	for i, v := range values {
		bits := move.Float16Bits(float64(v))
		if bits&0x7fff == 0x7c00 && !math.IsInf(float64(v), 0) {
			s.log.KeptFloat = append(s.log.KeptFloat, fmt.Sprintf("%q stays Float32: it has %g, and Float16 ends at %d", w.Name, v, maxHalf))
			return nil
		}
		if isFinite(v) {
			largest = max(largest, math.Abs(float64(v)))
		}
		binary.LittleEndian.PutUint16(data[2*i:], bits)
	}
	if largest > 0 && largest < minHalf {
		s.log.KeptFloat = append(s.log.KeptFloat, fmt.Sprintf("%q stays Float32: its largest number is %g, and Float16 is less exact below %.3g", w.Name, largest, minHalf))
		return nil
	}
	half := s.g.NewConst(w.Name+"/float16", schema.Float16, w.Shape, data)
	return s.store(w, []*graph.Value{half}, func(parts []*graph.Value) []*graph.Node {
		return []*graph.Node{toFloat(parts[0])}
	})
}
