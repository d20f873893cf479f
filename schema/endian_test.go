package schema

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"
)

// TestBigEndianMachine checks that models are refused on a big-endian machine, and on no
// other. make test-other runs it on one.
func TestBigEndianMachine(t *testing.T) {
	number := uint16(1)
	big := *(*byte)(unsafe.Pointer(&number)) == 0
	m := &Model{Subgraphs: []*Subgraph{{Name: "main"}}}
	var file bytes.Buffer
	_, openError := Open(nil)
	for what, err := range map[string]error{
		"CheckMachine": CheckMachine(), "Check": Check(m), "Write": Write(&file, m), "Open": openError,
	} {
		refused := err != nil && strings.Contains(err.Error(), "cannot be used on a big-endian machine")
		if refused != big {
			t.Errorf("%s: error %v, big-endian is %v", what, err, big)
		}
	}
}
