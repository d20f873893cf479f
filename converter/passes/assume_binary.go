package passes

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// assumeBinary makes the pass that turns convolutions and products of the given names
// into ones of signs, whatever they compute: the activation becomes its sign, at least
// 0 being +1, and each weight its sign times the mean magnitude of its output channel.
// That changes results; it is to measure a structure before it is trained.
func assumeBinary(names []string) func(g *graph.Graph, log *Log) (int, error) {
	return func(g *graph.Graph, log *Log) (int, error) {
		count := 0
		for _, n := range slices.Clone(g.Nodes) {
			if n.Code != schema.Conv2D && n.Code != schema.MatMul || !slices.Contains(names, n.Name) {
				continue
			}
			if err := assumeSigns(g, n); err != nil {
				return count, err
			}
			if err := assumeWeights(g, n); err != nil {
				return count, fmt.Errorf("node %q: %w", n.Name, err)
			}
			count++
		}
		return count, nil
	}
}

// assumeSigns makes a layer read the signs of its activation, if it is none yet.
func assumeSigns(g *graph.Graph, n *graph.Node) error {
	x := n.Inputs[0]
	if pad := producer(x, schema.Pad); isSigns(x) || pad != nil && isSigns(pad.Inputs[0]) {
		return nil
	}
	at := newSign(g, n.Name+"/sign", x, sign{}, nil)
	at.Outputs = []*graph.Value{g.NewValue(n.Name + "/sign/bits")}
	bits, err := insert(g, n, at)
	if err != nil {
		return err
	}
	signs, err := insert(g, n, newUnpack(n.Name+"/sign/unpack", bits, nil))
	if err != nil {
		return err
	}
	g.SetInput(n, 0, signs)
	return nil
}

// assumeWeights gives the weights of each output channel one magnitude.
func assumeWeights(g *graph.Graph, n *graph.Node) error {
	w := n.Inputs[1]
	x := slices.Clone(floats(w))
	if x == nil {
		return fmt.Errorf("weights %q are not constant numbers", w.Name)
	}
	// Weight i is of output channel i/inner%channels.
	inner, channels := 1, 0
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		channels = w.Shape[0]
		inner = len(x) / max(1, channels)
	case *schema.MatMulOptions:
		if len(w.Shape) != 2 {
			return fmt.Errorf("weights %q have %d axes, want 2", w.Name, len(w.Shape))
		}
		channels = w.Shape[1]
		if o.TransposeB {
			inner, channels = w.Shape[1], w.Shape[0]
		}
	}
	if len(x) == 0 {
		return fmt.Errorf("weights %q are empty", w.Name)
	}
	sum := make([]float64, channels)
	for i, v := range x {
		sum[i/inner%channels] += math.Abs(float64(v))
	}
	for i, v := range x {
		a := float32(sum[i/inner%channels] / float64(len(x)/channels))
		if a == 0 || !isFinite(a) {
			a = 1
		}
		x[i] = a
		if v < 0 {
			x[i] = -a
		}
	}
	g.SetInput(n, 1, g.ConstFloat32s(w.Name+"/assumed", w.Shape, x))
	return nil
}
