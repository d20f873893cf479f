package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/interpreter"
)

var sequenceModels = []model{
	{name: "bert_squad", transposes: 48},
	{name: "roberta_base", transposes: 48},
	{name: "gpt2", transposes: 48},
	{name: "vit_small", transposes: 38},
	{name: "vit_small_half", transposes: 38},
	{name: "gru", transposes: 1},
	{name: "bilstm", transposes: 4},
}

// TestModelsOfFixedShape converts models for the shapes of one case, which decide all others.
func TestModelsOfFixedShape(t *testing.T) {
	folder := modelsFolder(t)
	for _, m := range sequenceModels {
		t.Run(m.name, func(t *testing.T) {
			prefix := filepath.Join(folder, m.name)
			f := readModel(t, prefix)
			const number = 1
			prefix = fmt.Sprintf("%s.case%d", prefix, number)
			xs, ys := numbered(t, prefix+".x%d.npy"), numbered(t, prefix+".y%d.npy")
			shapes := map[string][]int{}
			for i, in := range f.Graph.Inputs {
				shapes[in.Name] = xs[i].Shape
			}
			res, err := converter.Convert(context.Background(), f, converter.Options{InputShapes: shapes})
			if err != nil {
				t.Fatal(err)
			}
			m, err := interpreter.FromSchema(res.Model)
			if err != nil {
				t.Fatal(err)
			}
			in, err := interpreter.New(m, interpreter.WithThreads(2))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			checkCase(t, in, xs, ys, tolerance)
		})
	}
}
