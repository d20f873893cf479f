package schema

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzOpen: whatever the bytes are, Open gives an error or a model that can be read,
// written and opened again, and allocates no more than it says.
func FuzzOpen(f *testing.F) {
	v1, err := os.ReadFile("testdata/tiny_v1.lce")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v1)
	f.Add(mustWrite(f, everyModel()))
	f.Add(mustWrite(f, constants([]byte{}, []byte{1}, make([]byte, 64))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if openHostile(t, data) != nil {
			return
		}
		m := mustOpen(t, data)
		var b bytes.Buffer
		if err := Write(&b, m); err != nil {
			t.Fatalf("writing what was read: %v", err)
		}
		if diff := cmp.Diff(mustOpen(t, b.Bytes()), m, sameFloats); diff != "" {
			t.Fatalf("written and read again (-got +want):\n%s", diff)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for _, bm := range []struct {
		name string
		m    *Model
	}{{"tiny", tinyModel()}, {"every", everyModel()}} {
		b.Run(bm.name, func(b *testing.B) {
			file := mustWrite(b, bm.m)
			data := append(alignedBytes(len(file))[:0], file...)
			b.ReportAllocs()
			b.ReportMetric(float64(len(data)), "file-bytes")
			for b.Loop() {
				if _, err := Open(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
