package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// testStored tests a model whose weights are rounded for the file: what is stored in
// which type, that the file is smaller by that, and that Verify takes the difference for
// what it is. The expected outputs are those of weights that are rounded by numpy.
func (z topic) testStored(t *testing.T, name string, p pattern, res *converter.Result) {
	saved, total := int64(0), 0
	for _, s := range res.Report.Stored {
		if want := p.Stored[s.Type]; s.Tensors != want {
			t.Errorf("%d constants are stored as %s, want %d", s.Tensors, s.Type, want)
		}
		saved += s.FloatBytes - s.Bytes
		total += s.Tensors
	}
	if want := p.Stored["Float16"] + p.Stored["Int8"]; total != want {
		t.Errorf("%d constants are stored in fewer bits, want %d", total, want)
	}
	float, err := converter.Convert(t.Context(), z.model(t, name), converter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// What expands a constant takes a little of what is saved.
	if is := float.Report.Bytes - res.Report.Bytes; is > saved || is < saved-int64(total)*800 || total > 0 && is <= 0 {
		t.Errorf("%d bytes instead of %d, but the constants are smaller by %d", res.Report.Bytes, float.Report.Bytes, saved)
	}
	if is := res.Report.FloatBytes; is != res.Report.Bytes+saved {
		t.Errorf("%d bytes reported for floats, want %d and %d", is, res.Report.Bytes, saved)
	}
	for threads := 1; threads <= 2; threads++ {
		z.run(t, fmt.Sprintf("%d threads", threads), name, p, res.Model, threads)
	}
	var sample []converter.Array
	for _, input := range p.Inputs {
		a := z.array(t, fmt.Sprintf("%s.0.%s.npy", name, input))
		sample = append(sample, converter.Array{Name: input, DType: a.DType, Shape: a.Shape, Data: a.Data})
	}
	v, err := converter.Verify(t.Context(), res, converter.VerifyOptions{Inputs: [][]converter.Array{sample}})
	if err != nil {
		t.Error(err)
	}
	if total == 0 && v.Stored != nil || total > 0 && len(v.Stored) != p.Outputs {
		t.Errorf("differences by rounding of %d outputs, want %d", len(v.Stored), p.Outputs)
	}
	for i, d := range v.Stored {
		if d.SNR < 25 || d.SNR > 110 || d.MaxAbs <= v.Outputs[i].MaxAbs {
			t.Errorf("output %q: SNR %.1f dB, difference %g by rounding, %g without: want 25 to 110 dB, and more by rounding", d.Name, d.SNR, d.MaxAbs, v.Outputs[i].MaxAbs)
		}
	}
	fromFile(t, res.Model)
}

// fromFile checks that a model works as the bytes of a file wherever they lie, as
// with go:embed, and that a second interpreter of it gives the same.
func fromFile(t *testing.T, model *schema.Model) {
	t.Helper()
	file := written(t, model)
	var first [][]byte
	for _, offset := range []int{0, 1, 64} {
		data := append(make([]byte, offset, offset+len(file)), file...)[offset:]
		m, err := interpreter.Load(data)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			in, err := interpreter.New(m)
			if err != nil {
				t.Fatal(err)
			}
			if err := in.Run(); err != nil {
				t.Fatal(err)
			}
			for i, out := range in.Outputs() {
				switch {
				case len(first) <= i:
					first = append(first, slices.Clone(out.Bytes()))
				case !bytes.Equal(out.Bytes(), first[i]):
					t.Errorf("output %d differs between interpreters of the same file", i)
				}
			}
			in.Close()
		}
	}
}
