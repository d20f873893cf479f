//go:build !noasm

package bgemm

import "testing"

// TestPaysToSave holds the shapes of layers for which carries are counted.
func TestPaysToSave(t *testing.T) {
	for _, tc := range []struct {
		name             string
		pixels           int
		runs, wordsOfRun int
		want             bool
	}{
		{"3x3 of 64 channels", 49, 3, 6, true},
		{"3x3 of 512 channels", 49, 3, 48, true},
		{"3x3 of 96 channels: an odd word a run", 49, 3, 9, true},
		{"3x3 of 32 channels: a third of the words are odd", 49, 3, 3, false},
		{"1x1 of 192 channels", 49, 1, 6, true},
		{"1x1 of 128 channels: what is left in the end costs as much as is saved", 49, 1, 4, false},
		{"fewer pixels than a tile", 6, 3, 48, false},
		{"3x3 of 3,584 channels: counts do not fit 16 bits", 49, 3, 336, false},
		{"no words", 49, 1, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := Layout{Pixels: tc.pixels, Runs: make([]int, tc.runs), RunWords: tc.wordsOfRun}
			if got := paysToSave(&l); got != tc.want {
				t.Errorf("paysToSave gives %v, want %v", got, tc.want)
			}
		})
	}
}
