package move

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// pools are the numbers of threads to test with: one and three.
func pools(t *testing.T) []*parallel.Pool {
	p := parallel.New(3)
	t.Cleanup(p.Close)
	return []*parallel.Pool{nil, p}
}

// random makes n elements of size bytes.
func random(r *rand.Rand, n, size int) []byte {
	// Whole words behind a slice of bytes keep it aligned.
	b := Bytes(make([]float32, n*size/4+3))[:n*size]
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// index splits a position in a contiguous array into one for each axis.
func index(at int, shape []int) []int {
	x := make([]int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		x[i] = at % shape[i]
		at /= shape[i]
	}
	return x
}

func TestStrided(t *testing.T) {
	cases := []struct {
		name           string
		shape, strides []int
		offset, source int // elements of the source
		mode           string
	}{
		{"scalar", nil, nil, 3, 4, "rows"},
		{"empty", []int{2, 0}, []int{1, 1}, 0, 1, "empty"},
		{"whole", []int{3, 4, 5}, []int{20, 5, 1}, 0, 60, "rows"},
		{"large", []int{300, 400}, []int{400, 1}, 0, 120000, "rows"},
		{"short rows", []int{500, 3}, []int{4, 1}, 1, 2004, "rows"},
		{"repeat", []int{7, 9}, []int{1, 0}, 0, 7, "repeat"},
		{"fill", []int{100000}, []int{0}, 0, 1, "repeat"},
		{"transpose", []int{33, 50}, []int{1, 33}, 0, 33 * 50, "2d"},
		{"large transpose", []int{301, 257}, []int{1, 301}, 0, 301 * 257, "2d"},
		{"nchw to nhwc", []int{2, 35, 3}, []int{105, 1, 35}, 0, 210, "2d"},
		{"large nchw to nhwc", []int{2, 40000, 3}, []int{120000, 1, 40000}, 0, 240000, "2d"},
		{"bgr to rgb", []int{35, 3}, []int{1, -35}, 70, 105, "2d"},
		{"nhwc to nchw", []int{2, 3, 35}, []int{105, 1, 3}, 0, 210, "2d"},
		{"reverse axes", []int{5, 6, 7}, []int{1, 5, 30}, 0, 210, "2d"},
		{"middle", []int{4, 6, 5, 3}, []int{90, 3, 18, 1}, 0, 360, "rows"},
		{"inner and outer", []int{6, 5, 4, 3}, []int{1, 18, 90, 6}, 0, 360, "2d"},
		{"step", []int{6, 7}, []int{30, 2}, 1, 200, "strided"},
		{"backwards", []int{5}, []int{-3}, 14, 15, "strided"},
		{"backwards rows", []int{5, 4}, []int{-4, 1}, 16, 20, "rows"},
		{"long step", []int{2, 40000}, []int{80000, 2}, 0, 160000, "strided"},
	}
	for _, c := range cases {
		for _, size := range []int{1, 2, 4, 8} {
			t.Run(fmt.Sprintf("%s_%d", c.name, size), func(t *testing.T) {
				src := random(rand.New(rand.NewPCG(1, 2)), c.source, size)
				want := make([]byte, 0, product(c.shape)*size)
				for i := range product(c.shape) {
					at := c.offset
					for k, x := range index(i, c.shape) {
						at += x * c.strides[k]
					}
					want = append(want, src[at*size:][:size]...)
				}
				s := NewStrided(c.shape, c.strides, c.offset, size, isa.Detect())
				if s.Name() != c.mode {
					t.Errorf("way of copying: got %q, want %q", s.Name(), c.mode)
				}
				for _, p := range pools(t) {
					got := random(rand.New(rand.NewPCG(3, 4)), len(want)/size, size)
					s.Run(p, got, src)
					if !bytes.Equal(got, want) {
						t.Fatalf("%d threads: wrong elements", p.Threads())
					}
				}
			})
		}
	}
}

func TestCopy(t *testing.T) {
	for _, n := range []int{0, 1, 33, 1 << 20} {
		src := random(rand.New(rand.NewPCG(1, 2)), n, 1)
		for _, p := range pools(t) {
			dst := make([]byte, n)
			NewCopy(n).Run(p, dst, src)
			if !bytes.Equal(dst, src) {
				t.Fatalf("%d bytes: wrong copy", n)
			}
		}
	}
}

func TestSections(t *testing.T) {
	for _, c := range []struct {
		blocks int
		sizes  []int
	}{
		{1, []int{5}}, {1, []int{5, 7}}, {3, []int{4, 0, 9}}, {0, []int{4, 4}}, {500, []int{100, 3, 60}}, {2, []int{100000, 7}}, {3, []int{1 << 15, 4, 0, 1 << 14}}, {300, []int{8, 16, 4, 8}}, {3000, []int{8, 8, 8}},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		var parts [][]byte
		for _, n := range c.sizes {
			parts = append(parts, random(r, c.blocks*n, 1))
		}
		var want []byte
		for b := range c.blocks {
			for i, n := range c.sizes {
				want = append(want, parts[i][b*n:(b+1)*n]...)
			}
		}
		for _, p := range pools(t) {
			s := NewSections(c.blocks, c.sizes)
			whole := make([]byte, len(want))
			s.Join(p, whole, parts)
			if !bytes.Equal(whole, want) {
				t.Fatalf("%d blocks of %v: wrong join", c.blocks, c.sizes)
			}
			for skipped := range parts {
				got := make([][]byte, len(parts))
				for i, part := range parts {
					if i != skipped {
						got[i] = make([]byte, len(part))
					}
				}
				s.Cut(p, got, whole)
				for i, part := range parts {
					if i != skipped && !bytes.Equal(got[i], part) {
						t.Fatalf("%d blocks of %v, without part %d: wrong part %d", c.blocks, c.sizes, skipped, i)
					}
				}
			}
		}
	}
}

func TestGather(t *testing.T) {
	for _, c := range []struct {
		name                 string
		blocks, length, size int
		indices              []int64
		bad                  bool
	}{
		{"one", 1, 4, 4, []int64{2}, false},
		{"some", 3, 5, 12, []int64{0, -1, 4, -5, 2}, false},
		{"none", 3, 5, 12, nil, false},
		{"many", 2, 300, 64, make([]int64, 5000), false},
		{"empty slices", 2, 5, 0, []int64{1}, false},
		{"too large", 1, 5, 4, []int64{0, 5}, true},
		{"too small", 1, 5, 4, []int64{-6}, true},
		{"of nothing", 1, 0, 4, []int64{0}, true},
		{"wrapping", 1, 5, 4, []int64{1 << 32}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			src := random(r, c.blocks*c.length*c.size, 1)
			if c.name == "many" {
				for i := range c.indices {
					c.indices[i] = int64(r.IntN(2*c.length) - c.length)
				}
			}
			var want []byte
			for b := 0; b < c.blocks && !c.bad; b++ {
				for _, v := range c.indices {
					if v < 0 {
						v += int64(c.length)
					}
					want = append(want, src[(b*c.length+int(v))*c.size:][:c.size]...)
				}
			}
			for _, p := range pools(t) {
				got := make([]byte, len(want))
				err := RunGather(NewGather(c.blocks, c.length, c.size, len(c.indices)), p, got, src, c.indices)
				if (err != nil) != c.bad {
					t.Fatalf("error %v, want one: %v", err, c.bad)
				}
				if !bytes.Equal(got, want) {
					t.Fatal("wrong slices")
				}
			}
		})
	}
	got := make([]byte, 2)
	if err := RunGather(NewGather(1, 3, 1, 2), nil, got, []byte("abc"), []int32{-1, 0}); err != nil || string(got) != "ca" {
		t.Errorf("int32 indices: got %q, %v", got, err)
	}
}

func TestPad(t *testing.T) {
	for _, c := range []struct {
		name          string
		mode          PadMode
		shape         []int
		before, after []int
	}{
		{"scalar", PadConstant, nil, nil, nil},
		{"row", PadConstant, []int{3}, []int{2}, []int{1}},
		{"plane", PadConstant, []int{3, 4}, []int{1, 2}, []int{0, 3}},
		{"empty", PadConstant, []int{2, 0}, []int{1, 1}, []int{0, 1}},
		{"crop", PadConstant, []int{4, 5}, []int{-1, 2}, []int{1, -3}},
		{"crop all", PadConstant, []int{4}, []int{-6}, []int{7}},
		{"crop to nothing", PadConstant, []int{4, 2}, []int{-2, 0}, []int{-2, 0}},
		{"reflect", PadReflect, []int{4, 5}, []int{3, 2}, []int{1, 4}},
		{"reflect and crop", PadReflect, []int{5}, []int{-2}, []int{3}},
		{"edge", PadEdge, []int{2, 3}, []int{3, 1}, []int{1, 5}},
		{"large", PadEdge, []int{100, 7, 300}, []int{1, 0, 9}, []int{0, 2, 70}},
		{"long", PadConstant, []int{2, 70000}, []int{0, 50000}, []int{1, 3}},
	} {
		for _, size := range []int{1, 2, 4, 8} {
			t.Run(fmt.Sprintf("%s_%d", c.name, size), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				src, value := random(r, product(c.shape), size), random(r, 1, size)
				to := make([]int, len(c.shape))
				for i, d := range c.shape {
					to[i] = c.before[i] + d + c.after[i]
				}
				var want []byte
				steps := Strides(c.shape)
				for at := range product(to) {
					from, outside := 0, false
					for i, x := range index(at, to) {
						x -= c.before[i]
						n := c.shape[i]
						switch {
						case x >= 0 && x < n:
						case c.mode == PadEdge && x < 0:
							x = 0
						case c.mode == PadEdge:
							x = n - 1
						case c.mode == PadReflect && x < 0:
							x = -x
						case c.mode == PadReflect:
							x = n - 1 - (x - (n - 1))
						default:
							outside = true
						}
						from += x * steps[i]
					}
					if outside {
						want = append(want, value...)
					} else {
						want = append(want, src[from*size:][:size]...)
					}
				}
				for _, p := range pools(t) {
					got := random(r, product(to), size)
					NewPad(c.mode, c.shape, to, c.before, size).Run(p, got, src, value)
					if !bytes.Equal(got, want) {
						t.Fatalf("%d threads: got %v, want %v", p.Threads(), got, want)
					}
				}
			})
		}
	}
}

// TestAllocations checks that no run allocates.
func TestAllocations(t *testing.T) {
	src, dst := make([]byte, 1<<16), make([]byte, 1<<16)
	s := NewStrided([]int{64, 64}, []int{1, 64}, 0, 4, isa.Detect())
	c := NewCopy(1 << 12)
	j, parts := NewSections(8, []int{16, 48}), [][]byte{src[:1<<10], src[1<<10:]}
	g := NewGather(2, 8, 64, 3)
	p := NewPad(PadEdge, []int{8, 8}, []int{10, 10}, []int{1, 1}, 4)
	w := NewSelect([]int{8, 8}, []int{8}, []int{8, 8}, []int{1}, 4, isa.Detect())
	k := NewCast(Int64, Float32, 100)
	indices := []int64{1, 2, 3}
	for _, pool := range pools(t) {
		got := testing.AllocsPerRun(20, func() {
			s.Run(pool, dst, src)
			c.Run(pool, dst, src)
			j.Join(pool, dst, parts)
			j.Cut(pool, parts, dst)
			if err := RunGather(g, pool, dst, src, indices); err != nil {
				t.Fatal(err)
			}
			p.Run(pool, dst, src, src)
			w.Run(pool, dst, src, src, src)
			k.Run(pool, dst, src)
		})
		if got != 0 {
			t.Errorf("%d threads: %v allocations", pool.Threads(), got)
		}
	}
}

// put writes values of any fixed-size type as bytes in this machine's order.
func put(t *testing.T, v any) []byte {
	t.Helper()
	b, err := binary.Append(nil, binary.NativeEndian, v)
	if err != nil {
		t.Fatal(err)
	}
	out := random(rand.New(rand.NewPCG(0, 0)), len(b), 1)
	copy(out, b)
	return out
}
