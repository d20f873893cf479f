package bench

import "time"

// median is the middle of sorted samples, the mean of the two in the middle if their
// number is even. There must be one.
func median(sorted []time.Duration) time.Duration {
	n := len(sorted)
	low, high := sorted[(n-1)/2], sorted[n/2]
	return low + (high-low)/2
}

// percentile is the smallest of sorted samples that p percent of them, 0 < p <= 100,
// do not exceed (the nearest rank). There must be a sample.
func percentile(sorted []time.Duration, p int) time.Duration {
	rank := (len(sorted)*p + 99) / 100
	return sorted[rank-1]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
