package cli

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	start := time.Now()
	for _, tc := range []struct {
		name  string
		stage string
		after []time.Duration // from the start to each tick
		want  string
	}{
		{"soon done", "fuse", []time.Duration{time.Second, quiet - 1}, ""},
		{"no stage yet", "", []time.Duration{time.Minute}, ""},
		{"long", "fuse", []time.Duration{time.Second, quiet, 3 * time.Second},
			"\r\x1b[K2 s, step 4 of 9: fuse\r\x1b[K3 s, step 4 of 9: fuse\r\x1b[K"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			ticks, stopped := make(chan time.Time), false
			p := newProgress(&out, start, ticks, func() { stopped = true })
			p.Stage(tc.stage, 3, 9)
			for _, d := range tc.after {
				ticks <- start.Add(d)
			}
			p.Close()
			p.Close()
			if got := out.String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if !stopped {
				t.Error("the ticker is not stopped")
			}
		})
	}
}

// TestNoProgress shows that what is no terminal gets nothing.
func TestNoProgress(t *testing.T) {
	p := NewProgress(io.Discard)
	if p != nil {
		t.Fatal("there is progress for a writer that is no terminal")
	}
	p.Stage("fuse", 1, 2)
	p.Close()
}
