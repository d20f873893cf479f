package peak

import (
	"encoding/binary"
	"runtime"
	"time"

	"github.com/lce-go/lce/kernels/isa"
)

// blockBytes is what a step of a reading loop reads.
const blockBytes = 512

// callBlocks is as much as a call reads, some microseconds.
const callBlocks = 256

// reader is a loop that reads blocks > 0 blocks.
type reader struct {
	needs isa.Features
	read  func(p []byte, blocks int)
}

// Read measures the bytes a second that one core reads, going once through the whole
// blocks of 512 bytes of p, of which there must be one.
func Read(f isa.Features, p []byte) float64 {
	for _, r := range readers() {
		if f.Has(r.needs) {
			return r.measure(p)
		}
	}
	panic("peak: no generic reader")
}

func (r reader) measure(p []byte) float64 {
	total := len(p) / blockBytes
	start := time.Now()
	for done := 0; done < total; done += callBlocks {
		r.read(p[done*blockBytes:], min(callBlocks, total-done))
	}
	return float64(total*blockBytes) / max(time.Since(start).Seconds(), 1e-9)
}

var readerGeneric = reader{read: func(p []byte, blocks int) {
	var a, b, c, d uint64
	for p = p[:blocks*blockBytes]; len(p) >= 32; p = p[32:] {
		a |= binary.LittleEndian.Uint64(p)
		b |= binary.LittleEndian.Uint64(p[8:])
		c |= binary.LittleEndian.Uint64(p[16:])
		d |= binary.LittleEndian.Uint64(p[24:])
	}
	runtime.KeepAlive(a | b | c | d)
}}
