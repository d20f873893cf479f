package bench

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// peakRSS is the largest resident memory of the process so far, in bytes; 0 if the
// system does not tell. VmHWM is preferred, as the number of getrusage also counts the
// program that started this one.
func peakRSS() int64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if n := parseStatus(status); n > 0 {
			return n
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return int64(usage.Maxrss) << 10
}

// parseStatus finds VmHWM in the text of /proc/self/status, in bytes; 0 if it is not there.
func parseStatus(status []byte) int64 {
	for line := range bytes.Lines(status) {
		value, ok := bytes.CutPrefix(line, []byte("VmHWM:"))
		if !ok {
			continue
		}
		value, ok = bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
		n, err := strconv.ParseInt(string(value), 10, 53)
		if !ok || err != nil {
			return 0
		}
		return n << 10
	}
	return 0
}
