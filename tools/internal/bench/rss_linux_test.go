package bench

import "testing"

func TestParseStatus(t *testing.T) {
	tests := []struct {
		name, text string
		want       int64
	}{
		{"present", "Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t    2096 kB\nVmRSS:\t 5 kB\n", 2096 << 10},
		{"last line without end", "VmHWM:\t1 kB", 1 << 10},
		{"absent", "Name:\tx\nVmRSS:\t 5 kB\n", 0},
		{"other unit", "VmHWM:\t2 MB\n", 0},
		{"no number", "VmHWM:\tx kB\n", 0},
		{"empty", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parseStatus([]byte(tt.text)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPeakRSS(t *testing.T) {
	if got := peakRSS(); got < 1<<20 || got > 1<<40 {
		t.Errorf("peakRSS = %d bytes, want what a test program takes", got)
	}
}
