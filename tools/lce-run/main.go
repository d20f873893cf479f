// Lce-run runs a .lce model on .npy or .npz inputs.
package main

import "github.com/lce-go/lce/tools/internal/run"

func main() { run.Command.Main() }
