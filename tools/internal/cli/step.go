package cli

import "github.com/lce-go/lce/interpreter"

// StepName is the name of a step of a run for tables: that of its operator, or of the
// first and the last of several.
func StepName(op interpreter.OpInfo) string {
	if n := len(op.Members); n > 0 {
		return op.Members[0] + " .. " + op.Members[n-1]
	}
	return op.Name
}
