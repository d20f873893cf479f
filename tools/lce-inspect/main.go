// Lce-inspect prints what is in a .lce model and how it would run here.
package main

import "github.com/lce-go/lce/tools/lce-inspect/internal/inspect"

func main() { inspect.Command.Main() }
