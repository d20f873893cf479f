//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package interpreter

import (
	"os"
	"syscall"
)

// mapFile maps size bytes of a regular file read-only.
func mapFile(f *os.File, size int) (data []byte, unmap func([]byte), err error) {
	data, err = syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return data, func(b []byte) {
		// The only errors are about the arguments, which are those of Mmap.
		_ = syscall.Munmap(b)
	}, nil
}
