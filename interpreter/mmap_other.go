//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package interpreter

import (
	"io"
	"os"

	"github.com/lce-go/lce/interpreter/ops"
)

// mapFile reads size bytes of a file into memory.
func mapFile(f *os.File, size int) (data []byte, unmap func([]byte), err error) {
	data = ops.AlignedBytes(size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, func([]byte) {}, nil
}
