package parallel

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// count counts how often each tile ran, without locks: tiles are disjoint.
type count struct {
	tiles   []int
	workers []atomic.Int32 // 1 while a worker is in a tile
	clash   atomic.Bool
}

func newCount(n, threads int) *count {
	return &count{tiles: make([]int, n), workers: make([]atomic.Int32, threads)}
}

func (c *count) Tile(i, worker int) {
	if c.workers[worker].Add(1) != 1 {
		c.clash.Store(true)
	}
	c.tiles[i]++
	c.workers[worker].Add(-1)
}

func (c *count) check(t *testing.T, want int) {
	t.Helper()
	for i, got := range c.tiles {
		if got != want {
			t.Fatalf("tile %d ran %d times, want %d", i, got, want)
		}
	}
	if c.clash.Load() {
		t.Fatal("two tiles ran at the same time with the same worker")
	}
}

type funcTask func(i, worker int)

func (f funcTask) Tile(i, worker int) { f(i, worker) }

func TestRunDoesEachTileOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := New(threads)
		defer p.Close()
		if got := p.Threads(); got != threads {
			t.Errorf("Threads() = %d, want %d", got, threads)
		}
		for _, n := range []int{0, 1, 2, 3, 7, 64, 1000} {
			c := newCount(n, threads)
			const rounds = 50
			for range rounds {
				p.Run(n, c)
			}
			c.check(t, rounds)
		}
	}
}

func TestNilPool(t *testing.T) {
	var p *Pool
	c := newCount(5, 1)
	p.Run(5, c)
	c.check(t, 1)
	if got := p.Threads(); got != 1 {
		t.Errorf("Threads() = %d, want 1", got)
	}
	p.Close()
}

func TestOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := New(4)
	defer p.Close()
	c := newCount(100, 4)
	for range 100 {
		p.Run(100, c)
	}
	c.check(t, 100)
}

// TestWorkersTakePart shows that a second thread really runs tiles: each of two
// tiles waits until the other has begun. The caller takes the first one.
func TestWorkersTakePart(t *testing.T) {
	p := New(2)
	defer p.Close()
	var begun atomic.Int32
	p.Run(2, funcTask(func(i, worker int) {
		if i != worker {
			t.Errorf("thread %d took tile %d, want its own end", worker, i)
		}
		begun.Add(1)
		for begun.Load() < 2 {
			runtime.Gosched()
		}
	}))
}

func TestRest(t *testing.T) {
	p := New(3)
	defer p.Close()
	for _, rest := range []bool{true, false, true} {
		p.Rest(rest)
		c := newCount(100, 3)
		var others atomic.Int32
		p.Run(100, funcTask(func(i, worker int) {
			if worker != 0 {
				others.Add(1)
			}
			for i == 0 && !rest && others.Load() == 0 {
				runtime.Gosched()
			}
			c.Tile(i, worker)
		}))
		c.check(t, 1)
		if rest && others.Load() > 0 {
			t.Errorf("%d tiles were done by workers that rest", others.Load())
		}
	}
	(*Pool)(nil).Rest(true)
}

func TestRunAllocatesNothing(t *testing.T) {
	p := New(3)
	defer p.Close()
	c := newCount(10, 3)
	if got := testing.AllocsPerRun(200, func() { p.Run(10, c) }); got != 0 {
		t.Errorf("Run allocates %v times, want 0", got)
	}
}

func TestPanicReachesCaller(t *testing.T) {
	boom := errors.New("boom")
	for _, tc := range []struct {
		name   string
		worker bool
	}{{"in the caller", false}, {"in a worker", true}} {
		t.Run(tc.name, func(t *testing.T) {
			p := New(2)
			defer p.Close()
			var begun atomic.Int32
			got := func() (v any) {
				defer func() { v = recover() }()
				p.Run(2, funcTask(func(_, worker int) {
					begun.Add(1)
					for begun.Load() < 2 {
						runtime.Gosched()
					}
					if (worker != 0) == tc.worker {
						panic(boom)
					}
				}))
				return nil
			}()
			err, ok := got.(error)
			if !ok || !errors.Is(err, boom) {
				t.Fatalf("Run panicked with %v, want an error that is %v", got, boom)
			}
			if tc.worker && !strings.Contains(err.Error(), "parallel_test.go") {
				t.Errorf("panic does not show the worker's stack: %v", err)
			}
			c := newCount(20, 2)
			p.Run(20, c)
			c.check(t, 1)
		})
	}
}

func TestNestedRunPanics(t *testing.T) {
	p := New(2)
	defer p.Close()
	defer func() {
		if recover() == nil {
			t.Error("nested Run did not panic")
		}
	}()
	p.Run(2, funcTask(func(int, int) { p.Run(2, newCount(2, 2)) }))
}

func TestClose(t *testing.T) {
	p := New(3)
	in := p.in
	p.Close()
	p.Close()
	in.exited.Wait()
	c := newCount(10, 3)
	p.Run(10, c)
	c.check(t, 1)
}

func TestGarbagePoolStopsItsWorkers(t *testing.T) {
	in := New(3).in
	stopped := make(chan struct{})
	go func() {
		in.exited.Wait()
		close(stopped)
	}()
	for {
		runtime.GC()
		select {
		case <-stopped:
			return
		default:
			runtime.Gosched()
		}
	}
}

func BenchmarkRun(b *testing.B) {
	p := New(2)
	defer p.Close()
	c := newCount(16, 2)
	for b.Loop() {
		p.Run(16, c)
	}
}
