package interpreter_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/lce-go/lce/interpreter"
	"github.com/lce-go/lce/schema"
)

// tiny is a .lce file of one operator, y = |x|. A program would embed a file that
// lce-convert made:
//
//	//go:embed model.lce
//	var tiny []byte
var tiny = func() []byte {
	var file bytes.Buffer
	err := schema.Write(&file, &schema.Model{Subgraphs: []*schema.Subgraph{{
		Tensors: []schema.Tensor{
			{Name: "x", DType: schema.Float32, Shape: []int{-1, 3}},
			{Name: "y", DType: schema.Float32, Shape: []int{-1, 3}},
		},
		Operators: []schema.Operator{{
			Code: schema.Unary, Version: 1, Name: "abs", Inputs: []int{0}, Outputs: []int{1},
			Options: &schema.UnaryOptions{Kind: schema.Abs},
		}},
		Inputs:  []schema.Port{{Name: "x", Tensor: 0}},
		Outputs: []schema.Port{{Name: "y", Tensor: 1}},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	return file.Bytes()
}()

func Example() {
	model, err := interpreter.Load(tiny)
	if err != nil {
		log.Fatal(err)
	}
	in, err := interpreter.New(model)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	if err := in.SetInput("x", []float32{1, -2, 3}); err != nil {
		log.Fatal(err)
	}
	if err := in.Run(); err != nil {
		log.Fatal(err)
	}
	y := in.Output(0)
	fmt.Println(y.Name(), y.Shape(), y.Float32s())
	// Output: y [1 3] [1 2 3]
}

func ExampleInterpreter_Resize() {
	model, err := interpreter.Load(tiny)
	if err != nil {
		log.Fatal(err)
	}
	in, err := interpreter.New(model)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	if err := in.Resize(map[string][]int{"x": {2, 3}}); err != nil {
		log.Fatal(err)
	}
	if err := in.Input(0).Set([]float32{1, -2, 3, -4, 5, -6}); err != nil {
		log.Fatal(err)
	}
	if err := in.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Output(0).Shape(), in.Output(0).Float32s())
	// Output: [2 3] [1 2 3 4 5 6]
}

func ExampleTensor_Set_mismatch() {
	model, err := interpreter.Load(tiny)
	if err != nil {
		log.Fatal(err)
	}
	in, err := interpreter.New(model)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	fmt.Println(in.Input(0).Set([]float32{1, 2}))
	fmt.Println(in.Resize(map[string][]int{"x": {2, 4}}))
	// Output:
	// input "x" Float32 [1 3]: got 2 values, want 3
	// input "x": got shape [2 4], want [-1 3], where -1 is any
}
