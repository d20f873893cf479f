// Bench-ort compares with ONNX Runtime and with the peaks of the machine.
package main

import "github.com/lce-go/lce/tools/internal/benchort"

func main() { benchort.Main() }
