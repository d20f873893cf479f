package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// quiet is how long work may take before its progress is shown.
const quiet = 2 * time.Second

// Progress shows on a terminal how far long work is, in one line that is erased at the
// end. A nil Progress shows nothing.
type Progress struct {
	w     io.Writer
	start time.Time
	end   chan struct{}
	ended sync.WaitGroup

	mu          sync.Mutex
	stage       string
	done, total int
	shown       bool
}

// NewProgress starts to show progress on w, nil if w is no terminal. The caller ends it
// by Close.
func NewProgress(w io.Writer) *Progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	ticker := time.NewTicker(quiet / 10)
	return newProgress(w, time.Now(), ticker.C, ticker.Stop)
}

// newProgress shows the progress at each tick.
func newProgress(w io.Writer, start time.Time, ticks <-chan time.Time, stop func()) *Progress {
	p := &Progress{w: w, start: start, end: make(chan struct{})}
	p.ended.Go(func() {
		defer stop()
		for {
			select {
			case now := <-ticks:
				p.show(now)
			case <-p.end:
				return
			}
		}
	})
	return p
}

// Stage says what is worked on, and that done of total parts are complete.
func (p *Progress) Stage(name string, done, total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.done, p.total = name, done, total
}

// show writes the line over the last one.
func (p *Progress) show(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := now.Sub(p.start)
	if elapsed < quiet || p.stage == "" {
		return
	}
	p.shown = true
	fmt.Fprintf(p.w, "\r\x1b[K%d s, step %d of %d: %s", int(elapsed.Seconds()), p.done+1, p.total, p.stage)
}

// Close erases the line. It may be called more than once.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	select {
	case <-p.end:
	default:
		close(p.end)
	}
	p.mu.Unlock()
	p.ended.Wait()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
