// Embed says what piece of clothing a 28x28 PNG shows, bright on black, with a
// network that is part of the program.
package main

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
	_ "image/png"
	"log"
	"os"

	"github.com/lce-go/lce/interpreter"
)

//go:embed fashion_cnn.lce
var network []byte

var classes = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: embed IMAGE.png")
	}
	f, err := os.Open(os.Args[1])
	check(err)
	picture, _, err := image.Decode(f)
	check(err)
	if size := picture.Bounds().Size(); size != image.Pt(28, 28) {
		log.Fatalf("%s: got %dx%d pixels, want 28x28", os.Args[1], size.X, size.Y)
	}

	model, err := interpreter.Load(network)
	check(err)
	in, err := interpreter.New(model)
	check(err)
	pixels, corner := in.Input(0).Float32s(), picture.Bounds().Min
	for i := range pixels {
		at := picture.At(corner.X+i%28, corner.Y+i/28)
		pixels[i] = float32(color.GrayModel.Convert(at).(color.Gray).Y) / 256
	}
	check(in.Run())
	best, scores := 0, in.Output(0).Float32s()
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	fmt.Printf("%s (%.1f %%)\n", classes[best], 100*scores[best])
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
