// Lce-inspect prints what is in a .lce model and how it would run here.
package main

import "github.com/lce-go/lce/tools/internal/inspect"

func main() { inspect.Command.Main() }
