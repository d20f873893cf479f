package rowwise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/f32"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// special are values that functions treat differently from others.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32,
	1e-40, -1e-40,
}

// values gives n numbers, some of them special.
func values(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		if v[i] = r.Float32()*4 - 2; r.IntN(8) == 0 {
			v[i] = special[r.IntN(len(special))]
		}
	}
	return v
}

// memory is a Program with the memory of its operands.
type memory struct {
	Params
	floats map[int]*ktest.Guarded[float32]
	words  map[int]*ktest.Guarded[uint32]
}

// randomProgram makes a program of n steps after the first. Operand 0 is full.
func randomProgram(r *rand.Rand, images, rows, cols, n int) *memory {
	m := &memory{
		Params: Params{Rows: images * rows, Cols: cols},
		floats: map[int]*ktest.Guarded[float32]{}, words: map[int]*ktest.Guarded[uint32]{},
	}
	operand := func(o Operand) int {
		i := len(m.Operands)
		m.Operands = append(m.Operands, o)
		size := o.Vectors * o.Width
		if o.Vectors == 0 {
			size = m.Rows * cols
		}
		m.floats[i] = ktest.Guard[float32](size)
		copy(m.floats[i].Data, values(r, size))
		return i
	}
	m.Steps = []Step{{Op: Load, Operand: operand(Operand{})}}
	kinds := []Op{Store, Add, Sub, Mul, PRelu, Neg, Abs, Clip, LeakyRelu, HardSigmoid, HardSwish}
	if cols%32 == 0 {
		kinds = append(kinds, Sign, Sign, Sign)
	}
	for range n {
		s := Step{Op: kinds[r.IntN(len(kinds))]}
		switch s.Op {
		case Neg, Abs:
		case LeakyRelu, HardSigmoid, HardSwish:
			s.Min, s.Max = r.Float32()-0.5, r.Float32()
		case Clip:
			s.Min, s.Max = special[r.IntN(4)], values(r, 1)[0]
			if s.Max != s.Max {
				s.Max = 0
			}
		case Store:
			s.Operand = operand(Operand{})
		case Sign:
			s.Operand = len(m.Operands)
			m.Operands = append(m.Operands, Operand{})
			m.words[s.Operand] = ktest.Guard[uint32](m.Rows * cols / 32)
			s.Sign = bits.Sign{Greater: r.IntN(2) == 0, Invert: r.IntN(2) == 0, Threshold: values(r, []int{0, 1, cols}[r.IntN(3)])}
			if r.IntN(2) == 0 {
				s.Sign.Negate = make([]uint32, cols/32)
				for i := range s.Sign.Negate {
					s.Sign.Negate[i] = r.Uint32()
				}
			}
		default:
			s.Operand = operand([]Operand{{}, {1, 1}, {1, cols}, {images, 1}, {images, cols}, {images * rows, 1}}[r.IntN(6)])
		}
		m.Steps = append(m.Steps, s)
	}
	return m
}

func (m *memory) bind(g *Program) {
	for i, d := range m.floats {
		g.Bind(i, d.Data)
	}
	for i, d := range m.words {
		g.BindBits(i, d.Data)
	}
}

// at is the element of operand i at a row and column.
func (m *memory) at(i, row, col int) *float32 {
	o, d := m.Operands[i], m.floats[i].Data
	if o.Vectors == 0 {
		return &d[row*m.Cols+col]
	}
	return &d[row/(m.Rows/o.Vectors)*o.Width+col%o.Width]
}

// run does all steps, element by element, in fresh memory.
func (m *memory) run() (floats map[int][]float32, words map[int][]uint32) {
	floats, words = map[int][]float32{}, map[int][]uint32{}
	for row := range m.Rows {
		for col := range m.Cols {
			var v float32
			for _, s := range m.Steps {
				var x float32
				if s.Op != Sign && !s.Op.Unary() {
					x = *m.at(s.Operand, row, col)
				}
				switch s.Op {
				case Load:
					v = x
				case Store:
					floats[s.Operand] = append(floats[s.Operand], v)
				case Add:
					v += x
				case Sub:
					v -= x
				case Mul:
					v *= x
				case PRelu:
					if v < 0 {
						v *= x
					}
				case Neg:
					v = -v
				case Abs:
					v = float32(math.Abs(float64(v)))
				case Clip:
					if v <= s.Min {
						v = s.Min
					}
					if v >= s.Max {
						v = s.Max
					}
				case LeakyRelu:
					if v < 0 {
						v *= s.Min
					}
				case HardSigmoid:
					v = hardSigmoid(v, s)
				case HardSwish:
					v *= hardSigmoid(v, s)
				case Sign:
					w := words[s.Operand]
					if col%32 == 0 {
						w = append(w, 0)
					}
					if negative(&s.Sign, v, col) {
						w[len(w)-1] |= 1 << (col % 32)
					}
					words[s.Operand] = w
				}
			}
		}
	}
	return floats, words
}

func hardSigmoid(v float32, s Step) float32 {
	v = float32(v*s.Min) + s.Max
	switch {
	case v <= 0:
		return 0
	case v >= 1:
		return 1
	}
	return v
}

// negative is whether v in column col counts as -1.
func negative(s *bits.Sign, v float32, col int) bool {
	t := float32(0)
	if n := len(s.Threshold); n > 0 {
		t = s.Threshold[col%n]
	}
	if s.Negate != nil && s.Negate[col/32]>>(col%32)&1 != 0 {
		v = -v
	}
	plus := v >= t
	if s.Greater {
		plus = v > t
	}
	return plus == s.Invert
}

func same(a, b float32) bool {
	return a != a && b != b || math.Float32bits(a) == math.Float32bits(b)
}

// check compares the memory of what is stored with what run gives.
func (m *memory) check(t *testing.T, floats map[int][]float32, words map[int][]uint32) {
	t.Helper()
	for i, d := range m.floats {
		d.Check(t)
		for j, want := range floats[i] {
			if !same(d.Data[j], want) {
				t.Fatalf("operand %d, element %d: got %v, want %v, by %+v", i, j, d.Data[j], want, m.Steps)
			}
		}
	}
	for i, d := range m.words {
		d.Check(t)
		for j, want := range words[i] {
			if d.Data[j] != want {
				t.Fatalf("operand %d, word %d: got %#x, want %#x, by %+v", i, j, d.Data[j], want, m.Steps)
			}
		}
	}
}

func TestPrograms(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for _, f := range isa.Levels(isa.Detect()) {
		for _, cols := range []int{1, 3, 16, 31, 32, 63, 64, 96, 128, 160, 257} {
			for _, size := range [][2]int{{1, 1}, {1, 7}, {3, 5}, {1, 270}, {2, 131}} {
				t.Run(fmt.Sprintf("%v/%dx%dx%d", f, size[0], size[1], cols), func(t *testing.T) {
					r := ktest.Rand(uint64(cols*1000 + size[1]))
					for n := range 9 {
						m := randomProgram(r, size[0], size[1], cols, n)
						floats, words := m.run()
						for _, p := range []*parallel.Pool{nil, pool} {
							g := New(m.Params, f, p.Threads())
							m.bind(g)
							g.Run(p)
							m.check(t, floats, words)
						}
					}
				})
			}
		}
	}
}

// TestFunctions runs programs with functions, which are within the accuracy of f32.Functions.
func TestFunctions(t *testing.T) {
	const rows, cols = 41, 33
	functions := []struct {
		name string
		op   Op
		want func(float64) float64
	}{
		{"sigmoid", Sigmoid, f32.MathSigmoid},
		{"swish", Swish, f32.MathSwish},
		{"mish", Mish, f32.MathMish},
		{"tanh", Tanh, math.Tanh},
		{"gelu", Gelu, f32.MathGelu},
		{"gelu tanh", GeluTanh, f32.MathGeluTanh},
	}
	for _, f := range isa.Levels(isa.Detect()) {
		for _, c := range functions {
			t.Run(fmt.Sprintf("%v/%s", f, c.name), func(t *testing.T) {
				r := ktest.Rand(3)
				x, add, y := ktest.Guard[float32](rows*cols), ktest.Guard[float32](cols), ktest.Guard[float32](rows*cols)
				for _, d := range [][]float32{x.Data, add.Data} {
					for i := range d {
						d[i] = r.Float32()*8 - 4
					}
				}
				p := Params{Rows: rows, Cols: cols, Operands: []Operand{{}, {1, cols}, {}}, Steps: []Step{
					{Op: Load}, {Op: Add, Operand: 1}, {Op: c.op}, {Op: Mul, Operand: 0}, {Op: Store, Operand: 2},
				}}
				g := New(p, f, 1)
				for i, d := range []*ktest.Guarded[float32]{x, add, y} {
					g.Bind(i, d.Data)
				}
				g.Run(nil)
				y.Check(t)
				for i, got := range y.Data {
					v := x.Data[i]
					sum := v + add.Data[i%cols]
					want := float64(v) * c.want(float64(sum))
					if !(math.Abs(float64(got)-want) <= 1e-6*math.Abs(float64(v))*math.Max(1, math.Abs(float64(sum)))) {
						t.Fatalf("element %d, of %v and %v: got %v, want %v", i, v, sum, got, want)
					}
				}
			})
		}
	}
}

// TestBands loads from memory of some rows only, and stores over what it has loaded.
func TestBands(t *testing.T) {
	const rows, cols = 77, 96
	for _, f := range isa.Levels(isa.Detect()) {
		t.Run(f.String(), func(t *testing.T) {
			r := ktest.Rand(1)
			m := randomProgram(r, 1, rows, cols, 0)
			m.Operands = append(m.Operands, Operand{1, cols}, Operand{})
			m.floats[1], m.floats[2] = ktest.Guard[float32](cols), ktest.Guard[float32](rows*cols)
			copy(m.floats[1].Data, values(r, cols))
			copy(m.floats[2].Data, values(r, rows*cols))
			m.Steps = append(m.Steps, Step{Op: Mul, Operand: 1}, Step{Op: Add, Operand: 2}, Step{Op: Store, Operand: 2})
			floats, words := m.run()
			g := New(m.Params, f, 1)
			all := m.floats[0].Data
			m.bind(g)
			g.Bind(0, nil)
			for lo := 0; lo < rows; lo += 17 {
				hi := min(lo+17, rows)
				g.RunRows(lo, hi, 0, 0, append([]float32(nil), all[lo*cols:hi*cols]...))
			}
			m.check(t, floats, words)
		})
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	m := randomProgram(ktest.Rand(2), 1, 100, 64, 8)
	g := New(m.Params, isa.Detect(), 1)
	if n := testing.AllocsPerRun(10, func() { m.bind(g); g.Run(nil) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// BenchmarkProgram is what follows a convolution of 64 channels: a gate, PRelu, a
// residual, a normalization and a sign.
func BenchmarkProgram(b *testing.B) {
	const cols = 64
	for _, f := range isa.Levels(isa.Detect()) {
		for _, rows := range []int{96, 56 * 56} {
			b.Run(fmt.Sprintf("%v/%d", f, rows), func(b *testing.B) {
				p := Params{Rows: rows, Cols: cols, Operands: []Operand{{}, {1, cols}, {1, cols}, {}, {}, {1, cols}, {1, cols}, {}}, Steps: []Step{
					{Op: Load}, {Op: Mul, Operand: 1}, {Op: PRelu, Operand: 2}, {Op: Add, Operand: 3}, {Op: Store, Operand: 4},
					{Op: Mul, Operand: 5}, {Op: Add, Operand: 6}, {Op: Sign, Operand: 7},
				}}
				g := New(p, f, 1)
				for i, o := range p.Operands {
					g.Bind(i, make([]float32, max(rows*cols, o.Width)))
				}
				g.BindBits(7, make([]uint32, rows*cols/32))
				for b.Loop() {
					g.Run(nil)
				}
				b.ReportMetric(float64(rows*cols)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gfloat/s")
			})
		}
	}
}
