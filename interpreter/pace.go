package interpreter

import "time"

// pace decides for each run whether the workers take part. Where other programs hold the
// processors a worker that is not running keeps the caller waiting, and two threads can
// take longer than one; so can they on a network of tiny layers. Results do not depend on
// the number of threads, so the faster way is taken, and the other one tried now and then.
type pace struct {
	best    way
	trying  bool          // the other way
	settled bool          // the trial counts
	time    time.Duration // of the runs that count since trying was changed
	runs    int
	mean    time.Duration // of a run of the best way before the trial
	wait    time.Duration // until the next trial
}

// way is how a run is done.
type way int

const (
	together way = iota // with the workers
	alone
)

const (
	// A trial lasts for paceTrial and at least paceRuns runs. Before it counts, the system
	// has the time paceSettle to spread the threads over the processors. The time between
	// trials is paceRatio times as long, so that the cost of a trial is small.
	paceTrial  = 40 * time.Millisecond
	paceSettle = 8 * time.Millisecond
	paceRuns   = 4
	paceRatio  = 31
	// The first trial is soon.
	paceFirst = 2 * paceTrial
)

// next is the way of the next run.
func (p *pace) next() way {
	if p.trying {
		return 1 - p.best
	}
	return p.best
}

// ran takes the time of a run that went the way of next.
func (p *pace) ran(d time.Duration) {
	if p.runs > 0 {
		// Something else delayed a run that took far longer than the others.
		d = min(d, 4*p.time/time.Duration(p.runs))
	}
	p.time += d
	p.runs++
	mean := p.time / time.Duration(p.runs)
	switch {
	case !p.trying:
		if p.time >= max(p.wait, paceFirst) {
			*p = pace{best: p.best, trying: true, mean: mean}
		}
	case !p.settled && p.time >= paceSettle:
		p.settled, p.wait = true, p.time
		p.time, p.runs = 0, 0
	case p.settled && p.time >= paceTrial-paceSettle && p.runs >= paceRuns:
		best := p.best
		if mean < p.mean*97/100 {
			best = 1 - best
		}
		*p = pace{best: best, wait: paceRatio * (p.wait + p.time)}
	}
}
