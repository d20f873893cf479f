package interpreter

import (
	"fmt"
	"testing"
	"testing/fstest"
)

func TestBigCores(t *testing.T) {
	const capacity, frequency = "cpu%d/cpu_capacity", "cpu%d/cpufreq/cpuinfo_max_freq"
	for _, tc := range []struct {
		name  string
		files map[string][]string // of cores 0, 1, ..., by the pattern of their paths
		want  int
	}{
		{"nothing is said", nil, 0},
		{"all alike, frequency", map[string][]string{frequency: {"1500000", "1500000", "1500000", "1500000"}}, 4},
		{"two big, four little", map[string][]string{capacity: {"485", "485", "485", "485", "1024", "1024"}}, 2},
		{"one prime, three big, four little", map[string][]string{
			capacity: {"340", "340", "340", "340", "871", "871", "871", "1024"}}, 4},
		{"two big by frequency", map[string][]string{
			frequency: {"1416000", "1416000", "1416000", "1416000", "1800000", "1800000"}}, 2},
		{"favoured cores of one kind", map[string][]string{frequency: {"5200000", "5000000", "5000000", "5200000"}}, 4},
		{"capacity goes before frequency", map[string][]string{
			capacity: {"446", "1024"}, frequency: {"2000000", "2000000"}}, 1},
		{"more than nine cores", map[string][]string{
			capacity: {"1024", "1024", "1024", "1024", "1024", "1024", "1024", "1024", "1024", "1024", "1024", "300"}}, 11},
		{"unreadable numbers do not count", map[string][]string{
			capacity: {"", "what", "-5"}, frequency: {"1000", "99999999999999999999"}}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sys := fstest.MapFS{"cpufreq/policy0/cpuinfo_max_freq": {Data: []byte("9000000\n")}}
			for pattern, values := range tc.files {
				for i, v := range values {
					sys[fmt.Sprintf(pattern, i)] = &fstest.MapFile{Data: []byte(v + "\n")}
				}
			}
			if got := bigCores(sys); got != tc.want {
				t.Errorf("%d big cores, want %d", got, tc.want)
			}
		})
	}
}

func TestDefaultThreads(t *testing.T) {
	if n := defaultThreads(); n < 1 || n > mostThreads {
		t.Errorf("%d threads, want 1 to %d", n, mostThreads)
	}
}
