package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseShapes reads the values of --input-shape, each NAME=1x3x224x224. A name may
// hold any character; the last = ends it.
func ParseShapes(values []string) (map[string][]int, error) {
	shapes := map[string][]int{}
	for _, v := range values {
		i := strings.LastIndexByte(v, '=')
		if i < 1 {
			return nil, Usagef("--input-shape %q: want NAME=DIMxDIMx..., as in input=1x3x224x224", v)
		}
		name, dims := v[:i], strings.Split(v[i+1:], "x")
		if _, twice := shapes[name]; twice {
			return nil, Usagef("--input-shape: input %q is given twice", name)
		}
		shape := make([]int, len(dims))
		for j, d := range dims {
			n, err := strconv.Atoi(d)
			if err != nil || n < 0 || n > 1<<30 {
				return nil, Usagef("--input-shape %q: dimension %q: want a number from 0 to %d", v, d, 1<<30)
			}
			shape[j] = n
		}
		shapes[name] = shape
	}
	return shapes, nil
}

// FormatShape writes a shape as 1x3x224x224, with ? for an open dimension and
// "scalar" for rank 0.
func FormatShape(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
		if d < 0 {
			parts[i] = "?"
		}
	}
	return strings.Join(parts, "x")
}

// FormatBytes writes a size for people, as in "1.2 MB"; exact below 10 kB.
func FormatBytes(n int64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 10_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
