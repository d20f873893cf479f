package interpreter

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPlan(t *testing.T) {
	tests := []struct {
		name  string
		lives []lifetime
		want  []int64
		size  int64
	}{
		{"nothing", nil, []int64{}, 0},
		{"no bytes", []lifetime{{0, 0, 9}}, []int64{0}, 0},
		{"aligned", []lifetime{{1, 0, 1}, {65, 0, 1}}, []int64{128, 0}, 192},
		{"reuse", []lifetime{{64, 0, 1}, {64, 1, 2}, {64, 2, 3}}, []int64{0, 64, 0}, 128},
		{"smallest gap", []lifetime{
			{640, 0, 0}, {128, 0, 9}, {640, 1, 9}, // a gap of 640 above or below a block of 128
			{64, 9, 9},
		}, []int64{0, 640, 0, 768}, 832},
		{"gap", []lifetime{{256, 0, 0}, {128, 1, 1}, {100, 0, 1}, {64, 1, 1}}, []int64{0, 0, 256, 128}, 384},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, size := plan(tt.lives)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("offsets (-want +got):\n%s", diff)
			}
			if size != tt.size {
				t.Errorf("size %d, want %d", size, tt.size)
			}
		})
	}
}

func TestPlanNeverOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const steps = 20
		lives := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) lifetime {
			first := rapid.IntRange(-1, steps).Draw(t, "first")
			return lifetime{
				size:  rapid.Int64Range(0, 1000).Draw(t, "size"),
				first: first,
				last:  rapid.IntRange(first, steps).Draw(t, "last"),
			}
		}), 0, 60).Draw(t, "lives")
		most := rapid.SampledFrom([]int{maxPlanWork, 0, 10, 100, 1000}).Draw(t, "most")
		offsets, size := planWithin(lives, most)
		again, sizeAgain := planWithin(lives, most)
		if diff := cmp.Diff(offsets, again); diff != "" || size != sizeAgain {
			t.Fatalf("two plans differ: sizes %d and %d, offsets:\n%s", size, sizeAgain, diff)
		}
		all, least := int64(0), make([]int64, steps+2)
		for i, a := range lives {
			if offsets[i] < 0 || offsets[i]%alignment != 0 || offsets[i]+a.size > size {
				t.Errorf("%+v at %d: outside of the arena of %d, or not aligned", a, offsets[i], size)
			}
			all += roundUp(a.size)
			for s := a.first; s <= a.last; s++ {
				least[s+1] += roundUp(a.size)
			}
			for j, b := range lives[:i] {
				apart := offsets[i]+a.size <= offsets[j] || offsets[j]+b.size <= offsets[i]
				if a.first <= b.last && b.first <= a.last && a.size > 0 && b.size > 0 && !apart {
					t.Errorf("%+v at %d and %+v at %d overlap", a, offsets[i], b, offsets[j])
				}
			}
		}
		if got := peak(lives); got != slices.Max(least) || got > size {
			t.Errorf("peak %d in an arena of %d, want %d", got, size, slices.Max(least))
		}
		if size > all {
			t.Errorf("arena of %d, more than all together, %d", size, all)
		}
	})
}

// TestTimeline compares what is found with the definition of being in use together.
func TestTimeline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(0, 33).Draw(t, "steps")
		draw := func(t *rapid.T) lifetime {
			first := rapid.IntRange(-1, steps).Draw(t, "first")
			return lifetime{size: 1, first: first, last: rapid.IntRange(first, steps).Draw(t, "last")}
		}
		lives := rapid.SliceOfN(rapid.Custom(draw), 0, 40).Draw(t, "lives")
		line := newTimeline(steps + 2)
		for i := range lives {
			line.add(&lives[i], i)
		}
		l := draw(t)
		var want []int
		for i, o := range lives {
			if o.first <= l.last && l.first <= o.last {
				want = append(want, i)
			}
		}
		got := line.during(&l, nil)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%+v: found %v, want %v", l, got, want)
		}
	})
}

// TestPlanOfManySteps plans a chain of many steps, which reuses two places.
func TestPlanOfManySteps(t *testing.T) {
	lives := []lifetime{{size: 640, first: -1, last: 300_000}}
	for i := range 300_000 {
		lives = append(lives, lifetime{size: 64, first: i, last: i + 1})
	}
	if _, size := plan(lives); size != 640+2*64 {
		t.Errorf("arena of %d, want %d", size, 640+2*64)
	}
}
