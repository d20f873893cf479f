// Package parallel spreads the tiles of a kernel over a fixed set of threads.
//
// Layers of a small network take tens of microseconds, so starting goroutines or
// waiting on channels for each of them eats what a second core gives. The workers
// of a Pool therefore live as long as the pool, spin for a moment when there is
// nothing to do, and then park. The caller of Run works too and takes every tile
// that no worker has taken: a worker that shows up late costs nothing.
package parallel

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Task is work cut into independent tiles.
type Task interface {
	// Tile does tile i. worker is in [0, Threads()) and no two calls run at the same
	// time with the same worker.
	Tile(i, worker int)
}

// spinTime bounds how long a worker polls for work, and Run for the last tiles,
// before it parks. A parked worker takes about as long as this to come back.
const spinTime = 40 * time.Microsecond

// Pool is a set of threads that work together. A nil Pool is one thread.
type Pool struct {
	// in is apart so that the workers do not keep an abandoned Pool alive.
	in *pool
}

// pool is what the workers share with the Pool.
//
// left has the tiles of the running task that nobody has taken, a range. A thread takes
// the first or the last one with a compare-and-swap while there is any. Whoever
// succeeds holds a tile of the task that runs at that very moment, which cannot
// end before that tile is done; only then does it read task. So a late
// worker cannot mix up two runs, and no run needs a number.
//
// Threads of even number take from the front and the others from the back. Tiles are in
// the order of memory, so what a thread of two reads in a step is mostly what it wrote in
// the one before, and need not come from the cache of another core.
type pool struct {
	left atomic.Uint64 // the first tile, and in the upper half the one behind the last
	_    [56]byte      // left and unfinished are written by all threads: a cache line each
	// unfinished counts the tiles whose work is not over.
	unfinished atomic.Int64
	_          [56]byte

	task Task

	resting bool // only the caller uses it
	spin    time.Duration
	workers []worker
	caller  parker      // where Run waits for the workers' last tiles
	busy    atomic.Bool // a Run is on
	closed  atomic.Bool
	failure atomic.Pointer[failure]
	exited  sync.WaitGroup
}

type worker struct {
	parker
	_ [64]byte
}

// failure is a panic in a tile that a worker ran.
type failure struct {
	value any
	stack []byte
}

// Error describes the panic and where it happened.
func (f *failure) Error() string {
	return fmt.Sprintf("parallel: panic in a worker: %v\n\n%s", f.value, f.stack)
}

// Unwrap gives the value of the panic if it is an error.
func (f *failure) Unwrap() error {
	err, _ := f.value.(error)
	return err
}

// New makes a pool of the given number of threads, at least 1: the caller of Run
// and threads-1 goroutines.
func New(threads int) *Pool {
	if threads < 1 {
		panic(fmt.Sprintf("parallel: %d threads, want at least 1", threads))
	}
	in := &pool{workers: make([]worker, threads-1)}
	if runtime.GOMAXPROCS(0) > 1 {
		in.spin = spinTime
	}
	in.caller.init()
	for i := range in.workers {
		in.workers[i].init()
	}
	in.exited.Add(threads - 1)
	for i := range in.workers {
		go in.work(i + 1)
	}
	p := &Pool{in: in}
	runtime.AddCleanup(p, (*pool).close, in)
	return p
}

// Threads is the number of threads, the caller included.
func (p *Pool) Threads() int {
	if p == nil {
		return 1
	}
	return len(p.in.workers) + 1
}

// Close stops the workers. A closed pool still runs tasks, on the caller alone.
// Close may be called again, but not during a Run. A pool that becomes garbage is
// closed by itself.
func (p *Pool) Close() {
	if p != nil {
		p.in.close()
	}
}

func (in *pool) close() {
	if in.closed.Swap(true) {
		return
	}
	for i := range in.workers {
		in.workers[i].unpark()
	}
}

// Rest makes the caller of Run do all tiles, until Rest(false). It may not be called
// during a Run.
func (p *Pool) Rest(on bool) {
	if p != nil {
		p.in.resting = on
	}
}

// Run does tiles 0 to n-1 of t and returns when all are done. It allocates
// nothing. The caller is worker 0. A panic in a tile drops the tiles that nobody
// has begun and comes out of Run, as an error that holds the worker's stack if it
// was not in the caller's own tile. Run panics if it is called during another Run
// of the same pool, also from a tile.
func (p *Pool) Run(n int, t Task) {
	if p == nil || len(p.in.workers) == 0 || p.in.resting || n <= 1 {
		for i := range n {
			t.Tile(i, 0)
		}
		return
	}
	p.in.run(n, t)
	runtime.KeepAlive(p)
}

func (in *pool) run(n int, t Task) {
	if in.busy.Swap(true) {
		panic("parallel: Run during a Run of the same pool")
	}
	if int64(n) > math.MaxUint32 {
		panic(fmt.Sprintf("parallel: %d tiles, want at most %d", n, uint32(math.MaxUint32)))
	}
	in.task = t
	in.unfinished.Store(int64(n))
	in.left.Store(uint64(n) << 32)
	for i := range min(n-1, len(in.workers)) {
		in.workers[i].unpark()
	}
	// Deferred, so that also a panic in the caller's tile waits for the workers.
	defer in.finish()
	in.callerTiles()
}

// finish waits for the tiles of the workers and ends the run.
func (in *pool) finish() {
	in.drop() // nothing is left, unless the caller panicked
	in.caller.wait(in.spin, func() bool { return in.unfinished.Load() == 0 })
	in.task = nil
	f := in.failure.Swap(nil)
	in.busy.Store(false)
	if f != nil {
		panic(f)
	}
}

// tilesOf is the number of tiles of a value of left.
func tilesOf(left uint64) int64 { return int64(left>>32) - int64(uint32(left)) }

// take takes a tile for a thread; false if there is none. The tile must be done and
// then counted by done.
func (in *pool) take(worker int) (i int, ok bool) {
	for {
		left := in.left.Load()
		if tilesOf(left) == 0 {
			return 0, false
		}
		if worker%2 == 0 {
			if in.left.CompareAndSwap(left, left+1) {
				return int(uint32(left)), true
			}
		} else if in.left.CompareAndSwap(left, left-1<<32) {
			return int(left>>32) - 1, true
		}
	}
}

// callerTiles does tiles until nobody has any left to take.
func (in *pool) callerTiles() {
	for i, ok := in.take(0); ok; i, ok = in.take(0) {
		in.callerTile(i)
	}
}

func (in *pool) callerTile(i int) {
	defer in.done(1)
	in.task.Tile(i, 0)
}

// workerTile does tile i and keeps a panic for the caller of Run.
func (in *pool) workerTile(i, worker int) {
	ok := false
	defer func() {
		if !ok {
			v := recover()
			if v == nil {
				v = "runtime.Goexit in a tile"
			}
			in.failure.CompareAndSwap(nil, &failure{v, debug.Stack()})
			in.drop()
		}
		in.done(1)
	}()
	in.task.Tile(i, worker)
	ok = true
}

// drop takes all tiles that are left and does none of them.
func (in *pool) drop() {
	if n := tilesOf(in.left.Swap(0)); n > 0 {
		in.done(n)
	}
}

func (in *pool) done(n int64) {
	if in.unfinished.Add(-n) == 0 {
		in.caller.unpark()
	}
}

// work is a worker's life.
func (in *pool) work(id int) {
	defer in.exited.Done()
	me := &in.workers[id-1]
	ready := func() bool { return tilesOf(in.left.Load()) > 0 || in.closed.Load() }
	for !in.closed.Load() {
		me.wait(in.spin, ready)
		for i, ok := in.take(id); ok; i, ok = in.take(id) {
			in.workerTile(i, id)
		}
	}
}

// parker lets one goroutine sleep until another wakes it.
type parker struct {
	parked atomic.Bool
	wake   chan struct{}
}

func (k *parker) init() { k.wake = make(chan struct{}, 1) }

// wait returns once ready() holds: it polls for the time spin, then sleeps. Who
// makes ready() true must call unpark after it.
func (k *parker) wait(spin time.Duration, ready func() bool) {
	if ready() {
		return
	}
	for start := time.Now(); spin > 0 && time.Since(start) < spin; {
		if ready() {
			return
		}
	}
	// An unpark that was meant for an earlier wait may end the sleep too soon.
	for !ready() {
		k.parked.Store(true)
		if ready() && k.parked.CompareAndSwap(true, false) {
			return
		}
		<-k.wake
	}
}

// unpark wakes the goroutine if it sleeps or is about to.
func (k *parker) unpark() {
	if k.parked.Load() && k.parked.CompareAndSwap(true, false) {
		k.wake <- struct{}{}
	}
}
