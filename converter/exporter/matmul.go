package exporter

import (
	"fmt"

	"github.com/lce-go/lce/schema"
)

// exportMatMul makes a Gemm of matrices with a bias, else a MatMul.
func exportMatMul(c *call) error {
	o, err := options[*schema.MatMulOptions](c)
	if err != nil {
		return err
	}
	bias := c.input(2)
	role, last := "", c.out[0]
	if o.Clamp != schema.NoClamp {
		role = "product"
	}
	var y *value
	if bias != nil && c.in[0].rank == 2 && c.in[1].rank == 2 {
		y = c.emit(role, "Gemm", c.plains(), flag("transA", o.TransposeA), flag("transB", o.TransposeB))
	} else {
		product := role
		if bias != nil {
			product = "sum"
		}
		var in []*value
		for i, swap := range []bool{o.TransposeA, o.TransposeB} {
			v := c.plain(i)
			if swap {
				if c.in[i].rank < 2 {
					return fmt.Errorf("input %d, %q, has rank %d and is transposed, want at least 2", i, c.in[i].Name, c.in[i].rank)
				}
				v = c.transposed(fmt.Sprintf("%s/operand%d", c.op.Name, i), v, swapLast(c.in[i].rank))
			}
			in = append(in, v)
		}
		y = c.emit(product, "MatMul", in)
		if bias != nil {
			y = c.emit(role, "Add", []*value{y, c.plain(2)})
		}
	}
	if role != "" {
		y = c.clamped("", y, o.Clamp)
	}
	last.set(plain, y)
	return nil
}
