// Bench-arm says how fast kernels and networks are on ARM, by counting: there need be no ARM.
package main

import "github.com/lce-go/lce/tools/internal/bencharm"

func main() { bencharm.Command.Main() }
