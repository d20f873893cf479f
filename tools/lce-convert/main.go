// Lce-convert turns an ONNX model into a .lce model.
package main

import "github.com/lce-go/lce/tools/internal/convert"

func main() { convert.Command.Main() }
