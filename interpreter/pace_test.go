package interpreter

import (
	"testing"
	"time"
)

// simulate lets runs take the given times for so long, and returns the time that was
// spent on runs of each way.
func simulate(p *pace, cost [2]time.Duration, length time.Duration) (spent [2]time.Duration) {
	for spent[0]+spent[1] < length {
		w := p.next()
		spent[w] += cost[w]
		p.ran(cost[w])
	}
	return spent
}

func TestPace(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for _, tt := range []struct {
		name string
		cost [2]time.Duration
		want way
	}{
		{"both cores free", [2]time.Duration{1700 * us, 2700 * us}, together},
		{"a core is held", [2]time.Duration{3500 * us, 2700 * us}, alone},
		{"tiny layers", [2]time.Duration{20 * us, 15 * us}, alone},
		{"a large network", [2]time.Duration{600 * ms, 900 * ms}, together},
		{"a large network and a held core", [2]time.Duration{900 * ms, 600 * ms}, alone},
		{"no difference", [2]time.Duration{1000 * us, 990 * us}, together},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p pace
			settle := max(4*paceFirst, 20*max(tt.cost[0], tt.cost[1]))
			simulate(&p, tt.cost, settle)
			spent := simulate(&p, tt.cost, 100*settle)
			if other := spent[1-tt.want]; other > (spent[0]+spent[1])/20 {
				t.Errorf("%v of %v went the slower way, want at most a twentieth", other, spent[0]+spent[1])
			}
			if spent[1-tt.want] == 0 {
				t.Error("the slower way was never tried again")
			}
		})
	}
}

// TestPaceFollows changes which way is faster.
func TestPaceFollows(t *testing.T) {
	var p pace
	free, held := [2]time.Duration{2 * time.Millisecond, 3 * time.Millisecond}, [2]time.Duration{4 * time.Millisecond, 3 * time.Millisecond}
	for range 3 {
		simulate(&p, free, 3*time.Second)
		if p.best != together {
			t.Error("runs alone although the workers help")
		}
		simulate(&p, held, 3*time.Second)
		if p.best != alone {
			t.Error("runs with workers although they do not help")
		}
	}
}

// TestPaceForgivesOneDelay has a run that takes long for another reason.
func TestPaceForgivesOneDelay(t *testing.T) {
	var p pace
	cost := [2]time.Duration{2 * time.Millisecond, 3 * time.Millisecond}
	simulate(&p, cost, 2*paceFirst)
	for range 100 {
		simulate(&p, cost, 250*time.Millisecond)
		p.ran(time.Second)
		if p.best != together {
			t.Fatal("runs alone after one slow run")
		}
	}
}
