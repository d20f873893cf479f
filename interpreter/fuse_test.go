package interpreter

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lce-go/lce/schema"
)

// The builders of a few operators.
func (b *builder) binary(kind schema.BinaryKind, x, y int) int {
	return b.op(schema.Binary, &schema.BinaryOptions{Kind: kind}, x, y)
}

func (b *builder) relu(x int) int {
	return b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Relu}, x)
}

func (b *builder) bsign(x int) int { return b.op(schema.Bsign, &schema.BsignOptions{}, x) }

// bconv is a binary convolution of 3x3 that keeps the size of the map.
func (b *builder) bconv(x, channels int) int {
	c := b.tensors[x].Cols()
	w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}}
	return b.op(schema.BConv2D, &schema.BConv2DOptions{Window: w, Groups: 1, PreClamp: schema.NoClamp, Clamp: schema.NoClamp},
		x, b.bits(channels, 3, 3, c), b.floats(channels))
}

// conv is a convolution of 3x3 that keeps the size of the map.
func (b *builder) conv(x, channels int) int {
	w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}}
	return b.op(schema.Conv2D, &schema.Conv2DOptions{Window: w, Groups: 1, Clamp: schema.NoClamp}, x, b.floats(channels, 3, 3, b.tensors[x].Cols()), b.floats(channels))
}

// pool takes the maximum or the mean of 3x3 around each pixel.
func (b *builder) pool(kind schema.PoolKind, x int) int {
	w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}}
	return b.op(schema.Pool2D, &schema.Pool2DOptions{Window: w, Kind: kind, Kernel: schema.Size2D{H: 3, W: 3}}, x)
}

func (b *builder) unary(kind schema.UnaryKind, x int) int {
	return b.op(schema.Unary, &schema.UnaryOptions{Kind: kind}, x)
}

// round is an operator that is not row-wise.
func (b *builder) round(x int) int {
	return b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, x)
}

func TestFuse(t *testing.T) {
	for _, tt := range []struct {
		name  string
		build func(b *builder, x int)
		want  []string
	}{
		{"one by one", func(b *builder, x int) {
			b.output("y", b.relu(b.binary(schema.Mul, b.binary(schema.Add, x, x), b.floats(32))))
		}, []string{"Add+Mul+Relu"}},
		{"one", func(b *builder, x int) {
			b.output("y", b.bsign(x))
		}, []string{"Bsign"}},
		{"signs of what is needed again", func(b *builder, x int) {
			v := b.binary(schema.Add, x, b.floats(32))
			n := b.round(v)
			s := b.op(schema.Bsign, &schema.BsignOptions{Compare: schema.SignGreater}, v)
			b.output("0", n)
			b.output("1", s)
			b.output("2", b.bsign(v))
		}, []string{"Add+Bsign+Bsign", "Unary"}},
		{"signs of what the pass reads", func(b *builder, x int) {
			b.output("0", b.round(x))
			s := b.op(schema.Bsign, &schema.BsignOptions{Compare: schema.SignGreater}, x)
			b.output("1", b.relu(x))
			b.output("2", b.op(schema.Bunpack, nil, s))
			b.output("3", b.bsign(x))
		}, []string{"Unary", "Bsign+Bsign+Relu", "Bunpack"}},
		{"read again", func(b *builder, x int) {
			x = b.round(x) // an input of the graph would stay
			v := b.relu(x)
			b.output("0", v)
			b.output("1", b.binary(schema.Mul, b.binary(schema.Add, v, x), b.floats(32)))
		}, []string{"Unary", "Relu+Add+Mul"}},
		{"second operand", func(b *builder, x int) {
			v := b.binary(schema.Mul, b.floats(32), x)
			b.output("y", b.binary(schema.Sub, b.floats(32), v))
		}, []string{"Binary", "Binary"}},
		{"put off", func(b *builder, x int) {
			v := b.relu(x)
			b.output("y", b.relu(b.binary(schema.Add, b.round(x), v)))
		}, []string{"Unary", "Relu+Add+Relu"}},
		{"not put off behind a reader", func(b *builder, x int) {
			v := b.relu(x)
			b.output("y", b.relu(b.binary(schema.Add, b.round(v), v)))
		}, []string{"Unary", "Unary", "Add+Relu"}},
		{"broadcast value", func(b *builder, x int) {
			b.output("y", b.binary(schema.Add, b.relu(b.input("v", schema.Float32, 32)), x))
		}, []string{"Unary", "Binary"}},
		{"gates of images", func(b *builder, x int) {
			v := b.relu(x)
			gate := b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, v, b.ints(1, 2))
			b.output("y", b.relu(b.binary(schema.Mul, v, gate)))
		}, []string{"Unary", "Reduce", "Mul+Relu"}},
		{"functions", func(b *builder, x int) {
			v := b.unary(schema.Swish, b.binary(schema.Add, x, b.floats(32)))
			b.output("y", b.binary(schema.Mul, b.unary(schema.Tanh, b.unary(schema.Gelu, v)), b.unary(schema.GeluTanh, v)))
		}, []string{"Add+Swish+Gelu+Tanh", "GeluTanh+Mul"}},
		{"sigmoid that is an output", func(b *builder, x int) {
			s := b.unary(schema.Sigmoid, x)
			b.output("0", s)
			b.output("1", b.binary(schema.Mul, x, s))
		}, []string{"Sigmoid+Mul"}},
		{"hard swish in parts", func(b *builder, x int) {
			v := b.unary(schema.HardSwish, x)
			h := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.HardSigmoid, Alpha: 0.25, Beta: 0.5}, v)
			b.output("y", b.binary(schema.Mul, v, h))
		}, []string{"HardSwish+HardSigmoid+Mul"}},
		{"columns that do not fill words", func(b *builder, _ int) {
			v := b.relu(b.input("v", schema.Float32, 2, 5, 33))
			b.output("y", b.bsign(v))
		}, []string{"Unary", "Bsign"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(t)
			tt.build(b, b.input("x", schema.Float32, 2, 6, 7, 32))
			in, err := New(b.load())
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			var got []string
			for _, op := range in.Operators() {
				got = append(got, op.Op)
				if n := len(op.Members); n == 1 {
					t.Errorf("%s: one member", op.Op)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("steps %q, want %q", got, tt.want)
			}
			check(t, in)
		})
	}
}

// TestChain joins convolutions with the passes behind them.
func TestChain(t *testing.T) {
	for _, tt := range []struct {
		name    string
		threads int
		build   func(b *builder, s, x int)
		want    []string
	}{
		{"residual", 1, func(b *builder, s, x int) {
			v := b.relu(b.binary(schema.Add, b.bconv(s, 64), x))
			b.output("0", v)
			b.output("1", b.bsign(v))
		}, []string{"BConv2D+Add+Relu+Bsign"}},
		{"floats", 1, func(b *builder, s, x int) {
			b.output("y", b.relu(b.conv(x, 40)))
		}, []string{"Conv2D+Relu"}},
		{"pools", 1, func(b *builder, s, x int) {
			v := b.binary(schema.Mul, b.pool(schema.MaxPool, x), b.floats(64))
			b.output("y", b.bsign(b.pool(schema.AveragePool, v)))
		}, []string{"Pool2D+Mul", "Pool2D+Bsign"}},
		{"read by another", 1, func(b *builder, s, x int) {
			v := b.bconv(s, 64)
			b.output("0", b.relu(v))
			b.output("1", b.round(v))
		}, []string{"BConv2D+Relu", "Unary"}},
		{"read by another before", 1, func(b *builder, s, x int) {
			v := b.bconv(s, 64)
			n := b.round(v)
			b.output("y", b.relu(b.binary(schema.Add, v, n)))
		}, []string{"BConv2D", "Unary", "Add+Relu"}},
		{"an output", 1, func(b *builder, s, x int) {
			v := b.bconv(s, 64)
			b.output("0", b.relu(v))
			b.output("1", v)
		}, []string{"BConv2D+Relu"}},
		{"two convolutions", 1, func(b *builder, s, x int) {
			b.output("y", b.binary(schema.Add, b.bconv(s, 64), b.bconv(s, 64)))
		}, []string{"BConv2D", "BConv2D+Add"}},
		{"more threads than bands", 4, func(b *builder, s, x int) {
			b.output("y", b.relu(b.bconv(s, 64)))
		}, []string{"BConv2D", "Unary"}},
		{"enough bands", 2, func(b *builder, s, x int) {
			b.output("y", b.relu(b.bconv(s, 256)))
		}, []string{"BConv2D+Relu"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(t)
			s := b.input("s", schema.Bits, 1, 31, 23, 64)
			tt.build(b, s, b.input("x", schema.Float32, 1, 31, 23, 64))
			in, err := New(b.load(), WithThreads(tt.threads))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			var got []string
			for _, op := range in.Operators() {
				got = append(got, op.Op)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("steps %q, want %q", got, tt.want)
			}
			check(t, in)
		})
	}
}

// TestChainBeforeLate lets an operator that waits for the run read the result of the first
// step of a chain.
func TestChainBeforeLate(t *testing.T) {
	b := newBuilder(t)
	v := b.bconv(b.input("s", schema.Bits, 1, 31, 23, 64), 64)
	b.output("0", b.relu(v))
	b.open = true
	b.output("1", b.late(schema.Reshape, &schema.ReshapeOptions{}, 1, v, b.input("shape", schema.Int64, 1)))
	in, err := New(b.load(), WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	fillInput(in.Input(0), 1)
	in.Input(1).Int64s()[0] = -1
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	got, relu := in.Output(1).Float32s(), in.Output(0).Float32s()
	if len(got) != len(relu) {
		t.Fatalf("%d elements, want %d", len(got), len(relu))
	}
	for i, x := range got {
		if max(x, 0) != relu[i] {
			t.Fatalf("element %d: got %v, and %v behind Relu", i, x, relu[i])
		}
	}
}

// TestChainMemory holds a chain to the memory of a band for what is between its steps.
func TestChainMemory(t *testing.T) {
	b := newBuilder(t)
	b.output("y", b.bsign(b.bconv(b.input("s", schema.Bits, 1, 56, 56, 64), 64)))
	in, err := New(b.load(), WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	const bits, padded, floats = 56 * 56 * 8, 58 * 58 * 8, 56 * 56 * 64 * 4
	if got := in.Memory().Arena; got > 2*bits+padded+floats/10 {
		t.Errorf("arena of %d bytes, want less than a tenth of the %d of a map of floats beside %d", got, floats, 2*bits+padded)
	}
}

// TestRowWiseGraphs runs random graphs of row-wise operators, convolutions and gates
// with one thread and several, and compares all with the operators one by one.
func TestRowWiseGraphs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBuilder(r)
		batch, cols := rapid.IntRange(1, 2).Draw(r, "batch"), rapid.SampledFrom([]int{32, 64, 33}).Draw(r, "cols")
		shape := []int{batch, rapid.IntRange(1, 19).Draw(r, "h"), rapid.IntRange(1, 9).Draw(r, "w"), cols}
		values := []int{b.input("x", schema.Float32, shape...), b.input("y", schema.Float32, shape...)}
		for range rapid.IntRange(1, 14).Draw(r, "ops") {
			// The newest one most of the time: chains are what matters.
			pick := func() int {
				if rapid.IntRange(0, 2).Draw(r, "newest") > 0 {
					return values[len(values)-1]
				}
				return rapid.SampledFrom(values).Draw(r, "value")
			}
			v := pick()
			switch rapid.IntRange(0, 10).Draw(r, "op") {
			case 0, 1:
				v = b.binary(rapid.SampledFrom([]schema.BinaryKind{schema.Add, schema.Sub, schema.Mul, schema.PRelu}).Draw(r, "kind"), v, pick())
			case 2:
				v = b.binary(rapid.SampledFrom([]schema.BinaryKind{schema.Add, schema.Mul, schema.PRelu}).Draw(r, "kind"), v, b.floats(cols))
			case 3:
				kind := rapid.SampledFrom([]schema.UnaryKind{schema.Clip, schema.Relu, schema.Neg, schema.Abs}).Draw(r, "kind")
				v = b.op(schema.Unary, &schema.UnaryOptions{Kind: kind, Alpha: -1, Beta: 2}, v)
			case 4:
				b.output(fmt.Sprint("sign", len(b.tensors)), b.bsign(v))
				continue
			case 5, 6:
				v = b.bconv(b.bsign(v), cols)
			case 7:
				gate := b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, v, rapid.SampledFrom([]int{b.ints(1, 2), b.ints(3)}).Draw(r, "axes"))
				v = b.binary(schema.Mul, v, gate)
			case 8:
				v = b.conv(v, cols)
			case 9:
				v = b.pool(rapid.SampledFrom([]schema.PoolKind{schema.MaxPool, schema.AveragePool}).Draw(r, "pool"), v)
			default:
				v = b.round(v)
			}
			values = append(values, v)
		}
		b.output("last", values[len(values)-1])
		b.output("any", rapid.SampledFrom(values).Draw(r, "output"))
		m := b.load()
		for _, threads := range []int{1, 3} {
			in, err := New(m, WithThreads(threads))
			if err != nil {
				r.Fatal(err)
			}
			check(r, in)
			in.Close()
		}
	})
}
