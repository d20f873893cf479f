package ops

import (
	"errors"
	"runtime"
	"testing"
	"unsafe"
)

func TestPacks(t *testing.T) {
	var p Packs
	filled := 0
	get := func(layout string, size int) []byte {
		made, err := p.get(layout, size, func(dst []byte) error {
			filled++
			for i := range dst {
				dst[i] = layout[0]
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	a := get("a", 4000)
	b := get("b", 4000)
	if filled != 2 || a[3999] != 'a' || b[0] != 'b' {
		t.Fatalf("filled %d times, bytes %c and %c", filled, a[3999], b[0])
	}
	again := get("a", 4000)
	if unsafe.SliceData(again) != unsafe.SliceData(a) || len(again) != 4000 || filled != 2 {
		t.Errorf("the same layout was packed again")
	}
	if c := get("a", 3000); len(c) != 3000 || unsafe.SliceData(c) == unsafe.SliceData(a) || filled != 3 {
		t.Errorf("another size shares memory with a layout of the same name")
	}
	if !Aligned(a) {
		t.Error("not aligned")
	}
	runtime.KeepAlive(a)
	runtime.KeepAlive(again)
	runtime.GC()
	if get("a", 4000); filled != 4 {
		t.Errorf("filled %d times, want packs that nothing refers to to be dropped", filled)
	}
	if b := get("b", 4000); filled != 5 || b[0] != 'b' {
		t.Errorf("filled %d times, want 5", filled)
	}
	if e := get("e", 0); len(e) != 0 {
		t.Errorf("%d bytes, want none", len(e))
	}
	if made, err := (*Packs)(nil).get("n", 8, func(dst []byte) error { dst[7] = 1; return nil }); made[7] != 1 || err != nil {
		t.Errorf("packs that are not kept are not filled, error %v", err)
	}
	wrong := errors.New("wrong")
	for range 2 {
		if _, err := p.get("w", 8, func([]byte) error { return wrong }); err != wrong {
			t.Errorf("error %v, want that of fill, each time", err)
		}
	}
}
