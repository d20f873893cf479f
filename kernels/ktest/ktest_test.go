package ktest

import (
	"slices"
	"testing"
)

// recorder is a test that notes its failure instead of stopping.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

func TestGuardSeesWrites(t *testing.T) {
	for _, tc := range []struct {
		name string
		at   int // from the start of the buffer
		want bool
	}{{"inside", 4, false}, {"before", -1, true}, {"after", 5, true}, {"far after", 5 + guard - 1, true}} {
		t.Run(tc.name, func(t *testing.T) {
			g := Guard[float32](5)
			g.all[guard+tc.at] = 1
			var r recorder
			g.Check(&r)
			if r.failed != tc.want {
				t.Errorf("Check failed: %v, want %v", r.failed, tc.want)
			}
		})
	}
}

func TestPack(t *testing.T) {
	v := make([]float32, 2*33)
	v[0], v[32], v[33+31] = -1, -1, -1
	if got, want := Pack(v, 33), []uint32{1, 1, 1 << 31, 0}; !slices.Equal(got, want) {
		t.Errorf("Pack gives %#x, want %#x", got, want)
	}
}

func TestSizes(t *testing.T) {
	for _, tc := range []struct {
		tile int
		want []int
	}{{6, []int{1, 5, 6, 7, 15}}, {2, []int{1, 2, 3, 7}}, {1, []int{1, 2, 5}}} {
		if got := Sizes(tc.tile); !slices.Equal(got, tc.want) {
			t.Errorf("Sizes(%d) = %v, want %v", tc.tile, got, tc.want)
		}
	}
}
