// Lce-bench measures how fast a .lce model runs.
package main

import "github.com/lce-go/lce/tools/internal/bench"

func main() { bench.Command.Main() }
