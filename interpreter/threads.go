package interpreter

import (
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// mostThreads bounds the default: more rarely pay for the small layers of one image.
const mostThreads = 4

// defaultThreads is what WithThreads says.
func defaultThreads() int {
	n := min(runtime.GOMAXPROCS(0), mostThreads)
	if big := bigCores(os.DirFS("/sys/devices/system/cpu")); big > 0 {
		n = min(n, big)
	}
	return n
}

// bigCores counts the cores that are nearly as fast as the fastest, by what Linux says
// of them in the given folder; 0 if it says nothing.
func bigCores(sys fs.FS) int {
	if n := countNear(sys, "cpu[0-9]*/cpu_capacity", 2, 3); n > 0 {
		return n
	}
	return countNear(sys, "cpu[0-9]*/cpufreq/cpuinfo_max_freq", 5, 6)
}

// countNear counts the files whose number is at least part/whole of the greatest one.
func countNear(sys fs.FS, pattern string, part, whole int64) int {
	paths, _ := fs.Glob(sys, pattern)
	var values []int64
	greatest := int64(1)
	for _, path := range paths {
		text, err := fs.ReadFile(sys, path)
		if err != nil {
			continue
		}
		v, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 32)
		if err == nil {
			values = append(values, v)
			greatest = max(greatest, v)
		}
	}
	n := 0
	for _, v := range values {
		if v*whole >= greatest*part {
			n++
		}
	}
	return n
}
