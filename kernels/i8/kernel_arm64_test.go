//go:build !noasm

package i8

import (
	"testing"

	"github.com/lce-go/lce/kernels/isa"
)

func TestSelectKernel(t *testing.T) {
	for _, c := range []struct {
		isa              string
		signed, unsigned string
	}{
		{"generic", "generic_2x4", "generic_2x4"},
		{"neon", "4x8_neon", "4x8_neon"},
		{"dotprod", "8x8_dotprod", "8x8_dotprod"},
		{"i8mm", "6x16_i8mm", "6x16_i8mm_unsigned"},
	} {
		f, err := isa.Parse(c.isa)
		if err != nil {
			t.Fatal(err)
		}
		if got := selectKernel(f, true).name; got != c.signed {
			t.Errorf("%s: %s for int8, want %s", c.isa, got, c.signed)
		}
		if got := selectKernel(f, false).name; got != c.unsigned {
			t.Errorf("%s: %s for uint8, want %s", c.isa, got, c.unsigned)
		}
	}
}
